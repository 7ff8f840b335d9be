"""Layers that move numbers: a figure to drive, and the settings its controls reach."""

import itertools

import numpy as np

from byhand.figures import explain
from byhand.figures.rearrange_asks import LAYERS, SHAPES
from byhand.figures.rearrange_moves import refusal
from byhand.layers import RepeatVector, Reshape


def demo(**options):
    return explain(Reshape((2, 2, 4)), np.arange(16.0).reshape(1, 4, 4, 1), **options)


def demo_copies(**options):
    options = {"view": "backward"} | options
    dy = np.array([[[2, 0, -1, 3], [1, 1, 4, -2], [0, 5, 2, 1]]], float)
    return explain(RepeatVector(3), np.arange(4.0).reshape(1, 4), dy=dy, **options)


def grid(view="forward"):
    data = demo().data
    more = [["ZeroPadding2D", [[0, 1], [2, 0]]], ["ZeroPadding1D", [[1, 1]]], ["Cropping2D", [[0, 1], [0, 1]]]]
    more += [["UpSampling2D", [1, 3]], ["Reshape", [12]], ["Permute", [2, 3, 1]], ["Permute", [1]], ["Reshape", [4]]]
    fitting = (s for s in itertools.product([*LAYERS, *more], SHAPES) if refusal(*s) is None)
    for k, (layer, shape) in enumerate(fitting):
        params = {"shape": shape, "layer": layer, "letters": ("first", "last")[k % 2], "view": view}
        yield params, data, edited() if k % 3 == 0 else {}


def grid_back():
    return grid("backward")


def edited():
    """The reader put in fractions and equal numbers."""
    return {
        "x": {"shape": [2, 3], "data": [0.5, 0, -1.25, 7, 7, 0]},
        "dY": {"shape": [3, 2], "data": [0.5, -1, 0, 2, 1, -0.5]},
    }
