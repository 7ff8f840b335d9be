"""What the exercises of global pooling call right is what Keras does, or what the definition says."""

import itertools

import numpy as np
import pytest

from byhand.exercises import global_pooling, special_pooling
from byhand.layers import BilinearPooling

from .twins import cases, keras

layers = keras.layers


def test_parameters():
    heads = layers.Flatten(), layers.GlobalAveragePooling2D()
    networks = [keras.Sequential([keras.Input((7, 7, 512)), head, layers.Dense(10)]) for head in heads]
    assert [n.count_params() for n in networks] == global_pooling.EXERCISES["paper_parameters"].solution


def test_masked_mean():
    pool = layers.GlobalAveragePooling1D()
    for x, mask in cases(global_pooling.EXERCISES["masked_mean"]):
        expected = np.asarray(pool(x[None].astype("float32"), mask=mask[None]))[0]
        assert global_pooling.masked_mean(x, mask) == pytest.approx(expected, abs=1e-4)


def test_adaptive_windows():
    for n, o in cases(global_pooling.EXERCISES["adaptive_windows"]):
        x = np.arange(1, n + 1, dtype="float32")
        means = np.asarray(layers.AdaptiveAveragePooling1D(o)(x[None, :, None]))[0, :, 0]
        largest = np.asarray(layers.AdaptiveMaxPooling1D(o)(x[None, :, None]))[0, :, 0]
        windows = [x[start:stop] for start, stop in special_pooling.adaptive_windows(n, o)]
        assert [w.mean() for w in windows] == pytest.approx(means, abs=1e-4)
        assert [w.max() for w in windows] == largest.tolist()


def test_bilinear_pool():
    layer = BilinearPooling(signed_root=False, normalize=False, dtype="float64")
    for f, g in cases(global_pooling.EXERCISES["bilinear_pool"]):
        made = special_pooling.bilinear_pool(f, g)
        for a, b in itertools.product(*map(range, made.shape)):
            assert made[a, b] == sum(f[i, j, a] * g[i, j, b] for i, j in np.ndindex(f.shape[:2]))
        assert layer([f[None], g[None]])[0].tolist() == made.ravel().tolist()


def test_the_mean_of_the_activation_map_is_the_score():
    for maps, kernel, k in cases(global_pooling.EXERCISES["activation_map"]):
        head = keras.Sequential(
            [keras.Input(maps.shape), layers.GlobalAveragePooling2D(), layers.Dense(kernel.shape[1])]
        )
        head.set_weights([kernel, np.zeros(kernel.shape[1])])
        made = global_pooling.activation_map(maps, kernel, k)
        assert made.shape == maps.shape[:2]
        assert made.mean() == pytest.approx(float(head(maps[None].astype("float32"))[0, k]), abs=1e-4)
