"""Adaptive pooling: as many windows as the output is to be long, whatever the length of the input.

Source: https://keras.io/api/layers/pooling_layers/ (Keras 3.13 and later)
"""

import numpy as np

from . import arguments
from .along import along
from .spatial import Spatial


def adaptive_windows(length, out):
    """(first cells, last cells), two arrays of `out` numbers: window i runs from floor(i L / o) to ceil((i + 1) L / o).

    Windows overlap by a cell wherever `out` does not divide `length`.
    """
    i = np.arange(out)
    return i * length // out, -(-(i + 1) * length // out) - 1


class AdaptivePool(Spatial):
    """What adaptive pools share: (batch, *space, channels) -> (batch, *output_size, channels), one axis after another.

    Raises ValueError for an output_size that is not one whole number of at least 1, or one for each axis of space.
    """

    def __init__(self, output_size, data_format=None, **options):
        super().__init__(data_format, **options)
        self.output_size = arguments.sizes(type(self).__name__, "output_size", output_size, self.rank)

    def compute_output_shape(self, input_shape):
        batch, _, channels = self.split_shape(input_shape)
        return self.join_shape(batch, self.output_size, channels)

    def call(self, x):
        self.split_shape(x.shape)
        self.steps, x = [], self.arrange(x)
        for axis, out in enumerate(self.output_size, start=1):
            windows = adaptive_windows(x.shape[axis], out)
            y = self.pool(x, axis, *windows)
            self.steps.append((axis, windows, x, y))
            x = y
        return self.restore(y)

    def backward(self, dy):
        dy = self.arrange(dy)
        for axis, windows, x, y in reversed(self.steps):
            dy = self.pool_back(x, y, dy, axis, *windows)
        return self.leave(dy)


class AdaptiveAveragePooling(AdaptivePool):
    """y[i] = the mean of x from cell floor(i L / o) to before ceil((i + 1) L / o), along one axis after another.

    A matrix takes the means, with 0 for cells outside: a nan spreads over its channel; in Keras only to its windows.
    """

    def shares(self, length, first, last):
        """The matrix (out, length) that takes these means."""
        cell = np.arange(length)
        inside = (first[:, None] <= cell) & (cell <= last[:, None])
        return inside / inside.sum(1, keepdims=True)

    def pool(self, x, axis, first, last):
        return along(axis, self.shares(x.shape[axis], first, last), x)

    def pool_back(self, x, y, dy, axis, first, last):
        return along(axis, self.shares(x.shape[axis], first, last).T, dy)


class AdaptiveMaxPooling(AdaptivePool):
    """y[i] = the largest x from cell floor(i L / o) to before ceil((i + 1) L / o), along one axis after another.

    The gradient goes to the first winner along the last axis, and there to the first along the axis before it.
    """

    def pool(self, x, axis, first, last):
        x = np.moveaxis(x, axis, 0)
        y = x[first]
        for step in range(1, (last - first).max() + 1):
            y = np.maximum(y, x[np.minimum(first + step, last)])  # a window that is over shows its last cell again
        return np.moveaxis(y, 0, axis)

    def pool_back(self, x, y, dy, axis, first, last):
        x, y, dy = (np.moveaxis(a, axis, 0) for a in (x, y, dy))
        dx, free = np.zeros_like(x), np.ones(y.shape, bool)
        for step in range((last - first).max() + 1):
            cells = np.minimum(first + step, last)
            winner = (x[cells] == y) & free
            np.add.at(dx, cells, dy * winner)  # a cell may belong to two windows
            free ^= winner
        return np.moveaxis(dx, 0, axis)


class AdaptiveAveragePooling1D(AdaptiveAveragePooling):
    """(batch, steps, channels) -> (batch, output_size, channels), by means."""

    rank = 1


class AdaptiveAveragePooling2D(AdaptiveAveragePooling):
    """(batch, height, width, channels) -> (batch, *output_size, channels), by means."""

    rank = 2


class AdaptiveAveragePooling3D(AdaptiveAveragePooling):
    """(batch, depth, height, width, channels) -> (batch, *output_size, channels), by means."""

    rank = 3


class AdaptiveMaxPooling1D(AdaptiveMaxPooling):
    """(batch, steps, channels) -> (batch, output_size, channels), by largest values."""

    rank = 1


class AdaptiveMaxPooling2D(AdaptiveMaxPooling):
    """(batch, height, width, channels) -> (batch, *output_size, channels), by largest values."""

    rank = 2


class AdaptiveMaxPooling3D(AdaptiveMaxPooling):
    """(batch, depth, height, width, channels) -> (batch, *output_size, channels), by largest values."""

    rank = 3
