"""The whole way once: how long a LeNet by hand takes until it reads scikit-learn's digits."""

import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from byhand import layers as L
from byhand.training import Input, Sequential, callbacks


def digits():
    """Digits to learn from and unseen ones, (n, 8, 8, 1), and what they are: x, unseen_x, y, unseen_y."""
    x, y = load_digits(return_X_y=True)
    return train_test_split((x / 16).reshape(-1, 8, 8, 1), y, test_size=360, random_state=0, stratify=y)


def shifted(x, y):
    """The pictures, and each of them moved by one pixel in four directions."""
    p = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    moves = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))
    return np.concatenate([p[:, 1 + i : 9 + i, 1 + j : 9 + j] for i, j in moves]), np.tile(y, 5)


def lenet():
    model = Sequential([
        Input((8, 8, 1)),
        L.Conv2D(16, 3, padding="same", activation="relu"), L.MaxPooling2D(2),
        L.Conv2D(32, 3, padding="same", activation="relu"), L.MaxPooling2D(2),
        L.Flatten(), L.Dense(64, activation="relu"), L.Dropout(0.4), L.Dense(10, activation="softmax")])  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def trained(seed):
    """A LeNet after 25 epochs."""
    x, _, y, _ = digits()
    L.set_random_seed(seed)
    model, slower = lenet(), callbacks.LearningRateScheduler(lambda epoch, rate: 0.002 * 0.9**epoch)
    model.fit(*shifted(x, y), batch_size=32, epochs=25, callbacks=[slower], verbose=0)
    return model


def accuracy(model):
    """Its share of right answers among the unseen digits."""
    _, unseen_x, _, unseen_y = digits()
    return model.evaluate(unseen_x, unseen_y, verbose=0)[1]


def digits_read(seed=0):
    """Seconds of training, and the accuracy after it."""
    start = time.perf_counter()
    model = trained(seed)
    return {"seconds": time.perf_counter() - start, "accuracy": accuracy(model)}
