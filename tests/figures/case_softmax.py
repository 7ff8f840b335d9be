"""Softmax: a figure to drive, and the settings its controls reach."""

import itertools

import numpy as np

from byhand.figures import explain
from byhand.layers import Softmax

X = [[2, 1, 0], [1, -1, 3]]


def demo(**options):
    dy = np.array([[1, -1, 2], [0, 1, 1]], float)
    return explain(Softmax(), np.array(X, float), dy=dy, **options)


def grid():
    figure = demo()
    sizes = itertools.product((1, 2, 3, 4, 5, 6), (0.25, 1, 1.75, 4), ("forward", "backward"))
    for k, (classes, temperature, view) in enumerate(sizes):
        params = {"classes": classes, "temperature": temperature, "view": view}
        yield params, figure.data, {}
        yield params, figure.data, edited(classes, k)


def edited(classes, k):
    """The reader put in equal scores, fractions and large ones; an edited gradient has sample 0 alone."""
    x = [(3, 3, -0.5, 8, 0)[(i + k) % 5] for i in range(2 * classes)]
    return {
        "x": {"shape": [2, classes], "data": x},
        "dY": {"shape": [classes], "data": [0.5, -1, 2, 0, 1, -2][:classes]},
    }
