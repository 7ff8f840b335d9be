"""The figure of pooling against the layer and against plain loops: numbers, divisors, winners, answers, wrong rules."""

import itertools

import numpy as np
import pytest

from byhand.figures import explain, pool
from byhand.layers import AveragePooling1D, AveragePooling2D, GlobalMaxPooling2D, MaxPooling1D, MaxPooling2D

from . import case_pool

RNG = np.random.default_rng(0)
SETTINGS = [
    {"pool_size": k, "strides": s, "padding": p}
    for k, s, p in itertools.product((2, 3, (1, 3), 4), (None, 1, 2, 3), ("valid", "same"))
]


def panel(trace, name):
    return np.reshape(trace["panels"][name]["data"], trace["panels"][name]["shape"])


def windows(x, params):
    """{position: the places in x of its real cells}, by loops over everything."""
    size, sizes = params["size"], params["pool_size"]
    strides = params["strides"] or sizes
    starts = []
    for n, k, s in zip(size, sizes, strides):
        out = -(-n // s) if params["padding"] == "same" else (n - k) // s + 1
        before = max((out - 1) * s + k - n, 0) // 2 if params["padding"] == "same" else 0
        starts.append([o * s - before for o in range(out)])
    found = {}
    for o in itertools.product(*(range(len(each)) for each in starts)):
        cells = itertools.product(*(range(s[i], s[i] + k) for s, i, k in zip(starts, o, sizes)))
        found[o] = [c for c in cells if all(0 <= i < n for i, n in zip(c, size))]
    return found


@pytest.mark.parametrize("make", [MaxPooling2D, AveragePooling2D])
@pytest.mark.parametrize("settings", SETTINGS)
def test_both_passes_are_the_layers(make, settings):
    layer, x = make(**settings, dtype="float64"), RNG.integers(-3, 4, (1, 5, 6, 2)).astype(float)
    y = layer(x)
    dy = RNG.normal(size=y.shape)
    dx = layer.backward(dy)
    assert np.array_equal(panel(explain(layer, x).trace, "y"), y[0])
    back = explain(layer, x, dy=dy, view="backward").trace
    assert np.allclose(panel(back, "dX"), dx[0], atol=1e-12)


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_divisor_counts_real_cells_alone(settings):
    figure = explain(AveragePooling2D(**settings), np.ones((1, 5, 6, 1)))
    n = panel(figure.trace, "n")
    for o, cells in windows(None, figure.params).items():
        assert n[o] == len(cells)
    for frame, count in zip(figure.trace["frames"], n.ravel()):
        assert frame["n"] == len(frame["terms"]) == count


def test_of_equal_cells_the_first_gets_the_gradient():
    x = np.reshape([3, 1, 3, 3], (1, 2, 2, 1))
    assert panel(explain(MaxPooling2D(2), x, dy=[[[[5]]]], view="backward").trace, "dX").ravel().tolist() == [
        5,
        0,
        0,
        0,
    ]


def test_negative_numbers_beat_the_padding():
    x = np.reshape([-1, -2, -4, -3, -7], (1, 5, 1))
    trace = explain(MaxPooling1D(2, padding="same"), x).trace
    assert trace["panels"]["y"]["data"] == [-1, -3, -7]
    assert trace["panels"]["x"]["padtext"] == "-inf"
    assert pool.trace(trace["params"], trace["data"], bug="zeros")["panels"]["y"]["data"] == [-1, -3, 0]


@pytest.mark.parametrize("view, kind, name", [
    ("forward", "average", "divide"), ("forward", "max", "zeros"), ("forward", "average", "shift"),
    ("forward", "average", "sum"), ("backward", "max", "all"),
    ("backward", "max", "last"), ("backward", "max", "both"), ("backward", "max", "overwrite"),
    ("backward", "average", "divide"), ("backward", "average", "overwrite"),
])  # fmt: skip
def test_each_wrong_rule_shows(view, kind, name):
    x = np.reshape([1, -1, 3, -1, 0, 2, 3, -2, -1, 5, -2, -4, 2, -2, -3, -1], (1, 4, 4, 1))
    params, data = pool.read(MaxPooling2D(3, strides=2, padding="same"), x)
    params |= {"view": view, "kind": kind}
    right, wrong = pool.trace(params, data), pool.trace(params, data, bug=name)
    result = "y" if view == "forward" else "dX"
    assert name in [bug["name"] for bug in right["bugs"]]
    assert not np.array_equal(panel(right, result), panel(wrong, result))


def test_windows_that_begin_with_the_odd_padding_read_other_cells():
    params, data = pool.read(AveragePooling1D(2, padding="same"), np.reshape([1, 2, 4, 8, 16], (1, 5, 1)))
    assert pool.trace(params, data)["panels"]["y"]["data"] == [1.5, 6, 16]
    assert pool.trace(params, data, bug="shift")["panels"]["y"]["data"] == [1, 3, 12]


def test_windows_without_their_first_cell_lose_what_won_there():
    params, data = pool.read(MaxPooling1D(2), np.reshape([4, 1, 3, 5, 2, 0], (1, 6, 1)))
    assert pool.trace(params, data)["panels"]["y"]["data"] == [4, 5, 2]
    assert pool.trace(params, data, bug="first")["panels"]["y"]["data"] == [1, 5, 0]


def test_answers_follow_from_the_windows():
    for params, data, edits in itertools.chain(case_pool.grid_1d(), case_pool.grid_2d()):
        if params["channels"] > 1:
            continue
        trace = pool.trace(params, data, edits)
        x = pool.fit((data | edits)["x"], [*params["size"], 1])[..., 0]
        found = windows(x, params)
        places = list(found)
        for ask in trace["asks"]:
            if ask["kind"] == "shape":
                assert ask["answer"] == [*np.add(places[-1], 1), 1]
            if "at" not in ask or params["view"] == "backward" and "dX" in ask["prompt"]:
                continue
            name, index = ask["at"]
            if name in ("y", "share"):
                cells = found[places[index]]
                values = [x[c] for c in cells]
            if "divided" in ask["prompt"]:
                assert ask["answer"] == len(cells)
            elif "wins" in ask["prompt"]:
                before = [b for b, _ in trace["panels"]["x"]["pad"][:-1]]
                wide = trace["panels"]["x"]["shape"][:-1]
                best = [c for c in cells if x[c] == max(values)]
                flat = [int(np.ravel_multi_index(np.add(c, before), wide)) for c in best]
                assert ask["answer"] == [["x", k] for k in flat]
            elif "cell of y" in ask["prompt"]:
                assert ask["answer"] == pytest.approx(max(values) if params["kind"] == "max" else np.mean(values))


def test_what_the_figure_cannot_draw_is_refused():
    for layer, x, sentence in [
        (GlobalMaxPooling2D(), np.ones((1, 4, 4, 1)), "the figure draws MaxPooling1D"),
        (MaxPooling2D(2), np.ones((4, 4, 1)), "4 axes"),
        (MaxPooling2D(2, data_format="channels_first"), np.ones((1, 1, 4, 4)), "channels_last"),
        (MaxPooling2D(2), np.ones((1, 13, 4, 1)), "at most 12"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            pool.read(layer, x)
    params, data = pool.read(MaxPooling2D(2), np.ones((1, 4, 4, 1)))
    with pytest.raises(ValueError, match="A window of 5 does not fit into 4 cells"):
        pool.trace(params | {"pool_size": [5, 2]}, data)
