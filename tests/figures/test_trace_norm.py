"""The figure of normalisation: who shares statistics, what the memory holds, what the wrong rules do."""

import numpy as np
import pytest

from byhand.figures import explain, norm
from byhand.layers import BatchNormalization, GroupNormalization, LayerNormalization, RMSNormalization

from . import case_norm
from .test_stage import asked, press, smaller, wrong_everywhere

BATCH, LAYER = case_norm.demo_batch(), case_norm.demo_layer()
IMAGES = np.arange(2 * 2 * 2 * 4.0).reshape(2, 2, 2, 4) ** 2 % 13


def shown(figure, name):
    panel = figure.trace["panels"][name]
    return np.reshape(panel["data"], panel["shape"])


@pytest.mark.parametrize(
    "layer, pairs, gamma",
    [
        (BatchNormalization(), 4, (4,)),
        (BatchNormalization(axis=1), 2, (2,)),
        (LayerNormalization(), 8, (4,)),
        (LayerNormalization(axis=[1, 2, 3]), 2, (2, 2, 4)),
        (GroupNormalization(2), 4, (4,)),
        (GroupNormalization(-1), 8, (4,)),
    ],
)
def test_pairs_of_statistics_and_the_shape_of_gamma(layer, pairs, gamma):
    figure = explain(layer, IMAGES)
    panels = figure.trace["panels"]
    groups = np.reshape(panels["x"]["groups"], IMAGES.shape)
    assert panels["mean"]["shape"] == [pairs] and shown(figure, "gamma").shape == gamma == layer.gamma.shape
    assert np.allclose(shown(figure, "mean"), [IMAGES[groups == g].mean() for g in range(pairs)])
    assert np.allclose(shown(figure, "variance"), [IMAGES[groups == g].var() for g in range(pairs)])
    assert np.allclose(shown(figure, "y"), layer(IMAGES, **mode(layer)), atol=1e-5)


def mode(layer):
    return {"training": True} if isinstance(layer, BatchNormalization) else {}


@pytest.mark.parametrize("kind", ["BatchNormalization", "LayerNormalization", "RMSNormalization"])
@pytest.mark.parametrize("batch, channels", [(1, 1), (1, 2), (3, 1), (2, 3)])
@pytest.mark.parametrize("training", [True, False])
def test_what_one_number_reaches_is_what_it_moves(kind, batch, channels, training):
    sizes = {"kind": kind, "batch": batch, "channels": channels, "training": training}
    trace = norm.trace(BATCH.params | sizes, BATCH.data)
    ask = next(a for a in trace["asks"] if a["prompt"].startswith("One number of x changes"))
    plan = norm.Plan(trace["params"])
    groups, rng = np.array(plan.groups), np.random.default_rng(0)
    layer = norm.layer_of(trace["params"], plan, norm.numbers(trace["params"], plan, BATCH.data))
    x = rng.normal(size=(batch, channels))
    before = layer(x, **norm.mode(trace["params"], plan)).ravel()
    x[0, 0] += 1
    moved = np.flatnonzero(abs(layer(x, **norm.mode(trace["params"], plan)).ravel() - before) > 1e-9).tolist()
    reached = {"none": [], "the one at the same place": [0], "all of its group": np.flatnonzero(groups == groups[0])}
    assert moved == list(reached[ask["options"][ask["answer"]]])


def test_rms_takes_no_mean_off():
    figure = explain(RMSNormalization(), IMAGES)
    assert "mean" not in figure.trace["panels"] and "beta" not in figure.trace["panels"]
    assert np.allclose(shown(figure, "mean square"), (IMAGES**2).mean(axis=-1).ravel())


def test_the_memory_is_that_of_a_layer_that_saw_these_batches():
    figure = case_norm.demo_batch(view="moving", batches=3)
    layer = BatchNormalization(momentum=0.5, dtype="float64")
    table = np.array(case_norm.TABLE, float)
    layer(table)
    layer.set_weights([[2, 4], [5, 1], [2, 3], [1, 2]])
    for t in range(3):
        layer(table, training=True)
        assert np.allclose(shown(figure, "mean after")[t], layer.moving_mean)
        assert np.allclose(shown(figure, "variance after")[t], layer.moving_variance)
    assert np.allclose(shown(figure, "y"), layer(table)[0])


def test_wrong_rules_do_what_they_say():
    def wrong(bug, name="y", **settings):
        trace = norm.trace(BATCH.params | settings, BATCH.data, bug=bug)
        return np.reshape(trace["panels"][name]["data"], trace["panels"][name]["shape"])

    table = np.array(case_norm.TABLE, float)
    assert np.allclose(wrong("sample", "variance"), table.var(axis=0, ddof=1))
    assert np.allclose(wrong("all", "variance"), table.var())
    inference, training = (shown(case_norm.demo_batch(training=t), "y") for t in (False, True))
    assert np.allclose(wrong("moving"), inference)
    assert np.allclose(wrong("batch", training=False), training)
    after = wrong("momentum", "mean after", view="moving", momentum=0.9, batches=1)
    assert np.allclose(after, [[0.1 * 2 + 0.9 * 4, 0.1 * 3 + 0.9 * 4]])
    right = case_norm.demo_batch(view="backward")
    assert np.allclose(wrong("constant", "dX", view="backward"), shown(right, "dxhat") * shown(right, "s"))


def test_the_wrong_axis_shows_only_where_both_ways_give_as_many_pairs():
    names = [bug["name"] for bug in BATCH.trace["bugs"]]
    assert "axis" not in names
    square = BATCH.params | {"batch": 2}
    assert "axis" in [bug["name"] for bug in norm.trace(square, BATCH.data)["bugs"]]
    means = norm.trace(square, BATCH.data, bug="axis")["panels"]["mean"]["data"]
    assert means == np.mean(case_norm.TABLE[:2], axis=1).tolist()


@pytest.mark.parametrize(
    "layer, x, said",
    [
        (BatchNormalization(scale=False), np.ones((2, 2)), "center and scale"),
        (LayerNormalization(epsilon=1e-9), np.ones((2, 2)), "epsilon"),
        (LayerNormalization(axis=[0, 1]), np.ones((2, 2)), "batch axis"),
        (LayerNormalization(), np.ones((9, 2)), "at most 5 samples"),
        (LayerNormalization(), np.ones((1, 1, 1, 1, 2)), "2 to 4 axes"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(layer, x, said):
    with pytest.raises(ValueError, match=said):
        explain(layer, x)


def test_no_moving_view_without_a_memory():
    with pytest.raises(ValueError, match="keeps no moving statistics"):
        explain(LayerNormalization(), np.ones((2, 2)), view="moving")


def letters(page, name):
    return page.eval_on_selector_all(f'td[data-cell^="{name}:"]', "all => all.map((t) => t.dataset.group || '')")


def test_cells_that_share_statistics_share_letter_and_colour(draw):
    page = draw(BATCH)
    assert letters(page, "x") == ["A", "B"] * 5 and letters(page, "mean") == ["A", "B"]
    assert set(letters(page, "gamma")) == {""}
    ground = "all => all.map((tile) => getComputedStyle(tile).backgroundColor)"
    colours = page.eval_on_selector_all('td[data-cell^="x:"]', ground)
    assert len(set(colours)) == 2 and colours[0] == colours[2] != colours[1]
    page.get_by_label("layer", exact=True).select_option(label="LayerNormalization")
    assert letters(page, "x") == [g for g in "ABCDE" for _ in range(2)]


def test_letters_do_not_answer_a_question(draw):
    figure = case_norm.demo_batch(mode="predict")
    page = draw(asked(figure, figure.trace["asks"][:1]))
    assert set(letters(page, "x")) == {""}
    page.get_by_label("your answer").fill("2")
    page.keyboard.press("Enter")
    assert letters(page, "x") == ["A", "B"] * 5
    press(page, "Find the bug")
    assert set(letters(page, "x")) == {""}


def test_the_still_has_the_letters():
    still = LAYER.still()
    assert still.count(">A</text>") > 6 and "Cells with the same letter and colour belong together." in still


@pytest.mark.parametrize("view", ["moving", "backward"])
def test_questions_of_the_other_views_do_not_leak(draw, view):
    for ask in case_norm.demo_batch(view=view).trace["asks"]:
        pages = []
        for change in (False, True):
            figure = asked(case_norm.demo_batch(view=view, mode="predict"), [ask])
            if change:
                shape = ask["kind"] == "shape"
                figure.trace = smaller(figure.trace) if shape else wrong_everywhere(figure.trace, ask.get("hide"))
            pages.append(draw(figure).locator(".byhand").evaluate("root => root.outerHTML"))
        assert pages[0] == pages[1], ask["prompt"]


def test_copied_code_of_the_memory_makes_the_numbers():
    pytest.importorskip("tensorflow")
    trace = case_norm.demo_batch(view="moving").trace
    for text in trace["code"].values():
        names = {}
        exec(text, names)  # our own text, made by the figure
        assert np.allclose(np.ravel(names["y"]), trace["panels"]["y"]["data"], atol=1e-4)
