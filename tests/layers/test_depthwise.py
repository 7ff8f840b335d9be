"""Depthwise and separable convolution against Keras, slopes and plain loops, and misused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import TOLERANCE

from . import draw, loops
from .against import differences_check, differs_from_keras, shuffled

RANKS = [1, 2]
KINDS = ["DepthwiseConv", "SeparableConv"]


@st.composite
def settings(draw_, kind, rank):
    """(input, dtype, arguments) that fit; strides and dilation may come together here."""
    arguments = dict(
        kernel_size=draw_(draw.per_axis(rank, 1, 3)),
        strides=draw_(draw.per_axis(rank, 1, 3)),
        dilation_rate=draw_(draw.per_axis(rank, 1, 3)),
        padding=draw_(st.sampled_from(["valid", "same"])),
        depth_multiplier=draw_(st.integers(1, 3)),
        data_format=draw_(draw.FORMATS),
        activation=draw_(draw.ACTIVATIONS),
        use_bias=draw_(st.booleans()),
    )
    if kind == "SeparableConv":
        arguments["filters"] = draw_(st.integers(1, 4))
    spread = zip(draw.as_tuple(arguments["kernel_size"], rank), draw.as_tuple(arguments["dilation_rate"], rank))
    space = [(k - 1) * d + draw_(st.integers(1, 4)) for k, d in spread]
    sizes = draw_(draw.SEEDS), draw_(st.integers(1, 3)), space, draw_(st.integers(1, 3)), arguments["data_format"]
    return draw.numbers(*sizes), draw_(draw.DTYPES), arguments


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_equal_to_keras(kind, rank, data):
    x, dtype, arguments = data.draw(settings(kind, rank))
    assert differs_from_keras(f"{kind}{rank}D", x, dtype, **arguments) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_gradients_are_the_slope_of_the_outputs(kind, rank, data):
    x, _, arguments = data.draw(settings(kind, rank))
    if arguments["activation"] == "relu":  # a step across its corner has no slope
        arguments["activation"] = "tanh"
    assert differences_check(getattr(layers, f"{kind}{rank}D")(dtype="float64", **arguments), x) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_equal_to_plain_loops(kind, rank, data):
    """Depthwise is a convolution in as many groups as there are channels; separable is two convolutions."""
    x, dtype, arguments = data.draw(settings(kind, rank))
    layer = shuffled(getattr(layers, f"{kind}{rank}D")(dtype=dtype, **arguments | {"activation": None}), x)
    first = layer.data_format == "channels_first"
    kernel = layer.kernel if kind == "DepthwiseConv" else layer.depthwise_kernel
    *size, channels, m = kernel.shape
    how = layer.strides, layer.padding, layer.dilation_rate
    bias = layer.bias if layer.use_bias else 0
    depthwise = kernel.reshape(*size, 1, channels * m)
    moved = np.moveaxis(x, 1, -1) if first else x
    expected = loops.conv(moved, depthwise, bias if kind == "DepthwiseConv" else 0, *how, channels)
    if kind == "SeparableConv":
        one = (1,) * rank
        expected = loops.conv(expected, layer.pointwise_kernel, bias, one, "valid", one, 1)
    y = layer(x)
    np.testing.assert_allclose(np.moveaxis(y, 1, -1) if first else y, expected, 0, 100 * TOLERANCE[dtype])
    assert y.dtype == dtype
    assert layer.compute_output_shape(x.shape) == y.shape


@pytest.mark.parametrize("rank", RANKS)
def test_output_shape_of_unknown_sizes(rank):
    shape = (None, *(None, 9)[:rank], 3)
    assert layers.__dict__[f"DepthwiseConv{rank}D"](3, depth_multiplier=2).compute_output_shape(shape) == (
        None,
        *(None, 7)[:rank],
        6,
    )
    assert layers.__dict__[f"SeparableConv{rank}D"](4, 3).compute_output_shape(shape) == (None, *(None, 7)[:rank], 4)


def test_numbers_of_weights():
    for layer, count in [(layers.DepthwiseConv2D(3), 160), (layers.SeparableConv2D(8, 3), 280),
                         (layers.SeparableConv2D(8, 3, depth_multiplier=2), 552)]:  # fmt: skip
        layer.build((None, 9, 9, 16))
        assert layer.count_params() == count


def test_empty_batch():
    for layer in [layers.DepthwiseConv2D(3), layers.SeparableConv2D(2, 3)]:
        y = layer(np.zeros((0, 5, 5, 3)))
        assert layer.backward(y).shape == (0, 5, 5, 3)
        assert not any(g.any() for g in layer.get_gradients())


IMAGE = np.zeros((2, 6, 6, 3))
REFUSED = [
    ("DepthwiseConv2D", dict(kernel_size=0), IMAGE, "kernel_size is a whole number of at least 1"),
    ("DepthwiseConv2D", dict(kernel_size=3, depth_multiplier=0), IMAGE, "depth_multiplier is a whole number"),
    ("DepthwiseConv2D", dict(kernel_size=3, depth_multiplier=1.5), IMAGE, "got 1.5"),
    ("DepthwiseConv2D", dict(kernel_size=3, filters=4), IMAGE, "no argument 'filters'"),
    ("DepthwiseConv1D", dict(kernel_size=3, padding="causal"), IMAGE[0], "got 'causal'"),
    ("DepthwiseConv2D", dict(kernel_size=7), IMAGE, "does not fit"),
    ("DepthwiseConv2D", dict(kernel_size=3), IMAGE[0], r"takes \(batch, height, width, channels\)"),
    ("SeparableConv2D", dict(filters=0, kernel_size=3), IMAGE, "filters is a whole number of at least 1"),
    ("SeparableConv2D", dict(filters=4, kernel_size=3, groups=3), IMAGE, "no argument 'groups'"),
    ("SeparableConv1D", dict(filters=4, kernel_size=3, padding="causal"), IMAGE[0], "got 'causal'"),
    ("SeparableConv1D", dict(filters=4, kernel_size=3), IMAGE, r"takes \(batch, steps, channels\)"),
    ("SeparableConv2D", dict(filters=4, kernel_size=3, dilation_rate=3), IMAGE, "does not fit"),
]


@pytest.mark.parametrize("kind, arguments, x, said", REFUSED)
def test_refused_with_a_reason(kind, arguments, x, said):
    with pytest.raises((ValueError, TypeError), match=said):
        getattr(layers, kind)(**arguments)(x)
