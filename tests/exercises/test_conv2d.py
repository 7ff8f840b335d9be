"""What the exercises of conv2d call right is what Keras does."""

import numpy as np

from byhand.exercises import conv2d

from .twins import cases, keras, layer_1d


def test_conv_output_size():
    for n, k, s, padding, d in cases(conv2d.EXERCISES["output_size"]):
        if s == 1 or d == 1:
            layer = keras.layers.Conv1D(1, k, strides=s, padding=padding, dilation_rate=d)
            assert layer.compute_output_shape((None, n, 1))[1] == conv2d.output_size(n, k, s, padding, d)


def test_same_padding():
    for n, k, s, d in cases(conv2d.EXERCISES["same_padding"]):
        if s == 1 or d == 1:
            x, kernel = np.arange(1.0, n + 1), np.arange(1.0, k + 1)
            layer = keras.layers.Conv1D(1, k, strides=s, padding="same", dilation_rate=d, use_bias=False)
            padded, reach = np.pad(x, conv2d.same_padding(n, k, s, d)), (k - 1) * d + 1
            by_hand = [padded[i : i + reach : d] @ kernel for i in range(0, len(padded) - reach + 1, s)]
            assert np.allclose(layer_1d(layer, x, kernel), by_hand)


def test_forward_and_input_gradient():
    for x, kernel, s in cases(conv2d.EXERCISES["forward"], 10):
        layer = keras.layers.Conv2D(kernel.shape[3], kernel.shape[:2], strides=s, use_bias=False)
        layer.build((None, None, None, x.shape[2]))
        layer.set_weights([kernel])
        assert np.allclose(np.asarray(layer(x[None]))[0], conv2d.forward(x, kernel, s))
    for dy, kernel in cases(conv2d.EXERCISES["input_gradient"], 10):
        layer = keras.layers.Conv2DTranspose(1, kernel.shape, use_bias=False)
        layer.build((None, None, None, 1))
        layer.set_weights([kernel[:, :, None, None]])
        assert np.allclose(np.asarray(layer(dy[None, :, :, None]))[0, :, :, 0], conv2d.input_gradient(dy, kernel))


def test_stem():
    layer = keras.layers.Conv2D(64, 7, strides=2, padding="same")
    layer.build((None, 224, 224, 3))
    rows = layer.compute_output_shape((None, 224, 224, 3))[1]
    assert conv2d.EXERCISES["stem"].solution == (rows, *conv2d.same_padding(224, 7, 2, 1), layer.count_params())
