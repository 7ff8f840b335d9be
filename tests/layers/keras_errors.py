"""Places where Keras itself departs from its own formula; the tests there hold our layers to the formula instead.

Seen on 2026-11-22 with keras 3.15.1 and tensorflow-cpu 2.21.0. Each entry has a witness that is True as long as Keras
still does so; a test runs every witness, so an entry that a later version mends is noticed.
"""

import numpy as np


def sparsemax_sum():
    import keras

    return float(keras.activations.sparsemax(np.array([[1.0, 2.0, 2.5]]))[0].numpy().sum()) != 1


def celu_slope_at_zero():
    import keras
    import tensorflow as tf

    z = tf.constant([0.0])
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = keras.activations.celu(z)
    return float(tape.gradient(y, z)[0]) == 2


def add_takes_for_bias():
    import keras

    y = keras.layers.Add()([np.array([[1.0, 2], [3, 4]]), np.array([[10.0], [20]])])
    return y.numpy().tolist() == [[11, 22], [13, 24]]


def taken_for_bias(shapes):
    """Whether Add, and Average with it, goes wrong on arrays of these shapes.

    keras.ops.add takes its second array for a bias if it has only one size above 1 and the first array has that size
    as its last or second axis; it then adds it along that axis, wherever it lay, and fails on an empty batch."""
    rank = max(map(len, shapes))
    first, *others = ((*s[:1], *(1,) * (rank - len(s)), *s[1:]) for s in shapes)
    for other in others:
        long = [axis for axis, n in enumerate(other) if n > 1]
        if rank > 1 and len(long) == 1 and other[long[0]] in (first[1], first[-1]):
            along = rank - 1 if other[long[0]] == first[-1] else 1
            if long[0] != along or 0 in other:
                return True
        first = np.broadcast_shapes(first, other)
    return False


def rms_scale_on_the_last_axis():
    import keras

    layer = keras.layers.RMSNormalization(axis=1)
    x = np.ones((1, 2, 2))
    layer.build(x.shape)
    layer.set_weights([np.array([1.0, 5.0])])
    y = layer(x).numpy()
    return bool(np.allclose(y[0, :, 1], 5) and np.allclose(y[0, :, 0], 1))


def simple_rnn_forgets_its_activity_regularizer():
    import keras

    layer = keras.layers.SimpleRNN(1, activity_regularizer="l2", bias_initializer="ones")
    layer(np.ones((1, 1, 1)))
    return layer.losses == []


ERRORS = {
    "Add of (2, 2) and (2, 1) adds the second array along the wrong axis": add_takes_for_bias,
    "sparsemax adds up the running sums of what is kept instead of taking the last: no shares of 1": sparsemax_sum,
    "celu has slope 2 at exactly 0, where both its maximum and its minimum hand on the gradient": celu_slope_at_zero,
    "RMSNormalization multiplies scale along the last axis whatever axis says": rms_scale_on_the_last_axis,
    "SimpleRNN takes activity_regularizer and does nothing with it": simple_rnn_forgets_its_activity_regularizer,
}
