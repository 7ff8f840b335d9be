"""Keras' side of the tests that ask whether what the exercises call right is what Keras does."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")


def cases(exercise, many=40):
    """`many` cases of an exercise, without its tests' order."""
    return [exercise.cases(np.random.default_rng(seed)) for seed in range(many)]


def layer_1d(layer, x, *weights):
    """What a Keras layer makes of a signal x (n,) with these weights, as (m,)."""
    layer.build((None, None, 1))
    if weights:
        layer.set_weights([np.asarray(w, "float32").reshape(s.shape) for w, s in zip(weights, layer.weights)])
    return np.asarray(layer(np.asarray(x, "float32")[None, :, None]))[0, :, 0]
