"""Every activation function against Keras, against the slope of its values, far out, and asked for wrongly."""

import functools
import inspect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand.layers import activations
from byhand.layers.erf import erf

from . import draw
from .keras_errors import ERRORS

TOLERANCE = {"float32": 1e-5, "float64": 1e-13}
PLAIN = [name for name in activations.BY_NAME if name not in ("threshold", "sparsemax")]
WITH_ARGUMENTS = [
    ("relu", dict(negative_slope=0.1)),
    ("relu", dict(max_value=6)),
    ("relu", dict(max_value=1.1, threshold=0.3, negative_slope=0.2)),
    ("relu", dict(max_value=1.1, threshold=-0.5)),
    ("leaky_relu", dict(negative_slope=0.01)),
    ("elu", dict(alpha=0.3)),
    ("celu", dict(alpha=0.3)),
    ("squareplus", dict(b=2)),
    ("hard_shrink", dict(threshold=1.0)),
    ("soft_shrink", dict(threshold=0.7)),
    ("threshold", dict(threshold=0.4, default_value=0.3)),
    ("gelu", dict(approximate=True)),
    ("softmax", dict(axis=1)),
    ("softmax", dict(axis=None)),
    ("log_softmax", dict(axis=0)),
    ("log_softmax", dict(axis=None)),
    ("glu", dict(axis=1)),
]
CASES = [(name, {}) for name in PLAIN] + WITH_ARGUMENTS
NAMED = [f"{name}{arguments or ''}" for name, arguments in CASES]


def through_keras(name, arguments, z, dy):
    import keras
    import tensorflow as tf

    z = tf.convert_to_tensor(z)
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = getattr(keras.activations, name)(z, **arguments)
    return y.numpy(), tape.gradient(y, z, tf.convert_to_tensor(dy)).numpy()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name, arguments", CASES, ids=NAMED)
def test_equal_to_keras(name, arguments, dtype):
    function = activations.get(name) if name != "threshold" else activations.threshold
    rng = np.random.default_rng(0)
    z = (2 * rng.normal(size=(5, 4, 6))).astype(dtype)
    y = function(z, **arguments)
    dy = rng.normal(size=y.shape).astype(dtype)
    dz = activations.backward(function, dy, z, y, **arguments)
    for ours, theirs in zip((y, dz), through_keras(name, arguments, z, dy)):
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, theirs, 0, TOLERANCE[dtype] * max(1, abs(theirs).max()))


@pytest.mark.parametrize("name, arguments", [*CASES, ("sparsemax", {}), ("sparsemax", dict(axis=0))])
@given(seed=draw.SEEDS, size=st.sampled_from([0.5, 2.0, 8.0]))
def test_derivative_is_the_slope(name, arguments, seed, size):
    function = activations.BY_NAME[name]
    rng = np.random.default_rng(seed)
    z, v = size * rng.normal(size=(2, 4, 6)), rng.normal(size=(2, 4, 6))
    y = function(z, **arguments)
    dy, step = rng.normal(size=y.shape), 1e-7
    kinks = np.array([0, -1, 1, -3, 3, 6, *(a for a in arguments.values() if isinstance(a, float))])
    if abs(z[..., None] - kinks).min() < 1e-5 or name == "sparsemax" and abs(y[y > 0]).min() < 1e-5:
        return
    slope = (dy * (function(z + step * v, **arguments) - function(z - step * v, **arguments))).sum() / (2 * step)
    dz = activations.backward(function, dy, z, y, **arguments)
    assert slope == pytest.approx((dz * v).sum(), abs=1e-6 * (np.abs(dz * v).sum() + np.abs(dy).sum() * size))


@pytest.mark.parametrize("name", PLAIN)
def test_at_corners_and_far_out(name):
    """At 0 and where a piece begins, and where exponentials overflow: as Keras, with no warning on the way."""
    z = np.array([[0, -0.0, 1, -1, 3, -3, 6, 0.5, -0.5, 90, -90, 1e4, -1e4, 30, -30, 2]], np.float32)
    z = z[:, :8] if name == "exponential" else z[z != 0][None] if name == "celu" else z
    function = activations.get(name)
    with np.errstate(all="raise", under="ignore"):
        y = function(z)
        dz = activations.backward(function, np.ones_like(y), z, y)
    expected, gradient = through_keras(name, {}, z, np.ones_like(y))
    np.testing.assert_allclose(y, expected, 1e-5, 1e-6)
    np.testing.assert_allclose(dz, gradient, 1e-5, 1e-6)


def test_sparsemax_gives_the_nearest_shares():
    z = np.array([[1.0, 2.0, 2.5], [0.1, 0.2, 0.3], [5.0, 1.0, 0.0]])
    y = activations.sparsemax(z)
    np.testing.assert_allclose(y, [[0, 0.25, 0.75], [7 / 30, 1 / 3, 13 / 30], [1, 0, 0]])
    shares = np.random.default_rng(0).dirichlet(np.ones(3), 2000)
    assert (((y - z) ** 2).sum(1) <= ((shares[:, None] - z) ** 2).sum(2).min(0)).all()


@pytest.mark.parametrize("what", ERRORS)
def test_keras_still_departs(what):
    assert ERRORS[what]()


@given(st.floats(allow_nan=False, width=64))
def test_erf(x):
    assert erf(np.array([x]))[0] == pytest.approx(math.erf(x), rel=1e-14, abs=1e-15)


def test_every_function_of_keras_is_here():
    import keras

    public = {n for n in dir(keras.activations) if not n.startswith("_")} - {"get", "serialize", "deserialize"}
    assert public == set(activations.BY_NAME)
    for name in public:
        theirs = list(inspect.signature(getattr(keras.activations, name)).parameters.values())[1:]
        ours = list(inspect.signature(activations.BY_NAME[name]).parameters.values())[1:]
        assert [(p.name, p.default) for p in ours] == [(p.name, p.default) for p in theirs], name


def test_get():
    assert activations.get(None) is activations.linear
    assert activations.get("swish") is activations.silu
    assert activations.get(np.sin) is np.sin
    for unknown in ("rleu", 3, ["relu"]):
        with pytest.raises(ValueError, match="no activation is called .*known: linear, relu"):
            activations.get(unknown)
    with pytest.raises(ValueError, match="threshold needs arguments"):
        activations.get("threshold")


def test_a_function_of_ones_own():
    def cube(z):
        return z**3

    z = np.array([2.0])
    with pytest.raises(ValueError, match="no derivative is known for cube; register one"):
        activations.backward(cube, np.ones(1), z, cube(z))
    activations.derivative(cube)(lambda dy, z, y: 3 * z * z * dy)
    assert activations.backward(cube, np.ones(1), z, cube(z)) == 12
    clipped = functools.partial(activations.relu, max_value=1.0)
    assert activations.backward(clipped, np.ones(1), z, clipped(z)) == 0


def test_glu_needs_an_even_length():
    with pytest.raises(ValueError, match="glu halves axis -1, so its length must be even"):
        activations.glu(np.zeros((2, 3)))
