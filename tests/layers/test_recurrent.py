"""LSTM and the recurrent loop against Keras, against finite differences, and with input that does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import TOLERANCE, both_ways, first_difference, keras_twin

STATES = {"SimpleRNN": 1, "GRU": 1, "LSTM": 2}
KINDS = list(STATES)
ACTIVATIONS = ["tanh", "sigmoid", "relu", "linear", "softmax", None]


def arrays(seed, dtype, *shapes):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def keras_layers():
    import keras

    return keras.layers


def keras_regularizer(name):
    import keras

    return keras.regularizers.get(name)


def assert_equal_to_keras(layer, twin, x, **call):
    wrong = first_difference(both_ways(layer, twin, x, **call), TOLERANCE[layer.dtype.name])
    assert wrong is None, wrong


def assert_gradients_right(layer, x, states=(), **call):
    """One random direction through every input, state and weight: slope of the outputs against the gradients."""
    rng = np.random.default_rng(0)
    options = {**call, "initial_state": list(states)} if states else call
    as_outputs = lambda y: list(y) if isinstance(y, list) else [y]  # noqa: E731
    y = layer(x, **options)
    upstream = [rng.normal(size=part.shape) for part in as_outputs(y)]
    dx = layer.backward(upstream if isinstance(y, list) else upstream[0])
    gradients = [dx, *(layer.initial_state_grads if states else []), *layer.get_gradients()]
    numbers = [x, *states, *layer.trainable_weights.values()]
    directions = [rng.normal(size=n.shape) for n in numbers]

    def loss(e):
        for n, v in zip(numbers, directions):
            n += e * v
        y = as_outputs(layer(x, **options))
        for n, v in zip(numbers, directions):
            n -= e * v
        return sum((u * o).sum() for u, o in zip(upstream, y))

    slope = (loss(1e-5) - loss(-1e-5)) / 2e-5
    expected = sum((v * g).sum() for v, g in zip(directions, gradients))
    scale = sum(np.abs(v * g).sum() for v, g in zip(directions, gradients))
    assert slope == pytest.approx(expected, abs=1e-6 * max(0.1, scale))


@st.composite
def cases(draw, kinds=tuple(KINDS)):
    kind = draw(st.sampled_from(kinds))
    settings = {name: draw(st.booleans()) for name in ("return_sequences", "return_state", "go_backwards", "use_bias")}
    settings |= {"units": draw(st.integers(1, 4)), "activation": draw(st.sampled_from(ACTIVATIONS))}
    settings["unroll"] = draw(st.booleans())
    dtype, seed = draw(st.sampled_from(["float32", "float64"])), draw(st.integers(0, 2**16))
    if kind != "SimpleRNN":
        # Gates without a bound blow up what float32 rounds, from step to step.
        gates = ["sigmoid", "tanh", "softmax"] + [None] * (dtype == "float64")
        settings["recurrent_activation"] = draw(st.sampled_from(gates))
    if kind == "GRU":
        settings["reset_after"] = draw(st.booleans())
    if kind == "LSTM":
        settings["unit_forget_bias"] = draw(st.booleans())
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 5)), draw(st.integers(1, 4)))
    call = {}
    if draw(st.booleans()):
        call["mask"] = np.random.default_rng(seed).random(shape[:2]) < 0.6
    if draw(st.booleans()):
        call["initial_state"] = arrays(seed + 1, dtype, *[(shape[0], settings["units"])] * STATES[kind])
    return kind, settings, dtype, arrays(seed, dtype, shape)[0], call


@given(cases())
def test_equal_to_keras(case):
    kind, arguments, dtype, x, call = case
    layer_class = getattr(layers, kind)
    assert_equal_to_keras(layer_class(dtype=dtype, **arguments), keras_twin(layer_class, dtype, **arguments), x, **call)


@given(cases())
def test_finite_differences(case):
    kind, arguments, _, x, call = case
    if arguments["activation"] == "relu":
        arguments["activation"] = "tanh"  # a step across the corner of relu has no single slope
    states = [s.astype("float64") for s in call.pop("initial_state", [])]
    assert_gradients_right(getattr(layers, kind)(dtype="float64", **arguments), x.astype("float64"), states, **call)


@pytest.mark.parametrize("zero_output_for_mask", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_rnn_with_a_cell(kind, return_sequences, zero_output_for_mask):
    import keras

    options = dict(return_sequences=return_sequences, return_state=True, zero_output_for_mask=zero_output_for_mask)
    layer = layers.RNN(getattr(layers, kind + "Cell")(3, dtype="float64"), dtype="float64", **options)
    twin = keras.layers.RNN(getattr(keras.layers, kind + "Cell")(3, dtype="float64"), dtype="float64", **options)
    mask = np.array([[False, True, True, False, True], [True, True, False, False, False]])
    assert_equal_to_keras(layer, twin, arrays(1, "float64", (2, 5, 2))[0], mask=mask)


@pytest.mark.parametrize("kind", [*KINDS, "GRU reset first"])
@pytest.mark.parametrize("rates", [(0.4, 0.0), (0.0, 0.4), (0.3, 0.5)])
def test_dropout_with_the_masks_given_to_keras(kind, rates):
    settings = dict(units=4, dropout=rates[0], recurrent_dropout=rates[1], return_sequences=True, seed=3)
    if kind == "GRU reset first":
        kind, settings["reset_after"] = "GRU", False
    layer_class = getattr(layers, kind)
    layer, twin = layer_class(dtype="float64", **settings), keras_twin(layer_class, "float64", **settings)
    twin.build((3, 5, 4))
    many = getattr(twin.cell, "dropout_mask_count", None) is not None

    def given(masks):
        return masks if masks is None or many else masks[0]

    twin.cell.get_dropout_mask = lambda step: given(layer.cell.mask)
    twin.cell.get_recurrent_dropout_mask = lambda h: given(layer.cell.recurrent_mask)
    x = arrays(2, "float64", (3, 5, 4))[0]
    assert_equal_to_keras(layer, twin, x, training=True)
    drawn = [m for m in (layer.cell.mask, layer.cell.recurrent_mask) if m is not None]
    assert all(set(np.unique(m)) <= {0, 1 / (1 - r)} for m, r in zip(drawn, [r for r in rates if r]))
    assert all(len(m) == (getattr(twin.cell, "dropout_mask_count", None) or 1) for m in drawn)
    first, second = layer(x, training=True), layer(x, training=True)
    assert not np.array_equal(first, second), "each call draws new masks"
    np.testing.assert_array_equal(layer(x), layer(x))
    assert_equal_to_keras(layer, keras_twin(layer_class, "float64", **settings), x)


@pytest.mark.parametrize("kind", KINDS)
def test_one_dropout_mask_serves_every_step(kind):
    layer = getattr(layers, kind)(1, dropout=0.5, seed=1, use_bias=False, return_sequences=True)
    x = np.ones((200, 3, 1))
    layer(x, training=True)
    silent = layer.cell.mask[0, :, 0] == 0
    assert 60 < silent.sum() < 140
    assert not layer(x, training=False)[:, 0, 0].astype(bool).sum() < 200
    y = layer(x, training=True)
    silent = layer.cell.mask[0, :, 0] == 0
    assert not y[silent].any() and y[~silent].all()


@pytest.mark.parametrize("kind", KINDS)
def test_stateful_goes_on_where_it_stopped(kind):
    layer_class = getattr(layers, kind)
    settings = dict(units=3, stateful=True, return_sequences=True, dtype="float64")
    layer, twin = layer_class(**settings), getattr(__import__("keras").layers, kind)(**settings)
    first, second = arrays(4, "float64", (2, 3, 2), (2, 5, 2))
    layer.build(first.shape)
    twin.build(first.shape)
    twin.set_weights(layer.get_weights())
    for x in (first, second):
        np.testing.assert_allclose(layer(x), twin(x), atol=1e-12)
    together = layer_class(3, return_sequences=True, dtype="float64")
    together.build(first.shape)
    together.set_weights(layer.get_weights())
    layer.reset_state()
    parts = [layer(first), layer(second)]
    np.testing.assert_allclose(np.concatenate(parts, 1), together(np.concatenate([first, second], 1)), atol=1e-12)
    layer.reset_states()
    np.testing.assert_array_equal(layer(first), parts[0])
    with pytest.raises(ValueError, match="remembers 2 rows; got 3"):
        layer(np.zeros((3, 3, 2)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_by_itself(kind):
    import keras

    name = kind + "Cell"
    cell, twin = getattr(layers, name)(3, dtype="float64"), getattr(keras.layers, name)(3, dtype="float64")
    x, *states = arrays(5, "float64", (2, 4), *[(2, 3)] * STATES[kind])
    y, new = cell(x, states)
    twin(x, states)
    twin.set_weights(cell.get_weights())
    expected, expected_states = twin(x, states)
    for ours, theirs in zip([y, *new], [expected, *expected_states]):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    dy, *dnew = arrays(6, "float64", *[(2, 3)] * (1 + STATES[kind]))
    layer = layers.RNN(cell, return_state=True, dtype="float64")
    layer(x[:, None], initial_state=states)
    dx = layer.backward([dy, *dnew])
    cell(x, states)
    dx_alone, dstates = cell.backward(dy, dnew)
    np.testing.assert_allclose(dx_alone, dx[:, 0], atol=1e-12)
    for alone, whole in zip(dstates, layer.initial_state_grads):
        np.testing.assert_allclose(alone, whole, atol=1e-12)


def test_a_cell_of_ones_own():
    class Leaky(layers.Cell):
        """h = 0.9 h + x, for as many units as features."""

        state_size = 2

        def step(self, z, h):
            h = 0.9 * h + z
            return h, [h], None

        def step_back(self, dy, dstates, kept):
            dh = dy + dstates[0]
            return dh, [0.9 * dh]

    layer = layers.RNN(Leaky(), return_sequences=True, dtype="float64")
    y = layer(np.array([[[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]]]))
    np.testing.assert_allclose(y, [[[1, 0], [0.9, 2], [0.81, 1.8]]])
    dx = layer.backward(np.ones_like(y))
    np.testing.assert_allclose(dx[0, :, 0], [1 + 0.9 + 0.81, 1.9, 1])
    assert layer.get_weights() == []
    assert_gradients_right(layer, *arrays(1, "float64", (2, 3, 2)))


def test_a_cell_of_ones_own_with_weights_equals_the_same_cell_in_keras():
    import keras

    class Fading(layers.Cell):
        """h = x W + fade h, with a weight `fade` for each unit."""

        state_size = 3

        def build(self, input_shape):
            self.add_weight("kernel", (input_shape[-1], 3), "glorot_uniform")
            self.add_weight("fade", (3,), "uniform")

        def project(self, x):
            return x @ self.kernel

        def step(self, z, h_old):
            h = z + self.fade * h_old
            return h, [h], h_old

        def step_back(self, dy, dstates, h_old):
            dh = dy + dstates[0]
            return dh, [self.fade * dh]

        def project_back(self, dz):
            return dz @ self.kernel.T

        def collect(self, x, dz, kept):  # the gradient of z is that of h
            self.grads = {"kernel": np.einsum("tbc,tbu->cu", x, dz), "fade": (np.stack(kept) * dz).sum((0, 1))}

    class KerasFading(keras.layers.Layer):
        state_size = 3

        def build(self, input_shape):
            self.kernel = self.add_weight(shape=(input_shape[-1], 3))
            self.fade = self.add_weight(shape=(3,))

        def call(self, x, states):
            h = keras.ops.matmul(x, self.kernel) + self.fade * states[0]
            return h, [h]

    arguments = dict(return_sequences=True, return_state=True, dtype="float64")
    layer, twin = (
        layers.RNN(Fading(dtype="float64"), **arguments),
        keras.layers.RNN(KerasFading(dtype="float64"), **arguments),
    )
    x, h = arrays(3, "float64", (2, 4, 2), (2, 3))
    assert_equal_to_keras(layer, twin, x, initial_state=[h], mask=np.array([[True, False, True, True]] * 2))


# --- the LSTM by itself -----------------------------------------------------------------------------------------------


def test_lstm_by_pencil():
    """Hand-set gates: i and o open, f half closed, so c adds the inputs up and forgets half at each step."""
    layer = layers.LSTM(1, return_sequences=True, activation="linear", dtype="float64")
    layer.build((1, 3, 1))
    layer.set_weights([np.array([[0.0, 0, 1, 0]]), np.zeros((1, 4)), np.array([50.0, 0, 0, 50])])
    np.testing.assert_allclose(layer(np.array([[[4.0], [2], [1]]]))[0, :, 0], [4, 4, 3])


def test_steps_hold_what_a_figure_shows():
    layer = layers.LSTM(3, return_sequences=True, dtype="float64")
    x, dy = arrays(7, "float64", (2, 4, 2), (2, 4, 3))
    y = layer(x)
    sigma = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731
    h, c = np.zeros((2, 3)), np.zeros((2, 3))
    for t, step in enumerate(layer.steps):
        z = x[:, t] @ layer.kernel + h @ layer.recurrent_kernel + layer.bias
        np.testing.assert_allclose(step.z.reshape(2, 12), z, atol=1e-14)
        for gate, value in zip((step.i, step.f, step.g, step.o), np.split(z, 4, axis=1)):
            np.testing.assert_allclose(gate, np.tanh(value) if gate is step.g else sigma(value), atol=1e-14)
        c = step.f * c + step.i * step.g
        h = step.o * np.tanh(c)
        np.testing.assert_allclose(step.c, c, atol=1e-14)
        np.testing.assert_allclose(step.h, y[:, t], atol=0)
    layer.backward(dy)
    for before, after in zip(layer.steps, layer.steps[1:]):
        through_h = before.dh * before.o * (1 - np.tanh(before.c) ** 2)
        np.testing.assert_allclose(before.dc, after.dc * after.f + through_h, atol=1e-14)
    np.testing.assert_allclose(layer.steps[-1].dh, dy[:, -1])


@pytest.mark.parametrize("unit_forget_bias", [True, False])
@pytest.mark.parametrize("bias_initializer", ["zeros", "ones"])
def test_forget_bias_starts_as_in_keras(unit_forget_bias, bias_initializer):
    settings = dict(units=2, unit_forget_bias=unit_forget_bias, bias_initializer=bias_initializer)
    layer, twin = layers.LSTM(**settings), keras_twin(layers.LSTM, **settings)
    layer.build((1, 3, 2))
    twin.build((1, 3, 2))
    np.testing.assert_array_equal(layer.bias, twin.cell.bias)


def test_weights_are_named_counted_and_shared():
    layer = layers.LSTM(32)
    layer(np.zeros((2, 4, 32)))
    assert list(layer.weights) == ["kernel", "recurrent_kernel", "bias"]
    assert layer.count_params() == 8320
    layer.set_weights([np.full_like(w, 2) for w in layer.get_weights()])
    assert layer.kernel is layer.weights["kernel"] is layer.cell.kernel and (layer.bias == 2).all()
    u = layers.LSTM(3).cell
    u.build((1, 2))
    np.testing.assert_allclose(u.recurrent_kernel @ u.recurrent_kernel.T, np.eye(3), atol=1e-6)


def test_output_shapes_and_masks():
    for sequences in (False, True):
        for state in (False, True):
            layer = layers.LSTM(3, return_sequences=sequences, return_state=state)
            y = layer(np.zeros((2, 4, 5)))
            assert layer.compute_output_shape((2, 4, 5)) == ([v.shape for v in y] if state else y.shape)
            mask = np.ones((2, 4), bool)
            kept = mask if sequences else None
            assert layer.compute_mask(None, mask) is kept if not state else layer.compute_mask(None, mask)[0] is kept
    assert layers.LSTM(3, return_sequences=True).compute_output_shape((None, None, 5)) == (None, None, 3)


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("kind", [*KINDS, "GRU reset first"])
def test_no_rows_give_no_rows(kind, return_sequences):
    options = {"reset_after": False} if kind == "GRU reset first" else {}
    layer = getattr(layers, kind.split()[0])(3, return_sequences=return_sequences, **options)
    y = layer(np.zeros((0, 4, 2)))
    assert y.shape == ((0, 4, 3) if return_sequences else (0, 3))
    assert layer.backward(np.zeros_like(y)).shape == (0, 4, 2)
    assert not layer.grads["kernel"].any()


def test_backward_leaves_its_input_alone():
    layer = layers.LSTM(3, return_sequences=True, return_state=True)
    x, *dy = arrays(8, "float32", (2, 4, 2), (2, 4, 3), (2, 3), (2, 3))
    before = [x.copy(), *[d.copy() for d in dy]]
    layer(x, mask=np.ones((2, 4), bool))
    layer.backward(dy)
    for was, now in zip(before, [x, *dy]):
        np.testing.assert_array_equal(was, now)


# --- what all of them share -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_penalties_and_constraints(kind):
    arguments = dict(units=3, kernel_regularizer="l2", recurrent_regularizer="l1", bias_regularizer="l2",
                     activity_regularizer="l2", kernel_constraint="non_neg", return_sequences=True)  # fmt: skip
    layer = getattr(layers, kind)(dtype="float64", **arguments)
    twin = getattr(keras_layers(), kind)(dtype="float64", **arguments)
    if kind == "SimpleRNN":  # Keras forgets it, see keras_errors
        twin.activity_regularizer = keras_regularizer("l2")
    x = arrays(9, "float64", (2, 4, 3))[0]
    assert_equal_to_keras(layer, twin, x)
    layer(x)
    assert len(layer.losses) == 4
    np.testing.assert_allclose(sum(layer.losses), sum(float(v) for v in twin.losses), rtol=1e-6)
    assert layer.regularizers.keys() == set(layer.weights) and list(layer.constraints) == ["kernel"]
    layer.apply_constraints()
    assert (layer.kernel >= 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_small_shapes(kind):
    layer_class = getattr(layers, kind)
    for shape in ((1, 1, 1), (1, 3, 0), (1, 1, 4)):  # no features leave the bias
        arguments = dict(units=2, dtype="float64", bias_initializer="ones", return_sequences=True)
        assert_equal_to_keras(layer_class(**arguments), getattr(keras_layers(), kind)(**arguments), np.zeros(shape))
    x = np.zeros((2, 3, 2))
    x[0, 1] = np.nan
    y = layer_class(2, return_sequences=True)(x)
    assert np.isnan(y[0, 1:]).all() and not np.isnan(y[1]).any() and not np.isnan(y[0, 0]).any()
    y = layer_class(2, return_sequences=True)(x, mask=~np.isnan(x[..., 0]))
    assert not np.isnan(y).any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_may_have_an_axis_for_the_features(kind):
    layer, x = getattr(layers, kind)(2), arrays(1, "float32", (2, 3, 2))[0]
    mask = np.array([[True, False, True], [False, True, True]])
    np.testing.assert_array_equal(layer(x, mask=mask[..., None]), layer(x, mask=mask))
    np.testing.assert_array_equal(layer(x, mask=mask.astype(int)), layer(x, mask=mask))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rates", [(1.0, 0.0), (0.0, 1.0), (7, -1)])
def test_rates_at_and_beyond_the_ends(kind, rates):
    """SimpleRNN drops everything at a rate of 1, the others nothing: Keras draws their masks only between 0 and 1."""
    arguments = dict(units=2, dropout=rates[0], recurrent_dropout=rates[1], return_sequences=True, dtype="float64")
    twin = getattr(keras_layers(), kind)(**arguments)
    assert_equal_to_keras(getattr(layers, kind)(**arguments), twin, arrays(1, "float64", (2, 3, 2))[0], training=True)


def test_a_seed_repeats_the_dropout():
    x, outputs = np.ones((4, 3, 2)), []
    for _ in range(2):
        layers.set_random_seed(0)
        layer = layers.LSTM(2, dropout=0.5, seed=7)
        outputs.append([layer(x, training=True), layer(x, training=True)])
    np.testing.assert_array_equal(*outputs)


def test_weights_may_be_frozen():
    layer = layers.LSTM(2, trainable=False)
    layer(np.zeros((1, 2, 2)))
    assert layer.trainable_weights == {} and layer.get_gradients() == []
    layer = layers.RNN(layers.LSTMCell(2, trainable=False))
    layer(np.zeros((1, 2, 2)))
    assert layer.trainable_weights == {} and len(layer.weights) == 3


# --- what does not fit ------------------------------------------------------------------------------------------------

WRONG_ARGUMENTS = [
    (dict(units=0), ValueError, "units"),
    (dict(units=-3), ValueError, "units"),
    (dict(units=2.5), ValueError, "units"),
    (dict(units="4"), ValueError, "units"),
    (dict(units=True), ValueError, "units"),
    (dict(units=2, activation="nosuch"), ValueError, "nosuch"),
    (dict(units=2, recurrent_activation="nosuch"), ValueError, "nosuch"),
    (dict(units=2, kernel_initializer="nosuch"), ValueError, "nosuch"),
    (dict(units=2, activation="glu"), ValueError, "activation='glu' halves"),
    (dict(units=2, recurrent_activation="glu"), ValueError, "recurrent_activation='glu' halves"),
    (dict(units=2, use_bias="yes"), ValueError, "use_bias"),
    (dict(units=2, return_sequences="yes"), ValueError, "return_sequences"),
    (dict(units=2, stateful=None), ValueError, "stateful"),
    (dict(units=2, unit_forget_bias=2), ValueError, "unit_forget_bias"),
    (dict(units=2, dropout="half"), TypeError, "dropout"),
    (dict(units=2, recurrent_dropout=None), TypeError, "recurrent_dropout"),
    (dict(units=2, use_cudnn=True), ValueError, "use_cudnn"),
    (dict(units=2, time_major=True), TypeError, "time_major"),
    (dict(units=2, dtype="float16"), ValueError, "dtype"),
]


@pytest.mark.parametrize("arguments, error, says", WRONG_ARGUMENTS, ids=lambda a: str(a))
def test_wrong_arguments(arguments, error, says):
    with pytest.raises(error, match=says):
        layers.LSTM(**arguments)


ZEROS = np.zeros((2, 4, 3))
WRONG_CALLS = [
    (np.zeros((2, 3)), {}, r"\(batch, time, features\); got shape \(2, 3\)"),
    (np.zeros((2, 4, 3, 1)), {}, "batch, time, features"),
    (np.zeros((2, 0, 3)), {}, "at least one step"),
    (np.zeros((2, 4, 5)), {}, r"built for \(features\) = \(3,\)"),
    ([ZEROS, ZEROS], {}, "one array"),
    (ZEROS, {"mask": np.ones((2, 3))}, r"\(2, 4\); got \(2, 3\)"),
    (ZEROS, {"mask": np.ones(2)}, "mask has shape"),
    (ZEROS, {"initial_state": np.zeros((2, 2))}, "initial_state has shapes"),
    (ZEROS, {"initial_state": [np.zeros((2, 2))] * 3}, "initial_state has shapes"),
    (ZEROS, {"initial_state": [np.zeros((2, 5))] * 2}, "initial_state has shapes"),
    (ZEROS, {"initial_state": [np.zeros((3, 2))] * 2}, "initial_state has shapes"),
]


@pytest.mark.parametrize("x, call, says", WRONG_CALLS)
def test_wrong_calls(x, call, says):
    layer = layers.LSTM(2)
    layer(ZEROS)
    with pytest.raises(ValueError, match=says):
        layer(x, **call)


def test_wrong_gradients_and_cells():
    layer = layers.LSTM(2, return_state=True)
    with pytest.raises(ValueError, match="LSTM.backward needs a call first"):
        layer.backward(np.zeros((2, 2)))
    layer(ZEROS)
    for wrong in (np.zeros((2, 2)), [np.zeros((2, 2))] * 2, [np.zeros((2, 3))] * 3):
        with pytest.raises(ValueError, match="backward takes gradients of shapes"):
            layer.backward(wrong)
    cell = layers.LSTMCell(2)
    with pytest.raises(ValueError, match="LSTMCell.backward needs a call first"):
        cell.backward(np.zeros((2, 2)), [np.zeros((2, 2))] * 2)
    cell(np.zeros((2, 3)), [np.zeros((2, 2))] * 2)
    with pytest.raises(ValueError, match=r"a gradient of the output's shape \(2, 2\); got \(2, 3\)"):
        cell.backward(np.zeros((2, 3)), [np.zeros((2, 2))] * 2)
    with pytest.raises(TypeError, match="cell is a Cell"):
        layers.RNN(layers.LSTM(2))
    with pytest.raises(ValueError, match="no state_size"):
        layers.RNN(layers.Cell())
    with pytest.raises(ValueError, match="has no weights yet"):
        layers.LSTM(2).set_weights([])
