"""The figure of three heads against plain loops: scores, places, maps, gradients, answers, wrong rules."""

import itertools

import numpy as np
import pytest

from byhand.figures import explain, heads
from byhand.layers import GlobalAveragePooling2D, GlobalMaxPooling2D

from . import case_heads

RNG = np.random.default_rng(0)


def panel(trace, name):
    return np.reshape(trace["panels"][name]["data"], trace["panels"][name]["shape"])


def at_place(place, **more):
    figure = case_heads.demo()
    return heads.trace(figure.params | {"place": place} | more, figure.data)


def scores(x, V, F):
    """(3, classes) by loops: GAP, GMP, Flatten."""
    made = np.zeros((3, V.shape[1]))
    for k in range(V.shape[1]):
        for c in range(x.shape[2]):
            values = [float(v) for row in x[:, :, c] for v in row]
            made[0, k] += sum(values) / len(values) * V[c, k]
            made[1, k] += max(values) * V[c, k]
        made[2, k] = sum(x[at] * F[(*at, k)] for at in np.ndindex(x.shape))
    return made


def test_scores_of_any_map():
    for shape in [(4, 4, 2), (3, 6, 3), (1, 2, 1)]:
        trace = explain(GlobalMaxPooling2D(), RNG.normal(size=(1, *shape))).trace
        x, V, F = (panel(trace, name) for name in "xVF")
        assert x.shape == shape
        assert np.allclose(panel(trace, "s"), scores(x, V, F), atol=1e-12)


def test_the_blob_is_found_and_stands_where_it_stood():
    x = np.zeros((2, 5, 4, 2))
    x[0, 1:3, 2:, 1] = [[3, 0], [0, -1]]
    figure = explain(GlobalAveragePooling2D(), x)
    assert (figure.params["place"], figure.params["blob"]) == ([1, 2], [2, 2])
    assert np.array_equal(panel(figure.trace, "x"), x[0])
    nothing = explain(GlobalAveragePooling2D(), np.zeros((1, 4, 4, 1)))
    assert not panel(nothing.trace, "x").any()


def test_moving_changes_what_flatten_says_and_nothing_else():
    first = at_place([0, 0])
    for r, c in itertools.product(range(3), repeat=2):
        trace = at_place([r, c])
        assert np.array_equal(panel(trace, "s")[:2], panel(first, "s")[:2])
        assert np.array_equal(panel(trace, "moved"), panel(first, "moved"))
        assert np.array_equal(panel(trace, "s")[2], panel(trace, "moved")[r, c])
        assert np.array_equal(panel(trace, "CAM")[r : r + 2, c : c + 2], panel(first, "CAM")[:2, :2])
        assert np.count_nonzero(panel(trace, "CAM")) == np.count_nonzero(panel(first, "CAM"))
    assert len({tuple(place) for row in panel(first, "moved") for place in row}) > 3


def test_growing_moves_the_mean_and_not_the_largest():
    small, large = at_place([1, 1]), at_place([1, 1], blob=[3, 3])
    assert np.array_equal(panel(small, "p")[1], panel(large, "p")[1])
    assert (panel(large, "p")[0] > panel(small, "p")[0]).all()


def test_the_mean_of_the_activation_map_is_the_score():
    for params, data, edits in case_heads.grid():
        if params["view"] == "forward":
            trace = heads.trace(params, data, edits)
            assert np.allclose(panel(trace, "mean(CAM)"), panel(trace, "s")[0], atol=1e-12)
            assert np.allclose(panel(trace, "CAM").mean((0, 1)), panel(trace, "s")[0], atol=1e-12)


def test_gradients_are_those_of_the_scores():
    x = RNG.permutation(32).reshape(1, 4, 4, 2) / 8 - 1  # no two numbers are equal
    trace = explain(GlobalAveragePooling2D(), x, view="backward").trace
    V, F, ds = panel(trace, "V"), panel(trace, "F"), panel(trace, "ds")
    for at in np.ndindex(x[0].shape):
        nudge = np.zeros(x[0].shape)
        nudge[at] = 1e-4
        slope = (scores(x[0] + nudge, V, F) - scores(x[0] - nudge, V, F)) @ ds / 2e-4
        for head, expected in zip(heads.HEADS, slope):
            assert panel(trace, f"dX({head})")[at] == pytest.approx(expected, abs=1e-6)


def test_equal_winners_share():
    x = np.reshape([3, 1, 3, 0], (1, 2, 2, 1))
    trace = explain(GlobalMaxPooling2D(), x, view="backward").trace
    assert panel(trace, "ds").tolist() == [4, 0] and panel(trace, "dp").tolist() == [12]
    assert panel(trace, "dX(GAP)").ravel().tolist() == [3, 3, 3, 3]
    assert panel(trace, "dX(GMP)").ravel().tolist() == [6, 0, 6, 0]
    assert trace["asks"][0]["answer"] == [["dX(GMP)", 0], ["dX(GMP)", 2]]


@pytest.mark.parametrize("view", ["forward", "backward"])
def test_each_wrong_rule_shows_in_its_own_way(view):
    figure = case_heads.demo()
    edits = {"x": {"shape": [2, 2, 2], "data": [4, 0, -6, 2, 2, 1, 3, 5]}}
    params = figure.params | {"view": view, "place": [1, 1]}
    right = heads.trace(params, figure.data, edits)
    names = [bug["name"] for bug in right["bugs"]]
    shown = {str([p["data"] for p in heads.trace(params, figure.data, edits, n)["panels"].values()]) for n in names}
    assert len(names) >= 5 and len(shown | {str([p["data"] for p in right["panels"].values()])}) == len(names) + 1


def test_answers_follow_from_the_numbers():
    for params, data, edits in case_heads.grid():
        trace = heads.trace(params, data, edits)
        x = panel(trace, "x")
        for ask in trace["asks"]:
            if "pooled number?" in ask["prompt"]:
                assert ask["answer"] == pytest.approx(x[..., 0].mean())
            elif "How many weights" in ask["prompt"]:
                assert ask["answer"] == 2 * x.size == panel(trace, "F").size
            elif "largest for class 0" in ask["prompt"]:
                best = panel(trace, "CAM")[..., 0].max()
                assert all(trace["panels"][name]["data"][i] == best for name, i in ask["answer"])
            elif "through GMP" in ask["prompt"]:
                assert all(x.ravel()[i] == x[..., -1].max() for _, i in ask["answer"])
            elif "through GAP" in ask["prompt"]:
                assert ask["answer"] == pytest.approx(panel(trace, "dp")[0] / x[..., 0].size)


def test_empty_cells_belong_to_the_map(draw):
    page = draw(case_heads.demo())
    empty = page.locator('td[data-cell="x:0"]')
    assert empty.get_attribute("aria-label") == "empty 0" and empty.get_attribute("aria-readonly") == "true"
    assert "padded" not in page.locator(".byhand").inner_text()
    empty.click()
    assert page.locator(".bh-say").inner_text().startswith("x[0, 0, 0] is used in ")


def test_the_sliders_move_the_blob(draw):
    page = draw(case_heads.demo())
    page.get_by_label("blob down", exact=True).fill("0")
    page.get_by_label("blob right", exact=True).fill("2")
    shown = {k: page.locator(f'td[data-cell="{k}"]').inner_text() for k in ("x:4", "s:0", "s:1", "s:4", "s:5")}
    trace = at_place([0, 2])
    assert shown["x:4"] == "4"
    for key, text in shown.items():
        name, _, index = key.partition(":")
        assert float(text.replace("−", "-")) == pytest.approx(trace["panels"][name]["data"][int(index)], abs=1e-3)


def test_what_the_figure_cannot_draw_is_refused():
    for layer, x, sentence in [
        (GlobalMaxPooling2D(), np.ones((4, 4, 1)), "4 axes"),
        (GlobalMaxPooling2D(data_format="channels_first"), np.ones((1, 1, 4, 4)), "channels_last"),
        (GlobalAveragePooling2D(), np.ones((1, 7, 4, 1)), "at most 6 rows"),
        (GlobalAveragePooling2D(), np.ones((1, 4, 4, 4)), "3 channels"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            heads.read(layer, x)
    with pytest.raises(ValueError, match="A blob of 3 rows does not fit at row 2 of 4"):
        at_place([2, 1], blob=[3, 3])
    with pytest.raises(TypeError, match="takes no dy"):
        explain(GlobalAveragePooling2D(), np.ones((1, 4, 4, 1)), dy=np.ones((1, 1)))
