"""Activation functions in which the numbers along an axis share: softmax, its relatives, and the gated linear unit.

Each function is followed by its derivative, (dy, z, y) -> dz. Source: https://keras.io/api/layers/activations/
"""

import numpy as np

from .derivatives import derivative
from .squashers import sigmoid


def softmax(z, axis=-1):
    """y_i = e^z_i / sum_j e^z_j along `axis` (one or several; None is all).

    The largest z is taken off first, which changes nothing but overflow."""
    e = np.exp(z - z.max(axis, keepdims=True, initial=-np.inf))
    return e / e.sum(axis, keepdims=True)


@derivative(softmax)
def _(dy, z, y, axis=-1):
    return y * (dy - (dy * y).sum(axis, keepdims=True))


def log_softmax(z, axis=-1):
    """y_i = z_i - log sum_j e^z_j along `axis`."""
    z = z - z.max(axis, keepdims=True, initial=-np.inf)
    return z - np.log(np.exp(z).sum(axis, keepdims=True))


@derivative(log_softmax)
def _(dy, z, y, axis=-1):
    return dy - np.exp(y) * dy.sum(axis, keepdims=True)


def sparsemax(z, axis=-1):
    """y = max(z - t, 0) along `axis`, with the one t that makes the sum 1 (Martins and Astudillo 2016).

    Of all lists of shares, the one nearest to z; small ones become exactly 0."""
    ordered = -np.sort(-z, axis=axis)
    along = [-1 if a == axis % z.ndim else 1 for a in range(z.ndim)]
    count = np.arange(1, z.shape[axis] + 1, dtype=z.dtype).reshape(along)
    candidate = (np.cumsum(ordered, axis=axis) - 1) / count  # t, if the `count` largest keep a share
    kept = (ordered > candidate).sum(axis, keepdims=True)
    t = np.take_along_axis(candidate, kept - 1, axis=axis)
    return np.maximum(z - t, 0)


@derivative(sparsemax)
def _(dy, z, y, axis=-1):
    kept = y > 0
    mean = (dy * kept).sum(axis, keepdims=True) / kept.sum(axis, keepdims=True).astype(dy.dtype)
    return kept * (dy - mean)


def glu(z, axis=-1):
    """y = a sigmoid(b), where z is a followed by b along `axis` (Dauphin et al. 2017). ValueError for an odd length."""
    if z.shape[axis] % 2:
        raise ValueError(f"glu halves axis {axis}, so its length must be even; got shape {z.shape}")
    a, b = np.split(z, 2, axis)
    return a * sigmoid(b)


@derivative(glu)
def _(dy, z, y, axis=-1):
    a, b = np.split(z, 2, axis)
    s = sigmoid(b)
    return np.concatenate([dy * s, dy * a * s * (1 - s)], axis)
