"""ConvLSTM1D, 2D and 3D against Keras, against finite differences, and with input that does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import keras_twin

from .test_recurrent import arrays, assert_equal_to_keras, assert_gradients_right


def per_axis(draw, rank, high):
    return draw(st.one_of(st.integers(1, high), st.tuples(*[st.integers(1, high)] * rank)))


@st.composite
def cases(draw, rank):
    settings = {name: draw(st.booleans()) for name in ("return_sequences", "return_state", "go_backwards", "use_bias")}
    settings |= dict(
        filters=draw(st.integers(1, 2)),
        kernel_size=per_axis(draw, rank, 3),
        padding=draw(st.sampled_from(["valid", "same"])),
        activation=draw(st.sampled_from(["tanh", "relu", "softsign"])),
        recurrent_activation=draw(st.sampled_from(["sigmoid", "hard_sigmoid"])),
        unit_forget_bias=draw(st.booleans()),
        data_format=draw(st.sampled_from([None, "channels_last"])),
    )
    settings[draw(st.sampled_from(["strides", "dilation_rate"]))] = per_axis(draw, rank, 2)
    low = 5 if settings["padding"] == "valid" else 1
    space = [draw(st.integers(low, low + 2 if rank < 3 else low)) for _ in range(rank)]
    batch, time, channels = draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    shape = (batch, time, *space, channels)
    dtype, seed = draw(st.sampled_from(["float32", "float64"])), draw(st.integers(0, 2**16))
    call = {}
    if draw(st.booleans()):
        call["mask"] = np.random.default_rng(seed).random(shape[:2]) < 0.6
    if draw(st.booleans()):
        layer = getattr(layers, f"ConvLSTM{rank}D")(**{**settings, "return_state": True})
        call["initial_state"] = arrays(seed + 1, dtype, *layer.compute_output_shape(shape)[1:])
    return settings, dtype, arrays(seed, dtype, shape)[0], call


@pytest.mark.parametrize("rank", [1, 2, 3])
@given(data=st.data())
def test_equal_to_keras(rank, data):
    settings, dtype, x, call = data.draw(cases(rank))
    layer_class = getattr(layers, f"ConvLSTM{rank}D")
    layer = layer_class(dtype=dtype, **settings)
    assert_equal_to_keras(layer, keras_twin(layer_class, dtype, **settings), x, **call)
    y = layer(x, **call)
    assert layer.compute_output_shape(x.shape) == ([v.shape for v in y] if settings["return_state"] else y.shape)


@pytest.mark.parametrize("rank", [1, 2, 3])
@given(data=st.data())
def test_finite_differences(rank, data):
    settings, _, x, call = data.draw(cases(rank))
    settings |= dict(activation="tanh", recurrent_activation="sigmoid")  # nothing with corners
    states = [s.astype("float64") for s in call.pop("initial_state", [])]
    layer = getattr(layers, f"ConvLSTM{rank}D")(dtype="float64", **settings)
    assert_gradients_right(layer, x.astype("float64"), states, **call)


@pytest.mark.parametrize("rank", [1, 2, 3])
@given(data=st.data())
def test_channels_first_is_channels_last_turned(rank, data):
    """TensorFlow has no such convolution on a CPU, so the layer is held against itself."""
    settings, dtype, x, call = data.draw(cases(rank))
    kind = getattr(layers, f"ConvLSTM{rank}D")
    last = kind(dtype=dtype, **settings)
    first = kind(dtype=dtype, **{**settings, "data_format": "channels_first"})
    turn = lambda a: np.moveaxis(a, -1, -1 - rank)  # noqa: E731
    as_list = lambda y: y if settings["return_state"] else [y]  # noqa: E731
    turned = {**call, "initial_state": [turn(s) for s in call["initial_state"]]} if "initial_state" in call else call
    y, x_first = as_list(last(x, **call)), turn(x)
    first.build(x_first.shape)
    first.set_weights(last.get_weights())
    y_first = as_list(first(x_first, **turned))
    assert [v.shape for v in y_first] == [s for s in as_list(first.compute_output_shape(x_first.shape))]
    dy = arrays(5, dtype, *[v.shape for v in y])
    dx = last.backward(dy if settings["return_state"] else dy[0])
    dy = [turn(d) for d in dy]
    dx_first = first.backward(dy if settings["return_state"] else dy[0])
    pairs = zip([*y, dx, *last.initial_state_grads], [*y_first, dx_first, *first.initial_state_grads])
    for a, b in [*pairs]:
        np.testing.assert_allclose(turn(a), b, rtol=0, atol=1e-5 if dtype == "float32" else 1e-12)
    for a, b in zip(last.get_gradients(), first.get_gradients()):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-4 if dtype == "float32" else 1e-11)


@pytest.mark.parametrize("rates", [(0.4, 0.0), (0.0, 0.4), (0.3, 0.5)])
def test_dropout_with_the_masks_given_to_keras(rates):
    settings = dict(filters=2, kernel_size=2, dropout=rates[0], recurrent_dropout=rates[1], return_sequences=True)
    layer, twin = layers.ConvLSTM2D(dtype="float64", **settings), keras_twin(layers.ConvLSTM2D, "float64", **settings)
    twin.build((2, 3, 4, 5, 2))
    twin.cell.get_dropout_mask = lambda x: layer.cell.mask
    twin.cell.get_recurrent_dropout_mask = lambda h: layer.cell.recurrent_mask
    assert_equal_to_keras(layer, twin, arrays(1, "float64", (2, 3, 4, 5, 2))[0], training=True)
    drawn = [m for m in (layer.cell.mask, layer.cell.recurrent_mask) if m is not None]
    assert [len(m) for m in drawn] == [4] * sum(r > 0 for r in rates)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_stateful_goes_on_where_it_stopped(data_format):
    settings = dict(filters=2, kernel_size=2, padding="same", return_sequences=True, data_format=data_format)
    layer = layers.ConvLSTM2D(stateful=True, dtype="float64", **settings)
    whole = layers.ConvLSTM2D(dtype="float64", **settings)
    first, second = arrays(2, "float64", (2, 2, 3, 3, 3), (2, 3, 3, 3, 3))
    layer.build(first.shape)
    whole.build(first.shape)
    whole.set_weights(layer.get_weights())
    parts = [layer(first), layer(second)]
    np.testing.assert_allclose(np.concatenate(parts, 1), whole(np.concatenate([first, second], 1)), atol=1e-12)
    layer.reset_state()
    np.testing.assert_array_equal(layer(first), parts[0])


def test_one_by_one_pictures_make_an_lstm():
    layer, lstm = layers.ConvLSTM2D(3, 1, return_sequences=True), layers.LSTM(3, return_sequences=True)
    x = arrays(3, "float32", (2, 4, 5))[0]
    y = lstm(x)
    layer.build((2, 4, 1, 1, 5))
    layer.set_weights([w.reshape(v.shape) for w, v in zip(lstm.get_weights(), layer.get_weights())])
    np.testing.assert_allclose(layer(x[:, :, None, None]), y[:, :, None, None], atol=1e-6)


def test_parameters():
    layer = layers.ConvLSTM2D(6, (3, 2))
    layer.build((1, 2, 8, 8, 5))
    assert layer.count_params() == 4 * 6 * (3 * 2 * (5 + 6) + 1)
    np.testing.assert_array_equal(layer.bias, np.repeat([0, 1, 0, 0], 6))


@pytest.mark.parametrize(
    "arguments, says",
    [
        (dict(filters=0, kernel_size=2), "filters"),
        (dict(filters=2, kernel_size=0), "kernel_size"),
        (dict(filters=2, kernel_size=(2, 2, 2)), "kernel_size"),
        (dict(filters=2, kernel_size=2, strides=0), "strides"),
        (dict(filters=2, kernel_size=2, padding="causal"), "padding"),
        (dict(filters=2, kernel_size=2, data_format="last"), "data_format"),
        (dict(filters=2, kernel_size=2, strides=2, dilation_rate=2), "cannot both"),
        (dict(filters=2, kernel_size=2, data_format="channels_first", activation="softmax"), "last axis"),
    ],
)
def test_wrong_arguments(arguments, says):
    with pytest.raises(ValueError, match=says):
        layers.ConvLSTM2D(**arguments)


def test_wrong_calls():
    x = np.zeros((2, 3, 4, 5, 2))
    layer = layers.ConvLSTM2D(2, 3)
    for wrong, says in (
        (np.zeros((2, 3, 4, 5)), "batch, time, height, width, channels"),
        (np.zeros((2, 3, 2, 5, 2)), "does not fit"),
        (np.zeros((2, 0, 4, 5, 2)), "at least one step"),
    ):
        with pytest.raises(ValueError, match=says):
            layer(wrong)
    layer(x)
    for wrong, call, says in (
        (np.zeros((2, 3, 4, 5, 3)), {}, "built for"),
        (x, {"mask": np.ones((2, 3, 4))}, "mask"),
        (x, {"initial_state": [np.zeros((2, 4, 5, 2))] * 2}, "initial_state"),
    ):
        with pytest.raises(ValueError, match=says):
            layer(wrong, **call)
