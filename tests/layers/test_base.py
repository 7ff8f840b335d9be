"""What every layer shares: building, weights that never move, names, penalties, refusals."""

import numpy as np
import pytest

from byhand import layers
from byhand.layers import Layer


class Scale(Layer):
    """y = w x, one number a feature."""

    def build(self, input_shape):
        self.add_weight("w", input_shape[-1:], "ones", regularizer="l2", constraint="non_neg")

    def call(self, x):
        self.x = x
        return self.w * x

    def backward(self, dy):
        self.grads = {"w": (dy * self.x).sum(0)}
        return dy * self.w


class Twice(Scale):
    """A layer whose backward calls that of its parent."""

    def call(self, x):
        return 2 * super().call(x)

    def backward(self, dy):
        return super().backward(2 * dy)


class Two(Layer):
    """Two layers inside one."""

    def __init__(self, **options):
        super().__init__(**options)
        self.first, self.second = Scale(dtype=self.dtype), Scale(dtype=self.dtype, activity_regularizer="l1")

    def build(self, input_shape):
        self.add_weight("shift", input_shape[-1:], "zeros", trainable=False)
        for name, layer in (("first", self.first), ("second", self.second)):
            layer.build(input_shape)
            self.adopt(name, layer)

    def call(self, x):
        return self.second(self.first(x)) + self.shift

    def backward(self, dy):
        dx = self.first.backward(self.second.backward(dy))
        self.grads = self.gather()
        return dx


def test_weights_change_in_place():
    layer = Scale()
    layer.build((None, 2))
    assert layer.built and layer.count_params() == 2
    w = layer.w
    layer.set_weights([[3, -4]])
    assert layer.w is w and layer.weights["w"] is w
    assert layer.get_weights()[0] is not w
    layer.apply_constraints()
    np.testing.assert_array_equal(w, [3, 0])


def test_inner_layers_count():
    layer, x = Two(dtype="float64"), np.array([[1.0, 2.0]])
    layer(x)
    assert list(layer.weights) == ["shift", "first/w", "second/w"]
    assert list(layer.trainable_weights) == ["first/w", "second/w"]
    layer.set_weights([[0, 0], [1, 2], [3, 4]])
    np.testing.assert_array_equal(layer(x), [[3, 16]])
    np.testing.assert_allclose(layer.losses, [0.01 * 19, 0.01 * 5, 0.01 * 25], 1e-6)
    np.testing.assert_allclose(layer.backward(np.zeros((1, 2))), [[0.01 * 3, 0.01 * 8]], 1e-6)
    np.testing.assert_allclose(layer.get_gradients(), [[0.03, 0.08], [0.01, 0.04]], 1e-6)


@pytest.mark.parametrize("kind, factor", [(Scale, 1), (Twice, 2)])
def test_the_activity_penalty_is_counted_once(kind, factor):
    layer, x = kind(activity_regularizer="l1", dtype="float64"), np.array([[1.0, -2.0], [3.0, 4.0]])
    y = layer(x)
    np.testing.assert_allclose(layer.losses[0], 0.01 * abs(y).sum() / 2, 1e-6)
    for _ in range(2):  # backward may be called again
        np.testing.assert_allclose(layer.backward(np.zeros_like(y)), factor * 0.005 * np.sign(x), 1e-6)


def test_the_activity_penalty_leaves_the_way_forward_alone():
    """Dropout goes forward as it goes back, by the same method."""
    layer = layers.Dropout(0.5, activity_regularizer="l2")
    for _ in range(2):
        assert set(np.unique(layer(np.ones((4, 5)), training=True))) == {0, 2}


SKIPPING = [
    (layers.Dense(2), (4, 3)),
    (layers.Conv2D(2, 3), (2, 5, 5, 3)),
    (layers.Conv2DTranspose(2, 3, strides=2), (2, 4, 4, 3)),
    (layers.DepthwiseConv2D(3), (2, 5, 5, 3)),
    (layers.SeparableConv2D(2, 3), (2, 5, 5, 3)),
    (layers.LocallyConnected2D(2, 3), (2, 5, 5, 3)),
    (layers.LSTM(2), (2, 4, 3)),
    (layers.Bidirectional(layers.GRU(2)), (2, 4, 3)),
    (layers.TimeDistributed(layers.Dense(2)), (2, 4, 3)),
]


@pytest.mark.parametrize("layer, shape", SKIPPING, ids=lambda value: getattr(value, "name", ""))
def test_skipping_the_input_gradient_changes_no_other(layer, shape):
    y = layer(np.random.default_rng(0).normal(size=shape))
    dy = np.random.default_rng(1).normal(size=y.shape)
    layer.backward(dy)
    expected = layer.get_gradients()
    layer.skip_input_gradient = True
    assert layer.backward(dy) is None
    assert all(np.array_equal(a, b) for a, b in zip(layer.get_gradients(), expected, strict=True))
    assert any(g.any() for g in expected)


def test_dtypes():
    assert Scale()(np.ones((1, 2))).dtype == np.float32
    assert Scale(dtype="float64")([[1, 2]]).dtype == np.float64
    for dtype in ("float16", "int32"):
        with pytest.raises(ValueError, match="dtype is one of float32, float64"):
            Scale(dtype=dtype)


@pytest.mark.parametrize(
    "kind, name", [("Conv2D", "conv2d"), ("ReLU", "re_lu"), ("LSTM", "lstm"), ("PReLU", "p_re_lu")]
)
def test_default_names(kind, name):
    arguments = dict(Conv2D=(1, 1), LSTM=(1,)).get(kind, ())
    assert getattr(layers, kind)(*arguments).name == name
    assert getattr(layers, kind)(*arguments, name="mine").name == "mine"


def test_refusals():
    built = Scale()
    built(np.ones((1, 2)))
    for call, error, message in [
        (lambda: Scale(colour="red"), TypeError, "Scale has no argument 'colour'"),
        (lambda: Scale(autocast=False), ValueError, "autocast is not supported by hand"),
        (lambda: Scale(activity_regularizer="l9"), ValueError, "no regularizer is called 'l9'"),
        (
            lambda: Scale().refuse("reason", first=None, second=2),
            ValueError,
            "second=2 is not supported by hand; reason",
        ),
        (lambda: Scale().get_weights() or Scale().set_weights([]), ValueError, "Scale has no weights yet"),
        (lambda: Scale().count_params(), ValueError, "Scale has no weights yet"),
        (lambda: built.set_weights([]), ValueError, r"Scale has 1 weights \['w'\]; got 0 arrays"),
        (lambda: built.set_weights([[1, 2, 3]]), ValueError, r"Scale.w has shape \(2,\); got \(3,\)"),
        (lambda: built(np.ones((1, 2)), mask=np.ones(1)), TypeError, "Scale takes no mask"),
        (lambda: Layer()(np.ones(1)), TypeError, "Layer does not say how to call it"),
        (lambda: Layer().backward(np.ones(1)), TypeError, "Layer has no way back"),
    ]:
        with pytest.raises(error, match=message):
            call()
    assert (built.w == 1).all()


def test_a_layer_without_weights_counts_none_once_built():
    layer = layers.Flatten()
    layer.build((None, 3, 4))
    assert layer.built and layer.count_params() == 0 and layer.get_weights() == []
