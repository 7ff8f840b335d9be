"""What a weight must obey after every update, by Keras' names: c(w) gives the allowed weight, shape unchanged.

Layers take them as strings ("max_norm") or as objects (MaxNorm(3)). `axis` is what one norm is taken over: 0 for a
Dense kernel (inputs, units), [0, 1, 2] for a Conv2D kernel. Source: https://keras.io/api/layers/constraints/
"""

import numpy as np

from .lookup import by_name, find

EPSILON = 1e-7


class Constraint:
    """Lets every weight pass."""

    def __call__(self, w):
        return w


class NonNeg(Constraint):
    """max(w, 0)."""

    def __call__(self, w):
        return np.maximum(w, 0)


class MaxNorm(Constraint):
    """Shrinks what is longer than max_value: w min(|w|, max_value) / |w|."""

    def __init__(self, max_value=2, axis=0):
        self.max_value, self.axis = max_value, axis

    def __call__(self, w):
        length = norm(w, self.axis)
        return w * (np.clip(length, 0, self.max_value) / (EPSILON + length))


class UnitNorm(Constraint):
    """w / |w|."""

    def __init__(self, axis=0):
        self.axis = axis

    def __call__(self, w):
        return w / (EPSILON + norm(w, self.axis))


class MinMaxNorm(Constraint):
    """Brings |w| into [min_value, max_value]; with rate < 1 only that share of the way at each update."""

    def __init__(self, min_value=0.0, max_value=1.0, rate=1.0, axis=0):
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w):
        length = norm(w, self.axis)
        wanted = self.rate * np.clip(length, self.min_value, self.max_value) + (1 - self.rate) * length
        return w * (wanted / (EPSILON + length))


def norm(w, axis):
    """Length of w over `axis` (a number or several), kept as axes of size 1."""
    return np.sqrt(np.square(w).sum(axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=True))


max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm
BY_NAME = by_name(Constraint, MaxNorm, NonNeg, UnitNorm, MinMaxNorm)


def get(identifier):
    """The constraint called `identifier` ("max_norm", "MaxNorm" ...), or the object itself; None stays None.

    ValueError for a name that Keras does not know."""
    return find("constraint", BY_NAME, identifier)
