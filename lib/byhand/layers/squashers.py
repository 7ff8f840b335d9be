"""Activation functions that bend a line at both ends: sigmoid, tanh, their straight-edged copies, and the shrinkers.

Each function is followed by its derivative, (dy, z, y) -> dz. Source: https://keras.io/api/layers/activations/
"""

import numpy as np

from .derivatives import derivative


def linear(z):
    """y = z."""
    return z


@derivative(linear)
def _(dy, z, y):
    return dy


def exponential(z):
    """y = e^z."""
    return np.exp(z)


@derivative(exponential)
def _(dy, z, y):
    return dy * y


def sigmoid(z):
    """y = 1 / (1 + e^-z), written with tanh so that no exponential overflows."""
    return 0.5 * (1 + np.tanh(0.5 * z))


@derivative(sigmoid)
def _(dy, z, y):
    return dy * y * (1 - y)


def log_sigmoid(z):
    """y = log(1 / (1 + e^-z)), written so that no exponential overflows."""
    return np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z)))


@derivative(log_sigmoid)
def _(dy, z, y):
    return dy * sigmoid(-z)


def hard_sigmoid(z):
    """y = z / 6 + 1/2, cut to [0, 1]. Keras 2 had z / 5 instead of z / 6."""
    return np.clip(z + 3, 0, 6) / 6


@derivative(hard_sigmoid)
def _(dy, z, y):
    return dy * ((y > 0) & (y < 1)) / 6


def hard_silu(z):
    """y = z hard_sigmoid(z), also called hard swish (Howard et al. 2019)."""
    return z * hard_sigmoid(z)


@derivative(hard_silu)
def _(dy, z, y):
    s = hard_sigmoid(z)
    return dy * (s + z * ((s > 0) & (s < 1)) / 6)


def sparse_sigmoid(z):
    """y = (z + 1) / 2, cut to [0, 1]."""
    return np.clip((z + 1) / 2, 0, 1)


@derivative(sparse_sigmoid)
def _(dy, z, y):
    return 0.5 * dy * ((z > -1) & (z < 1))


def tanh(z):
    """y = (e^z - e^-z) / (e^z + e^-z)."""
    return np.tanh(z)


@derivative(tanh)
def _(dy, z, y):
    return dy * (1 - y * y)


def hard_tanh(z):
    """y = z, cut to [-1, 1]."""
    return np.clip(z, -1, 1)


@derivative(hard_tanh)
def _(dy, z, y):
    return dy * ((z >= -1) & (z <= 1))


def softsign(z):
    """y = z / (1 + |z|)."""
    return z / (1 + np.abs(z))


@derivative(softsign)
def _(dy, z, y):
    return dy / (1 + np.abs(z)) ** 2


def tanh_shrink(z):
    """y = z - tanh(z)."""
    return z - np.tanh(z)


@derivative(tanh_shrink)
def _(dy, z, y):
    return dy * np.tanh(z) ** 2


def soft_shrink(z, threshold=0.5):
    """y = z moved towards 0 by threshold, and 0 where it would cross it."""
    return np.where(z > threshold, z - threshold, np.where(z < -threshold, z + threshold, 0))


def hard_shrink(z, threshold=0.5):
    """y = z where |z| > threshold, 0 else."""
    return np.where(np.abs(z) > threshold, z, 0)


@derivative(soft_shrink)
@derivative(hard_shrink)
def _(dy, z, y, threshold=0.5):
    return dy * (np.abs(z) > threshold)
