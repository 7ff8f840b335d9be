"""What the exercises of normalisation call right is what Keras does."""

import numpy as np
import pytest

from byhand.exercises import normalization

from .twins import cases, keras


def exercise(name):
    return normalization.EXERCISES[name]


def test_updates_on_paper():
    left = [10 * (1 - 0.99**n) > 9.5 for n in range(400)]
    assert left.index(True) == exercise("paper_updates").solution


def test_moving_mean():
    for start, means, momentum in cases(exercise("moving_mean"), 10):
        layer = keras.layers.BatchNormalization(momentum=momentum)
        layer.build((None, len(start)))
        layer.moving_mean.assign(start)
        for mean in means:
            layer(np.stack([mean - 1, mean + 1]).astype("float32"), training=True)
        assert np.allclose(layer.moving_mean, normalization.moving_mean(start, means, momentum), atol=1e-4)


def test_layer_norm_and_the_one_feature():
    for x, gamma, beta in cases(exercise("layer_norm"), 15):
        layer = keras.layers.LayerNormalization()
        layer.build(x.shape)
        layer.set_weights([gamma, beta])
        assert np.allclose(layer(x.astype("float32")), normalization.layer_norm(x, gamma, beta), atol=1e-3)
        if x.shape[1] == 1:
            assert (normalization.layer_norm(x, gamma, beta) == beta).all()
    assert any(x.shape[1] == 1 for x, _, _ in cases(exercise("layer_norm")))


def test_skewness():
    stats = pytest.importorskip("scipy.stats")
    for (x,) in cases(exercise("skewness")):
        assert np.isclose(normalization.skewness(x), stats.skew(x))


def test_fold():
    for kernel, bias, gamma, beta, mean, variance, epsilon in cases(exercise("fold"), 10):
        x = np.random.default_rng(0).normal(size=(5, len(kernel))).astype("float32")
        dense, norm = keras.layers.Dense(len(bias)), keras.layers.BatchNormalization(epsilon=epsilon)
        wanted = norm(dense(x))
        dense.set_weights([kernel, bias])
        norm.set_weights([gamma, beta, mean, variance])
        wanted = norm(dense(x))
        folded = normalization.fold(kernel, bias, gamma, beta, mean, variance, epsilon)
        assert np.allclose(x @ folded[0] + folded[1], wanted, atol=1e-3)
