"""The figure of softmax: its table of slopes against differences, what its wrong rules do, what it refuses."""

import numpy as np
import pytest

from byhand.figures import explain, softmax
from byhand.layers import Softmax
from byhand.layers import activations as functions

from . import case_softmax

PARAMS, DATA = case_softmax.demo().params, case_softmax.demo().data
X = np.array(case_softmax.X, float)
Y = functions.softmax(X)


def shown(name, bug=None, **settings):
    made = softmax.trace(PARAMS | settings, DATA, None, bug)["panels"][name]
    return np.array(made["data"], float).reshape(made["shape"])


@pytest.mark.parametrize("temperature", [0.5, 1, 3])
def test_the_table_of_slopes_is_that_of_small_steps(temperature):
    J = shown("J", view="backward", temperature=temperature)
    for i in range(3):
        step = 1e-6 * np.eye(3)[i]
        up, down = (functions.softmax((X[0] + s) / temperature) for s in (step, -step))
        assert np.allclose(J[i], (up - down) / 2e-6, atol=1e-7)
    assert np.allclose(J.sum(axis=1), 0)
    assert np.allclose(shown("dX", view="backward", temperature=temperature), J @ [1, -1, 2])


def test_wrong_rules():
    e = np.exp(X - X.max(axis=1, keepdims=True))
    assert np.allclose(shown("y", "all"), e / e.sum())
    assert np.allclose(shown("y", "last"), e / e[:, :2].sum(axis=1, keepdims=True))
    assert np.allclose(shown("r", "column"), 1 / e[:, :2].sum(axis=0))
    assert np.allclose(shown("y", "times", temperature=2), functions.softmax(X * 2))
    back, y = {"view": "backward"}, Y[0]
    right = np.diag(y) - np.outer(y, y)
    assert np.allclose(shown("J", **back), right)
    assert np.allclose(shown("J", "alone", **back), np.diag(np.diag(right)))
    assert np.allclose(shown("J", "share", **back), right + np.diag(y * y))
    assert np.allclose(shown("J", "sign", **back), np.abs(right))
    assert np.allclose(shown("J", "cold", temperature=2, **back), 2 * shown("J", temperature=2, **back))
    assert np.allclose(shown("dX", "diagonal", **back), np.diag(right) * [1, -1, 2])


def test_there_are_at_least_three_wrong_rules_for_several_classes():
    for params, data, edits in case_softmax.grid():
        if params["classes"] > 1:
            assert len(softmax.trace(params, data, edits)["bugs"]) >= 3, params


def test_one_class_has_all_of_the_share_and_no_slope():
    assert np.array_equal(shown("y", classes=1), [[1], [1]])
    assert np.array_equal(shown("J", classes=1, view="backward"), [[0]])
    asked = [ask["prompt"] for ask in softmax.trace(PARAMS | {"classes": 1}, DATA)["asks"]]
    assert not any("differ" in prompt for prompt in asked), "scores of one class cannot differ"


@pytest.mark.parametrize(
    "layer, x, said",
    [
        (Softmax(0), np.ones((2, 2)), "axis=-1; got 0"),
        (Softmax(), np.ones(2), "2 axes"),
        (Softmax(), np.ones((4, 2)), "at most 3 samples"),
        (Softmax(), np.ones((1, 7)), "6 classes"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(layer, x, said):
    with pytest.raises(ValueError, match=said):
        explain(layer, x)
