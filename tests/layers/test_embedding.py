"""Embedding and Masking: equal to Keras, ids of every kind, masks, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import TOLERANCE, both_ways, first_difference, keras_twin, tensorflow

from . import draw
from .against import differences_check, differs_from_keras

SHAPES = st.lists(st.integers(0, 5), min_size=1, max_size=3).map(tuple)


def table(layer, seed=0):
    layer.build()
    layer.embeddings[...] = np.random.default_rng(seed).normal(size=layer.embeddings.shape)
    return layer


@given(shape=SHAPES, rows=st.integers(1, 6), width=st.integers(1, 4), dtype=draw.DTYPES, seed=draw.SEEDS,
       whole=st.sampled_from(["int32", "int64", "uint8", "float32"]), mask_zero=st.booleans(),
       penalty=st.sampled_from([None, "l2"]))  # fmt: skip
def test_embedding_equals_keras(shape, rows, width, dtype, seed, whole, mask_zero, penalty):
    ids = np.random.default_rng(seed).integers(0, rows, shape).astype(whole)
    arguments = dict(embeddings_regularizer=penalty, mask_zero=mask_zero)
    layer = table(layers.Embedding(rows, width, dtype=dtype, **arguments), seed)
    twin = keras_twin(layers.Embedding, dtype, input_dim=rows, output_dim=width, **arguments)
    rows = both_ways(layer, twin, ids, seed=seed)
    assert [name for name, *_ in rows] == ["output", "gradient of embeddings"]
    assert first_difference(rows, TOLERANCE[dtype]) is None
    assert layer(ids).dtype == dtype and layer(ids).shape == layer.compute_output_shape(shape)
    theirs, ours = twin.compute_mask(ids), layer.compute_mask(ids)
    assert theirs is ours is None or np.array_equal(theirs, ours)


def test_gradient_is_the_slope():
    ids = np.array([[1, 1, 0], [2, 1, 3]])
    layer, rng = table(layers.Embedding(5, 2, dtype="float64")), np.random.default_rng(1)
    dy, way, step = rng.normal(size=(2, 3, 2)), rng.normal(size=(5, 2)), 1e-6
    layer(ids)
    assert layer.backward(dy) is None
    start, sums = layer.embeddings.copy(), []
    for sign in (1, -1):
        layer.embeddings[...] = start + sign * step * way
        sums.append((layer(ids) * dy).sum())
    assert abs((sums[0] - sums[1]) / (2 * step) - (layer.grads["embeddings"] * way).sum()) < 1e-8
    assert not layer.grads["embeddings"][4].any()


def test_initial_table_and_parameter_count():
    given_table = np.arange(6.0).reshape(3, 2)
    for weights in (given_table, [given_table]):
        layer = layers.Embedding(3, 2, weights=weights)
        assert layer.built and layer.count_params() == 6
        assert np.array_equal(layer([2, 0]), given_table[[2, 0]])
    with pytest.raises(ValueError, match=r"embeddings has shape \(3, 2\); got \(2, 2\)"):
        layers.Embedding(3, 2, weights=np.ones((2, 2)))
    start = layers.Embedding(50, 4)
    start.build()
    assert 0.03 < np.abs(start.embeddings).max() <= 0.05


@pytest.mark.parametrize(
    "ids, said",
    [
        ([[0, 3]], "rows 0 to 2; got ids from 0 to 3"),
        ([-1], "got ids from -1 to -1"),
        ([0.5], "whole numbers"),
        ([np.nan], "whole numbers"),
        (["cat"], "whole numbers"),
        ([[1], [1, 2]], "equal length"),
    ],
)
def test_ids_that_name_no_row(ids, said):
    with pytest.raises(ValueError, match=said):
        layers.Embedding(3, 2)(ids)


@pytest.mark.parametrize("arguments", [dict(input_dim=0), dict(output_dim=-1), dict(output_dim=2.0),
                                       dict(lora_rank=2), dict(quantization_config="int8"),
                                       dict(mask_zero="yes")])  # fmt: skip
def test_refused_arguments(arguments):
    with pytest.raises(ValueError, match="Embedding: " + next(iter(arguments))):
        layers.Embedding(**{**dict(input_dim=3, output_dim=2), **arguments})


@given(shape=st.lists(st.integers(0, 4), min_size=2, max_size=4).map(tuple), dtype=draw.DTYPES, seed=draw.SEEDS,
       value=st.sampled_from([0.0, 1.0, -2, 0.1]))  # fmt: skip
def test_masking_equals_keras(shape, dtype, seed, value):
    rng = np.random.default_rng(seed)
    x = np.where(rng.random(shape[:-1])[..., None] < 0.5, value, rng.integers(-2, 2, shape)).astype(dtype)
    assert differs_from_keras("Masking", x, dtype, mask_value=value) is None
    theirs = keras_twin(layers.Masking, dtype, mask_value=value).compute_mask(tensorflow().constant(x))
    assert np.array_equal(layers.Masking(value, dtype=dtype).compute_mask(x), theirs)


def test_masking_gradient_nan_and_refusal():
    x = np.array([[[0.0, 0.0], [0.0, 1.0], [np.nan, 0.0]]])
    layer = layers.Masking()
    assert np.array_equal(layer(x)[0, :, 0], [0, 0, np.nan], equal_nan=True)
    assert layer.compute_mask(x).tolist() == [[False, True, True]]
    assert differences_check(layers.Masking(dtype="float64"), np.array([[[0.0, 0.0], [0.5, 1.0]]]) + 0.25) is None
    with pytest.raises(ValueError, match="mask_value"):
        layers.Masking([1, 2])
