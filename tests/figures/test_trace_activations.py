"""The figure of activations: every function the book's own, what its wrong rules do, and answers that hold."""

import functools

import numpy as np
import pytest

from byhand.figures import activations, explain
from byhand.figures.activations_asks import ends
from byhand.layers import ELU, Activation, LeakyReLU, ReLU, Softmax
from byhand.layers import activations as functions

from . import case_activations

PARAMS, DATA = case_activations.demo().params, case_activations.demo().data
X, DY = np.array(case_activations.X), np.array([1, 2, -1, 3])


def trace(bug=None, edits=None, **settings):
    return activations.trace(PARAMS | settings, DATA, edits, bug)


def shown(name, bug=None, **settings):
    made = trace(bug, **settings)["panels"][name]
    return np.array(made["data"], float).reshape(made["shape"])


def slope(x):
    return np.where(x > 0, 1, 0.5)


def test_wrong_rules_of_the_way_forward():
    y = np.where(X > 0, X, X / 2)
    assert np.array_equal(shown("y"), y)
    assert np.array_equal(shown("s", "at_y"), slope(y)), "leaky: y has the sign of z"
    assert np.array_equal(shown("s", "one"), np.ones(4))
    assert np.array_equal(shown("y", "sides"), np.where(X > 0, X / 2, X))
    assert np.array_equal(shown("z", "bias", bias=2), X)
    assert np.array_equal(shown("y", "abs", function="tanh"), np.tanh(np.abs(X)))
    assert not np.allclose(shown("s", "at_y", function="sigmoid"), shown("s", function="sigmoid"))


def test_wrong_rules_of_the_way_back():
    back = {"view": "backward"}
    assert np.array_equal(shown("dX", **back), DY * slope(X))
    assert np.array_equal(shown("dX", "one", **back), DY)
    assert np.array_equal(shown("dX", "at_dy", **back), DY * slope(DY))
    assert shown("db", **back) == (DY * slope(X)).sum()
    assert shown("db", "alone", **back) == DY[0] * slope(X)[0]


def test_wrong_rules_of_depth():
    deep = {"view": "depth", "depth": 3, "function": "sigmoid"}
    first = shown("s", **deep)[0]
    assert np.allclose(shown("P", "first", **deep), [first, first**2, first**3])
    assert np.allclose(shown("P", "plus", **deep), np.cumsum(shown("s", **deep), axis=0))
    assert np.allclose(shown("P", **deep)[-1], np.prod(shown("s", **deep), axis=0))


def test_the_product_of_slopes_is_the_slope_of_the_whole_chain():
    for name in ("tanh", "gelu", "selu"):
        z, step = X, 1e-6
        low, high = z - step, z + step
        for _ in range(5):
            low, high = (functions.get(name)(side) for side in (low, high))
        made = shown("P", view="depth", depth=5, function=name)[-1]
        assert np.allclose(made, (high - low) / (2 * step), atol=1e-6), name


@pytest.mark.parametrize("view", ["forward", "backward", "depth"])
def test_there_are_at_least_three_wrong_rules(view):
    for name in activations.NAMES:
        assert len(trace(view=view, function=name, depth=2)["bugs"]) >= 3, name


def test_numbers_too_large_to_show_are_refused_in_python_and_in_the_page(core):
    deep = PARAMS | {"view": "depth", "function": "exponential"}
    with pytest.raises(ValueError, match="too large") as refused:
        activations.trace(deep, DATA)
    page = core("activations")
    said = page.evaluate("([p, data]) => cores.activations.retrace(p, data).error", [deep, DATA])
    assert said == str(refused.value)


@pytest.mark.parametrize("name", activations.NAMES)
def test_the_side_on_which_a_function_saturates_is_found_far_out(name):
    for settings in ({}, {"negative_slope": 0.2}, {"max_value": 6}, {"alpha": 0.0}):
        made = PARAMS | {"function": name} | settings
        layer = activations.layer_of(made)
        z = np.array([-60.0, 60])
        layer(z)
        assert [abs(s) > 0.01 for s in layer.backward(np.ones(2))] == list(ends(made)), settings


def test_the_curve_is_the_layers_and_its_points_are_cells():
    for params, data, edits in list(case_activations.grid())[::7]:
        made = activations.trace(params, data, edits)
        z = np.linspace(made["curve"]["low"], made["curve"]["high"], len(made["curve"]["y"]))
        assert np.allclose(made["curve"]["y"], activations.layer_of(params)(z), atol=1e-12)
        for point in made["curve"]["points"]:
            assert all(i < len(made["panels"][name]["data"]) for name, i in point[:3])


@pytest.mark.parametrize(
    "layer, title",
    [
        (ReLU(6, 0.1, 1.0), "ReLU(max_value=6, negative_slope=0.1, threshold=1)"),
        (Activation("relu"), "ReLU()"),
        (LeakyReLU(), "LeakyReLU(negative_slope=0.3)"),
        (ELU(), "ELU(alpha=1)"),
        (Activation("gelu"), 'Activation("gelu")'),
        (
            Activation(functools.partial(functions.gelu, approximate=True)),
            "Activation(partial(gelu, approximate=True))",
        ),
    ],
)
def test_the_layer_is_read_with_its_settings(layer, title):
    figure = explain(layer, X[None])
    assert figure.title == title
    assert np.allclose(figure.trace["panels"]["y"]["data"], layer(X), atol=1e-6)


@pytest.mark.parametrize(
    "layer, x, said",
    [
        (Activation("softmax"), np.ones((1, 2)), "explain\\(Softmax"),
        (ReLU(), np.ones((1, 2, 3)), "2 axes"),
        (ReLU(), np.ones((1, 7)), "1 to 6"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(layer, x, said):
    with pytest.raises(ValueError, match=said):
        explain(layer, x)
    assert explain(Softmax(), np.ones((1, 2)))
