"""Batch, layer, group, unit and root-mean-square normalization: against Keras, slopes, by pencil, and misused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import TOLERANCE, both_ways, first_difference, keras_twin

from . import draw
from .against import differences_check, differs_from_keras, keras_refuses, shuffled

PENALTIES = st.sampled_from([None, None, "l2"])
GAMMA_BETA = dict(
    epsilon=st.sampled_from([1e-3, 0.01, 0.1]), center=st.booleans(), scale=st.booleans(), beta_regularizer=PENALTIES,
    gamma_regularizer=PENALTIES)  # fmt: skip
SHAPES = st.lists(st.integers(1, 4), min_size=2, max_size=4).map(tuple)


@st.composite
def settings(draw_, kind):
    """(input, arguments, call options)."""
    shape, call = draw_(SHAPES), {}
    last = len(shape) - 1
    one = st.integers(1, last) | st.integers(-last, -1)
    several = st.lists(st.integers(1, last), min_size=1, max_size=3, unique=True)
    if kind == "BatchNormalization":
        arguments = draw_(st.fixed_dictionaries(dict(axis=one, momentum=st.sampled_from([0.99, 0.5]), **GAMMA_BETA)))
        call = dict(training=draw_(st.booleans()))
    elif kind == "LayerNormalization":
        arguments = draw_(st.fixed_dictionaries(dict(axis=one | several, **GAMMA_BETA)))
    elif kind == "GroupNormalization":
        arguments = draw_(st.fixed_dictionaries(dict(axis=one, **GAMMA_BETA)))
        channels = shape[arguments["axis"]]
        arguments["groups"] = draw_(st.sampled_from([-1] + [g for g in range(1, channels + 1) if channels % g == 0]))
    elif kind == "RMSNormalization":
        trailing = st.integers(1, last).map(lambda first: list(range(first, last + 1)))
        arguments = draw_(st.fixed_dictionaries(dict(axis=st.just(-1) | trailing, epsilon=GAMMA_BETA["epsilon"])))
    else:
        arguments = draw_(st.fixed_dictionaries(dict(axis=one | several)))
    rng = np.random.default_rng(draw_(draw.SEEDS))
    x = rng.normal(draw_(st.sampled_from([0.0, 2.0])), 2, shape)
    if kind == "UnitNormalization":
        x += np.copysign(0.5, x)  # the gradient by a short vector is a small difference of large numbers
    return x, arguments, call


KINDS = ["BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization", "UnitNormalization"]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_equal_to_keras(kind, data):
    (x, arguments, call), dtype = data.draw(settings(kind)), data.draw(draw.DTYPES)
    if dtype == "float32" and "epsilon" in arguments:
        arguments["epsilon"] = max(arguments["epsilon"], 0.1)  # a tiny variance magnifies rounding
    assert differs_from_keras(kind, x, dtype, call, **arguments) is None


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_gradients_are_the_slope(kind, data):
    x, arguments, call = data.draw(settings(kind))
    assert differences_check(getattr(layers, kind)(dtype="float64", **arguments), x, step=1e-7, **call) is None


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_shape_and_mask_go_through(kind, data):
    x, arguments, _ = data.draw(settings(kind))
    layer = getattr(layers, kind)(**arguments)
    assert layer(x).shape == layer.compute_output_shape(x.shape) == x.shape
    mask = np.ones(x.shape[:2], bool)
    assert layer.compute_mask(x, mask) is (mask if kind != "RMSNormalization" else None)


# --- batch normalization -----------------------------------------------------------------------------------------


@st.composite
def batches(draw_):
    """(batches one after the other, mask or None, arguments)."""
    shape = draw_(SHAPES)
    rng = np.random.default_rng(draw_(draw.SEEDS))
    mask = rng.random(shape[:-1]) < 0.7 if draw_(st.booleans()) else None
    axis = draw_(st.integers(1, len(shape) - 1))
    if mask is not None and shape[axis] == 1:
        axis = -1
    if mask is not None and shape[axis] == 1:
        shape = (*shape[:-1], 2)  # Keras squeezes the statistics of a single channel away
    momentum = draw_(st.sampled_from([0.99, 0.9, 0.0]))
    # A batch of one has no variance: its output is rounding divided by the root of epsilon, so no small epsilon.
    return rng.normal(3, 2, (3, *shape)), mask, dict(axis=axis, momentum=momentum, epsilon=0.1)


@given(batches(), draw.DTYPES)
def test_moving_statistics_follow_keras(case, dtype):
    xs, mask, arguments = case
    layer = shuffled(layers.BatchNormalization(dtype=dtype, **arguments), xs[0])
    twin = keras_twin(layers.BatchNormalization, dtype, **arguments)
    twin.build(xs[0].shape)
    twin.set_weights(layer.get_weights())
    for x in xs.astype(dtype):
        rows = [("output", layer(x, training=True, mask=mask), twin(x, training=True, mask=mask).numpy())]
        rows += [(name, layer.weights[name], w.numpy()) for name, w in zip(layer.weights, twin.weights)]
        assert first_difference(rows, TOLERANCE[dtype]) is None


@given(batches(), draw.DTYPES)
def test_masked_gradients(case, dtype):
    xs, mask, arguments = case
    layer = shuffled(layers.BatchNormalization(dtype=dtype, **arguments), xs[0])
    twin = keras_twin(layers.BatchNormalization, dtype, **arguments)
    rows = both_ways(layer, twin, xs[0].astype(dtype), training=True, mask=mask)
    assert first_difference(rows, TOLERANCE[dtype]) is None
    layer = layers.BatchNormalization(dtype="float64", **arguments)
    assert differences_check(layer, xs[0], step=1e-7, training=True, mask=mask) is None


def test_by_pencil():
    x = np.array([[1.0], [3.0]])
    layer = layers.BatchNormalization(epsilon=0, momentum=0.5)
    np.testing.assert_array_equal(layer(x, training=True), [[-1], [1]])
    assert (layer.moving_mean, layer.moving_variance) == (1, 1)  # halfway from 0 to 2, and from 1 to 1
    np.testing.assert_array_equal(layer(x), [[0], [2]])


def test_not_trainable_means_inference():
    layer = layers.BatchNormalization(trainable=False)
    x = np.random.default_rng(0).normal(5, 1, (4, 2))
    np.testing.assert_array_equal(layer(x, training=True), layer(x))
    assert (layer.moving_mean == 0).all() and layer.trainable_weights == {}


def test_one_per_channel_over_batch_and_time():
    """With the default axis, statistics run over batch and steps alike: one mean a channel, not one a step."""
    layer = layers.BatchNormalization(momentum=0.0)
    x = np.random.default_rng(0).normal(size=(8, 5, 3))
    layer(x, training=True)
    assert layer.gamma.shape == (3,)
    np.testing.assert_allclose(layer.moving_mean, x.mean((0, 1)), atol=1e-6)


def test_variance_survives_a_large_mean():
    """The mean of squares minus the square of the mean would lose every digit here."""
    x = np.random.default_rng(0).normal(1000, 1, (256, 3)).astype(np.float32)
    layer = layers.BatchNormalization(momentum=0.0)
    layer(x, training=True)
    np.testing.assert_allclose(layer.moving_variance, x.astype(float).var(0), 1e-5)


# --- edges and misuse --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (1, 1), (2, 0, 4)])
def test_little_or_nothing(kind, shape):
    arguments = dict(groups=1) if kind == "GroupNormalization" else {}
    layer = getattr(layers, kind)(**arguments)
    if kind == "GroupNormalization" and 0 in shape[1:]:
        return  # the mean of no numbers is not a number, here as in Keras
    assert differs_from_keras(kind, np.ones(shape), **arguments) is None
    assert layer(np.ones(shape)).shape == shape


@pytest.mark.parametrize("axis", [[1, -1], (-1, 1), [-2, 1], [3, -3], [-1, -2], 2])
def test_axes_written_from_both_ends(axis):
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    assert differs_from_keras("LayerNormalization", x, "float64", axis=axis) is None
    layer = layers.LayerNormalization(axis=axis)
    layer.build(x.shape)
    assert layer.gamma.shape == tuple(x.shape[i] for i in (sorted(axis) if axis != 2 else [2]))


def test_vectors_of_zeros():
    assert differs_from_keras("UnitNormalization", np.zeros((2, 3))) is None
    assert differs_from_keras("LayerNormalization", np.zeros((2, 3))) is None
    assert differs_from_keras("RMSNormalization", np.zeros((2, 3))) is None


@pytest.mark.parametrize("kind", KINDS)
def test_nan_stays_where_keras_leaves_it(kind):
    x = np.random.default_rng(0).normal(size=(3, 2, 4))
    x[1, 1, 2] = np.nan
    arguments = dict(groups=2) if kind == "GroupNormalization" else {}
    call = dict(training=True) if kind == "BatchNormalization" else {}
    assert differs_from_keras(kind, x, call=call, **arguments) is None


BAD = [
    ("BatchNormalization", dict(axis=2), (2, 3), "axis 2 is not an axis of 2-dimensional"),
    ("LayerNormalization", dict(axis=[1, 4]), (2, 3, 4), "is not an axis of 3-dimensional"),
    ("LayerNormalization", dict(axis="last"), (2, 3), "axis is a whole number or a list of them; got 'last'"),
    ("GroupNormalization", dict(groups=3), (2, 4), "3 groups do not divide 4 channels"),
    ("GroupNormalization", dict(), (2, 4), "32 groups do not divide 4 channels"),
    ("GroupNormalization", dict(groups=0), (2, 4), "groups is a whole number of at least 1; got 0"),
    ("GroupNormalization", dict(groups=1, axis=0), (2, 4), "axis is one axis behind the batch axis; got 0"),
    ("RMSNormalization", dict(axis=3), (2, 4), "axis 3 is not an axis"),
    ("RMSNormalization", dict(axis=1), (2, 3, 4), "axis is the last axis or the last several; got 1"),
    ("UnitNormalization", dict(axis=2), (2, 4), "axis 2 is not an axis"),
    ("UnitNormalization", dict(axis=None), (2, 4), "axis is a whole number or a list of them; got None"),
]


@pytest.mark.parametrize("kind, arguments, shape, message", BAD)
def test_bad_settings_are_refused_in_words(kind, arguments, shape, message):
    x = np.ones(shape, np.float32)
    with pytest.raises((ValueError, TypeError), match=message):
        getattr(layers, kind)(**arguments)(x)
    assert keras_refuses(kind, x, **arguments) or arguments.get("axis") == 0  # Keras scrambles the batch, in silence


@pytest.mark.parametrize("kind", KINDS[:4])
def test_another_shape_than_built_for(kind):
    layer = getattr(layers, kind)(**(dict(groups=1) if kind == "GroupNormalization" else {}))
    layer(np.ones((2, 3)))
    with pytest.raises(ValueError, match="was built for"):
        layer(np.ones((2, 4)))


def test_batch_normalization_learns_nothing_from_nothing():
    layer = layers.BatchNormalization()
    with pytest.raises(ValueError, match=r"cannot learn from an empty batch; got shape \(0, 3\)"):
        layer(np.ones((0, 3)), training=True)
    assert np.isfinite(layer.moving_mean).all()


def test_a_mask_that_does_not_fit():
    for mask in (np.ones(2), np.ones((2, 4)), np.ones((2, 3, 4))):
        with pytest.raises(ValueError, match=r"a mask for \(2, 3, 4\) has shape \(2, 3\)"):
            layers.BatchNormalization()(np.ones((2, 3, 4)), training=True, mask=mask)


@pytest.mark.parametrize(
    "arguments",
    [dict(renorm=True), dict(renorm_clipping={"rmax": 2}), dict(renorm_momentum=0.5), dict(synchronized=True)],
)
def test_what_is_not_supported_is_refused_by_name(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        layers.BatchNormalization(**arguments)
    with pytest.raises(ValueError, match="rms_scaling.*RMSNormalization"):
        layers.LayerNormalization(rms_scaling=True)
