"""Wiring between channels: figures to drive, and the settings their controls reach."""

import itertools

import numpy as np

from byhand.figures import explain, wiring
from byhand.layers import Conv2D, DepthwiseConv2D, SeparableConv2D

SIZES = (1, 2, 3, 4, 6)


def numbers(shape, low, high, seed=0):
    """Small whole numbers, the same on every machine."""
    return np.random.default_rng(seed).integers(low, high + 1, shape).astype(float)


def drawn(layer, channels, **options):
    """The figure of `layer` on whole numbers, with weights and biases that are whole numbers too."""
    x = numbers((1, 5, 5, channels), 0, 3)
    layer(x)
    *kernels, bias = layer.get_weights()
    layer.set_weights([*(numbers(k.shape, -1, 2, 1) for k in kernels), np.arange(1, len(bias) + 1)])
    return explain(layer, x, **options)


def grouped(**options):
    return drawn(Conv2D(4, 2, groups=2), 4, figure="wiring", **options)


def depthwise(**options):
    return drawn(DepthwiseConv2D(2, depth_multiplier=2), 3, **options)


def separable(**options):
    return drawn(SeparableConv2D(3, 2, depth_multiplier=2), 2, **options)


def settings(kinds):
    """Every setting that the controls reach and the figure draws; odd ones have no bias."""
    made = itertools.product(kinds, SIZES, SIZES, (1, 2, 3), (1, 2, 3), ("forward", "backward"))
    for n, (kind, channels, filters, many, size, view) in enumerate(made):
        params = {
            "kind": kind,
            "channels": channels,
            "filters": filters,
            "groups": many,
            "depth_multiplier": many,
            "kernel_size": [size, size],
            "out": [(1, 4, 28)[n % 3]] * 2,
            "at": [1, 1],
            "use_bias": n % 4 != 1,
            "view": view,
        }
        if wiring.refusal(params) is None and (many == 1 or kind not in ("full", "pointwise")):
            yield params


def grid_of(demo, *kinds):
    """The grid of a figure: its data, with x and the gradient changed by the reader every seventh time."""

    def grid():
        data = demo().data
        x = data["x"]
        edits = {"x": {"shape": x["shape"], "data": [v + 0.25 * (i % 3) for i, v in enumerate(x["data"])]}}
        edits["dY"] = {"shape": [2], "data": [0.5, -2]}
        whole = {"dY": {"shape": [4, 4, 6], "data": [k % 11 - 5 for k in range(96)]}}  # as explain(dy=...) gives it
        for k, params in enumerate(settings(kinds)):
            yield params, data | (whole if k % 5 == 3 else {}), edits if k % 7 == 0 else {}

    return grid


grid_grouped = grid_of(grouped, "full", "grouped", "pointwise")
grid_depthwise = grid_of(depthwise, "depthwise")
grid_separable = grid_of(separable, "separable")
