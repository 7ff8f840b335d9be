"""A LeNet learns scikit-learn's digits in NumPy alone; how long it takes is measured in bench/digits.py."""

import os

import pytest

from bench.digits import accuracy, digits, lenet, trained
from byhand import layers as L


@pytest.mark.deep
@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "deep", reason="part of make test-deep")
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_lenet_reads_98_percent_of_unseen_digits(seed):
    assert accuracy(trained(seed)) >= 0.98


def test_three_epochs_already_teach_it_something():
    x, _, y, _ = digits()
    L.set_random_seed(0)
    history = lenet().fit(x[:640], y[:640], batch_size=32, epochs=3, verbose=0).history
    assert history["accuracy"][-1] > 2 * history["accuracy"][0] and history["loss"][-1] < history["loss"][0]
