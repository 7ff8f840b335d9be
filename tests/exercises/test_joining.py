"""What the exercises on joining branches call right is what Keras does."""

import numpy as np
import pytest

from byhand.exercises import joining

from .twins import cases, keras

layers = keras.layers


def test_parameters_behind_add_and_concatenate():
    found = []
    for join in layers.Add, layers.Concatenate:
        a, b = keras.Input((32,)), keras.Input((32,))
        head = layers.Dense(10)
        head(join()([a, b]))
        found.append(head.count_params())
    assert found == joining.EXERCISES["paper_count"].solution


def test_layers_in_two_famous_networks():
    found = []
    for name, kind in ("ResNet101", layers.Add), ("DenseNet169", layers.Concatenate):
        network = getattr(keras.applications, name)(weights=None)
        found.append(sum(isinstance(layer, kind) for layer in network.layers))
    assert found == joining.EXERCISES["paper_networks"].solution


def test_add_backward():
    import tensorflow as tf

    for a, b, dy in cases(joining.EXERCISES["add_backward"])[:30]:
        given = [tf.Variable(v, dtype=tf.float32) for v in (a, b)]
        with tf.GradientTape() as tape:
            y = given[0] + given[1]  # not Add, which takes a column beside a square for a bias
        wanted = tape.gradient(y, given, tf.constant(dy, tf.float32))
        for mine, theirs in zip(joining.add_backward(a, b, dy), wanted, strict=True):
            assert mine == pytest.approx(theirs.numpy(), abs=1e-5)


def test_cosine():
    for a, b in cases(joining.EXERCISES["cosine"]):
        theirs = layers.Dot(axes=1, normalize=True)([a.astype("float32"), b.astype("float32")])
        assert joining.cosine(a, b) == pytest.approx(np.asarray(theirs), abs=1e-5)


def test_gate():
    for x, z in cases(joining.EXERCISES["gate"]):
        gate = layers.Activation("sigmoid")(z.astype("float32"))
        theirs = np.asarray(layers.Multiply()([x.astype("float32"), gate]))
        assert joining.gate(x, z) == pytest.approx(theirs, abs=1e-5)
