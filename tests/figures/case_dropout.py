"""Dropout: a figure to drive, and the settings its controls reach."""

import itertools
import random

import numpy as np

from byhand.figures import explain
from byhand.layers import Dropout

TABLE = [[2, 4, 1, 3], [6, 1, 2, 5], [3, 2, 4, 1]]
DY = [[1, 2, -1, 3], [2, 1, 3, -2], [1, -1, 2, 1]]


def demo(rate=0.5, noise_shape=None, seed=0, **options):
    return explain(
        Dropout(rate, noise_shape=noise_shape, seed=seed), np.array(TABLE, float), dy=np.array(DY, float), **options
    )


def grid():
    figure, draw = demo(), random.Random(0)
    views = itertools.product(("forward", "calls", "backward"), (True, True, False), (0, 0.2, 0.5, 0.75, 0.8))
    for k, (view, training, rate) in enumerate(views):
        for kind, share in (
            ("Dropout", "cell"),
            ("Dropout", draw.choice(("row", "column"))),
            ("SpatialDropout1D", "all"),
        ):
            rows = draw.choice((1, 2, 3, 4))
            params = figure.params | {
                "kind": kind,
                "rate": rate,
                "share": draw.choice((share, "all")) if k % 4 == 1 else share,
                "rows": rows,
                "columns": rows if k % 3 == 0 else draw.choice((1, 2, 3, 4)),
                "sequence": draw.random() < 0.3,
                "training": training,
                "call": draw.choice((0, 1, 7)),
                "calls": draw.choice((1, 2, 4, 8)),
                "view": view,
            }
            yield params, figure.data, edited() if k % 4 == 0 else {}


def edited():
    """The reader put in fractions and zeros."""
    return {
        "x": {"shape": [3, 2], "data": [0.5, 0, -1.25, 3, 0, 2]},
        "dY": {"shape": [2, 2], "data": [0.5, -1, 0, 2]},
    }
