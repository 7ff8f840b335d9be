"""Dense, the activation layers, Identity, Lambda and the input's shape: against Keras, slopes, and misused."""

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import both_ways, first_difference, keras_twin
from byhand.layers import activations

from . import draw
from .against import differences_check, differs_from_keras, keras_refuses, shuffled

pytestmark = pytest.mark.filterwarnings("ignore:You are using a softmax over axis")  # of size 1: Keras warns
PENALTIES = st.sampled_from([None, None, "l1", "l2"])


@st.composite
def dense(draw_):
    """(input, arguments) for Dense."""
    shape = draw_(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    arguments = dict(
        units=draw_(st.integers(1, 5)),
        activation=draw_(st.sampled_from([None, "relu", "tanh", "gelu", "softmax", "elu", "leaky_relu"])),
        use_bias=draw_(st.booleans()),
        kernel_regularizer=draw_(PENALTIES),
        bias_regularizer=draw_(PENALTIES),
        activity_regularizer=draw_(PENALTIES),
    )
    x = np.random.default_rng(draw_(draw.SEEDS)).normal(size=(*shape, draw_(st.integers(1, 5))))
    return x, arguments


@given(dense(), draw.DTYPES)
def test_dense_equals_keras(case, dtype):
    x, arguments = case
    assert differs_from_keras("Dense", x, dtype, **arguments) is None


@given(dense())
def test_dense_gradients_are_the_slope(case):
    x, arguments = case
    smooth = {"relu": "softplus", "leaky_relu": "silu"}  # a step across a corner has no slope
    arguments["activation"] = smooth.get(arguments["activation"], arguments["activation"])
    for name in ("kernel_regularizer", "bias_regularizer", "activity_regularizer"):
        arguments[name] = arguments[name] and "l2"
    assert differences_check(layers.Dense(dtype="float64", **arguments), x) is None


def test_dense_by_pencil():
    layer = layers.Dense(2)
    x = np.array([[1.0, 2.0], [3.0, -1.0]])
    layer.build(x.shape)
    layer.set_weights([[[1, 0], [2, 1]], [10, 20]])
    np.testing.assert_array_equal(layer(x), [[15, 22], [11, 19]])
    np.testing.assert_array_equal(layer.backward(np.array([[1.0, 0], [0, 1]])), [[1, 2], [0, 1]])
    np.testing.assert_array_equal(layer.grads["kernel"], [[1, 3], [2, -1]])
    np.testing.assert_array_equal(layer.grads["bias"], [1, 1])
    assert layer.count_params() == 6


def test_dense_leaves_its_input_and_gradient_alone():
    layer, x, dy = layers.Dense(3, "relu"), np.ones((2, 4), np.float32), np.ones((2, 3), np.float32)
    layer(x)
    layer.backward(dy)
    assert (x == 1).all() and (dy == 1).all()


@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (2, 0), (2, 0, 3), (0, 0)])
def test_dense_of_nothing(shape):
    assert differs_from_keras("Dense", np.zeros(shape), units=2, activation="relu") is None


def test_dense_hands_nan_on():
    y = shuffled(layers.Dense(2), np.ones((2, 3)))(np.array([[1, np.nan, 0], [1, 1, 1]]))
    assert np.isnan(y[0]).all() and np.isfinite(y[1]).all()


# --- sums by equation --------------------------------------------------------------------------------------------

EQUATIONS = [  # (equation, output_shape, bias_axes, input shape)
    ("ab,bc->ac", 4, "c", (3, 5)),
    ("abc,cd->abd", (None, 7), "d", (2, 3, 4)),
    ("abc,cde->abde", (None, 2, 3), "de", (2, 3, 4)),
    ("abc,cde->abde", (None, 2, 3), "d", (2, 3, 4)),
    ("abcd,cde->abe", (None, 6), None, (2, 3, 2, 4)),
    ("abc,bd->adc", (5, None), "d", (2, 3, 4)),
    ("abc,abd->abcd", (3, 4, 5), None, (2, 3, 4)),
    ("...x,xy->...y", 4, "y", (2, 3, 5)),
    ("...abc,cd->...ad", (None, 5), "d", (2, 6, 3, 4)),  # b is summed away
    ("ab...,bc->ac...", 6, "c", (2, 3, 4)),
]


@pytest.mark.parametrize("equation, output_shape, bias_axes, shape", EQUATIONS)
@given(dtype=draw.DTYPES, activation=st.sampled_from([None, "tanh"]), seed=draw.SEEDS)
def test_einsum_dense(equation, output_shape, bias_axes, shape, dtype, activation, seed):
    x = np.random.default_rng(seed).normal(size=shape)
    arguments = dict(equation=equation, output_shape=output_shape, bias_axes=bias_axes, activation=activation)
    assert differs_from_keras("EinsumDense", x, dtype, **arguments) is None
    layer = layers.EinsumDense(dtype="float64", **arguments)
    assert differences_check(layer, x) is None
    assert layer(x).shape == layer.compute_output_shape(shape)


# --- activations as layers ---------------------------------------------------------------------------------------

ELEMENTWISE = {
    "Activation": st.fixed_dictionaries(
        dict(activation=st.sampled_from(["relu", "gelu", "mish", "hard_silu", "softmax"]))
    ),
    "ReLU": st.fixed_dictionaries(
        {},
        optional=dict(
            max_value=st.sampled_from([None, 0.5, 6]),
            negative_slope=st.sampled_from([0.0, 0.25]),
            threshold=st.sampled_from([0.0, 0.5]),
        ),
    ),
    "LeakyReLU": st.fixed_dictionaries({}, optional=dict(negative_slope=st.floats(0, 2))),
    "ELU": st.fixed_dictionaries({}, optional=dict(alpha=st.floats(0.1, 2))),
    "PReLU": st.fixed_dictionaries(
        {}, optional=dict(shared_axes=st.sampled_from([None, 1, [1], [2], [1, 2]]), alpha_regularizer=PENALTIES)
    ),
    "Softmax": st.fixed_dictionaries({}, optional=dict(axis=st.sampled_from([-1, 1, 2, [1], [1, 2], (0, 2)]))),
    "Identity": st.just({}),
    "ActivityRegularization": st.fixed_dictionaries({}, optional=dict(l1=st.floats(0, 1), l2=st.floats(0, 1))),
}


@pytest.mark.parametrize("kind", ELEMENTWISE)
@given(data=st.data())
def test_elementwise_layers_equal_keras(kind, data):
    arguments, shape = data.draw(ELEMENTWISE[kind]), data.draw(st.tuples(*[st.integers(1, 4)] * 3))
    x = 2 * np.random.default_rng(data.draw(draw.SEEDS)).normal(size=shape)
    assert differs_from_keras(kind, x, data.draw(draw.DTYPES), **arguments) is None
    if kind not in ("ReLU", "LeakyReLU") and arguments.get("activation") not in ("relu", "hard_silu"):
        away = np.where(abs(x) < 0.01, 0.1, x)  # a step across a corner has no slope
        assert differences_check(getattr(layers, kind)(dtype="float64", **arguments), away) is None


@given(st.data())
def test_masked_softmax_equals_keras(data):
    shape = data.draw(st.tuples(*[st.integers(1, 4)] * 3))
    rng = np.random.default_rng(data.draw(draw.SEEDS))
    mask = rng.random(shape[data.draw(st.integers(0, 2)) :]) < data.draw(st.sampled_from([0.2, 0.7]))
    axis, dtype = data.draw(st.sampled_from([-1, 1, (1, 2)])), data.draw(draw.DTYPES)
    x = rng.normal(size=shape).astype(dtype)
    layer, twin = layers.Softmax(axis, dtype=dtype), keras_twin(layers.Softmax, dtype, axis=axis)
    assert first_difference(both_ways(layer, twin, x, mask=mask), 1e-6) is None


def test_softmax_by_pencil():
    x = np.log([[1.0, 2, 5], [1, 1, 2]])
    np.testing.assert_allclose(layers.Softmax()(x), [[0.125, 0.25, 0.625], [0.25, 0.25, 0.5]], 1e-6)
    mask = np.array([[True, True, False], [False, False, False]])
    np.testing.assert_allclose(layers.Softmax()(x, mask=mask), [[1 / 3, 2 / 3, 0], [0, 0, 0]], 1e-6)


def test_relu_at_its_threshold():
    """The comparison is strict: at the threshold itself the line below it holds."""
    np.testing.assert_allclose(layers.ReLU(6, 0.1, 1.0)(np.array([[0.0, 1.0, 1.5, 7.0]])), [[-0.1, 0, 1.5, 6]], 1e-6)


# --- Lambda, inputs ----------------------------------------------------------------------------------------------


def squares(x, factor=1.0):
    return factor * x * x


activations.derivative(squares)(lambda dy, x, y, factor=1.0: 2 * factor * x * dy)


def test_lambda_equals_keras():
    x = np.random.default_rng(0).normal(size=(3, 4))
    layer = layers.Lambda(squares, arguments={"factor": 3.0}, dtype="float64")
    twin = keras_twin(layers.Lambda, "float64", function=squares, arguments={"factor": 3.0})
    assert first_difference(both_ways(layer, twin, x), 1e-13) is None
    assert layer.compute_output_shape((None, 4)) == (None, 4)


def test_lambda_without_a_derivative_says_so():
    layer = layers.Lambda(lambda x: x[:, :1])
    assert layer(np.ones((2, 3))).shape == (2, 1)
    with pytest.raises(ValueError, match="no derivative is known .* register one"):
        layer.backward(np.ones((2, 1)))


def test_lambda_finds_or_is_told_its_shape():
    assert layers.Lambda(lambda x: x[:, :1]).compute_output_shape((5, 3)) == (5, 1)
    assert layers.Lambda(lambda x: x, output_shape=(7,)).compute_output_shape((None, 3)) == (None, 7)
    assert layers.Lambda(lambda x: x, output_shape=lambda shape: shape[:1]).compute_output_shape((4, 3)) == (4,)
    with pytest.raises(ValueError, match="cannot try its function on shape .*output_shape"):
        layers.Lambda(lambda x: x).compute_output_shape((None, None, 3))


def test_lambda_gets_training_and_mask():
    layer = layers.Lambda(lambda x, training, mask: x * mask if training else x, mask=lambda x, mask: ~mask)
    x, mask = np.ones((1, 2)), np.array([[True, False]])
    np.testing.assert_array_equal(layer(x, training=True, mask=mask), [[1, 0]])
    np.testing.assert_array_equal(layer(x, mask=mask), [[1, 1]])
    np.testing.assert_array_equal(layer.compute_mask(x, mask), [[False, True]])


def test_input_checks_shapes():
    layer = layers.Input((None, 3))
    assert layer.batch_shape == layer.compute_output_shape() == (None, None, 3)
    assert layer(np.ones((2, 5, 3))).shape == (2, 5, 3)
    assert layers.InputLayer(batch_shape=(4, 2)).batch_shape == layers.Input((2,), 4).batch_shape == (4, 2)
    assert layers.Input((2,), dtype="int32")([[1, 2]]).dtype == np.int32
    for shape in [(2, 5, 4), (2, 3)]:
        with pytest.raises(ValueError, match="takes arrays of shape"):
            layer(np.ones(shape))


# --- misuse ------------------------------------------------------------------------------------------------------

BAD_ARGUMENTS = [
    ("Dense", dict(units=0), "units is a whole number of at least 1; got 0"),
    ("Dense", dict(units=2.0), "units is a whole number"),
    ("Dense", dict(units=2, activation="rleu"), "no activation is called 'rleu'"),
    ("Dense", dict(units=2, kernel_initializer="glorot"), "no initializer is called 'glorot'"),
    ("Dense", dict(units=2, activity_regularizer="l3"), "no regularizer is called 'l3'"),
    ("Dense", dict(units=2, input_dimension=3), "Dense has no argument 'input_dimension'"),
    ("Dense", dict(units=2, dtype="floaty"), "floaty"),
    ("ReLU", dict(max_value=-1.0), "max_value is a number of at least 0; got -1"),
    ("ReLU", dict(threshold=None), "threshold is a number of at least 0; got None"),
    ("ReLU", dict(negative_slope=-0.1), "negative_slope is a number of at least 0"),
    ("LeakyReLU", dict(negative_slope=None), "negative_slope is a number of at least 0; got None"),
    ("Activation", dict(activation="Relu"), "no activation is called 'Relu'"),
    ("ActivityRegularization", dict(l1=-1.0), "l1 is a number >= 0; got -1"),
    ("InputLayer", dict(), "give either shape or batch_shape"),
    ("InputLayer", dict(shape=3), "a shape is a tuple such as"),
    ("InputLayer", dict(shape=(3,), batch_shape=(1, 3)), "give either shape or batch_shape"),
    ("InputLayer", dict(shape=(-1,)), "a whole number of at least 0; got -1"),
]
BAD_INPUTS = [
    ("EinsumDense", dict(equation="ab,bc->ac", output_shape=2), (2, 3, 4), "does not fit an input of shape"),
    ("EinsumDense", dict(equation="ab,bc->ad", output_shape=2), (2, 3), "leaves a size of the kernel open"),
    (
        "EinsumDense",
        dict(equation="abc,cd->abd", output_shape=(5, 2)),
        (2, 3, 4),
        "axis 'b' has size 3 in the input, 5",
    ),
    ("EinsumDense", dict(equation="ab,bc->ac", output_shape=2, bias_axes="b"), (2, 3), "bias_axes 'b' are letters of"),
    ("EinsumDense", dict(equation="ab,bc", output_shape=2), (2, 3), "equations read 'ab,bc->ac'"),
    ("Dense", dict(units=2), (3,), r"Dense takes \(batch, ..., features\); got shape \(3,\)"),
    ("Softmax", dict(axis=3), (2, 3), "axis 3 is not an axis of 2-dimensional"),
    ("PReLU", dict(shared_axes=[3]), (2, 3), "shared axis 3 is not one of 1 to 1"),
    ("Activation", dict(activation="glu"), (2, 3), "its length must be even"),
]


@pytest.mark.parametrize("kind, arguments, message", BAD_ARGUMENTS)
def test_bad_arguments_are_refused_in_words(kind, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        getattr(layers, kind)(**arguments)
    assert keras_refuses(kind, **arguments) or "kernel_initializer" in arguments


@pytest.mark.parametrize("kind, arguments, shape, message", BAD_INPUTS)
def test_bad_inputs_are_refused_in_words(kind, arguments, shape, message):
    x = np.ones(shape, np.float32)
    with pytest.raises(ValueError, match=message):
        getattr(layers, kind)(**arguments)(x)
    assert keras_refuses(kind, x, **arguments)


def test_another_shape_than_built_for():
    for layer, x in [
        (layers.Dense(2), np.ones((2, 4))),
        (layers.PReLU(), np.ones((2, 4))),
        (layers.PReLU(), np.ones((2, 3, 3))),
    ]:
        layer(np.ones((2, 3)))
        with pytest.raises(ValueError, match="was built for"):
            layer(x)
    with pytest.raises(ValueError, match="a mask for shape .* got shape"):
        layers.Softmax()(np.ones((2, 3)), mask=np.ones(2, bool))


@pytest.mark.parametrize(
    "arguments", [dict(lora_rank=2), dict(lora_alpha=0.5), dict(quantization_config="int8"), dict(autocast=False)]
)
def test_what_dense_does_not_support_is_refused_by_name(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        layers.Dense(2, **arguments)


def test_a_partial_function_is_an_activation():
    x = np.random.default_rng(0).normal(size=(4, 3))
    dense = layers.Dense(5, functools.partial(activations.elu, alpha=0.3), dtype="float64")
    assert differences_check(dense, x) is None
