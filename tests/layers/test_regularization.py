"""Dropout and noise: with Keras' own random numbers equal to Keras, with ours true to their law."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import TOLERANCE, both_ways, first_difference, keras_twin
from byhand.layers.regularization import Random

from . import draw
from .against import differs_from_keras, keras_refuses
from .replay import Replay

RATES = st.sampled_from([0.1, 0.5, 0.75])
SHAPES = {"SpatialDropout1D": 3, "SpatialDropout2D": 4, "SpatialDropout3D": 5}
KINDS = ["Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", *SHAPES]


def drawn_by_keras(kind, shape, dtype, seed, arguments):
    """The random numbers a fresh Keras layer draws with this seed, found out by giving it a plain input."""
    probe = np.full(shape, 0.0 if kind == "GaussianNoise" else 1.0, dtype)
    y = keras_twin(getattr(layers, kind), dtype, seed=seed, **arguments)(probe, training=True).numpy()
    if kind in ("GaussianNoise", "GaussianDropout"):
        return y
    stays = y > 0 if kind == "AlphaDropout" else y != 0
    mask_shape = getattr(layers, kind)(**arguments).mask_shape(shape)
    return stays[tuple(slice(0, n) for n in mask_shape)].astype(float)


@st.composite
def settings(draw_, kind):
    """(shape, arguments)."""
    rank = SHAPES.get(kind) or draw_(st.integers(1, 4))
    shape = draw_(st.tuples(*[st.integers(1, 4)] * rank))
    arguments = {"stddev" if kind == "GaussianNoise" else "rate": draw_(RATES)}
    if kind in ("SpatialDropout2D", "SpatialDropout3D"):
        arguments["data_format"] = draw_(draw.FORMATS)
    if kind in ("Dropout", "AlphaDropout"):
        size = st.sampled_from(["one", "whole"] + [None] * (kind == "Dropout"))  # tf.keras' AlphaDropout wants numbers
        noise = [{"one": 1, "whole": n, None: None}[draw_(size)] for n in shape]
        arguments["noise_shape"] = draw_(st.sampled_from([None, tuple(noise)]))
    return shape, arguments


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_equal_to_keras_with_the_same_random_numbers(kind, data):
    shape, arguments = data.draw(settings(kind))
    dtype, seed = data.draw(draw.DTYPES), data.draw(st.integers(0, 1000))
    layer = getattr(layers, kind)(dtype=dtype, **arguments)
    layer.own_generator = Replay(drawn_by_keras(kind, shape, dtype, seed, arguments))
    twin = keras_twin(type(layer), dtype, seed=seed, **arguments)
    twin.built = True  # so that the comparison calls it once only: every call draws anew
    x = np.random.default_rng(seed).normal(size=shape).astype(dtype)
    assert first_difference(both_ways(layer, twin, x, training=True), TOLERANCE[dtype]) is None


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_nothing_happens_outside_training(kind, data):
    shape, arguments = data.draw(settings(kind))
    x = np.random.default_rng(0).normal(size=shape)
    assert differs_from_keras(kind, x, data.draw(draw.DTYPES), **arguments) is None
    layer = getattr(layers, kind)(**arguments)
    layer(x, training=True)
    np.testing.assert_array_equal(layer(x), x.astype(np.float32))
    np.testing.assert_array_equal(layer.backward(x), x.astype(np.float32))
    assert layer.compute_output_shape(shape) == shape and layer.get_weights() == []
    mask = np.ones(shape[:2], bool)
    assert layer.compute_mask(x, mask) is mask


# --- the law of the random numbers -------------------------------------------------------------------------------

MANY = (40, 50, 10, 4)  # 80,000 numbers


def many(kind, share, seed=0, x=1.0, **arguments):
    x = np.full(MANY, x) if np.isscalar(x) else x
    return getattr(layers, kind)(share, seed=seed, dtype="float64", **arguments)(x, training=True)


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_dropout_drops_its_share_and_scales_the_rest(rate):
    y = many("Dropout", rate)
    np.testing.assert_allclose(np.unique(y), [0, 1 / (1 - rate)])
    assert (y == 0).mean() == pytest.approx(rate, abs=5 * np.sqrt(rate * (1 - rate) / y.size))
    assert many("GaussianDropout", rate).std() == pytest.approx(y.std(), rel=0.02)  # the same mean and variance
    assert many("GaussianDropout", rate).mean() == pytest.approx(1, abs=0.02)


def test_noise_shape_shares_draws():
    y = many("Dropout", 0.5, noise_shape=(None, 1, None, 1))
    assert (y == y[:, :1, :, :1]).all() and y[:, 0, :, 0].std() > 0.9


def test_spatial_dropout_drops_whole_channels():
    y = many("SpatialDropout2D", 0.5)
    assert (y == y[:, :1, :1]).all() and 0.35 < (y[:, 0, 0] == 0).mean() < 0.65
    y = many("SpatialDropout2D", 0.5, data_format="channels_first")
    assert (y == y[:, :, :1, :1]).all() and 0.35 < (y[:, :, 0, 0] == 0).mean() < 0.65


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(1).normal(size=MANY)
    y = many("AlphaDropout", 0.3, x=x)
    assert y.mean() == pytest.approx(0, abs=0.02) and y.var() == pytest.approx(1, rel=0.02)


def test_gaussian_noise_has_its_deviation():
    noise = many("GaussianNoise", 0.25) - 1
    assert noise.mean() == pytest.approx(0, abs=0.005) and noise.std() == pytest.approx(0.25, rel=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_seeds(kind):
    """The same seed gives the same draws, each call new ones; without one, set_random_seed rules."""
    x = np.ones((4, 3, 3, 3, 5)[: SHAPES.get(kind, 5)])
    one, two = (getattr(layers, kind)(0.5, seed=3) for _ in range(2))
    first = one(x, training=True)
    np.testing.assert_array_equal(first, two(x, training=True))
    assert (first != one(x, training=True)).any()
    free = getattr(layers, kind)(0.5)
    layers.set_random_seed(1)
    first = free(x, training=True)
    layers.set_random_seed(1)
    np.testing.assert_array_equal(first, free(x, training=True))
    assert isinstance(free, Random)


def test_backward_drops_what_forward_dropped():
    layer, x = layers.Dropout(0.5, seed=0), np.ones((5, 6))
    y = layer(x, training=True)
    np.testing.assert_array_equal(layer.backward(x), y)


def test_a_dropped_nan_is_gone():
    layer = layers.Dropout(0.5, seed=0)
    y = layer(np.full((50,), np.nan), training=True)
    assert (y[~np.isnan(y)] == 0).all() and np.isnan(y).any() and not np.isnan(y).all()


@pytest.mark.parametrize("kind", [k for k in KINDS if "Spatial" not in k])
def test_rates_at_the_ends(kind):
    x = np.ones((3, 2))
    np.testing.assert_array_equal(getattr(layers, kind)(0)(x, training=True), x)
    if kind == "Dropout":
        layer = layers.Dropout(1.0)
        np.testing.assert_array_equal(layer(x, training=True), 0 * x)
        np.testing.assert_array_equal(layer.backward(x), 0 * x)
    if kind in ("AlphaDropout", "GaussianDropout"):
        with pytest.raises(ValueError, match="take a rate below 1"):
            getattr(layers, kind)(1.0)(x, training=True)


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_batch(kind):
    shape = (0, 3, 3, 3, 5)[: SHAPES.get(kind, 5)]
    assert getattr(layers, kind)(0.5)(np.ones(shape), training=True).shape == shape


BAD = [
    ("Dropout", dict(rate=1.5), "rate is a number from 0 to 1; got 1.5"),
    ("Dropout", dict(rate=-0.1), "rate is a number from 0 to 1"),
    ("Dropout", dict(rate="half"), "rate is a number from 0 to 1; got 'half'"),
    ("Dropout", dict(rate=0.5, noise_shape="ab"), "noise_shape is a tuple of whole numbers and None; got 'ab'"),
    ("Dropout", dict(rate=0.5, noise_shape=3), "noise_shape is a tuple"),
    ("Dropout", dict(rate=0.5, noise_shape=(0, 2)), "noise_shape is a whole number of at least 1; got 0"),
    ("Dropout", dict(rate=0.5, noise_shape=(1.5, 2)), "noise_shape is a whole number"),
    ("GaussianDropout", dict(rate=2), "rate is a number from 0 to 1; got 2"),
    ("GaussianNoise", dict(stddev=3.0), "stddev is a number from 0 to 1; got 3.0"),
    ("AlphaDropout", dict(rate=-1), "rate is a number from 0 to 1; got -1"),
    ("SpatialDropout1D", dict(rate=7), "rate is a number from 0 to 1; got 7"),
    ("SpatialDropout2D", dict(rate=0.5, data_format="nhwc"), "data_format is one of"),
]


@pytest.mark.parametrize("kind, arguments, message", BAD)
def test_bad_arguments_are_refused_in_words(kind, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(layers, kind)(**arguments)
    assert keras_refuses(kind, **arguments)


def test_bad_inputs_are_refused_in_words():
    x = np.ones((2, 3), np.float32)
    for noise_shape in [(2, 2), (2,), (1, 1, 3)]:
        with pytest.raises(ValueError, match=r"noise_shape .* does not stretch to \(2, 3\)"):
            layers.Dropout(0.5, noise_shape)(x, training=True)
    for kind, rank in SHAPES.items():
        with pytest.raises(ValueError, match=f"{kind} takes {rank} axes"):
            getattr(layers, kind)(0.5)(x)
        assert keras_refuses(kind, x, rate=0.5)
