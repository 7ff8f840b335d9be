"""What the exercises of activations call right is what Keras does."""

import math

import numpy as np
import pytest

from byhand.exercises import activations

from .twins import cases, keras

layers = keras.layers


def test_paper_slopes():
    product, under = activations.EXERCISES["paper_slopes"].solution
    z = np.array([3.0, -1, -2], "float32")
    moved = np.asarray(layers.LeakyReLU(0.5)(z + 0.25)) - np.asarray(layers.LeakyReLU(0.5)(z))
    assert np.prod(moved / 0.25) == product
    y = float(keras.activations.sigmoid(np.float32(0)))
    assert (y * (1 - y)) ** 5 == 1 / under


def test_three_branches():
    for z, *settings in cases(activations.EXERCISES["three_branches"]):
        made = activations.three_branches(z, *settings)
        assert made == pytest.approx(np.asarray(layers.ReLU(*settings)(z.astype("float32"))), abs=1e-5)


def test_first_one():
    assert activations.first_one(1.0) == 17
    for (steepness,) in cases(activations.EXERCISES["first_one"]):
        n = activations.first_one(steepness)
        assert n == math.ceil(24 * math.log(2) / steepness), "e^-z reaches half a step of float32 below 1"
        assert float(keras.activations.sigmoid(np.float32(steepness * n))) == 1


def test_softmax_gradient():
    import tensorflow as tf

    for scores, labels in cases(activations.EXERCISES["softmax_gradient"])[:30]:
        z = tf.Variable(scores, dtype=tf.float32)
        with tf.GradientTape() as tape:
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, z)
        wanted = tape.gradient(loss, z).numpy()
        assert activations.softmax_gradient(scores, labels) == pytest.approx(wanted, abs=1e-5)


def test_dead():
    found = []
    for x, W, b in cases(activations.EXERCISES["dead"]):
        layer = layers.Dense(len(b), "relu")
        layer.build((None, len(W)))
        layer.set_weights([W, b])
        y = np.asarray(layer(x.astype("float32")))
        found.append(activations.dead(x, W, b))
        assert found[-1] == sum(not y[:, u].any() for u in range(len(b)))
    assert min(found) == 0 and max(found) > 1
