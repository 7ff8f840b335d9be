"""The stack of Conv1D: what it shows is what the network does, and its answers hold for the network itself."""

import numpy as np
import pytest

from byhand.figures import explain
from byhand.layers import Conv1D, Dense
from byhand.training import Sequential

from .cases import CASES
from .test_stage import made

X = np.arange(12.0).reshape(1, 12, 1) % 5


def network(dilations, padding="causal", size=2):
    model = Sequential([Conv1D(1, size, padding=padding, dilation_rate=d, dtype="float64") for d in dilations])
    model(X)
    rng = np.random.default_rng(len(dilations))
    model.set_weights([rng.integers(1, 4, w.shape) if w.ndim == 3 else w for w in model.get_weights()])
    return model


def shown(figure, panel):
    return np.reshape(figure.trace["panels"][panel]["data"], figure.trace["panels"][panel]["shape"])


def ask(figure, words):
    return next(a for a in figure.trace["asks"] if words in a["prompt"])


STACKS = [
    ((1,), "causal", 2),
    ((1, 2, 4), "causal", 2),
    ((2, 1), "same", 3),
    ((1, 2), "valid", 3),
    ((4, 1), "same", 2),
    ((4, 8), "causal", 2),
]
every_stack = pytest.mark.parametrize("dilations, padding, size", STACKS)


@every_stack
def test_rows_are_the_outputs_of_the_layers(dilations, padding, size):
    model = network(dilations, padding, size)
    figure, h = explain(model, X), X
    for n, layer in enumerate(model.layers, 1):
        h = layer(h)
        assert np.allclose(shown(figure, "y" if n == len(model.layers) else f"h{n}"), h[0])


@every_stack
def test_the_leak_test_shows_how_far_the_network_moves(dilations, padding, size):
    model = network(dilations, padding, size)
    for at in (0, 5, 11):
        nudged = X.copy()
        nudged[0, at] += 1
        figure = explain(model, X, view="leak", at=at)
        moved = model(nudged) - model(X)
        assert np.allclose(shown(figure, "Δy"), moved[0])
        assert ask(figure, "How many cells of y move")["answer"] == np.count_nonzero(moved)
        first = [a["answer"] for a in figure.trace["asks"] if "first cell" in a["prompt"]]
        assert first == [[["Δy", np.flatnonzero(moved)[0]]]] * bool(moved.any())


@every_stack
def test_backward_is_the_gradient_of_the_network(dilations, padding, size):
    model = network(dilations, padding, size)
    dy = np.random.default_rng(0).integers(-3, 4, model(X).shape).astype(float)
    figure = explain(model, X, dy=dy, view="backward")
    model(X)
    assert np.allclose(shown(figure, "dX"), model.backward(dy)[0])


@every_stack
def test_the_answers_hold_for_the_network(dilations, padding, size):
    model = network(dilations, padding, size)
    figure, n = explain(model, X), X.shape[1]
    moves = np.array([np.ravel(model(np.eye(n)[i].reshape(1, n, 1))) for i in range(n)]) != 0  # (step of x, of y)
    field = ask(figure, "receptive field")
    assert field["answer"] == 1 + sum((size - 1) * d for d in dilations)
    assert field["answer"] == ask(figure, "weights")["answer"] >= moves.sum(axis=0).max()
    earliest = ask(figure, "earliest step")
    assert earliest["answer"] == np.flatnonzero(moves[:, earliest["at"][1]])[0]
    assert ask(figure, "smaller index")["answer"] == moves[n // 2, : n // 2].any()
    back = explain(model, X, view="backward")
    assert ask(back, "get its gradient")["answer"] == moves[n // 2].sum()


def test_of_the_steps_that_move_the_reason_names_every_one():
    model = network((4,))
    assert explain(model, X, view="leak", at=2).trace["asks"][0]["why"] == "It moves y[2], y[6]."
    model = network((1, 2, 4))
    assert explain(model, X, view="leak", at=2).trace["asks"][0]["why"] == "It moves y[2] to y[9]."


def test_where_one_layer_is_there_is_no_question_of_order():
    assert len(explain(network((1, 2)), X, view="backward").trace["asks"]) == 2
    assert len(explain(network((1,)), X, view="backward").trace["asks"]) == 1


def test_the_last_frames_say_what_they_see():
    trace = CASES["stack"].demo().trace
    notes = [frame.get("note") for frame in trace["frames"] if frame["to"][0] == "y"]
    assert notes[0] == "1 tap in the padding; sees x[0] to x[0]"
    assert notes[11] == "sees x[4] to x[11]"


def test_at_least_four_wrong_rules_show():
    figure = CASES["stack"].demo()
    right = figure.trace
    wrong = [figure.rule.trace(figure.params, figure.data, {}, bug["name"]) for bug in right["bugs"]]
    changed = [w for w in wrong if any(w["panels"][p]["data"] != right["panels"][p]["data"] for p in made(right))]
    assert len(changed) >= 4


@pytest.mark.parametrize(
    "layers, x, said",
    [
        ([Conv1D(1, 2), Dense(1)], X, "one to four Conv1D; got Conv1D, Dense"),
        ([Conv1D(1, 1) for _ in range(5)], X, "one to four Conv1D"),
        ([Conv1D(2, 2)], X, "one filter on one channel"),
        ([Conv1D(1, 2, strides=2)], X, "strides=1"),
        ([Conv1D(1, 2, padding="same"), Conv1D(1, 2)], X, "one padding for all"),
        ([Conv1D(1, 2, activation="relu")], X, "without activation"),
        ([Conv1D(1, 2, bias_initializer="ones")], X, "no bias but zero"),
        ([Conv1D(1, 2)], np.zeros((1, 20, 1)), "at most 16 steps"),
    ],
)
def test_what_it_cannot_draw_is_refused_with_a_reason(layers, x, said):
    with pytest.raises(ValueError, match=said):
        explain(Sequential(layers), x, figure="stack")
