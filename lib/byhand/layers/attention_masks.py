"""Which query may see which key: the masks of multi-head attention, True where a score counts.

Source: https://keras.io/api/layers/attention_layers/multi_head_attention/
"""

import math

import numpy as np


def causal(T, S):
    """(T, S): step t sees the steps up to t."""
    return np.tri(T, S, dtype=bool)


def band(T, S, width):
    """(T, S): step t sees the steps less than `width` away from it."""
    return np.abs(np.arange(T)[:, None] - np.arange(S)) < width


def of_steps(name, mask, shape):
    """A mask of steps (B, T) as an array of bool. ValueError unless it fits an input of this shape."""
    mask = np.asarray(mask, bool)
    if mask.shape != tuple(shape[:2]):
        raise ValueError(f"MultiHeadAttention: {name} is (batch, steps) = {tuple(shape[:2])}; got shape {mask.shape}")
    return mask


def spread(mask, shape, axes):
    """A mask (..., places of the query, places of the key) for scores of this shape, (..., heads, T, S).

    The places lie along `axes` axes each, which become one. Axes before the places that the mask lacks, the heads
    first, get size 1. ValueError if a size is neither that of the scores nor 1.
    """
    mask, places = np.asarray(mask, bool), 2 * axes
    front, back = mask.shape[: mask.ndim - places], mask.shape[mask.ndim - places :]
    whole = (*front, *[1] * (len(shape) - mask.ndim), *back)
    if not places <= mask.ndim <= len(shape) or any(m not in (1, n) for m, n in zip(whole, shape)):
        raise ValueError(
            f"MultiHeadAttention: attention_mask is (batch, T, S), for scores of shape {shape}; got shape {mask.shape}"
        )
    if axes == 1:
        return mask.reshape(whole)
    full = (*whole[:-places], *shape[-places:])
    flat = (*whole[:-places], math.prod(shape[-places:-axes]), math.prod(shape[-axes:]))
    return np.broadcast_to(mask.reshape(whole), full).reshape(flat)
