"""ReLU and its relatives: functions that let large inputs through and hold small ones back.

Each function is followed by its derivative, (dy, z, y) -> dz. Source: https://keras.io/api/layers/activations/
"""

import math

import numpy as np

from .constants import through_float32
from .derivatives import derivative
from .erf import erf
from .squashers import sigmoid

# Klambauer et al. 2017: with these two, mean 0 and variance 1 are kept from layer to layer.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def relu(z, negative_slope=0.0, max_value=None, threshold=0.0):
    """y = max(z, 0). In full: z above the threshold, negative_slope (z - threshold) below, nothing above max_value."""
    if threshold == 0 and max_value is None:
        return leaky_relu(z, negative_slope) if negative_slope else np.maximum(z, 0)
    y = np.where(z > threshold, z, 0)
    if max_value is not None:
        y = np.clip(y, 0, through_float32(max_value))
    return y - negative_slope * np.maximum(threshold - z, 0)


@derivative(relu)
def _(dy, z, y, negative_slope=0.0, max_value=None, threshold=0.0):
    if threshold == 0 and max_value is None and negative_slope == 0:
        return dy * (y > 0)
    if threshold == 0 and max_value is None:
        negative_slope = through_float32(negative_slope)
    passes = z > threshold
    held = passes & ((z < 0) | (z >= max_value)) if max_value is not None else False
    return np.where(held, 0, np.where(passes, dy, negative_slope * dy))


def leaky_relu(z, negative_slope=0.2):
    """y = z for z > 0, negative_slope z else (Maas et al. 2013). The layer LeakyReLU has 0.3 instead."""
    return np.maximum(z, 0) + through_float32(negative_slope) * np.minimum(z, 0)


@derivative(leaky_relu)
def _(dy, z, y, negative_slope=0.2):
    above = z > 0
    return dy * above + through_float32(negative_slope) * dy * ~above


def relu6(z):
    """y = min(max(z, 0), 6)."""
    return np.clip(z, 0, 6)


@derivative(relu6)
def _(dy, z, y):
    return dy * ((z > 0) & (z < 6))


def threshold(z, threshold, default_value):
    """y = z for z > threshold, default_value else."""
    return np.where(z > threshold, z, np.asarray(default_value, z.dtype))


@derivative(threshold)
def _(dy, z, y, threshold, default_value):
    return dy * (z > threshold)


def elu(z, alpha=1.0):
    """y = z for z > 0, alpha (e^z - 1) else (Clevert et al. 2016)."""
    return np.maximum(z, 0) + alpha * np.expm1(np.minimum(z, 0))


@derivative(elu)
def _(dy, z, y, alpha=1.0):
    return dy * ((z > 0) + (z <= 0) * (np.minimum(y, 0) + alpha))


def selu(z):
    """y = scale elu(z, alpha) with the two constants of Klambauer et al. 2017."""
    return SELU_SCALE * elu(z, SELU_ALPHA)


@derivative(selu)
def _(dy, z, y):
    return dy * np.where(z >= 0, SELU_SCALE, y + SELU_SCALE * SELU_ALPHA).astype(z.dtype)


def celu(z, alpha=1.0):
    """y = z for z > 0, alpha (e^(z / alpha) - 1) else (Barron 2017): its slope has no jump at 0."""
    return np.maximum(z, 0) + alpha * np.expm1(np.minimum(z, 0) / alpha)


@derivative(celu)
def _(dy, z, y, alpha=1.0):
    return dy * np.exp(np.minimum(z, 0) / alpha)


def softplus(z):
    """y = log(1 + e^z), written so that no exponential overflows."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


@derivative(softplus)
def _(dy, z, y):
    return dy * sigmoid(z)


def squareplus(z, b=4):
    """y = (z + sqrt(z^2 + b)) / 2: softplus without an exponential (Barron 2021)."""
    return (z + np.sqrt(z * z + b)) / 2


@derivative(squareplus)
def _(dy, z, y, b=4):
    return dy * (1 + z / np.sqrt(z * z + b)) / 2


def sparse_plus(z):
    """y = 0 for z <= -1, (z + 1)^2 / 4 in between, z for z >= 1."""
    return np.where(z <= -1, 0, np.where(z < 1, (z + 1) ** 2 / 4, z))


@derivative(sparse_plus)
def _(dy, z, y):
    return dy * np.clip((z + 1) / 2, 0, 1)


def silu(z):
    """y = z sigmoid(z), also called swish (Ramachandran et al. 2017)."""
    return z * sigmoid(z)


@derivative(silu)
def _(dy, z, y):
    s = sigmoid(z)
    return dy * (s + y * (1 - s))


def mish(z):
    """y = z tanh(softplus(z)) (Misra 2019)."""
    return z * np.tanh(softplus(z))


@derivative(mish)
def _(dy, z, y):
    t = np.tanh(softplus(z))
    return dy * (t + z * (1 - t * t) * sigmoid(z))


ROOT_HALF, CUBIC = through_float32(math.sqrt(0.5)), through_float32(0.044715)


def gelu(z, approximate=False):
    """y = z P(X <= z) for a standard normal X; approximate: with tanh in place of erf (Hendrycks and Gimpel 2016)."""
    if approximate:
        return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + CUBIC * z**3)))
    return 0.5 * z * (1 + erf(ROOT_HALF * z))


@derivative(gelu)
def _(dy, z, y, approximate=False):
    if approximate:
        t = np.tanh(math.sqrt(2 / math.pi) * (z + CUBIC * z**3))
        slope = math.sqrt(2 / math.pi) * (1 + 3 * CUBIC * z * z)
        return dy * 0.5 * (1 + t + z * (1 - t * t) * slope)
    density = np.exp(-((ROOT_HALF * z) ** 2)) * ROOT_HALF / math.sqrt(math.pi)
    return dy * (0.5 * (1 + erf(ROOT_HALF * z)) + z * density)
