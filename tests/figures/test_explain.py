"""explain(): which layers have a figure, what is refused and how, and the traits that Python reads and sets."""

import numpy as np
import pytest
import traitlets

from byhand.figures import explain
from byhand.layers import BatchNormalization, Conv1D, Conv2D, Dense, Layer

from .cases import CASES

X = np.arange(16.0).reshape(1, 4, 4, 1)


def test_a_layer_without_a_figure_is_refused_by_name():
    with pytest.raises(TypeError, match="no figure for Layer; there are figures for Conv1D, Conv2D"):
        explain(Layer(), X)


def test_the_layer_is_built_and_its_weights_are_shown():
    layer = Conv2D(1, 2)
    figure = explain(layer, X)
    assert figure.trace["panels"]["W"]["data"] == pytest.approx(layer.kernel.ravel().tolist())
    assert figure.trace["panels"]["y"]["data"] == pytest.approx(layer(X).ravel().tolist(), abs=1e-5)


@pytest.mark.parametrize(
    "layer, x, said",
    [
        (Conv2D(2, 1, groups=2), np.ones((1, 4, 4, 2)), "groups=1"),
        (Conv2D(1, 1, data_format="channels_first"), np.ones((1, 1, 4, 4)), "channels_last"),
        (Conv2D(1, 1, activation="gelu"), X, "relu, sigmoid, tanh or no activation"),
        (Conv2D(1, 3), np.ones((1, 30, 30, 1)), "at most 12 cells"),
        (Conv1D(20, 3), np.ones((1, 8, 1)), "at most 12 cells"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(layer, x, said):
    with pytest.raises(ValueError, match=said):
        explain(layer, x)


def test_settings_are_checked():
    with pytest.raises(TypeError, match="has no setting padings; it has rank, size"):
        explain(Conv2D(1, 2), X, padings="same")
    with pytest.raises(ValueError, match="view is one of forward, backward; got 'sideways'"):
        explain(Conv2D(1, 2), X, view="sideways")
    with pytest.raises(ValueError, match="without an activation"):
        explain(Conv2D(1, 2, activation="relu"), X, view="backward")
    with pytest.raises(traitlets.TraitError):
        explain(Conv2D(1, 2), X, mode="guess")


@pytest.mark.parametrize("kind, shown", [(Dense(2), 6), (BatchNormalization(), 6), (Conv1D(1, 1), 2)])
def test_the_given_gradient_is_that_of_the_samples_shown(kind, shown):
    dy = 7.0 + np.arange(6)
    x = np.arange(6.0).reshape((3, 2, 1) if isinstance(kind, Conv1D) else (3, 2))
    figure = explain(kind, x, dy=dy.reshape(kind(x).shape), view="backward")
    assert figure.trace["panels"]["dY"]["data"] == dy[:shown].tolist()


def test_setting_params_and_edits_traces_again():
    figure = CASES["conv2d"].demo()
    figure.params = figure.params | {"padding": "valid"}
    assert figure.trace["panels"]["y"]["shape"] == [3, 3, 1]
    figure.edits = {"b": {"shape": [1], "data": [100]}}
    assert min(figure.trace["panels"]["y"]["data"]) > 50
    assert figure.trace["edits"] == figure.edits


def test_refused_params_raise_the_sentence_and_change_nothing():
    figure = CASES["conv2d"].demo()
    before = figure.trace
    with pytest.raises(traitlets.TraitError, match="Keras refuses strides and dilation above 1 at the same time"):
        figure.params = figure.params | {"strides": [2, 2], "dilation_rate": [2, 2]}
    assert figure.trace is before and figure.params == before["params"]


@pytest.mark.parametrize("case", CASES)
def test_explain_agrees_with_the_layer_it_was_given(case):
    figure = CASES[case].demo(t=1, mode="predict")
    assert (figure.t, figure.mode) == (1, "predict")
    assert figure.trace["params"] == figure.params
    assert figure.trace["receipt"].startswith("Numbers from the ")
