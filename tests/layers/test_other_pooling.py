"""Adaptive pools against Keras; L2, mean-shift and bilinear pools against their formulas; and slopes."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers

from . import draw, loops
from .against import differences_check, differs_from_keras

RANKS = [1, 2, 3]


def different(x):
    """Numbers of the same shape of which no two are equal: then the largest has a slope."""
    return np.random.default_rng(x.size).permutation(x.size).reshape(x.shape) / 4


@st.composite
def adaptive(draw_, rank):
    """(input, dtype, arguments); the output may be longer than the input, and sometimes winners tie."""
    ties = draw_(st.booleans())
    least = 2 if ties else 1  # with a single cell TensorFlow is no oracle, and slopes are none where winners tie
    arguments = dict(output_size=draw_(draw.per_axis(rank, least, 5)), data_format=draw_(draw.FORMATS))
    space = [draw_(st.integers(least, 7)) for _ in range(rank)]
    sizes = draw_(draw.SEEDS), draw_(st.integers(1, 2)), space, draw_(st.integers(1, 2)), arguments["data_format"]
    return draw.numbers(*sizes, whole=ties), draw_(draw.DTYPES), arguments


@pytest.mark.parametrize("kind", ["Average", "Max"])
@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_adaptive_equal_to_keras(kind, rank, data):
    x, dtype, arguments = data.draw(adaptive(rank))
    if rank == 3:  # TensorFlow pools volumes in float32 only, and not to the first winner
        dtype, x = "float32", different(x)
    assert differs_from_keras(f"Adaptive{kind}Pooling{rank}D", x, dtype, **arguments) is None


@pytest.mark.parametrize("kind", ["Average", "Max"])
@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_adaptive_equal_to_its_windows(kind, rank, data):
    x, dtype, arguments = data.draw(adaptive(rank))
    layer = getattr(layers, f"Adaptive{kind}Pooling{rank}D")(dtype=dtype, **arguments)
    first = layer.data_format == "channels_first"
    moved, y = (np.moveaxis(a, 1, -1) if first else a for a in (x, layer(x)))
    for o in np.ndindex(*layer.output_size):
        window = tuple(
            slice(math.floor(i * n / m), math.ceil((i + 1) * n / m))
            for i, n, m in zip(o, moved.shape[1:-1], layer.output_size)
        )
        cells = moved[(slice(None), *window)].reshape(len(x), -1, x.shape[1 if first else -1])
        expected = cells.max(1) if kind == "Max" else cells.mean(1)
        np.testing.assert_allclose(y[(slice(None), *o)], expected, 1e-5, 1e-6)
    assert layer.compute_output_shape(x.shape) == layer(x).shape
    assert layer.compute_output_shape((None,) * (rank + 2))[1 + first :][:rank] == layer.output_size
    assert differences_check(getattr(layers, type(layer).__name__)(dtype="float64", **arguments), different(x)) is None


def test_seven_to_three_adaptively():
    x = np.arange(1, 8).reshape(1, 7, 1)
    assert layers.AdaptiveAveragePooling1D(3)(x).ravel().tolist() == [2, 4, 6]
    assert layers.AdaptiveMaxPooling1D(3)(x).ravel().tolist() == [3, 5, 7]


def test_adaptive_means_spread_nan_over_its_channel_alone():
    x = np.ones((2, 7, 2))
    x[0, 1, 0] = np.nan
    found = np.isnan(layers.AdaptiveAveragePooling1D(3)(x))
    assert found[0, :, 0].all() and not found[0, :, 1].any() and not found[1].any()


@st.composite
def windowed(draw_, rank):
    arguments = dict(pool_size=draw_(draw.per_axis(rank, 1, 3)), data_format=draw_(draw.FORMATS))
    space = [draw_(st.integers(3, 5)) for _ in range(rank)]
    sizes = draw_(draw.SEEDS), draw_(st.integers(1, 2)), space, draw_(st.integers(1, 2)), arguments["data_format"]
    return draw.numbers(*sizes), arguments


@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_norm_of_each_window(rank, data):
    x, arguments = data.draw(windowed(rank))
    arguments |= dict(
        strides=data.draw(st.sampled_from([None, 1, 2])), padding=data.draw(st.sampled_from(["valid", "same"]))
    )
    layer = getattr(layers, f"L2Pooling{rank}D")(dtype="float64", **arguments)
    moved, y = (np.moveaxis(a, 1, -1) if layer.data_format == "channels_first" else a for a in (x, layer(x)))
    norm = lambda cells: math.sqrt(sum(c * c for c in cells))  # noqa: E731
    np.testing.assert_allclose(y, loops.pool(moved, layer.pool_size, layer.strides, layer.padding, norm), 1e-12)
    assert layer.compute_output_shape(x.shape) == layer(x).shape
    assert differences_check(layer, x) is None


@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_deviation_from_the_mean_around(rank, data):
    x, arguments = data.draw(windowed(rank))
    layer = getattr(layers, f"MeanShiftPooling{rank}D")(dtype="float64", **arguments)
    moved, y = (np.moveaxis(a, 1, -1) if layer.data_format == "channels_first" else a for a in (x, layer(x)))
    np.testing.assert_allclose(moved - y, loops.pool(moved, layer.pool_size, (1,) * rank, "same", np.mean), 0, 1e-12)
    assert layer.compute_output_shape(x.shape) == layer(x).shape == x.shape
    assert differences_check(layer, x) is None


@pytest.mark.parametrize("signed_root, normalize", list(itertools.product([True, False], repeat=2)))
@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 3, 2, 3)])
def test_products_of_feature_maps(shape, signed_root, normalize):
    rng = np.random.default_rng(0)
    f, g = rng.normal(size=shape), rng.normal(size=(*shape[:-1], 2))
    layer = layers.BilinearPooling(signed_root, normalize, dtype="float64")
    expected = np.zeros((2, shape[-1], 2))
    for n, (*p, c, d) in itertools.product(range(2), np.ndindex(*shape[1:], 2)):
        expected[n, c, d] += f[(n, *p, c)] * g[(n, *p, d)]
    expected = expected.reshape(2, -1)
    if signed_root:
        expected = np.copysign(np.sqrt(np.abs(expected)), expected)
    if normalize:
        expected = np.array([row / math.sqrt(sum(v * v for v in row)) for row in expected])
    np.testing.assert_allclose(layer([f, g]), expected, 1e-12)
    assert layer.compute_output_shape([f.shape, g.shape]) == layer([f, g]).shape
    assert differences_check(layers.BilinearPooling(signed_root, normalize, dtype="float64"), f) is None
    alone, (df, dg) = layers.BilinearPooling(signed_root, normalize, dtype="float64"), layer.backward(expected)
    assert df.shape == f.shape and dg.shape == g.shape
    np.testing.assert_allclose(alone(f), layer([f, f]))
    dy = rng.normal(size=alone.y.shape)
    np.testing.assert_allclose(alone.backward(dy), sum(layer.backward(dy)))


def test_worked_numbers():
    pairs = np.array([3, 4, 0.1, 0.2]).reshape(1, 4, 1)
    np.testing.assert_allclose(layers.L2Pooling1D(2)(pairs).ravel(), [5, 0.2236068], 1e-6)
    shifted = layers.MeanShiftPooling1D(3)(np.array([1, 2, 3, 10]).reshape(1, 4, 1))
    np.testing.assert_allclose(shifted.ravel(), [-0.5, 0, -2, 3.5])
    f = np.array([[[1.0, 2.0], [3.0, 0.0]]])
    assert layers.BilinearPooling(False, False)(f).tolist() == [[10, 2, 2, 4]]


def test_no_slope_at_zero():
    layer, zeros = layers.L2Pooling1D(2), np.zeros((1, 4, 1))
    assert not layer(zeros).any() and not layer.backward(np.ones((1, 2, 1))).any()
    layer, zeros = layers.BilinearPooling(), np.zeros((1, 3, 2))
    assert not layer(zeros).any() and not layer.backward(np.ones((1, 4))).any()


def test_empty_batch():
    made = [layers.AdaptiveMaxPooling2D(2), layers.AdaptiveAveragePooling2D(2), layers.L2Pooling2D(2),
            layers.MeanShiftPooling2D(2), layers.BilinearPooling()]  # fmt: skip
    for layer in made:
        y = layer(np.zeros((0, 4, 4, 3)))
        assert len(y) == 0 and layer.backward(y).shape == (0, 4, 4, 3)


IMAGE = np.zeros((2, 4, 4, 3))
REFUSED = [
    ("AdaptiveMaxPooling2D", dict(output_size=0), IMAGE, "output_size is a whole number of at least 1"),
    ("AdaptiveMaxPooling2D", dict(output_size=(2,)), IMAGE, r"got \(2,\)"),
    ("AdaptiveAveragePooling2D", dict(output_size="2"), IMAGE, "got '2'"),
    ("AdaptiveAveragePooling2D", dict(output_size=2.0), IMAGE, "got 2.0"),
    ("AdaptiveAveragePooling2D", dict(output_size=None), IMAGE, "got None"),
    ("AdaptiveAveragePooling2D", dict(), IMAGE, "output_size"),
    ("AdaptiveAveragePooling2D", dict(output_size=2), IMAGE[0], r"takes \(batch, height, width, channels\)"),
    ("AdaptiveMaxPooling1D", dict(output_size=2), IMAGE[0][:, :0], "at least one cell"),
    ("L2Pooling2D", dict(), IMAGE, "pool_size"),
    ("L2Pooling2D", dict(pool_size=5), IMAGE, "does not fit"),
    ("MeanShiftPooling2D", dict(pool_size=0), IMAGE, "pool_size is a whole number"),
    ("MeanShiftPooling2D", dict(pool_size=2), IMAGE[0], "takes"),
    ("BilinearPooling", dict(), IMAGE[0, 0], r"takes \(batch, \*space, channels\)"),
    ("BilinearPooling", dict(), [IMAGE, IMAGE[:, :2]], "over the same batch and space"),
    ("BilinearPooling", dict(), [IMAGE] * 3, "a list of two; got 3"),
    ("BilinearPooling", dict(normalize="no"), IMAGE, "normalize is True or False"),
]


@pytest.mark.parametrize("kind, arguments, x, said", REFUSED)
def test_refused_with_a_reason(kind, arguments, x, said):
    with pytest.raises((ValueError, TypeError), match=said):
        getattr(layers, kind)(**arguments)(x)
