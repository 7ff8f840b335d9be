"""Conv1D, Conv2D and Conv3D: a figure to drive, and the settings its controls reach."""

import itertools
import random

import numpy as np

from byhand.figures import conv, explain
from byhand.layers import Conv1D, Conv2D, Conv3D

IMAGE = [[1, 0, 2, 1, 0], [0, 1, 1, 0, 2], [2, 1, 0, 1, 0], [1, 0, 1, 2, 1], [0, 2, 1, 0, 1]]
EDGES = [[1, 0, -1], [2, 0, -2], [1, 0, -1]]
CLIP = [
    [[0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 2]],
    [[0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 0, 2]],
    [[0, 0, 0, 1, 0], [0, 0, 1, 0, 0], [0, 1, 0, 0, 2]],
]


def demo_2d(**options):
    layer, x = Conv2D(1, 3, padding="same", strides=1), np.array(IMAGE, float).reshape(1, 5, 5, 1)
    layer(x)
    layer.set_weights([np.reshape(EDGES, (3, 3, 1, 1)), [1]])
    return explain(layer, x, **options)


def demo_1d(**options):
    layer, x = Conv1D(2, 3, padding="causal"), np.array([1, 3, 0, 2, -1, 1, 2, 0], float).reshape(1, 8, 1)
    layer(x)
    layer.set_weights([np.reshape([1, 0, -1, 2, 1, -1], (3, 1, 2)), [0, 1]])
    return explain(layer, x, **options)


def demo_3d(**options):
    layer, x = Conv3D(1, (2, 1, 3)), np.array(CLIP, float).reshape(1, 3, 3, 5, 1)
    layer(x)
    layer.set_weights([np.reshape([1, -1, 0, -1, 1, 0], (2, 1, 3, 1, 1)), [1]])
    return explain(layer, x, **options)


def settings(rank, sizes, kernels, paddings, more):
    """Every square setting, then `more` rectangular ones drawn once for all; both with all views and depths."""
    draw = random.Random(rank)
    depths = itertools.cycle(itertools.product((1, 2, 3), (1, 2)))
    square = [([n] * rank, [k] * rank) for n, k in itertools.product(sizes, kernels)]
    uneven = [
        ([draw.choice(sizes) for _ in range(rank)], [draw.choice(kernels) for _ in range(rank)]) for _ in range(more)
    ]
    for (size, kernel), stride, padding, dilation, view in itertools.product(
        square + uneven, (1, 2, 3)[: 2 if rank == 3 else 3], paddings, (1, 2), ("forward", "backward")
    ):
        channels, filters = next(depths)
        params = {
            "rank": rank,
            "size": size,
            "channels": channels,
            "filters": filters,
            "kernel_size": kernel,
            "strides": [stride] * rank,
            "padding": padding,
            "dilation_rate": [dilation] * rank,
            "activation": draw.choice([None, "relu", "sigmoid", "tanh"]) if view == "forward" else None,
            "use_bias": draw.random() < 0.8,
            "view": view,
        }
        if conv.refusal(params) is None:
            yield params


def grid_2d():
    figure = demo_2d()
    for k, params in enumerate(settings(2, [4, 5, 6, 7, 8], [1, 2, 3, 4, 5], ["valid", "same"], 12)):
        yield params, figure.data, edited(figure.data) if k % 7 == 0 else {}


def grid_3d():
    figure = demo_3d()
    for k, params in enumerate(settings(3, [3, 4], [1, 2, 3], ["valid", "same"], 14)):
        yield params, figure.data, edited(figure.data) if k % 7 == 0 else {}


def grid_1d():
    figure = demo_1d()
    for k, params in enumerate(settings(1, [4, 5, 6, 7, 8], [1, 2, 3, 4, 5], ["valid", "same", "causal"], 0)):
        yield params, figure.data, edited(figure.data) if k % 7 == 0 else {}


def edited(data):
    """The reader put fractions into x."""
    x = data["x"]
    return {"x": {"shape": x["shape"], "data": [v + 0.25 * (i % 3) for i, v in enumerate(x["data"])]}}
