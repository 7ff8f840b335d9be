"""LocallyConnected1D and Conv1D: a figure to drive, and the settings its controls reach."""

import itertools
import random

import numpy as np

from byhand.figures import explain, local
from byhand.layers import LocallyConnected1D

ROW = [1, 3, 0, 2, -1, 1]
KERNELS = [[1, 0, -1], [0, 2, 0], [1, 1, 1], [-1, 2, -1]]


def demo(**options):
    layer, x = LocallyConnected1D(1, 3), np.array(ROW, float).reshape(1, 6, 1)
    layer(x)
    layer.set_weights([np.reshape(KERNELS, (4, 3, 1)), np.reshape([1, 0, -1, 2], (4, 1))])
    return explain(layer, x, **options)


def grid():
    figure, draw = demo(), random.Random(0)
    depths = itertools.cycle(itertools.product((1, 2), (1, 2)))
    settings = itertools.product(range(4, 9), range(1, 6), (1, 2, 3), ("shared", "unshared"), ("forward", "backward"))
    for k, (size, kernel, stride, weights, view) in enumerate(settings):
        channels, filters = next(depths) if k % 4 == 0 else (draw.choice((1, 2)), draw.choice((1, 2)))
        params = {
            "weights": weights,
            "size": size,
            "channels": channels,
            "filters": filters,
            "kernel_size": kernel,
            "strides": stride,
            "use_bias": draw.random() < 0.8,
            "view": view,
        }
        if local.refusal(params) is None:
            yield params, figure.data, edited(figure.data) if k % 7 == 0 else {}


def edited(data):
    """The reader put fractions into x."""
    x = data["x"]
    return {"x": {"shape": x["shape"], "data": [v + 0.25 * (i % 3) for i, v in enumerate(x["data"])]}}
