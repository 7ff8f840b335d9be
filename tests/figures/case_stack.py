"""A stack of Conv1D: a figure to drive, and the settings its controls reach."""

import itertools
import random

import numpy as np

from byhand.figures import explain, stack
from byhand.layers import Conv1D
from byhand.training import Sequential

X = [2, 0, 1, 3, -1, 2, 1, 0, 2, 1, -2, 1]
KERNELS = [[1, 2], [-1, 1], [2, 1]]


def demo(**options):
    layers = [Conv1D(1, 2, padding="causal", dilation_rate=d) for d in (1, 2, 4)]
    model, x = Sequential(layers), np.reshape(X, (1, 12, 1)).astype("float32")
    model(x)
    for layer, kernel in zip(layers, KERNELS):
        layer.set_weights([np.reshape(kernel, (2, 1, 1)), [0]])
    return explain(model, x, **options)


def grid():
    data, draw = demo().data, random.Random(4)
    views = ("forward", "leak", "backward")
    for layers, steps, kernel, padding, view in itertools.product(
        (1, 2, 3, 4), (8, 12, 16), (2, 3), ("causal", "same", "valid"), views
    ):
        params = {
            "layers": layers,
            "steps": steps,
            "kernel_size": [kernel] * 4,
            "dilation_rate": [draw.choice([1, 2, 3, 4, 8]) for _ in range(4)],
            "padding": padding,
            "at": draw.randrange(steps),
            "view": view,
        }
        if stack.refusal(params, stack.Geometry(params)) is None:
            yield params, data, {"x": {"shape": [12, 1], "data": [v + 0.5 for v in X]}} if steps == 12 else {}
