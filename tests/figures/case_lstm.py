"""The LSTM: a figure to drive, and the settings its controls reach."""

import itertools

import numpy as np

from byhand.figures import explain
from byhand.layers import LSTM

WEIGHTS = [[[2, 0.5, 1, 0.5]], [[0.5, 0, 0.25, 0.5]], [-1, 1, 0, 0.5]]


def demo(**options):
    layer, x = LSTM(1), np.reshape([1, 0, 0, -1, 0], (1, 5, 1))
    layer(x)
    layer.set_weights(WEIGHTS)
    return explain(layer, x, **options)


def grid():
    data, states = demo().data, {"c0": {"shape": [2], "data": [1, -0.5]}, "h0": {"shape": [1], "data": [0.25]}}
    forces = list(itertools.product(("free", 0, 1), repeat=3))
    combinations = itertools.product((3, 5, 8), (1, 2), (1, 2, 3), ("forward", "backward"))
    for k, (steps, features, units, view) in enumerate(combinations):
        for n, (force_i, force_f, force_o) in enumerate(forces):
            if (n + k) % 3:
                continue
            force = {"force_i": force_i, "force_f": force_f, "force_o": force_o, "force_from": 1 + (n + k) % 3}
            params = {"steps": steps, "features": features, "units": units, **force, "view": view}
            yield params, data, states if n % 2 == 0 else {}
