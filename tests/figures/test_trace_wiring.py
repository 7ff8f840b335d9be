"""The wiring figure against the layers it was given, nudged inputs and counted weights."""

import itertools

import numpy as np
import pytest

from byhand.figures import explain, wiring, wiring_asks
from byhand.layers import Conv1D, Conv2D, DepthwiseConv2D, SeparableConv2D

from . import case_wiring

LAYERS = [
    lambda: Conv2D(3, 2),
    lambda: Conv2D(3, 1, use_bias=False),
    lambda: Conv2D(4, 3, groups=2, padding="same"),
    lambda: Conv2D(4, (1, 2), groups=4, dilation_rate=2),
    lambda: DepthwiseConv2D(2, strides=2, dilation_rate=2),
    lambda: DepthwiseConv2D((2, 1), depth_multiplier=3, padding="same"),
    lambda: SeparableConv2D(3, 2, depth_multiplier=2, strides=2, padding="same"),
    lambda: SeparableConv2D(2, 3, use_bias=False),
]


def panel(trace, name):
    return np.reshape(trace["panels"][name]["data"], trace["panels"][name]["shape"])


def ready(make, seed=0):
    """(layer with random weights and biases, x, the position that is drawn)"""
    rng = np.random.default_rng(seed)
    layer, x = make(), rng.normal(size=(2, 5, 6, 4))
    y = layer(x)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    return layer, x, (y.shape[1] // 2, y.shape[2] // 2)


@pytest.mark.parametrize("make", LAYERS)
def test_the_output_at_its_place_is_the_layers(make):
    layer, x, (row, column) = ready(make)
    trace = explain(layer, x, figure="wiring").trace
    assert np.allclose(panel(trace, "y"), layer(x)[0, row, column], atol=1e-5)
    if "M" in trace["panels"]:
        assert np.allclose(panel(trace, "M"), layer.middle[0, row, column], atol=1e-5)


@pytest.mark.parametrize("make", LAYERS)
def test_gradients_are_the_layers_if_only_that_place_has_one(make):
    layer, x, (row, column) = ready(make)
    y = layer(x)
    dy = np.zeros(y.shape)
    dy[0, row, column] = np.arange(1, y.shape[-1] + 1)
    trace = explain(layer, x, figure="wiring", dy=dy, view="backward").trace
    layer(x)
    dx = layer.backward(dy)
    if layer.padding == "valid":  # else the window holds padding, which has no place in dx
        assert np.allclose(panel(trace, "dX").sum(axis=(0, 1)), dx[0].sum(axis=(0, 1)), atol=1e-4)
    names = ["dD", "dP"] if isinstance(layer, SeparableConv2D) else ["dD" if "dD" in trace["panels"] else "dW"]
    for name, gradient in zip([*names, "db"], layer.get_gradients()):
        assert np.allclose(panel(trace, name), gradient, atol=1e-4), name


def test_costs_are_the_layers_weights_and_one_product_for_each_at_every_place():
    for params, data, _ in itertools.chain(case_wiring.grid_grouped(), case_wiring.grid_separable()):
        if params["view"] == "forward":
            trace = wiring.trace(params, data)
            cost, kinds = panel(trace, "cost"), trace["panels"]["cost"]["names"]["0"]
            assert ("grouped" in kinds) == (
                params["channels"] % params["groups"] == params["filters"] % params["groups"] == 0
            )
            for kind, (kernels, biases, together, products) in zip(kinds, cost):
                plan = wiring.Plan(params | {"kind": kind})
                weights, b = wiring.arrays(params | {"kind": kind}, plan, data)[1:]
                layer = wiring.layer_of(params | {"kind": kind}, plan, weights, b)
                assert (together, biases) == (layer.count_params(), plan.out * params["use_bias"])
                assert products == kernels * np.prod(params["out"]) and kernels + biases == together
            assert trace["asks"][0]["answer"] == cost[kinds.index(params["kind"]), 2]
            assert trace["asks"][3]["answer"] == cost[kinds.index(params["kind"]), 3]


@pytest.mark.parametrize("demo", [case_wiring.grouped, case_wiring.depthwise, case_wiring.separable])
def test_wires_lead_where_a_nudge_is_felt(demo):
    figure = demo()
    for kind in ("full", "grouped", "depthwise", "separable", "pointwise"):
        params = figure.params | {"kind": kind, "channels": 4, "filters": 6, "depth_multiplier": 2, "groups": 2}
        plan = wiring.Plan(params)
        x, weights, b = wiring.arrays(params, plan, figure.data)
        layer = wiring.layer_of(params, plan, [np.ones(w.shape) for w in weights], b)
        before = layer(x[None]).ravel()
        for channel in range(4):
            nudged = x.copy()
            nudged[..., channel] += 1
            felt = layer(nudged[None]).ravel() != before
            assert [wiring_asks.reaches(plan, channel, f) for f in range(plan.out)] == felt.tolist(), (kind, channel)


@pytest.mark.parametrize("demo", [case_wiring.grouped, case_wiring.depthwise, case_wiring.separable])
@pytest.mark.parametrize("view", ["forward", "backward"])
def test_each_wrong_rule_shows(demo, view):
    figure = demo(view=view)
    bugs = figure.trace["bugs"]
    assert len(bugs) >= 3
    for bug in bugs:
        wrong = figure.rule.trace(figure.params, figure.data, {}, bug["name"])
        results = {frame["to"][0] for frame in wrong["frames"]}
        assert any(not np.array_equal(panel(figure.trace, name), panel(wrong, name)) for name in results), bug


def test_depthwise_copies_stand_side_by_side():
    figure = case_wiring.depthwise()
    x, kernel, b = (panel(figure.trace, name) for name in ("x", "D", "b"))
    for c, i in itertools.product(range(3), range(2)):
        assert panel(figure.trace, "y")[c * 2 + i] == np.sum(x[..., c] * kernel[..., c, i]) + b[c * 2 + i]


@pytest.mark.parametrize(
    "layer, x, sentence",
    [
        (Conv2D(64, 3), np.ones((1, 9, 9, 64)), "36864 weights are too many to read"),
        (DepthwiseConv2D(3, activation="relu"), np.ones((1, 9, 9, 2)), "without an activation"),
        (DepthwiseConv2D(3, data_format="channels_first"), np.ones((1, 2, 9, 9)), "channels_last"),
    ],
)
def test_what_the_figure_cannot_draw_is_refused(layer, x, sentence):
    with pytest.raises(ValueError, match=sentence):
        explain(layer, x, figure="wiring")


def test_a_figure_is_asked_for_by_name():
    assert explain(Conv2D(1, 2), np.ones((1, 4, 4, 2))).trace["figure"] == "conv"
    assert explain(Conv2D(2, 2, groups=2), np.ones((1, 4, 4, 2)), figure="wiring").trace["figure"] == "wiring"
    with pytest.raises(ValueError, match="figure='wiring'"):
        explain(Conv2D(2, 2, groups=2), np.ones((1, 4, 4, 2)))
    with pytest.raises(ValueError, match="figures of Conv1D are conv; got 'wiring'"):
        explain(Conv1D(1, 2), np.ones((1, 4, 2)), figure="wiring")
