"""What the exercises of conv2d_transpose call right is what Keras does."""

import numpy as np

from byhand.exercises import conv2d_transpose

from .twins import cases, keras, layer_1d


def test_transpose_sizes():
    for n, k, s, padding, output_padding in cases(conv2d_transpose.EXERCISES["output_size"], 100):
        layer = keras.layers.Conv1DTranspose(1, k, strides=s, padding=padding, output_padding=output_padding)
        expected = conv2d_transpose.output_size(n, k, s, padding, output_padding)
        assert layer.compute_output_shape((None, n, 1))[1] == expected
    sizes = [conv2d_transpose.output_size(3, 3, 2, *rest) for rest in (("valid", None), ("same", None), ("same", 0))]
    assert sizes == conv2d_transpose.EXERCISES["paper_sizes"].solution


def test_stamps_and_the_two_views():
    for x, kernel, s in cases(conv2d_transpose.EXERCISES["stamp"], 15):
        stamped = conv2d_transpose.stamp(x, kernel, s)
        layer = keras.layers.Conv1DTranspose(1, len(kernel), strides=s, use_bias=False)
        assert np.allclose(layer_1d(layer, x, kernel), stamped)
        spread = np.zeros((len(x) - 1) * s + 1)
        spread[::s] = x
        assert np.allclose(np.convolve(spread, kernel), stamped)


def test_the_cut_leaves_what_keras_returns():
    for n, k, s, output_padding in cases(conv2d_transpose.EXERCISES["same_cut"], 40):
        x, kernel = np.arange(1.0, n + 1), np.arange(1.0, k + 1)
        layer = keras.layers.Conv1DTranspose(
            1, k, strides=s, padding="same", output_padding=output_padding, use_bias=False
        )
        front, behind = conv2d_transpose.same_cut(n, k, s, output_padding)
        canvas = conv2d_transpose.stamp(x, kernel, s)
        assert np.allclose(layer_1d(layer, x, kernel), canvas[front : len(canvas) - behind])


def test_evened_out_kernels_keep_ones_at_one():
    for kernel, s in cases(conv2d_transpose.EXERCISES["even_out"]):
        inside = conv2d_transpose.stamp(np.ones(20), conv2d_transpose.even_out(kernel, s), s)[
            len(kernel) : -len(kernel)
        ]
        assert np.allclose(inside, 1)
