"""Transposed convolution: two figures to drive, and the settings their controls reach."""

import itertools

import numpy as np

from byhand.figures import explain, transpose
from byhand.layers import Conv1DTranspose, Conv2DTranspose


def figure(make, x, kernel, bias=None, **options):
    settings = {k: options.pop(k) for k in ("strides", "padding", "output_padding") if k in options}
    kernel = np.array(kernel, float)[..., None, None]
    x = np.array(x, float)[None, ..., None]
    layer = make(1, kernel.shape[:-2], use_bias=bias is not None, **settings)
    layer(x)
    layer.set_weights([kernel] + ([[bias]] if bias is not None else []))
    return explain(layer, x, **options)


def demo_1d(**options):
    return figure(Conv1DTranspose, [2, -1, 3], [1, 2, -1], strides=2, padding="same", **options)


def demo_2d(**options):
    kernel = [[1, 0, 2], [-1, 3, 1], [0, 1, -2]]
    return figure(Conv2DTranspose, [[1, 2], [3, -1]], kernel, bias=1, strides=2, padding="same", **options)


def settings(rank, sizes, kernels):
    for view, n, k, stride, padding, extra, bias in itertools.product(
        ("forward", "backward"), sizes, kernels, (1, 2, 3), ("valid", "same"), (None, 0, 1, 2), (False, True)
    ):
        params = {
            "rank": rank,
            "size": [n] if rank == 1 else [n, 2],
            "kernel_size": [k] if rank == 1 else [k, 3],
            "strides": [stride] * rank,
            "padding": padding,
            "output_padding": None if extra is None else [extra] * rank,
            "use_bias": bias,
            "view": view,
        }
        if transpose.refusal(params) is None:
            yield params


def grid_1d():
    data = demo_1d().data
    for k, params in enumerate(settings(1, [2, 3, 4, 5], [2, 3, 4, 5])):
        edits = {"x": {"shape": [3], "data": [0.5, -2, 1.25]}, "dY": {"shape": [3], "data": [2, 0, -1]}}
        yield params, data, edits if k % 6 == 0 else {}


def grid_2d():
    data = demo_2d().data
    for params in settings(2, [2, 3, 4], [2, 3, 4, 5]):
        yield params, data, {}
