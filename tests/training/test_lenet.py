"""A LeNet learns scikit-learn's digits in NumPy alone."""

import os
import time

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from byhand import layers as L
from byhand.training import Input, Sequential, callbacks


def digits():
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


@pytest.mark.deep
@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "deep", reason="part of make test-deep")
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_lenet_reads_98_percent_of_unseen_digits_in_two_minutes(seed):
    x, unseen_x, y, unseen_y = digits()
    L.set_random_seed(seed)
    model, slower = lenet(), callbacks.LearningRateScheduler(lambda epoch, rate: 0.002 * 0.9**epoch)
    started = time.process_time()  # the work of this process: other work on the machine does not count
    model.fit(*shifted(x, y), batch_size=32, epochs=25, callbacks=[slower], verbose=0)
    assert time.process_time() - started < 120
    assert model.evaluate(unseen_x, unseen_y, verbose=0)[1] >= 0.98


def test_three_epochs_already_teach_it_something():
    x, _, y, _ = digits()
    L.set_random_seed(0)
    history = lenet().fit(x[:640], y[:640], batch_size=32, epochs=3, verbose=0).history
    assert history["accuracy"][-1] > 2 * history["accuracy"][0] and history["loss"][-1] < history["loss"][0]
