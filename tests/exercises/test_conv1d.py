"""What the exercises of conv1d call right is what Keras does."""

import numpy as np

from byhand.data import load_temperatures
from byhand.exercises import conv1d

from .twins import cases, keras, layer_1d


def test_week():
    for padding, numbers in zip(("valid", "same", "causal"), conv1d.EXERCISES["week"].solution):
        layer = keras.layers.Conv1D(1, 3, padding=padding, use_bias=False)
        assert layer_1d(layer, load_temperatures("week"), [1, 1, 2]).tolist() == numbers


def test_lengths():
    rows = [line.split() for line in conv1d.LENGTHS.splitlines() if line.split()[3:4] and line.split()[0].isdigit()]
    assert len(rows) == 5
    made = []
    for n, k, s, padding, d in rows:
        layer = keras.layers.Conv1D(1, int(k), strides=int(s), padding=padding, dilation_rate=int(d))
        made.append(layer.compute_output_shape((None, int(n), 1))[1])
    assert conv1d.EXERCISES["lengths"].solution == tuple(made)


def test_kernels():
    for (k,) in cases(conv1d.EXERCISES["kernels"], 10):
        x = np.random.default_rng(k).integers(0, 9, size=k)
        smooth, rise = conv1d.kernels(k)
        assert np.isclose(smooth @ x, x.mean())
        assert np.isclose(rise @ x, x[k // 2 :].mean() - x[: k // 2].mean())


def test_causal():
    for x, kernel, d in cases(conv1d.EXERCISES["causal"]):
        layer = keras.layers.Conv1D(1, len(kernel), padding="causal", dilation_rate=d, use_bias=False)
        assert np.allclose(layer_1d(layer, x, kernel), conv1d.causal(x, kernel, d))


def test_receptive_field():
    for sizes, rates in cases(conv1d.EXERCISES["receptive_field"], 20):
        moved = np.eye(1, 200)[0]  # a change of the first step, and whom it reaches
        for k, d in zip(sizes, rates):
            moved = conv1d.causal(moved, np.ones(k), d)
        assert np.flatnonzero(moved)[-1] + 1 == conv1d.receptive_field(sizes, rates)
    assert conv1d.receptive_field([2, 2, 2], [1, 2, 4]) == 8
