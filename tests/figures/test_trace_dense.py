"""The figure of Dense: what it refuses, what its wrong rules do, and that its answers hold when they are tried."""

import numpy as np
import pytest

from byhand.figures import dense, explain
from byhand.layers import Dense

from . import case_dense

PARAMS, DATA = case_dense.demo().params, case_dense.demo().data
X, W, B, DY = (np.array(a, float) for a in (case_dense.TABLE, case_dense.KERNEL, case_dense.BIAS, case_dense.DY))
SQUARE = {"x": {"shape": [2, 2], "data": [1, 2, 0, 4]}, "W": {"shape": [2, 2], "data": [1, 2, 3, 5]}}


def shown(name, bug=None, edits=None, **settings):
    made = dense.trace(PARAMS | settings, DATA, edits, bug)["panels"][name]
    return np.array(made["data"], float).reshape(made["shape"])


def test_wrong_rules_of_the_way_forward():
    z = X @ W
    square = {"features": 2, "units": 2, "use_bias": False, "activation": "none"}
    x, w = (np.reshape(SQUARE[name]["data"], (2, 2)) for name in "xW")
    wrong = {
        "row": z + [[0], [1]],
        "bias": z,
        "first": z[[0, 0]] + B,
        "last": X[:, :1] @ W[:1] + B,
    }
    for bug, expected in wrong.items():
        assert np.array_equal(shown("z", bug), expected), bug
    assert np.array_equal(shown("y", "linear"), z + B)
    assert np.array_equal(shown("y", "after"), np.maximum(z, 0) + B)
    assert np.array_equal(shown("y", "transpose", SQUARE, **square), x @ w.T)


def test_wrong_rules_of_the_way_back():
    back = {"view": "backward"}
    z = X @ W + B
    dz = np.where(z > 0, DY, 0)
    assert np.array_equal(shown("dX", "open", **back), DY @ W.T)
    assert np.array_equal(shown("dz", "dy", **back), np.maximum(DY, 0))
    assert np.array_equal(shown("dW", "mean", **back), X.T @ dz / 2)
    assert np.array_equal(shown("dW", "pairs", **back), X[[0, 0]].T @ dz)
    assert np.array_equal(shown("dX", "unit", **back), dz[:, :2] @ W[:, :2].T)
    assert np.array_equal(shown("db", "sample", **back), dz[0])
    square = back | {"features": 2, "units": 2, "activation": "none"}
    x, w = (np.reshape(SQUARE[name]["data"], (2, 2)) for name in "xW")
    assert np.array_equal(shown("dX", "square", SQUARE, **square), DY[:, :2] @ w)
    assert np.array_equal(shown("dW", "exchanged", SQUARE, **square), (x.T @ DY[:, :2]).T)


def test_there_are_at_least_three_wrong_rules_where_there_is_more_than_one_of_each():
    for params, data, edits in case_dense.grid():
        if min(params["batch"], params["features"], params["units"]) > 1 and params["use_bias"]:
            assert len(dense.trace(params, data, edits)["bugs"]) >= 3, params


def ask(start, **settings):
    return next(a for a in dense.trace(PARAMS | settings, DATA)["asks"] if a["prompt"].startswith(start))


def test_a_feature_that_is_0_in_every_sample_leaves_its_row_of_dw_0():
    answer = ask("Suppose feature 1 is 0", view="backward")["answer"]
    edits = {"x": {"shape": [2, 2], "data": [2, 0, 3, 0]}}
    zeros = np.flatnonzero(shown("dW", edits=edits, view="backward") == 0).tolist()
    assert {i for _, i in answer} == {3, 4, 5} <= set(zeros)


def test_the_same_batch_twice_doubles_dw():
    asked = ask("Every sample is put in a second time", view="backward")
    assert asked["options"][asked["answer"]] == "it doubles"
    twice = {
        "x": {"shape": [4, 2], "data": X.ravel().tolist() * 2},
        "dY": {"shape": [4, 3], "data": DY.ravel().tolist() * 2},
    }
    back = {"view": "backward"}
    assert np.array_equal(shown("dW", edits=twice, batch=4, **back), 2 * shown("dW", **back))


@pytest.mark.parametrize("use_bias", [True, False])
def test_the_count_of_what_is_learned_is_the_layers(use_bias):
    layer = Dense(3, use_bias=use_bias)
    layer.build((None, 2))
    assert ask("The batch grows", use_bias=use_bias)["answer"] == layer.count_params()


@pytest.mark.parametrize(
    "layer, x, said",
    [
        (Dense(2), np.ones((1, 2, 3)), "2 axes"),
        (Dense(2, activation="tanh"), np.ones((1, 2)), "relu or no activation; got tanh"),
        (Dense(7), np.ones((1, 2)), "at most 6"),
        (Dense(2), np.ones((7, 2)), "at most 6"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(layer, x, said):
    with pytest.raises(ValueError, match=said):
        explain(layer, x)
