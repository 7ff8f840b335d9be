"""Conv1D, Conv2D, Conv3D against Keras, against the slope of their outputs, against plain loops, and misused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import TOLERANCE
from byhand.layers import activations
from byhand.layers.convolution import conv, conv_input_grad, conv_kernel_grad

from . import draw, loops
from .against import differences_check, differs_from_keras, keras_refuses, shuffled

RANKS = [1, 2, 3]


@st.composite
def settings(draw_, rank):
    """(input, dtype, arguments) that fit together."""
    groups = draw_(st.sampled_from([1, 1, 1, 1, 1, 1, 2, 3]))
    arguments = dict(
        filters=groups * draw_(st.integers(1, 3)),
        kernel_size=draw_(draw.per_axis(rank, 1, 3)),
        padding=draw_(st.sampled_from(["valid", "same"] + ["causal"] * (rank == 1))),
        data_format=draw_(draw.FORMATS),
        groups=groups,
        activation=draw_(draw.ACTIVATIONS),
        use_bias=draw_(st.booleans()),
        **draw_(draw.strides_and_dilation(rank)),
    )
    spread = zip(draw.as_tuple(arguments["kernel_size"], rank), draw.as_tuple(arguments.get("dilation_rate", 1), rank))
    space = [(k - 1) * d + draw_(st.integers(1, 4)) for k, d in spread]
    channels = groups * draw_(st.integers(1, 3))
    x = draw.numbers(draw_(draw.SEEDS), draw_(st.integers(1, 3)), space, channels, arguments["data_format"])
    return x, draw_(draw.DTYPES), arguments


@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_equal_to_keras(rank, data):
    x, dtype, arguments = data.draw(settings(rank))
    assert differs_from_keras(f"Conv{rank}D", x, dtype, **arguments) is None


@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_gradients_are_the_slope_of_the_outputs(rank, data):
    x, _, arguments = data.draw(settings(rank))
    if arguments["activation"] == "relu":  # a step across its corner has no slope
        arguments["activation"] = "tanh"
    assert differences_check(getattr(layers, f"Conv{rank}D")(dtype="float64", **arguments), x) is None


@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_equal_to_plain_loops(rank, data):
    x, dtype, arguments = data.draw(settings(rank))
    layer = shuffled(getattr(layers, f"Conv{rank}D")(dtype=dtype, **arguments), x)
    moved = x if layer.data_format == "channels_last" else np.moveaxis(x, 1, -1)
    bias = layer.bias if layer.use_bias else 0
    z = loops.conv(moved, layer.kernel, bias, layer.strides, layer.padding, layer.dilation_rate, layer.groups)
    z = z if layer.data_format == "channels_last" else np.moveaxis(z, -1, 1)
    y = layer(x)
    np.testing.assert_allclose(y, activations.get(arguments["activation"])(z), 0, 100 * TOLERANCE[dtype])
    assert y.dtype == dtype
    assert layer.compute_output_shape(x.shape) == y.shape


# --- the pencil examples -----------------------------------------------------------------------------------------


def one_filter(values, kernel, **arguments):
    layer = layers.Conv1D(1, len(kernel), use_bias=False, **arguments)
    x = np.reshape(values, (1, -1, 1))
    layer.build(x.shape)
    layer.kernel[:, 0, 0] = kernel
    return layer(x)[0, :, 0]


@pytest.mark.parametrize(
    "padding, expected",
    [
        ("valid", [39.6, 42.7, 46, 48.4, 48.6]),
        ("same", [27, 39.6, 42.7, 46, 48.4, 48.6, 34.3]),
        ("causal", [10, 27, 39.6, 42.7, 46, 48.4, 48.6]),
    ],
)
def test_temperatures(padding, expected):
    given_ = one_filter([20, 22, 24, 25, 28, 27, 26], [0.5, 0.8, 0.5], padding=padding)
    np.testing.assert_allclose(given_, expected, rtol=1e-6)


def test_causal_output_never_sees_a_later_step():
    assert one_filter([0, 0, 0, 1, 0, 0], [1, 2, 3], padding="causal").tolist() == [0, 0, 0, 3, 2, 1]


def test_kernel_is_not_flipped():
    assert one_filter([20, 22, 24, 25, 28, 27, 26], [1, 0, -1]).tolist() == [-4, -3, -4, -2, 2]


def test_odd_cell_of_same_padding_goes_after():
    assert one_filter([1, 2, 3, 4], [1, 10], padding="same").tolist() == [21, 32, 43, 4]


@given(seed=draw.SEEDS)
def test_input_gradient_is_the_adjoint(seed):
    """<conv(x), y> = <x, conv_input_grad(y)>, and the same for the kernel."""
    rng = np.random.default_rng(seed)
    x, kernel = rng.normal(size=(2, 7, 6, 4)), rng.normal(size=(3, 2, 2, 6))
    how = dict(strides=(2, 1), padding="same")
    y = conv(x, kernel, **how)
    dy = rng.normal(size=y.shape)
    assert np.vdot(y, dy) == pytest.approx(np.vdot(x, conv_input_grad(dy, kernel, x.shape, **how)))
    assert np.vdot(y, dy) == pytest.approx(np.vdot(kernel, conv_kernel_grad(x, dy, (3, 2), groups=2, **how)))


# --- what surrounds the arithmetic -------------------------------------------------------------------------------


def test_inputs_and_gradients_are_left_alone():
    layer, x = layers.Conv2D(2, 3, padding="same", activation="relu"), np.ones((2, 4, 4, 3), "float32")
    dy = np.ones((2, 4, 4, 2), "float32")
    layer(x)
    layer.backward(dy)
    assert (x == 1).all() and (dy == 1).all()


def test_empty_batch():
    layer = layers.Conv2D(2, 3)
    y = layer(np.zeros((0, 5, 5, 3)))
    assert y.shape == (0, 3, 3, 2)
    assert layer.backward(y).shape == (0, 5, 5, 3)
    assert not layer.grads["kernel"].any() and layer.grads["kernel"].shape == layer.kernel.shape


@pytest.mark.parametrize("shape", [(None, 9, 8, 3), (2, None, 8, 3), (None, None, None, 3), (None, 9, None, 3)])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_output_shape_of_unknown_sizes(shape, padding):
    import keras

    arguments = dict(filters=4, kernel_size=(3, 2), strides=2, padding=padding)
    assert layers.Conv2D(**arguments).compute_output_shape(shape) == keras.layers.Conv2D(
        **arguments
    ).compute_output_shape(shape)


IMAGE = np.zeros((2, 6, 6, 4))
REFUSED = [
    ("Conv2D", dict(filters=0, kernel_size=3), IMAGE, "filters is a whole number of at least 1; got 0"),
    ("Conv2D", dict(filters=-1, kernel_size=3), IMAGE, "got -1"),
    ("Conv2D", dict(filters="4", kernel_size=3), IMAGE, "filters is a whole number of at least 1; got '4'"),
    ("Conv2D", dict(filters=2.5, kernel_size=3), IMAGE, "filters is a whole number"),
    ("Conv2D", dict(filters=4, kernel_size=0), IMAGE, "kernel_size is a whole number of at least 1"),
    ("Conv2D", dict(filters=4, kernel_size=(3, 3, 3)), IMAGE, r"or \(height, width\); got \(3, 3, 3\)"),
    ("Conv2D", dict(filters=4, kernel_size=(3,)), IMAGE, r"got \(3,\)"),
    ("Conv2D", dict(filters=4, kernel_size="33"), IMAGE, "got '33'"),
    ("Conv2D", dict(filters=4, kernel_size=None), IMAGE, "got None"),
    ("Conv2D", dict(filters=4, kernel_size=3, strides=0), IMAGE, "strides is a whole number of at least 1"),
    ("Conv2D", dict(filters=4, kernel_size=3, strides=-2), IMAGE, "got -2"),
    ("Conv2D", dict(filters=4, kernel_size=3, dilation_rate=0), IMAGE, "dilation_rate is a whole number"),
    ("Conv2D", dict(filters=4, kernel_size=3, strides=2, dilation_rate=2), IMAGE, "cannot both be above 1"),
    ("Conv2D", dict(filters=4, kernel_size=3, padding="causal"), IMAGE, "causal' is for Conv1D"),
    ("Conv2D", dict(filters=4, kernel_size=3, padding="full"), IMAGE, "one of 'valid', 'same'; got 'full'"),
    ("Conv2D", dict(filters=4, kernel_size=3, padding=1), IMAGE, "got 1"),
    ("Conv2D", dict(filters=4, kernel_size=3, data_format="NHWC"), IMAGE, "'channels_last', 'channels_first'"),
    ("Conv2D", dict(filters=4, kernel_size=3, groups=0), IMAGE, "groups is a whole number of at least 1"),
    ("Conv2D", dict(filters=4, kernel_size=3, groups=3), IMAGE, "groups must divide filters"),
    ("Conv2D", dict(filters=3, kernel_size=3, groups=3), IMAGE, "groups=3 does not divide the 4 channels"),
    ("Conv2D", dict(filters=4, kernel_size=3, activation="rellu"), IMAGE, "rellu"),
    ("Conv2D", dict(filters=4, kernel_size=3, kernel_initializer="glorot"), IMAGE, "glorot"),
    ("Conv2D", dict(filters=4, kernel_size=3, kernel_regularizer="l3"), IMAGE, "l3"),
    ("Conv2D", dict(filters=4, kernel_size=3, size=2), IMAGE, "no argument 'size'"),
    ("Conv2D", dict(filters=4, kernel_size=7), IMAGE, r"kernel \(7, 7\) does not fit in space \(6, 6\)"),
    ("Conv2D", dict(filters=4, kernel_size=3, dilation_rate=3), IMAGE, r"spans \(7, 7\) and does not fit"),
    ("Conv2D", dict(filters=4, kernel_size=3), IMAGE[0], r"takes \(batch, height, width, channels\); got 3 axes"),
    ("Conv2D", dict(filters=4, kernel_size=3), IMAGE[None], "got 5 axes"),
    ("Conv1D", dict(filters=4, kernel_size=3), IMAGE, r"takes \(batch, steps, channels\); got 4 axes"),
    ("Conv3D", dict(filters=4, kernel_size=3), IMAGE, "add the batch axis"),
    ("Conv2D", dict(filters=4, kernel_size=3, data_format="channels_first"), IMAGE[0], r"\(batch, channels, height"),
    ("Conv2D", dict(filters=4, kernel_size=3, padding="same"), IMAGE[:, :0], "at least one cell"),
    ("Conv2D", dict(filters=4, kernel_size=3), IMAGE[..., :0], "at least one cell"),
]


@pytest.mark.parametrize("kind, arguments, x, said", REFUSED)
def test_refused_with_a_reason(kind, arguments, x, said):
    with pytest.raises((ValueError, TypeError), match=said):
        getattr(layers, kind)(**arguments)(x)


@pytest.mark.parametrize("value", [True, False, np.True_, "3", 3.0, (3, 3.0), (3, True), None])
@pytest.mark.parametrize("argument", ["kernel_size", "strides", "dilation_rate"])
def test_sizes_are_whole_numbers(argument, value):
    with pytest.raises(ValueError, match=f"Conv2D: {argument} is a whole number"):
        layers.Conv2D(**{"filters": 4, "kernel_size": 3, argument: value})


@pytest.mark.parametrize(
    "arguments",
    [dict(padding="SAME"), dict(data_format="Channels_Last"), dict(kernel_size=[3, 2]), dict(strides=[2, 1])],
)
def test_spellings_keras_accepts(arguments):
    arguments = {"filters": 2, "kernel_size": 3, **arguments}
    assert not keras_refuses("Conv2D", IMAGE.astype("float32"), **arguments)
    assert differs_from_keras("Conv2D", IMAGE + 1, **arguments) is None


def test_another_number_of_channels_after_building():
    layer = layers.Conv2D(2, 3)
    layer(IMAGE)
    with pytest.raises(ValueError, match=r"built for 4 channels; got shape \(2, 6, 6, 3\)"):
        layer(IMAGE[..., :3])
    with pytest.raises(ValueError, match="does not fit"):
        layer(IMAGE[:, :2])


def test_backward_before_call_and_with_another_shape():
    layer = layers.Conv2D(2, 3)
    with pytest.raises(ValueError, match="needs a call first"):
        layer.backward(np.zeros((2, 4, 4, 2)))
    layer(IMAGE)
    with pytest.raises(ValueError, match=r"shape \(2, 4, 4, 2\); got \(2, 4, 4, 4\)"):
        layer.backward(np.zeros((2, 4, 4, 4)))


def test_unknown_channels_cannot_be_built():
    with pytest.raises(ValueError, match="known number of channels"):
        layers.Conv2D(2, 3).build((None, 6, 6, None))


def test_function_says_which_shapes_it_takes():
    with pytest.raises(ValueError, match=r"conv takes x \(batch, \*space, channels\)"):
        conv(np.zeros((1, 5, 3)), np.zeros((3, 2, 4)))
