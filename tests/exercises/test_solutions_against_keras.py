"""What the exercises call right is what Keras does."""

import numpy as np
import pytest

from byhand.exercises import conv2d, conv2d_transpose, lstm, pooling

keras = pytest.importorskip("keras")


def cases(module, name, many=40):
    exercise = module.EXERCISES[name]
    return [exercise.cases(np.random.default_rng(seed)) for seed in range(many)]


def keras_1d(layer, x, *weights):
    layer.build((None, None, 1))
    if weights:
        layer.set_weights([np.asarray(w, "float32").reshape(s.shape) for w, s in zip(weights, layer.weights)])
    return np.asarray(layer(np.asarray(x, "float32")[None, :, None]))[0, :, 0]


def test_conv_output_size():
    for n, k, s, padding, d in cases(conv2d, "output_size"):
        if s == 1 or d == 1:
            layer = keras.layers.Conv1D(1, k, strides=s, padding=padding, dilation_rate=d)
            assert layer.compute_output_shape((None, n, 1))[1] == conv2d.output_size(n, k, s, padding, d)


def test_same_padding():
    for n, k, s, d in cases(conv2d, "same_padding"):
        if s == 1 or d == 1:
            x, kernel = np.arange(1.0, n + 1), np.arange(1.0, k + 1)
            layer = keras.layers.Conv1D(1, k, strides=s, padding="same", dilation_rate=d, use_bias=False)
            padded, reach = np.pad(x, conv2d.same_padding(n, k, s, d)), (k - 1) * d + 1
            by_hand = [padded[i : i + reach : d] @ kernel for i in range(0, len(padded) - reach + 1, s)]
            assert np.allclose(keras_1d(layer, x, kernel), by_hand)


def test_correlate_and_parameters():
    for x, kernel in cases(conv2d, "correlate", 10):
        layer = keras.layers.Conv2D(1, kernel.shape, use_bias=False)
        layer.build((None, None, None, 1))
        layer.set_weights([kernel[:, :, None, None]])
        assert np.allclose(np.asarray(layer(x[None, :, :, None]))[0, :, :, 0], conv2d.correlate(x, kernel))
    for p, q, channels, filters, use_bias in cases(conv2d, "count_parameters", 10):
        layer = keras.layers.Conv2D(filters, (p, q), use_bias=use_bias)
        layer.build((None, 9, 9, channels))
        assert layer.count_params() == conv2d.count_parameters(p, q, channels, filters, use_bias)


def test_transpose_sizes():
    for n, k, s, padding, output_padding in cases(conv2d_transpose, "output_size", 100):
        layer = keras.layers.Conv1DTranspose(1, k, strides=s, padding=padding, output_padding=output_padding)
        expected = conv2d_transpose.output_size(n, k, s, padding, output_padding)
        assert layer.compute_output_shape((None, n, 1))[1] == expected
    sizes = [conv2d_transpose.output_size(3, 3, 2, *rest) for rest in (("valid", None), ("same", None), ("same", 0))]
    assert sizes == conv2d_transpose.EXERCISES["paper_sizes"].solution


def test_stamps_and_the_two_views():
    for x, kernel, s in cases(conv2d_transpose, "stamp", 15):
        stamped = conv2d_transpose.stamp(x, kernel, s)
        layer = keras.layers.Conv1DTranspose(1, len(kernel), strides=s, use_bias=False)
        assert np.allclose(keras_1d(layer, x, kernel), stamped)
        assert np.allclose(conv2d_transpose.slide(conv2d_transpose.insert_zeros(x, s), kernel), stamped)
    for n, k, s in cases(conv2d_transpose, "overlap_counts"):
        assert np.array_equal(
            conv2d_transpose.overlap_counts(n, k, s), conv2d_transpose.stamp(np.ones(n), np.ones(k), s)
        )


def test_smooth_kernels_are_even_inside_and_smaller_ones_are_not():
    def even(k, s):
        return len(set(conv2d_transpose.overlap_counts(40, k, s)[k:-k])) == 1

    for at_least, s in cases(conv2d_transpose, "smooth_kernel_size"):
        k = conv2d_transpose.smooth_kernel_size(at_least, s)
        assert even(k, s)
        assert not any(even(smaller, s) for smaller in range(max(at_least, s), k))


def test_pooling():
    for n, p, s, padding in cases(pooling, "output_size"):
        layer = keras.layers.MaxPooling1D(p, strides=s, padding=padding)
        assert layer.compute_output_shape((None, n, 1))[1] == pooling.output_size(n, p, s, padding)
    for x, p, s in cases(pooling, "max_pool", 15):
        assert np.allclose(keras_1d(keras.layers.MaxPooling1D(p, strides=s), x), pooling.max_pool(x, p, s))
    for x, p, s in cases(pooling, "average_pool_same", 15):
        layer = keras.layers.AveragePooling1D(p, strides=s, padding="same")
        assert np.allclose(keras_1d(layer, x), pooling.average_pool_same(x, p, s), atol=1e-5)
    paper = keras_1d(keras.layers.MaxPooling1D(2, padding="same"), [-1, -2, -4, -3, -7])
    assert paper.tolist() == pooling.EXERCISES["paper_negative"].solution


def test_pooling_gradient():
    tf = pytest.importorskip("tensorflow")
    for x, dy, p, s in cases(pooling, "route_gradient", 15):
        inputs = tf.constant(x[None, :, None], "float32")
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = keras.layers.MaxPooling1D(p, strides=s)(inputs)
        gradient = tape.gradient(outputs, inputs, tf.constant(dy[None, :, None], "float32"))
        assert np.allclose(gradient.numpy()[0, :, 0], pooling.route_gradient(x, dy, p, s))


def test_lstm_step_parameters_and_bias():
    for x, h, c, kernel, recurrent_kernel, bias in cases(lstm, "step", 10):
        cell = keras.layers.LSTMCell(len(h))
        cell.build((None, len(x)))
        cell.set_weights([kernel, recurrent_kernel, bias])
        _, states = cell(x[None].astype("float32"), [h[None].astype("float32"), c[None].astype("float32")])
        ours = lstm.step(x, h, c, kernel, recurrent_kernel, bias)
        assert all(np.allclose(a, b[0], atol=1e-6) for a, b in zip(ours, map(np.asarray, states)))
    for units, features in cases(lstm, "count_parameters", 5):
        layer = keras.layers.LSTM(units)
        layer.build((None, 3, features))
        assert layer.count_params() == lstm.count_parameters(units, features)
        assert np.array_equal(layer.get_weights()[2], lstm.forget_bias(units, 1))


def test_hand_set_weights_remember_in_keras():
    layer = keras.layers.LSTM(1)
    layer.build((None, 21, 2))
    layer.set_weights(list(lstm.remember()))
    bits = np.random.default_rng(0).choice([-1.0, 1.0], size=(50, 21))
    first = np.zeros_like(bits)
    first[:, 0] = 1
    h = np.asarray(layer(np.stack([bits, first], axis=-1).astype("float32")))[:, 0]
    assert np.array_equal(np.sign(h), bits[:, 0]) and np.abs(h).min() > 0.5


def test_masked_run():
    layer = keras.layers.SimpleRNN(1, activation=None, return_sequences=True)
    layer.build((None, None, 1))
    layer.set_weights([np.ones((1, 1)), np.full((1, 1), 0.5), np.zeros(1)])
    for x, mask in cases(lstm, "masked_run", 15):
        theirs = np.asarray(layer(x[None, :, None].astype("float32"), mask=mask[None]))[0, :, 0]
        assert np.allclose(theirs, lstm.masked_run(x, mask))
