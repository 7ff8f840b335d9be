"""Activations: a figure to drive, and the settings its controls reach."""

import numpy as np

from byhand.figures import activations, explain
from byhand.layers import LeakyReLU

X = [-2, -0.5, 1, 3]


def demo(layer=None, **options):
    return explain(layer or LeakyReLU(0.5), np.array([X], float), dy=np.array([[1, 2, -1, 3]], float), **options)


def grid():
    figure = demo()
    for k, name in enumerate(activations.NAMES):
        for n, view in enumerate(("forward", "backward", "depth")):
            yield (
                figure.params
                | {
                    "function": name,
                    "view": view,
                    "bias": [0, -1.5, 2][(k + n) % 3],
                    "depth": [1, 4, 10][k % 3],
                    "alpha": [0.3, 1, 0][n],
                    "approximate": k % 2 == 1,
                },
                figure.data,
                {} if k % 4 else edited(),
            )
    for most in (None, 1, 6):
        for leak in (0, 0.2):
            for threshold in (0, 1):
                given = {"max_value": most, "negative_slope": leak, "threshold": threshold}
                yield figure.params | given | {"function": "relu"}, figure.data, edited()
                yield figure.params | given | {"function": "relu", "view": "backward"}, figure.data, {}
    for view in ("forward", "backward", "depth"):
        yield figure.params | {"function": "gelu", "approximate": True, "view": view}, figure.data, edited()


def edited():
    """The reader put in zeros, numbers at the corners of the functions, and large ones."""
    return {
        "x": {"shape": [4], "data": [0, 7, -0.5, -9]},
        "dY": {"shape": [4], "data": [0.5, -1, 0, 2]},
    }
