"""The three heads: a figure to drive, and the settings its controls reach."""

import itertools

import numpy as np

from byhand.figures import explain
from byhand.layers import GlobalAveragePooling2D

BLOB = [[[4, 0], [-1, 2]], [[2, 1], [3, 5]]]


def demo(**options):
    x = np.zeros((1, 4, 4, 2))
    x[0, 2:, 1:3] = BLOB
    return explain(GlobalAveragePooling2D(), x, **options)


def grid():
    data = demo().data
    sizes = ([3, 3], [4, 4], [4, 6])
    blobs = ([1, 1], [2, 2], [3, 3], [2, 1])
    for k, (size, blob, channels, view) in enumerate(
        itertools.product(sizes, blobs, (1, 2, 3), ("forward", "backward"))
    ):
        room = [n - b for n, b in zip(size, blob)]
        for place in ([0, 0], room, [min(room[0], 1), 0]):
            params = {"size": size, "blob": blob, "place": place, "channels": channels, "view": view}
            yield params, data, edited() if k % 3 == 0 else {}


def edited():
    """The reader put in equal numbers, negative ones and fractions."""
    return {
        "x": {"shape": [2, 2, 2], "data": [-1, 0.5, -1, -2, -0.25, 0.5, -3, -1]},
        "V": {"shape": [2, 2], "data": [0.5, 2, -1, 0]},
        "F": {"shape": [4, 4, 1, 2], "data": [(i * 3 % 7 - 3) / 2 for i in range(32)]},
        "ds": {"shape": [2], "data": [-1, 0.5]},
    }
