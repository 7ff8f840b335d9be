"""The merge layers: a figure to drive, and the settings its controls reach."""

import itertools

import numpy as np

from byhand.figures import explain
from byhand.figures.merge_asks import LAYERS, SHAPES
from byhand.figures.merge_plan import refusal
from byhand.layers import Add, Dot

A = [[1, 2, 3], [4, 0, 5]]
B = [[2], [-1]]
DY = [[1, 2, -1], [3, 1, 2]]
ROWS = [[[1, 2, 0], [3, 1, 2]], [[2, 0, 1], [1, 1, 4]]]


def demo(layer=None, **options):
    return explain(layer or Add(), [np.array(A, float), np.array(B, float)], dy=np.array(DY, float), **options)


def dot(**options):
    rows = np.array(ROWS, float)
    return explain(Dot(axes=2), [rows, rows[:, ::-1] - 1], **options)


def settings():
    """All that the controls can be set to, refused pairs included."""
    for layer, a, b in itertools.product(LAYERS, SHAPES, SHAPES):
        axes = [1, 2, [1, 2], [2, 1], -1] if layer == "Dot" else [1]
        for axis, pair in itertools.product([-1, 0, 1, 2] if layer == "Concatenate" else [-1], axes):
            for normalize, view in itertools.product({False, layer == "Dot"}, ("forward", "backward")):
                yield {
                    "layer": layer,
                    "a": a,
                    "b": b,
                    "axis": axis,
                    "axes": pair,
                    "normalize": normalize,
                    "view": view,
                }


def grid(kinds=LAYERS):
    data, k = demo().data, 0
    for params in settings():
        if params["layer"] in kinds and not refusal(params):
            k += 1
            if k % 2 or params["normalize"]:
                yield params, data, edited() if k % 5 == 0 else {}


def grid_dot():
    return grid(["Dot"])


def edited():
    """The reader put in fractions, equal numbers and a vector of zeros."""
    return {
        "a": {"shape": [2, 3], "data": [0.5, -2, 0, 0, 0, 0]},
        "b": {"shape": [2, 1], "data": [0.5, 0]},
        "dY": {"shape": [2, 3], "data": [0.5, -1, 0, 2, 1, -0.5]},
    }
