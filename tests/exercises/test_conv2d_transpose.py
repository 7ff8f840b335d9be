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
        assert np.allclose(conv2d_transpose.slide(conv2d_transpose.insert_zeros(x, s), kernel), stamped)
    for n, k, s in cases(conv2d_transpose.EXERCISES["overlap_counts"]):
        assert np.array_equal(
            conv2d_transpose.overlap_counts(n, k, s), conv2d_transpose.stamp(np.ones(n), np.ones(k), s)
        )


def test_smooth_kernels_are_even_inside_and_smaller_ones_are_not():
    def even(k, s):
        return len(set(conv2d_transpose.overlap_counts(40, k, s)[k:-k])) == 1

    for at_least, s in cases(conv2d_transpose.EXERCISES["smooth_kernel_size"]):
        k = conv2d_transpose.smooth_kernel_size(at_least, s)
        assert even(k, s)
        assert not any(even(smaller, s) for smaller in range(max(at_least, s), k))
