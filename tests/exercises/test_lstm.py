"""What the exercises of lstm call right is what Keras does."""

import numpy as np

from byhand.exercises import lstm

from .twins import cases, keras


def test_lstm_step_parameters_and_bias():
    for x, h, c, kernel, recurrent_kernel, bias in cases(lstm.EXERCISES["step"], 10):
        cell = keras.layers.LSTMCell(len(h))
        cell.build((None, len(x)))
        cell.set_weights([kernel, recurrent_kernel, bias])
        _, states = cell(x[None].astype("float32"), [h[None].astype("float32"), c[None].astype("float32")])
        ours = lstm.step(x, h, c, kernel, recurrent_kernel, bias)
        assert all(np.allclose(a, b[0], atol=1e-6) for a, b in zip(ours, map(np.asarray, states)))
    for units, features in cases(lstm.EXERCISES["count_parameters"], 5):
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
