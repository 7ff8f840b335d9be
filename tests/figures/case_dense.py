"""Dense: a figure to drive, and the settings its controls reach."""

import itertools

import numpy as np

from byhand.figures import explain
from byhand.layers import Dense

TABLE = [[2, 1], [0, 3]]
KERNEL = [[1, -1, 2], [3, 0, -2]]
BIAS = [0, 1, 1]
DY = [[1, 2, -1], [3, 1, 2]]


def demo(activation="relu", **options):
    layer, x = Dense(3, activation), np.array(TABLE, float)
    layer(x)
    layer.set_weights([np.array(KERNEL), np.array(BIAS)])
    return explain(layer, x, dy=np.array(DY, float), **options)


def grid():
    data = demo().data
    sizes = itertools.product((1, 2, 3), (1, 2, 3, 4), (1, 2, 3, 4))
    for k, (batch, features, units) in enumerate(sizes):
        for n, (activation, view) in enumerate(itertools.product(("none", "relu"), ("forward", "backward"))):
            params = {
                "batch": batch,
                "features": features,
                "units": units,
                "activation": activation,
                "use_bias": (k + n) % 3 > 0,
                "view": view,
            }
            yield params, data, edited() if k % 4 == 0 else {}


def edited():
    """The reader put in fractions and zeros."""
    return {
        "x": {"shape": [2, 2], "data": [0.5, 0, -1.25, 0]},
        "W": {"shape": [2, 3], "data": [0.5, -2, 0, 1, 0.25, -1]},
        "b": {"shape": [3], "data": [-0.5, 2, 0]},
        "dY": {"shape": [2, 3], "data": [0.5, -1, 0, 2, 1, -0.5]},
    }
