"""LocallyConnected1D and 2D, which Keras 3 has no more, against their formula, slopes and Conv; and misused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import TOLERANCE

from . import draw
from .against import differences_check, shuffled

RANKS = [1, 2]


@st.composite
def settings(draw_, rank):
    arguments = dict(
        filters=draw_(st.integers(1, 3)),
        kernel_size=draw_(draw.per_axis(rank, 1, 3)),
        strides=draw_(draw.per_axis(rank, 1, 2)),
        data_format=draw_(draw.FORMATS),
        activation=draw_(st.sampled_from([None, "tanh"])),
        use_bias=draw_(st.booleans()),
    )
    space = [draw_(st.integers(3, 5)) for _ in range(rank)]
    sizes = draw_(draw.SEEDS), draw_(st.integers(1, 3)), space, draw_(st.integers(1, 3)), arguments["data_format"]
    return draw.numbers(*sizes), draw_(draw.DTYPES), arguments


@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_equal_to_its_formula(rank, data):
    x, dtype, arguments = data.draw(settings(rank))
    layer = shuffled(getattr(layers, f"LocallyConnected{rank}D")(dtype=dtype, **arguments), x)
    first = layer.data_format == "channels_first"
    moved, y = (np.moveaxis(a, 1, -1) if first else a for a in (x, layer(x)))
    for position, o in enumerate(np.ndindex(*y.shape[1:-1])):
        window = tuple(slice(i * s, i * s + k) for i, s, k in zip(o, layer.strides, layer.kernel_size))
        for n in range(len(x)):
            z = moved[(n, *window)].ravel() @ layer.kernel[position] + (layer.bias[o] if layer.use_bias else 0)
            expected = np.tanh(z) if arguments["activation"] else z
            np.testing.assert_allclose(y[(n, *o)], expected, 0, 100 * TOLERANCE[dtype])
    assert layer(x).dtype == dtype
    assert layer.compute_output_shape(x.shape) == layer(x).shape
    assert differences_check(getattr(layers, f"LocallyConnected{rank}D")(dtype="float64", **arguments), x) is None


def test_with_one_kernel_everywhere_it_is_a_convolution():
    x = np.random.default_rng(0).normal(size=(2, 5, 4, 3))
    local, shared = layers.LocallyConnected2D(2, 3, dtype="float64"), layers.Conv2D(2, 3, dtype="float64")
    local(x), shared(x)
    local.kernel[...] = shared.kernel.reshape(1, -1, 2)
    np.testing.assert_allclose(local(x), shared(x), 0, 1e-12)


def test_numbers_of_weights():
    layer = layers.LocallyConnected2D(8, 3)
    layer.build((None, 10, 10, 16))
    assert layer.count_params() == 74240
    assert [w.shape for w in layer.get_weights()] == [(64, 144, 8), (8, 8, 8)]


def test_against_keras_2():
    keras_2 = pytest.importorskip("tf_keras")
    x = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype("float32")
    theirs, ours = keras_2.layers.LocallyConnected2D(4, 3), layers.LocallyConnected2D(4, 3)
    expected = theirs(x)
    ours.build(x.shape)
    ours.set_weights(theirs.get_weights())
    np.testing.assert_allclose(ours(x), expected, 0, 1e-5)


def test_empty_batch():
    layer = layers.LocallyConnected2D(2, 3)
    y = layer(np.zeros((0, 5, 5, 3)))
    assert y.shape == (0, 3, 3, 2) and layer.backward(y).shape == (0, 5, 5, 3)
    assert not layer.grads["kernel"].any()


IMAGE = np.zeros((2, 6, 6, 3))
REFUSED = [
    ("LocallyConnected2D", dict(filters=0, kernel_size=3), IMAGE, "filters is a whole number"),
    ("LocallyConnected2D", dict(filters=2, kernel_size=(3, 0)), IMAGE, "kernel_size is a whole number"),
    ("LocallyConnected2D", dict(filters=2, kernel_size=3, padding="same"), IMAGE, "one of 'valid'; got 'same'"),
    ("LocallyConnected2D", dict(filters=2, kernel_size=3, dilation_rate=2), IMAGE, "dilation_rate"),
    ("LocallyConnected2D", dict(filters=2, kernel_size=7), IMAGE, "does not fit"),
    ("LocallyConnected2D", dict(filters=2, kernel_size=3), IMAGE[0], r"takes \(batch, height, width, channels\)"),
]


@pytest.mark.parametrize("kind, arguments, x, said", REFUSED)
def test_refused_with_a_reason(kind, arguments, x, said):
    with pytest.raises((ValueError, TypeError), match=said):
        getattr(layers, kind)(**arguments)(x)


def test_its_space_is_part_of_it():
    layer = layers.LocallyConnected2D(2, 3)
    with pytest.raises(ValueError, match="its space must be known"):
        layer.build((None, None, 6, 3))
    layer(IMAGE)
    with pytest.raises(ValueError, match=r"built for space \(6, 6\)"):
        layer(IMAGE[:, :5])
