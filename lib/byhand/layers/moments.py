"""Mean 0 and variance 1 over any axes, and the way back: the arithmetic all normalisations share.

xhat = (x - mean) / sqrt(variance + epsilon). With s = 1 / sqrt(variance + epsilon), and means over the same axes,
dx = s (dxhat - mean(dxhat) - xhat mean(dxhat xhat)): what is common to all, and what lies along xhat, is taken out.
"""

import math

import numpy as np


def mean(a, axes):
    """The mean of `a` over `axes`, kept as axes of size 1.

    Sums over the first or the last axes are products with a row of ones: fast, and more exact in float32."""
    count = math.prod(a.shape[i] for i in axes)
    shape = [1 if i in axes else n for i, n in enumerate(a.shape)]
    if axes == tuple(range(len(axes))):
        return (share(count, a) @ a.reshape(count, math.prod(shape))).reshape(shape)
    if axes == tuple(range(a.ndim - len(axes), a.ndim)):
        return (a.reshape(math.prod(shape), count) @ share(count, a)).reshape(shape)
    return a.mean(axes, keepdims=True)


def share(count, a):
    return np.full(count, 1 / max(1, count), a.dtype)


def standardize(x, axes, epsilon):
    """(xhat, s, mean, variance): x with mean 0 and variance 1 over `axes`. The variance is the mean square, / n."""
    mu = mean(x, axes)
    centred = x - mu
    variance = mean(centred * centred, axes)
    s = 1 / np.sqrt(variance + epsilon)
    centred *= s
    return centred, s, mu, variance


def standardize_back(dxhat, xhat, s, axes):
    """The gradient of x, given that of xhat."""
    dx = dxhat - mean(dxhat, axes)
    dx -= xhat * mean(dxhat * xhat, axes)
    dx *= s
    return dx
