"""The figure of the LSTM against the layer, plain loops and differences: gates, gradients, answers, wrong rules."""

import itertools

import numpy as np
import pytest

from byhand.figures import explain, lstm
from byhand.layers import LSTM

from . import case_lstm

RNG = np.random.default_rng(0)


def panel(trace, name):
    return np.reshape(trace["panels"][name]["data"], trace["panels"][name]["shape"])


def small_layer(units=2, features=2, steps=5):
    layer, x = LSTM(units, return_sequences=True, dtype="float64"), RNG.normal(size=(1, steps, features))
    layer(x)
    layer.set_weights([RNG.normal(size=w.shape) for w in layer.get_weights()])
    return layer, x


def by_hand(params, given):
    """(z, gates, c, h), by a loop over steps and gates; a forced gate is set."""
    sigma = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731
    h, c, u = given["h0"], given["c0"], params["units"]
    made = [], [], [], []
    for t, x in enumerate(given["x"]):
        z = np.array([x @ given["W"][:, k] + h @ given["U"][:, k] + given["b"][k] for k in range(4)])
        gates = np.array([sigma(z[0]), sigma(z[1]), np.tanh(z[2]), sigma(z[3])])
        for k, name in ((0, "force_i"), (1, "force_f"), (3, "force_o")):
            if params[name] != "free" and t + 1 >= params["force_from"]:
                gates[k] = np.full(u, params[name])
        c = gates[1] * c + gates[0] * gates[2]
        h = gates[3] * np.tanh(c)
        for kept, one in zip(made, (z, gates, c, h)):
            kept.append(one)
    return [np.array(one) for one in made]


def given_of(trace):
    return {name: panel(trace, name) for name in ("x", "W", "U", "b", "h0", "c0")}


def test_every_gate_and_state_is_what_a_loop_makes():
    for params, data, edits in case_lstm.grid():
        if params["view"] == "forward":
            trace = lstm.trace(params, data, edits)
            for name, made in zip(("z", "gates", "c", "h"), by_hand(params, given_of(trace))):
                assert np.allclose(panel(trace, name), made, rtol=0, atol=1e-12), (params, name)


def test_the_output_is_the_layers():
    layer, x = small_layer()
    assert np.allclose(panel(explain(layer, x).trace, "h"), layer(x)[0], rtol=0, atol=1e-14)


def test_gradients_are_the_layers():
    layer, x = small_layer()
    y = layer(x)
    dy = np.zeros_like(y)
    dy[0, -1] = [1, -2]
    dx = layer.backward(dy)
    figure = explain(layer, x, view="backward")
    figure.edits = {"dy": {"shape": [2], "data": [1, -2]}}
    trace = figure.trace
    assert np.allclose(panel(trace, "dx"), dx[0], rtol=0, atol=1e-14)
    for t, step in enumerate(layer.steps):
        assert np.allclose(panel(trace, "dc")[t], step.dc[0], rtol=0, atol=1e-14)
        assert np.allclose(panel(trace, "dh")[t], step.dh[0], rtol=0, atol=1e-14)
    dz = panel(trace, "dz").reshape(len(x[0]), -1)
    assert np.allclose(x[0].T @ dz, layer.grads["kernel"])
    assert np.allclose(dz.sum(axis=0), layer.grads["bias"])


@pytest.mark.parametrize("force", [{}, {"force_f": 1, "force_i": 0}, {"force_o": 0}, {"force_f": 0, "force_from": 3}])
def test_gradients_agree_with_differences(force):
    layer, x = small_layer()
    figure = explain(layer, x, view="backward", **force)
    given, step = {k: v for k, v in given_of(explain(layer, x, **force).trace).items()}, 1e-6
    dx = panel(figure.trace, "dx")
    for place in np.ndindex(*given["x"].shape):
        loss = []
        for sign in (1, -1):
            moved = given["x"].copy()
            moved[place] += sign * step
            loss.append(by_hand(figure.params, given | {"x": moved})[3][-1].sum())
        assert (loss[0] - loss[1]) / (2 * step) == pytest.approx(dx[place], abs=1e-8)


def test_a_cell_that_keeps_and_does_not_write_never_changes():
    for units, first in itertools.product((1, 3), (1, 2, 4)):
        force = {"force_f": 1, "force_i": 0, "force_from": first}
        figure = explain(*small_layer(units), **force)
        figure.edits = {"c0": {"shape": [units], "data": [0.7] * units}}
        c = panel(figure.trace, "c")
        start = c[first - 2] if first > 1 else np.full(units, 0.7)
        assert all(np.array_equal(row, start) for row in c[first - 1 :]), "exactly, not nearly"
        back = lstm.trace(figure.params | {"view": "backward"}, figure.data, figure.edits)
        assert np.all(panel(back, "dz")[first - 1 :, :2] == 0), "a forced gate has no slope"


def test_a_gate_at_nought_forgets():
    trace = explain(*small_layer(), force_f=0).trace
    gates, c = panel(trace, "gates"), panel(trace, "c")
    assert np.array_equal(c[1:], gates[1:, 0] * gates[1:, 2])
    assert np.all(panel(explain(*small_layer(), force_o=0).trace, "h")[1:] == 0)


@pytest.mark.parametrize("view, names", [(view, [name for name, _ in bugs]) for view, bugs in lstm.BUGS.items()])
def test_each_wrong_rule_shows(view, names):
    for units in (1, 2):
        params = case_lstm.demo().params | {"view": view, "units": units}
        right = lstm.trace(params, case_lstm.demo().data)
        assert [bug["name"] for bug in right["bugs"]] == names
        for name in names:
            wrong = lstm.trace(params, case_lstm.demo().data, bug=name)
            result = "h" if view == "forward" else "dc"
            assert np.abs(panel(right, result) - panel(wrong, result)).max() > 1e-3, name


@pytest.mark.parametrize("force", [{}, {"force_f": 0}, {"force_f": 1, "force_i": 0}, {"force_f": 1, "force_from": 1}])
@pytest.mark.parametrize("view", lstm.BUGS)
def test_three_wrong_rules_show_though_the_forget_gate_never_moves(view, force):
    layer, x = LSTM(1), np.reshape([1.0, 0, 0, -1, 0, 0], (1, 6, 1))
    layer.build(x.shape)
    layer.set_weights([[[1, 0, 2, 0]], [[0, 0, 1, 2]], [0, 1, 0, 0]])
    right = explain(layer, x, view=view, **force)
    assert len(set(np.round(panel(right.trace, "gates")[1:, 1].ravel(), 9))) == 1
    wrong = [lstm.trace(right.params, right.data, bug=bug["name"]) for bug in right.trace["bugs"]]
    shown = [any(w["panels"][n]["data"] != p["data"] for n, p in right.trace["panels"].items()) for w in wrong]
    assert sum(shown) >= 3


def test_answers_follow_from_the_numbers():
    for params, data, edits in case_lstm.grid():
        trace = lstm.trace(params, data, edits)
        asks = trace["asks"]
        if params["view"] == "forward":
            z, _, c, h = by_hand(params, given_of(trace))
            assert asks[0]["answer"] == pytest.approx(z[0, 0, 0], abs=1e-12)
            signs = ["above 0", "below 0", "exactly 0"]
            if panel(trace, "gates")[-1, 3, 0] > 0:
                assert asks[1]["options"] == signs and np.sign(h[-1, 0]) == [1, -1, 0][asks[1]["answer"]]
            layer = LSTM(params["units"])
            layer.build((1, 5, params["features"]))
            layer.built = True
            assert asks[5]["answer"] == layer.count_params()
        else:
            dc = np.abs(panel(trace, "dc")).ravel()
            assert ["dc", int(dc.argmax())] in asks[3]["answer"]
            assert all(dc[k] == pytest.approx(dc.max()) for _, k in asks[3]["answer"])


def test_what_the_figure_cannot_draw_is_refused():
    for layer, x, sentence in [
        (LSTM(1), np.ones((4, 1)), "takes x with 3 axes"),
        (LSTM(1, activation="relu"), np.ones((1, 4, 1)), "tanh, sigmoid and a bias"),
        (LSTM(1, use_bias=False), np.ones((1, 4, 1)), "tanh, sigmoid and a bias"),
        (LSTM(1, go_backwards=True), np.ones((1, 4, 1)), "turn the sequence round"),
        (LSTM(8), np.ones((1, 8, 1)), "too many to read"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            lstm.read(layer, x)
