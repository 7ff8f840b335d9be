"""From one number a sample to one number: weights, masks and the mean, as Keras takes it.

Source: https://keras.io/api/losses/
"""

import numpy as np

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)


def same_rank(a, b):
    """a and b with a last axis of 1 dropped or added where their ranks differ by one: (B,) and (B, 1) go together."""
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        return (a, b[..., None]) if b.ndim == 1 else (a[..., 0], b)
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        return (a[..., None], b) if a.ndim == 1 else (a, b[..., 0])
    return a, b


def weights_of(values, sample_weight=None, mask=None, share=True):
    """What each of the values counts, an array of their shape, or None if all count 1.

    Where mask is False a value counts nothing; with `share` the others take over its part, so that the mean over all
    values is the mean over those that are shown. ValueError for weights that do not fit the values.
    """
    weights = None
    if mask is not None:
        weights = fitting("mask", np.asarray(mask, values.dtype), values)
        if share:
            shown = weights.sum()
            weights = weights * (weights.size / shown if shown else 0.0)
    if sample_weight is not None:
        given = fitting("sample_weight", np.asarray(sample_weight, values.dtype), values)
        weights = given if weights is None else weights * given
    return weights


def fitting(what, weights, values):
    """`weights` spread over the shape of the values."""
    _, found = same_rank(values, weights)
    if found.ndim == values.ndim + 1 and values.ndim == 1 and found.shape[-1] == 1:
        found = found[..., 0]
    try:
        return np.broadcast_to(found, values.shape)
    except ValueError:
        raise ValueError(
            f"{what} of shape {weights.shape} does not fit losses of shape {values.shape}: give one a loss"
        ) from None


def divisor(values, weights, reduction):
    """What the sum of the weighted values is divided by."""
    if reduction == "mean_with_sample_weight" and weights is not None:
        return float(weights.sum())
    return float(values.size) if reduction in ("sum_over_batch_size", "mean", "mean_with_sample_weight") else 1.0
