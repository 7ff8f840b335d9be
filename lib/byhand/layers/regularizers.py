"""Penalties on weights or outputs, by Keras' names: each has a value and a gradient.

r(w) is a number that is added to the loss; r.gradient(w) has the shape of w. Layers take them as strings ("l2") or as
objects (L2(0.05)). Source: https://keras.io/api/layers/regularizers/
"""

import math

import numpy as np

from .constants import through_float32
from .lookup import by_name, find


class Regularizer:
    """A penalty: a number for an array of any shape, and its gradient of the same shape. This one is 0."""

    def __call__(self, w):
        return 0.0

    def gradient(self, w):
        return np.zeros_like(w)


class L1L2(Regularizer):
    """l1 sum |w| + l2 sum w^2; gradient l1 sign(w) + 2 l2 w. ValueError unless both factors are finite and >= 0."""

    def __init__(self, l1=0.0, l2=0.0):
        self.l1, self.l2 = penalty_factor("l1", l1, 0.0), penalty_factor("l2", l2, 0.0)

    def __call__(self, w):
        return self.l1 * np.abs(w).sum() + self.l2 * np.square(w).sum()

    def gradient(self, w):
        return self.l1 * np.sign(w) + 2 * self.l2 * w


class L1(L1L2):
    """l1 sum |w|."""

    def __init__(self, l1=0.01):
        super().__init__(l1=penalty_factor("l1", l1, 0.01))


class L2(L1L2):
    """l2 sum w^2: no half, so the gradient is 2 l2 w."""

    def __init__(self, l2=0.01):
        super().__init__(l2=penalty_factor("l2", l2, 0.01))


class OrthogonalRegularizer(Regularizer):
    """factor times the mean |n_i . n_j| over pairs of different rows (or columns) n, each of length 1.

    w is a matrix. ValueError for other ranks and for a mode that is neither "rows" nor "columns"."""

    def __init__(self, factor=0.01, mode="rows"):
        if mode not in ("rows", "columns"):
            raise ValueError(f"OrthogonalRegularizer: mode is 'rows' or 'columns'; got {mode!r}")
        self.factor, self.mode = penalty_factor("factor", factor, 0.01), mode

    def unit_rows(self, w):
        """(rows of length 1, their lengths before)."""
        if np.ndim(w) != 2:
            raise ValueError(f"OrthogonalRegularizer takes a matrix; got shape {np.shape(w)}")
        rows = w if self.mode == "rows" else w.T
        length = np.maximum(np.sqrt(np.square(rows).sum(axis=1, keepdims=True)), 1e-7)
        return rows / length, length

    def __call__(self, w):
        n, _ = self.unit_rows(w)
        cosines = n @ n.T
        np.fill_diagonal(cosines, 0)
        return self.factor * 0.5 * np.abs(cosines).sum() / self.pairs(n)

    def gradient(self, w):
        n, length = self.unit_rows(w)
        signs = np.sign(n @ n.T)
        np.fill_diagonal(signs, 0)
        dn = self.factor * (signs @ n) / self.pairs(n)
        drows = (dn - n * (n * dn).sum(axis=1, keepdims=True)) / length
        return drows if self.mode == "rows" else drows.T

    @staticmethod
    def pairs(n):
        return len(n) * (len(n) - 1) / 2


def penalty_factor(name, value, default):
    """`value` as a factor of a penalty."""
    value = default if value is None else value
    if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"a penalty's {name} is a number >= 0; got {value!r}")
    return through_float32(value)


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer
BY_NAME = by_name(Regularizer, L1, L2, L1L2, OrthogonalRegularizer)


def get(identifier):
    """The regularizer called `identifier` ("l2", "L2", "OrthogonalRegularizer" ...); None stays None.

    An object, or any function of w, is taken as it is; without a method `gradient` it can be evaluated, not trained.
    ValueError for a name that Keras does not know."""
    if identifier == "l1_l2":
        raise ValueError("Keras 3 knows no string 'l1_l2' (and 'l1l2' has both factors 0): write L1L2(0.01, 0.01)")
    return find("regularizer", BY_NAME, identifier)
