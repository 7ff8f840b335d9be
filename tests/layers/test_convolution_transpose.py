"""Conv1DTranspose, Conv2DTranspose, Conv3DTranspose against Keras, slopes and plain loops, and misused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import TOLERANCE
from byhand.layers.convolution import conv

from . import draw, loops
from .against import differences_check, differs_from_keras, shuffled

RANKS = [1, 2, 3]


@st.composite
def settings(draw_, rank, dilated=True):
    """(input, dtype, arguments) with an output of at least one cell."""
    arguments = dict(
        filters=draw_(st.integers(1, 3)),
        kernel_size=draw_(draw.per_axis(rank, 1, 3)),
        padding=draw_(st.sampled_from(["valid", "same"])),
        data_format=draw_(draw.FORMATS) if dilated else "channels_last",
        activation=draw_(draw.ACTIVATIONS),
        use_bias=draw_(st.booleans()),
        **(draw_(draw.strides_and_dilation(rank)) if dilated else dict(strides=draw_(draw.per_axis(rank, 1, 3)))),
    )
    strides = draw.as_tuple(arguments.get("strides", 1), rank)
    if draw_(st.booleans()):
        arguments["output_padding"] = tuple(draw_(st.integers(0, s - 1)) for s in strides)
    space = [draw_(st.integers(2, 4)) for _ in range(rank)]
    dtype, seed, batch = draw_(draw.DTYPES), draw_(draw.SEEDS), draw_(st.integers(1, 2))
    return draw.numbers(seed, batch, space, draw_(st.integers(1, 3)), arguments["data_format"]), dtype, arguments


def made(rank, x, dtype, arguments):
    """The layer, or None where this setting leaves no output."""
    layer = getattr(layers, f"Conv{rank}DTranspose")(dtype=dtype, **arguments)
    try:
        layer.compute_output_shape(x.shape)
    except ValueError:
        return None
    return layer


@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_equal_to_keras(rank, data):
    x, dtype, arguments = data.draw(settings(rank, dilated=False))
    if made(rank, x, dtype, arguments):
        assert differs_from_keras(f"Conv{rank}DTranspose", x, dtype, **arguments) is None


@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_gradients_are_the_slope_of_the_outputs(rank, data):
    x, _, arguments = data.draw(settings(rank))
    if arguments["activation"] == "relu":  # a step across its corner has no slope
        arguments["activation"] = "tanh"
    layer = made(rank, x, "float64", arguments)
    assert layer is None or differences_check(layer, x) is None


@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_equal_to_plain_loops(rank, data):
    x, dtype, arguments = data.draw(settings(rank))
    layer = made(rank, x, dtype, arguments | {"activation": None})
    if layer is None:
        return
    shuffled(layer, x)
    first = layer.data_format == "channels_first"
    y = np.moveaxis(layer(x), 1, -1) if first else layer(x)
    expected = loops.conv_transpose(
        np.moveaxis(x, 1, -1) if first else x,
        layer.kernel,
        layer.bias if layer.use_bias else 0,
        y.shape[1:-1],
        layer.strides,
        layer.padding,
        layer.dilation_rate,
    )
    np.testing.assert_allclose(y, expected, 0, 100 * TOLERANCE[dtype])
    assert layer(x).dtype == dtype
    assert layer.compute_output_shape(x.shape) == layer(x).shape


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("extra", [None, 0, 1])
def test_output_shape_is_keras_also_for_unknown_sizes(rank, padding, extra):
    import keras

    kind = f"Conv{rank}DTranspose"
    for size, stride, dilation in [(1, 2, 1), (2, 2, 1), (3, 2, 1), (3, 3, 1), (2, 5, 1)]:
        arguments = dict(filters=4, kernel_size=size, strides=stride, padding=padding, output_padding=extra)
        twin = getattr(keras.layers, kind)(dilation_rate=dilation, **arguments)
        for shape in [(2, *(7, 6, 5)[:rank], 3), (None, *(None, 6, None)[:rank], 3)]:
            ours = getattr(layers, kind)(dilation_rate=dilation, **arguments).compute_output_shape(shape)
            assert ours == tuple(twin.compute_output_shape(shape))


# --- the pencil examples -----------------------------------------------------------------------------------------


def stamped(values, kernel, **arguments):
    layer, x = layers.Conv1DTranspose(1, len(kernel), use_bias=False, **arguments), np.reshape(values, (1, -1, 1))
    layer.build(x.shape)
    layer.kernel[:, 0, 0] = kernel
    return layer(x)[0, :, 0].tolist()


def test_stamps_add_up_where_they_overlap():
    assert stamped([1, 2, 3], [1, 10, 100], strides=2) == [1, 10, 102, 20, 203, 30, 300]
    assert stamped([1, 2], [1, 10], strides=3) == [1, 10, 0, 2, 20, 0]
    assert stamped([1, 2], [1, 10], strides=3, output_padding=2) == [1, 10, 0, 2, 20, 0, 0]
    assert stamped([1, 2, 3], [1, 10, 100], strides=2, padding="same") == [1, 10, 102, 20, 203, 30]


@pytest.mark.parametrize("settings_, length", [(dict(strides=2), 33), (dict(), 18), (dict(padding="same"), 16),
                                               (dict(strides=2, padding="same"), 32)])  # fmt: skip
def test_sixteen_steps_become(settings_, length):
    assert len(stamped(np.ones(16), [1, 1, 1], **settings_)) == length


def test_it_is_the_adjoint_not_the_inverse():
    rng = np.random.default_rng(0)
    layer, y = layers.Conv2DTranspose(3, 3, strides=2, use_bias=False, dtype="float64"), rng.normal(size=(2, 4, 4, 5))
    x = rng.normal(size=layer(y).shape)
    down = conv(x, layer.kernel, strides=2)
    assert np.vdot(down, y) == pytest.approx(np.vdot(x, layer(y)))
    assert np.abs(layer(down) - x).max() > 0.1


def test_third_rank_takes_data_format_before_output_padding():
    layer = layers.Conv3DTranspose(1, 2, 2, "valid", "channels_first", 1)
    assert (layer.data_format, layer.output_padding) == ("channels_first", (1, 1, 1))
    assert layers.Conv2DTranspose(1, 2, 2, "valid", 1, "channels_first").output_padding == (1, 1)


# --- misused -----------------------------------------------------------------------------------------------------

IMAGE = np.zeros((2, 4, 4, 3))
REFUSED = [
    ("Conv2DTranspose", dict(filters=0, kernel_size=3), IMAGE, "filters is a whole number of at least 1; got 0"),
    ("Conv2DTranspose", dict(filters=None, kernel_size=3), IMAGE, "got None"),
    ("Conv2DTranspose", dict(filters=2, kernel_size=(3, 0)), IMAGE, "kernel_size is a whole number"),
    ("Conv2DTranspose", dict(filters=2, kernel_size=3, strides=True), IMAGE, "strides is a whole number"),
    ("Conv2DTranspose", dict(filters=2, kernel_size=3, strides=2, dilation_rate=2), IMAGE, "cannot both be above 1"),
    ("Conv2DTranspose", dict(filters=2, kernel_size=3, padding="causal"), IMAGE, "causal"),
    ("Conv1DTranspose", dict(filters=2, kernel_size=3, padding="causal"), IMAGE[0], "'valid', 'same'; got 'causal'"),
    ("Conv2DTranspose", dict(filters=2, kernel_size=3, output_padding=1), IMAGE, "must be less than strides"),
    ("Conv2DTranspose", dict(filters=2, kernel_size=3, strides=2, output_padding=2), IMAGE, "less than strides"),
    ("Conv2DTranspose", dict(filters=2, kernel_size=3, strides=2, output_padding=-1), IMAGE, "at least 0, .*got -1"),
    ("Conv2DTranspose", dict(filters=2, kernel_size=3, strides=2, output_padding="1"), IMAGE, "output_padding is a"),
    ("Conv2DTranspose", dict(filters=2, kernel_size=3, groups=2), IMAGE, "no argument 'groups'"),
    ("Conv2DTranspose", dict(filters=2, kernel_size=3), IMAGE[0], r"takes \(batch, height, width, channels\)"),
    ("Conv2DTranspose", dict(filters=2, kernel_size=3), IMAGE[:, :, :0], "at least one cell"),
    ("Conv1DTranspose", dict(filters=2, kernel_size=2, padding="same", output_padding=0), np.zeros((1, 1, 1)),
     "leave output_padding at None"),
]  # fmt: skip


@pytest.mark.parametrize("kind, arguments, x, said", REFUSED)
def test_refused_with_a_reason(kind, arguments, x, said):
    with pytest.raises((ValueError, TypeError), match=said):
        getattr(layers, kind)(**arguments)(x)


def test_another_number_of_channels_and_another_gradient():
    layer = layers.Conv2DTranspose(2, 3)
    layer(IMAGE)
    with pytest.raises(ValueError, match="built for 3 channels"):
        layer(np.zeros((2, 4, 4, 2)))
    with pytest.raises(ValueError, match=r"shape \(2, 6, 6, 2\); got \(2, 4, 4, 2\)"):
        layer.backward(np.zeros((2, 4, 4, 2)))
