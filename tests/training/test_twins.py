"""Networks by hand and in Keras, trained side by side: in float64 the loss curves agree within 1e-10 over 150 steps."""

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from byhand import training

from .twins import keras_in, pair

# Rates that float32 holds exactly: Keras keeps the learning rate in floatx, byhand in float32, Keras' default floatx.
RATE = 2.0**-6


def digits():
    x, y = load_digits(return_X_y=True)
    return (x / 16).reshape(-1, 8, 8, 1), y


def mlp(k):
    return k.Sequential([k.Input((8, 8, 1)), k.Flatten(), k.Dense(12, activation="relu", kernel_regularizer="l2"),
                         k.Dense(10, activation="softmax")])  # fmt: skip


def lenet(k):
    return k.Sequential([
        k.Input((8, 8, 1)), k.Conv2D(4, 3, padding="same", activation="relu"), k.MaxPooling2D(),
        k.Conv2D(6, 3, activation="tanh"), k.AveragePooling2D(2), k.Flatten(), k.Dense(12, activation="relu"),
        k.Dense(10, activation="softmax")])  # fmt: skip


def batch_norm(k):
    return k.Sequential([
        k.Input((8, 8, 1)), k.Conv2D(3, 3, strides=2), k.BatchNormalization(momentum=0.9), k.Activation("relu"),
        k.Dropout(0.0), k.Flatten(), k.Dense(10), k.BatchNormalization(), k.Softmax()])  # fmt: skip


def lstm(k):
    return k.Sequential(
        [k.Input((8, 8, 1)), k.Reshape((8, 8)), k.Masking(), k.LSTM(6), k.Dense(1, activation="sigmoid")]
    )


def transformer(k):
    ids = k.Input((8,), dtype="int32")
    x = k.Embedding(17, 8, mask_zero=True)(ids)
    seen = k.MultiHeadAttention(2, 4)(x, x)
    x = k.LayerNormalization()(k.Add()([x, seen]))
    x = k.LayerNormalization()(k.Add()([x, k.Dense(8)(k.Dense(12, activation="gelu")(x))]))
    return k.Model(ids, k.Dense(10, activation="softmax")(k.GlobalAveragePooling1D()(x)))


def two_branches(k):
    a, b = k.Input((8, 4, 1)), k.Input((8, 4, 1))
    shared = k.LSTM(5)
    left, right = (shared(k.Reshape((8, 4))(x)) for x in (a, b))
    both = k.Concatenate()([left, right])
    return k.Model([a, b], [k.Dense(10, activation="softmax")(both), k.Dense(1)(k.Subtract()([left, right]))])


def curves(make, optimizer, loss, x, y, steps=150, batch=16, dtype="float64", **compile_options):
    """(loss of every step by hand, in Keras, the two networks)."""
    with keras_in(dtype):
        ours, theirs = pair(make, dtype)
        ours.compile(getattr(training.optimizers, optimizer[0])(**optimizer[1]), loss, **compile_options)
        theirs.compile(getattr(keras.optimizers, optimizer[0])(**optimizer[1]), loss, **compile_options)
        order, found = np.random.default_rng(1), []

        def part(data, rows):
            return [a[rows] for a in data] if isinstance(data, list) else data[rows]

        for _ in range(steps):
            rows = order.integers(0, len(y[0] if isinstance(y, list) else y), batch)
            given = part(x, rows), part(y, rows)
            found.append([np.ravel(side.train_on_batch(*given))[0] for side in (ours, theirs)])
    mine, yours = np.transpose(found)
    return mine, yours, ours, theirs


def check(mine, yours, ours, theirs):
    assert np.abs(mine - yours).max() < 1e-10
    assert mine[-20:].mean() < 0.9 * mine[:20].mean()
    for w, v in zip(ours.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(w, v, rtol=0, atol=1e-8)


CROSS = "sparse_categorical_crossentropy"


@pytest.mark.parametrize(
    "make, optimizer",
    [
        (mlp, ("Adam", {"learning_rate": RATE})),
        (lenet, ("SGD", {"learning_rate": 8 * RATE, "momentum": 0.5})),
        (batch_norm, ("RMSprop", {"learning_rate": RATE, "clipnorm": 1.0})),
    ],
)
def test_classifiers_of_pictures_follow_keras(make, optimizer):
    check(*curves(make, optimizer, CROSS, *digits()))


def test_an_lstm_over_the_rows_of_pictures_follows_keras():
    x, y = digits()
    check(*curves(lstm, ("Nadam", {"learning_rate": RATE}), "binary_crossentropy", x, (y > 4).astype(float)))


def test_a_small_transformer_follows_keras():
    # Not Adam: Keras gives it other numbers for an Embedding, see test_optimizers.
    x, y = digits()
    ink = x.mean(axis=2)[..., 0]
    ids = np.where(ink < 0.1, 0, 1 + 2 * np.arange(8) + (ink > 0.4)).astype("int32")  # 0, padding: an empty row
    check(*curves(transformer, ("SGD", {"learning_rate": 4 * RATE, "momentum": 0.75}), CROSS, ids, y % 3))


def test_two_inputs_two_outputs_and_a_shared_layer_follow_keras():
    x, y = digits()
    mine, yours, ours, theirs = curves(
        two_branches, ("Adam", {"learning_rate": RATE}), [CROSS, "mse"], [x[:, :, :4], x[:, :, 4:]],
        [y, (y[:, None] > 4).astype(float)], loss_weights=[1.0, 0.5])  # fmt: skip
    check(mine, yours, ours, theirs)
