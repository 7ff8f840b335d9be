"""What the exercises of pooling call right is what Keras does."""

import numpy as np
import pytest

from byhand.exercises import pooling

from .twins import cases, keras, layer_1d


def test_pooling():
    for n, p, s, padding in cases(pooling.EXERCISES["output_size"]):
        layer = keras.layers.MaxPooling1D(p, strides=s, padding=padding)
        assert layer.compute_output_shape((None, n, 1))[1] == pooling.output_size(n, p, s, padding)
    for x, p, s in cases(pooling.EXERCISES["max_pool"], 15):
        assert np.allclose(layer_1d(keras.layers.MaxPooling1D(p, strides=s), x), pooling.max_pool(x, p, s))
    for x, p, s in cases(pooling.EXERCISES["average_pool_same"], 15):
        layer = keras.layers.AveragePooling1D(p, strides=s, padding="same")
        assert np.allclose(layer_1d(layer, x), pooling.average_pool_same(x, p, s), atol=1e-5)
    paper = layer_1d(keras.layers.MaxPooling1D(3, padding="same"), [-5, -2, -6, -4, -3, -8, -9])
    assert paper.tolist() == pooling.EXERCISES["paper_negative"].solution


def test_pooling_gradient():
    tf = pytest.importorskip("tensorflow")
    for x, dy, p, s in cases(pooling.EXERCISES["route_gradient"], 15):
        inputs = tf.constant(x[None, :, None], "float32")
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = keras.layers.MaxPooling1D(p, strides=s)(inputs)
        gradient = tape.gradient(outputs, inputs, tf.constant(dy[None, :, None], "float32"))
        assert np.allclose(gradient.numpy()[0, :, 0], pooling.route_gradient(x, dy, p, s))
