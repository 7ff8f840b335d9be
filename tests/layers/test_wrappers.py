"""Bidirectional, TimeDistributed and stacked cells against Keras, against finite differences, and misused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers

from .test_recurrent import KINDS, STATES, arrays, assert_equal_to_keras, assert_gradients_right

MODES = ["concat", "sum", "mul", "ave", None]


def keras_layer(name, *arguments, **settings):
    import keras

    return getattr(keras.layers, name)(*arguments, **settings)


# --- Bidirectional ----------------------------------------------------------------------------------------------------


@st.composite
def two_ways(draw):
    kind, mode = draw(st.sampled_from(KINDS)), draw(st.sampled_from(MODES))
    settings = {name: draw(st.booleans()) for name in ("return_sequences", "return_state", "use_bias")}
    settings["units"] = draw(st.integers(1, 3))
    other = None
    if draw(st.booleans()):  # the layer that reads backwards may be another one
        other = draw(st.sampled_from(KINDS)), {**settings, "go_backwards": True, "activation": "sigmoid"}
        if mode in ("concat", None):
            other[1]["units"] = draw(st.integers(1, 3))
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 3)))
    seed, dtype, call = draw(st.integers(0, 2**16)), draw(st.sampled_from(["float32", "float64"])), {}
    if draw(st.booleans()):
        call["mask"] = np.random.default_rng(seed).random(shape[:2]) < 0.6
    if draw(st.booleans()) and (other is None or STATES[other[0]] == STATES[kind]):
        back = other[1]["units"] if other else settings["units"]
        sizes = [settings["units"]] * STATES[kind] + [back] * STATES[kind]
        call["initial_state"] = arrays(seed + 1, dtype, *[(shape[0], n) for n in sizes])
    return kind, settings, other, mode, dtype, arrays(seed, dtype, shape)[0], call


def bidirectional(make, kind, settings, other, mode, dtype):
    back = other and make(other[0], dtype=dtype, **other[1])
    return make("Bidirectional", make(kind, dtype=dtype, **settings), mode, backward_layer=back, dtype=dtype)


def by_hand(name, *arguments, **settings):
    return getattr(layers, name)(*arguments, **settings)


@given(two_ways())
def test_bidirectional_equals_keras(case):
    *about, x, call = case
    layer, twin = bidirectional(by_hand, *about), bidirectional(keras_layer, *about)
    assert_equal_to_keras(layer, twin, x, **call)
    y = layer(x, **call)
    assert layer.compute_output_shape(x.shape) == ([v.shape for v in y] if isinstance(y, list) else y.shape)


@given(two_ways())
def test_bidirectional_finite_differences(case):
    kind, settings, other, mode, _, x, call = case
    states = [s.astype("float64") for s in call.pop("initial_state", [])]
    layer = bidirectional(by_hand, kind, settings, other, mode, "float64")
    assert_gradients_right(layer, x.astype("float64"), states, **call)


def test_bidirectional_convlstm():
    settings = dict(filters=2, kernel_size=2, padding="same", return_sequences=True, dtype="float64")
    layer = layers.Bidirectional(layers.ConvLSTM2D(**settings), dtype="float64")
    twin = keras_layer("Bidirectional", keras_layer("ConvLSTM2D", **settings), dtype="float64")
    mask = np.array([[True, False, True], [True, True, False]])
    assert_equal_to_keras(layer, twin, arrays(1, "float64", (2, 3, 4, 3, 2))[0], mask=mask)


def test_masked_steps_of_a_bidirectional_sequence_are_zero():
    layer = layers.Bidirectional(layers.LSTM(2, return_sequences=True))
    mask = np.array([[True, False, True]])
    y = layer(np.ones((1, 3, 2)), mask=mask)
    assert (y[0, 1] == 0).all() and (y[0, 0] != 0).all()
    np.testing.assert_array_equal(layer.compute_mask(None, mask), mask)


def test_without_sequences_both_last_outputs_meet():
    layer = layers.Bidirectional(layers.GRU(2))
    whole = layers.Bidirectional(layers.GRU(2, return_sequences=True))
    x = arrays(2, "float32", (1, 4, 3))[0]
    y = layer(x)
    whole.build(x.shape)
    whole.set_weights(layer.get_weights())
    sequence = whole(x)
    np.testing.assert_allclose(y[0], [*sequence[0, -1, :2], *sequence[0, 0, 2:]], atol=1e-6)


def test_wrappers_within_wrappers():
    def make(m):
        two_ways = m("Bidirectional", m("GRU", 2, dtype="float64"), dtype="float64")
        return m("TimeDistributed", m("TimeDistributed", two_ways, dtype="float64"), dtype="float64")

    layer = make(by_hand)
    assert_equal_to_keras(layer, make(keras_layer), arrays(1, "float64", (2, 3, 2, 4, 3))[0])
    assert "layer/layer/forward/kernel" in layer.weights


def test_bidirectional_stack_of_cells():
    def make(m):
        cells = [m("GRUCell", 3, dtype="float64"), m("LSTMCell", 2, dtype="float64")]
        stack = m("StackedRNNCells", cells, dtype="float64")  # from a bare list Keras makes one in float32
        return m("Bidirectional", m("RNN", stack, return_sequences=True, dtype="float64"), dtype="float64")

    assert_equal_to_keras(make(by_hand), make(keras_layer), arrays(2, "float64", (2, 3, 2))[0])


def test_bidirectional_weights_and_copies():
    inner = layers.LSTM(3)
    inner(np.zeros((1, 2, 4)))
    layer = layers.Bidirectional(inner)
    layer(np.zeros((1, 2, 5)))  # the copies are built anew
    assert list(layer.weights) == [f"{side}/{name}" for side in ("forward", "backward") for name in inner.weights]
    assert layer.forward_layer is not inner and inner.kernel.shape == (4, 12)
    assert layer.forward_layer.kernel is layer.weights["forward/kernel"]
    assert not np.array_equal(layer.forward_layer.kernel, layer.backward_layer.kernel)
    assert layer.count_params() == 2 * 4 * 3 * (5 + 3 + 1)


def test_bidirectional_stateful():
    layer = layers.Bidirectional(layers.SimpleRNN(2, stateful=True))
    x = arrays(3, "float32", (2, 3, 2))[0]
    first, second = layer(x), layer(x)
    assert not np.array_equal(first, second)
    layer.reset_state()
    np.testing.assert_array_equal(layer(x), first)
    with pytest.raises(ValueError, match="stateful"):
        layers.Bidirectional(layers.SimpleRNN(2)).reset_states()


def test_wrong_bidirectional():
    lstm = layers.LSTM(2)
    for wrong in (3, layers.LSTMCell(2), None):
        with pytest.raises(TypeError, match="recurrent layer"):
            layers.Bidirectional(wrong)
    for arguments, says in (
        (dict(merge_mode="mean"), "merge_mode"),
        (dict(merge_mode=3), "merge_mode"),
        (dict(weights=[np.zeros(2)]), "weights"),
        (dict(backward_layer=layers.LSTM(2)), "go_backwards"),
        (dict(backward_layer=layers.LSTM(2, go_backwards=True, return_sequences=True)), "return_sequences"),
    ):
        with pytest.raises(ValueError, match=says):
            layers.Bidirectional(lstm, **arguments)
    with pytest.raises(ValueError, match="go_backwards"):
        layers.Bidirectional(layers.LSTM(2, go_backwards=True))
    unequal = layers.Bidirectional(lstm, "sum", backward_layer=layers.GRU(3, go_backwards=True))
    with pytest.raises(ValueError, match="two equal outputs"):
        unequal(np.zeros((1, 2, 2)))
    with pytest.raises(ValueError, match="initial_state"):
        layers.Bidirectional(lstm)(np.zeros((1, 2, 2)), initial_state=[np.zeros((1, 2))] * 3)


# --- TimeDistributed --------------------------------------------------------------------------------------------------

INNER = [
    ("Dense", dict(units=3, activation="tanh"), (2, 4, 5)),
    ("Dense", dict(units=3), (2, 4, 3, 5)),
    ("Conv2D", dict(filters=2, kernel_size=2), (2, 3, 4, 4, 2)),
    ("LSTM", dict(units=2, return_sequences=True), (2, 3, 4, 2)),
    ("GlobalAveragePooling1D", {}, (2, 3, 4, 2)),
    ("MaxPooling1D", {}, (2, 3, 4, 2)),
    ("BatchNormalization", {}, (4, 3, 2)),
]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("kind, settings, shape", INNER)
def test_time_distributed_equals_keras(kind, settings, shape, training):
    layer = layers.TimeDistributed(by_hand(kind, dtype="float64", **settings), dtype="float64")
    twin = keras_layer("TimeDistributed", keras_layer(kind, dtype="float64", **settings), dtype="float64")
    x = arrays(4, "float64", shape)[0]
    layer.build(shape)
    twin.build(shape)
    start = layer.get_weights()
    assert_equal_to_keras(layer, twin, x, training=training)
    assert layer.compute_output_shape(shape) == layer(x).shape
    layer.set_weights(start)
    twin.set_weights(start)
    layer(x, training=training)
    twin(x, training=training)
    for ours, theirs in zip(layer.get_weights(), twin.get_weights()):  # moving averages have moved alike
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("kind, settings, shape", INNER)
def test_time_distributed_finite_differences(kind, settings, shape, training):
    layer = layers.TimeDistributed(by_hand(kind, dtype="float64", **settings), dtype="float64")
    assert_gradients_right(layer, *arrays(5, "float64", shape), training=training)


def test_time_distributed_hands_each_step_its_mask():
    settings = dict(units=2, dtype="float64")
    layer = layers.TimeDistributed(layers.LSTM(**settings), dtype="float64")
    twin = keras_layer("TimeDistributed", keras_layer("LSTM", **settings), dtype="float64")
    mask = np.random.default_rng(6).random((2, 3, 4)) < 0.6
    assert_equal_to_keras(layer, twin, arrays(6, "float64", (2, 3, 4, 5))[0], mask=mask)


def test_time_distributed_takes_ids():
    class Lookup(layers.Layer):
        """The row of a table for every id."""

        def cast(self, ids):
            return np.asarray(ids)

        def build(self, input_shape):
            self.add_weight("table", (5, 2), "uniform")

        def call(self, ids):
            self.ids = ids
            return self.table[ids]

        def backward(self, dy):
            self.grads = {"table": np.zeros_like(self.table)}
            np.add.at(self.grads["table"], self.ids, dy)

    layer = layers.TimeDistributed(Lookup())
    ids = np.array([[[0, 4], [1, 1], [2, 3]]])
    y = layer(ids)
    np.testing.assert_array_equal(y, layer.layer.table[ids])
    assert layer.backward(np.ones_like(y)) is None
    np.testing.assert_array_equal(layer.grads["layer/table"][:, 0], [1, 2, 1, 1, 1])


def test_wrong_time_distributed():
    with pytest.raises(TypeError, match="takes a layer"):
        layers.TimeDistributed(np.tanh)
    for wrong in (layers.LSTM(2, stateful=True), layers.LSTM(2, return_state=True)):
        with pytest.raises(ValueError, match="state"):
            layers.TimeDistributed(wrong)
    for x, call, says in (
        (np.zeros((3, 4)), {}, "rank 3"),
        (np.zeros((3, 0, 4)), {}, "at least one step"),
        ([np.zeros((2, 3, 4))] * 2, {}, "one array"),
        (np.zeros((2, 3, 4, 2)), {"mask": np.ones((2, 2))}, r"\(2, 3\); got shape \(2, 2\)"),
    ):
        with pytest.raises(ValueError, match=says):
            layers.TimeDistributed(layers.LSTM(2))(x, **call)


# --- stacked cells ----------------------------------------------------------------------------------------------------


@st.composite
def stacks(draw):
    kinds = draw(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 3)), min_size=2, max_size=3))
    settings = {name: draw(st.booleans()) for name in ("return_sequences", "go_backwards")}
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 3)))
    seed, dtype, call = draw(st.integers(0, 2**16)), draw(st.sampled_from(["float32", "float64"])), {}
    if draw(st.booleans()):
        call["mask"] = np.random.default_rng(seed).random(shape[:2]) < 0.6
    return kinds, settings, dtype, arrays(seed, dtype, shape)[0], call


def stacked(make, kinds, settings, dtype):
    cells = [make(kind + "Cell", units, dtype=dtype) for kind, units in kinds]
    return make("RNN", make("StackedRNNCells", cells, dtype=dtype), dtype=dtype, **settings)


@given(stacks())
def test_stacked_cells_equal_keras(case):
    *about, x, call = case
    assert_equal_to_keras(stacked(by_hand, *about), stacked(keras_layer, *about), x, **call)


@given(stacks())
def test_stacked_cells_finite_differences(case):
    kinds, settings, _, x, call = case
    assert_gradients_right(stacked(by_hand, kinds, settings, "float64"), x.astype("float64"), **call)


def test_states_of_stacked_cells_are_nested():
    make = lambda m, **k: m("RNN", [m("GRUCell", 2), m("LSTMCell", 3)], return_state=True, **k)  # noqa: E731
    layer, twin = make(by_hand), make(keras_layer)
    x, h, c, g = arrays(7, "float32", (2, 3, 4), (2, 3), (2, 3), (2, 2))
    y, *states = layer(x, initial_state=[g, [h, c]])
    twin(x)
    twin.set_weights(layer.get_weights())
    expected, *expected_states = twin(x, initial_state=[g, [h, c]])
    np.testing.assert_allclose(y, expected, atol=1e-6)
    np.testing.assert_allclose(states[0], expected_states[0], atol=1e-6)
    for ours, theirs in zip(states[1], expected_states[1]):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert layer.compute_output_shape(x.shape) == [(2, 3), (2, 2), [(2, 3), (2, 3)]]
    layer.backward([y, g, [h, c]])
    assert [np.shape(s) for s in layer.initial_state_grads[1]] == [(2, 3), (2, 3)]
    assert list(layer.weights) == [f"{i}/{n}" for i in (0, 1) for n in ("kernel", "recurrent_kernel", "bias")]


def test_stacked_cells_equal_stacked_layers():
    cells = layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)], return_sequences=True)
    first, second = layers.LSTM(3, return_sequences=True), layers.GRU(2, return_sequences=True)
    x, dy = arrays(8, "float32", (2, 4, 3), (2, 4, 2))
    y = cells(x)
    second(first(x))
    first.set_weights(cells.get_weights()[:3])
    second.set_weights(cells.get_weights()[3:])
    np.testing.assert_allclose(y, second(first(x)), atol=1e-6)
    np.testing.assert_allclose(cells.backward(dy), first.backward(second.backward(dy)), atol=1e-6)


def test_one_mask_a_cell_serves_every_step_of_a_stack():
    stack = layers.RNN([layers.SimpleRNNCell(3), layers.SimpleRNNCell(2, dropout=0.5)], dtype="float64")
    x = arrays(9, "float64", (2, 4, 3))[0]
    stack(x, training=True)
    mask = stack.cell.cells[1].mask
    assert mask.shape == (1, 2, 3) and set(np.unique(mask)) <= {0, 2}
    assert stack.backward(np.ones((2, 2))).shape == x.shape
    assert stack.cell.cells[1].mask is mask


def test_wrong_stacks():
    for wrong in ([], layers.LSTMCell(2), [layers.LSTM(2)], [layers.LSTMCell(2), None]):
        with pytest.raises(TypeError, match="list of cells"):
            layers.StackedRNNCells(wrong)
