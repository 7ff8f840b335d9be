"""What explain() takes and what it refuses."""

import numpy as np
import pytest

from byhand.figures import explain
from byhand.layers import LSTM, Conv2D, MaxPooling2D

X = np.arange(24.0).reshape(1, 4, 6, 1)


def test_the_way_back_begins_with_the_given_gradient():
    layer, dy = Conv2D(1, 3), np.arange(8.0).reshape(1, 2, 4, 1)
    layer(X)
    dx = layer.backward(dy)
    panels = explain(layer, X, dy=dy, view="backward").trace["panels"]
    assert np.allclose(panels["dX"]["data"], dx.ravel())
    assert np.allclose(panels["dW"]["data"], layer.grads["kernel"].ravel())


def test_a_gradient_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"\(1, 2, 3, 1\); got \(2, 3\)"):
        explain(MaxPooling2D(2), X, dy=np.ones((2, 3)))


def test_the_lstm_takes_no_gradient():
    with pytest.raises(TypeError, match="takes no dy"):
        explain(LSTM(2), np.ones((1, 3, 2)), dy=np.ones((1, 2)))


def test_unknown_layers_and_settings_are_refused():
    with pytest.raises(TypeError, match="no figure for ndarray"):
        explain(X, X)
    with pytest.raises(TypeError, match="no setting direction"):
        explain(Conv2D(1, 3), X, direction="backward")
