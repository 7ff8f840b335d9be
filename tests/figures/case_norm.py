"""Normalisations: two figures to drive, and the settings their controls reach."""

import itertools
import random

import numpy as np

from byhand.figures import explain, norm
from byhand.figures.norm_asks import AXES, SPACES
from byhand.layers import BatchNormalization, LayerNormalization

TABLE = [[1, 5], [3, 1], [4, 7], [5, 3], [7, 4]]
CARDS = [[[1, 5], [3, 7], [2, 0]], [[4, -2], [0, 2], [6, 8]]]


def demo_batch(**options):
    layer, x = BatchNormalization(momentum=0.5), np.array(TABLE, float)
    layer(x)
    layer.set_weights([np.array(w) for w in ([2, 4], [5, 1], [2, 3], [1, 2])])
    return explain(layer, x, **options)


def demo_layer(**options):
    layer, x = LayerNormalization(axis=[-2, -1]), np.array(CARDS, float)
    layer(x)
    layer.set_weights([np.array([[1, 2], [3, 1], [1, 1]]), np.array([[0, 1], [0, 0], [-1, 0]])])
    return explain(layer, x, **options)


def grid(demo, kinds):
    figure, draw = demo(), random.Random(0)
    modes = [(view, training) for view in ("forward", "moving", "backward") for training in (True, False)]
    for k, (kind, space, (view, training)) in enumerate(itertools.product(kinds, SPACES, modes)):
        for axis, n in itertools.product(AXES[kind][len(space)], (1, 2, 3)):
            channels = draw.choice((1, 2, 3, 4))
            params = {
                "kind": kind,
                "batch": draw.choice((1, 2, 3, 4, 5)),
                "space": space,
                "channels": channels,
                "axis": axis,
                "groups": draw.choice([g for g in (1, 2, 4) if channels % g == 0]),
                "epsilon": draw.choice((0.001, 0.001, 0.5)),
                "training": training,
                "momentum": draw.choice((0, 0.5, 0.9, 0.99)),
                "batches": n,
                "view": view,
            }
            if norm.refusal(params) is None:
                yield params, figure.data, edited(params) if k % 2 else {}


def grid_batch():
    return grid(demo_batch, ["BatchNormalization"])


def grid_layer():
    return grid(demo_layer, ["LayerNormalization", "GroupNormalization", "RMSNormalization"])


def edited(params):
    """The reader put fractions into x, and other means into the batches."""
    shape = [params["batch"], *params["space"], params["channels"]]
    x = {"shape": shape, "data": [(k * 7 % 12) / 4 - 1 for k in range(int(np.prod(shape)))]}
    means = {"shape": [2, 2], "data": [1, -2, 0.5, 3]}
    return {"x": x, "batch mean": means, "moving mean": {"shape": [1], "data": [2.5]}}
