"""Cross-entropy of two classes or many, of probabilities or logits, and its slope.

Probabilities are kept 1e-7 away from 0 and 1, as in Keras: beyond that the loss is flat. Logits need no such limit.
"""

import numpy as np

from ..layers.activations import sigmoid, softmax

EPSILON = 1e-7


def clipped(p):
    """(p within [1e-7, 1 - 1e-7], where it was within)."""
    low, high = p.dtype.type(EPSILON), p.dtype.type(1 - EPSILON)
    return np.clip(p, low, high), (p >= low) & (p <= high)


def binary(y, p, from_logits):
    if from_logits:
        return np.maximum(p, 0) - p * y + np.log1p(np.exp(-np.abs(p)))
    q, _ = clipped(p)
    return -(y * np.log(q) + (1 - y) * np.log(1 - q))


def binary_slope(y, p, from_logits):
    if from_logits:
        return sigmoid(p) - y
    q, inside = clipped(p)
    return ((1 - y) / (1 - q) - y / q) * inside


def log_softmax(z):
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def categorical(y, p, from_logits):
    if from_logits:
        return -(y * log_softmax(p)).sum(axis=-1)
    q, _ = clipped(p / p.sum(axis=-1, keepdims=True))
    return -(y * np.log(q)).sum(axis=-1)


def categorical_slope(y, p, from_logits):
    if from_logits:
        return softmax(p) * y.sum(axis=-1, keepdims=True) - y
    total = p.sum(axis=-1, keepdims=True)
    shares = p / total
    q, inside = clipped(shares)
    dshares = -y / q * inside
    return (dshares - (dshares * shares).sum(axis=-1, keepdims=True)) / total


def sparse(y, p, from_logits):
    z = p if from_logits else np.log(clipped(p)[0])
    return -log_softmax(z)[at_class(y)]


def sparse_slope(y, p, from_logits):
    if from_logits:
        dz = softmax(p)
        dz[at_class(y)] -= 1
        return dz
    q, inside = clipped(p)
    dz = q / q.sum(axis=-1, keepdims=True)
    dz[at_class(y)] -= 1
    return dz / q * inside


def at_class(y):
    """Where the right class of each row stands, in an array (*y.shape, classes)."""
    return (*np.indices(y.shape, sparse=True), y)
