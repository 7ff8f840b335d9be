"""Mean 0 and variance 1 over any axes, and the way back: the arithmetic all normalisations share.

xhat = (x - mean) / sqrt(variance + epsilon). With s = 1 / sqrt(variance + epsilon), and means over the same numbers,
dx = s (dxhat - mean(dxhat) - xhat mean(dxhat xhat)): what is common to all, and what lies along xhat, is taken out.
Over which numbers is what the normalisations differ in, so it is handed over as a function, `average`.
"""

import math

import numpy as np


def mean(a, axes):
    """The mean of `a` over `axes` (sorted), kept as axes of size 1.

    A sum over neighbouring axes is a product with a row of ones: fast, and more exact in float32."""
    shape = list(a.shape)
    while axes:
        first, last = axes[-1], axes[-1]
        while first - 1 in axes:
            first -= 1
        count, inner = math.prod(shape[first : last + 1]), math.prod(shape[last + 1 :])
        share = np.full(count, 1 / max(1, count), a.dtype)
        a = a.reshape(math.prod(shape[:first]), count, inner)
        a = a[..., 0] @ share if inner == 1 else share @ a
        shape[first : last + 1] = [1] * (last + 1 - first)
        axes = tuple(i for i in axes if i < first)
    return a.reshape(shape)


def standardize(x, average, epsilon):
    """(xhat, s, mean, variance): x with mean 0 and variance 1, for means by `average`. The variance is divided by n."""
    mu = average(x)
    centred = x - mu
    variance = average(centred * centred)
    s = 1 / np.sqrt(variance + epsilon)
    centred *= s
    return centred, s, mu, variance


def standardize_back(dxhat, xhat, s, average):
    """The gradient of x, given that of xhat."""
    dx = dxhat - average(dxhat)
    dx -= xhat * average(dxhat * xhat)
    dx *= s
    return dx
