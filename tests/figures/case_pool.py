"""Pooling: two figures to drive, and the settings their controls reach."""

import itertools

import numpy as np

from byhand.figures import explain, pool
from byhand.layers import AveragePooling1D, MaxPooling2D

IMAGE = [[4, 1, -2, 3, 0], [2, 4, 1, -1, 3], [-3, 0, 2, 2, -2], [1, -1, 5, -2, -4], [-4, 2, -2, -3, -1]]
NEGATIVE = [-1, -2, -4, -3, -8]


def demo_2d(**options):
    return explain(MaxPooling2D(3, strides=2, padding="same"), np.reshape(IMAGE, (1, 5, 5, 1)), **options)


def demo_1d(**options):
    return explain(AveragePooling1D(2, padding="same"), np.reshape(NEGATIVE, (1, 5, 1)), **options)


def settings(rank, sizes, pools):
    """Every combination of the controls; several rows and columns are drawn against each other."""
    spaces = [([n] if rank == 1 else [n, 5 if n > 5 else n]) for n in sizes]
    windows = [([k] if rank == 1 else [k, 3 if k % 2 else 2]) for k in pools]
    for kind, view, size, window, stride, padding, channels in itertools.product(
        ("max", "average"), ("forward", "backward"), spaces, windows, (None, 1, 2, 3), ("valid", "same"), (1, 2)
    ):
        yield {
            "kind": kind,
            "rank": rank,
            "size": size,
            "channels": channels,
            "pool_size": window,
            "strides": stride and [stride] * rank,
            "padding": padding,
            "view": view,
        }


def grid_1d():
    data = demo_1d().data
    for k, params in enumerate(settings(1, [4, 5, 6, 7, 8], [1, 2, 3, 4])):
        yield params, data, edited() if k % 5 == 0 else {}


def grid_2d():
    data = demo_2d().data
    for k, params in enumerate(settings(2, [4, 5, 7], [1, 2, 3, 4])):
        yield params, data, edited() if k % 7 == 0 and params["size"] == [5, 5] else {}


def edited():
    """The reader put in equal numbers, negative ones and fractions, in x and in the gradient."""
    x = [((3 * i) % 4 - 2) / 2 for i in range(25)]
    return {"x": {"shape": [5, 5, 1], "data": x}, "dY": {"shape": [2, 2, 1], "data": [1, -2, 0.5, 4]}}


def read(params, data):
    """x of these settings, as the figure shows it."""
    return pool.fit(data["x"], [*params["size"], params["channels"]])
