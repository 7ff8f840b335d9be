"""What the exercises of Dense call right is what Keras does."""

import numpy as np
import pytest

from byhand.exercises import dense

from .twins import cases, keras

layers = keras.layers


def twin(W, b, activation=None):
    layer = layers.Dense(W.shape[1], activation, use_bias=b is not None)
    layer.build((None, len(W)))
    layer.set_weights([W] if b is None else [W, b])
    return layer


def test_parameters():
    network = keras.Sequential([keras.Input((100,)), layers.Dense(64), layers.Dense(10)])
    assert [layer.count_params() for layer in network.layers] == dense.EXERCISES["paper_count"].solution


def test_textbook():
    for V, b, x in cases(dense.EXERCISES["textbook"]):
        made = dense.textbook(V, b, x)
        assert made == pytest.approx(np.asarray(twin(V.T, b)(x.astype("float32"))), abs=1e-4)
        assert all(np.array_equal(made[s], V @ x[s] + b) for s in range(len(x)))


def test_last_axis():
    for x, W, b in cases(dense.EXERCISES["last_axis"]):
        assert dense.last_axis(x, W, b) == pytest.approx(np.asarray(twin(W, b)(x.astype("float32"))), abs=1e-4)


def test_backward():
    import tensorflow as tf

    for x, W, dz in cases(dense.EXERCISES["backward"])[:30]:
        layer, given = twin(W, np.zeros(W.shape[1])), tf.Variable(x, dtype=tf.float32)
        with tf.GradientTape() as tape:
            z = layer(given)
        wanted = tape.gradient(z, [*layer.trainable_weights, given], tf.constant(dz, tf.float32))
        for mine, theirs in zip(dense.backward(x, W, dz), wanted, strict=True):
            assert mine == pytest.approx(theirs.numpy(), abs=1e-4)


def test_depth():
    for x, kernels, floor in cases(dense.EXERCISES["depth"])[:30]:
        y, sizes = x.astype("float32"), []
        for W in kernels:
            y = np.asarray(twin(W, None, "relu")(y))
            sizes.append(float(np.sqrt(np.mean(np.square(y)))))
        if min(abs(size - floor) for size in sizes) > 1e-4:
            below = [number for number, size in enumerate(sizes, 1) if size < floor]
            assert dense.depth(x, kernels, floor) == (below[0] if below else 0)


def test_both_ends_are_among_the_cases_of_depth():
    found = [dense.depth(*case) for case in cases(dense.EXERCISES["depth"])]
    assert found.count(0) > 10 and max(found) > 1
