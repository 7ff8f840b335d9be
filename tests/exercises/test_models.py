"""What the exercises of the chapter on models call right is what Keras does."""

import numpy as np

from byhand.exercises import models

from .twins import cases, keras

layers = keras.layers


def table(shape, stack):
    """What Keras says of a stack: (shape, parameters) of each layer."""
    network = keras.Sequential([keras.Input(shape), *stack])
    return [(layer.output.shape[1:], layer.count_params()) for layer in network.layers]


def test_shapes_of_the_network():
    first, second = (layers.Conv2D(n, 3, padding="same") for n in (32, 64))
    stack = [first, layers.MaxPooling2D(2), second, layers.MaxPooling2D(2), layers.Flatten(),
             layers.Dense(64), layers.Dense(10)]  # fmt: skip
    found = table((64, 64, 3), stack)
    assert [list(shape) for shape, _ in found] == models.EXERCISES["paper_shapes"].solution
    assert sum(count for _, count in found) == 1_068_682


def test_count():
    for shape, filters, kernel, units in cases(models.EXERCISES["count"])[:25]:
        blocks = [(layers.Conv2D(int(f), kernel, padding="same"), layers.MaxPooling2D(2)) for f in filters]
        stack = [layer for block in blocks for layer in block]
        stack += [layers.Flatten(), *(layers.Dense(int(u)) for u in units)]
        found = sum(number for _, number in table(tuple(map(int, shape)), stack))
        assert models.count(shape, filters, kernel, units) == found
    assert models.count((64, 64, 3), (32, 64), 3, (64, 10)) == 1_068_682


def test_channels_first():
    for [x] in cases(models.EXERCISES["channels_first"]):
        assert np.array_equal(models.channels_first(x), np.asarray(layers.Permute((3, 1, 2))(x)))
        assert np.array_equal(models.the_way_back(models.channels_first(x)), x)
