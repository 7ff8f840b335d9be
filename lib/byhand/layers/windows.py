"""Sliding windows over N axes of space: how much to pad, how many fit, and two ways to visit them all.

Arrays are (batch, *space, channels). `patches` gathers every window for one matrix product; `taps` visits each offset
inside the window once, over all windows together. Convolution, pooling and the recurrent convolutions stand on these.
Lengths and padding are TensorFlow's: https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
"""

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

BLOCK = 2**21  # bytes of gathered windows that still stay in a processor's cache


def same_padding(length, size, stride=1, dilation=1):
    """(cells before, cells after) so that ceil(length / stride) windows fit. An odd cell goes after."""
    span = (size - 1) * dilation + 1
    total = max((-(-length // stride) - 1) * stride + span - length, 0)
    return total // 2, total - total // 2


def output_length(length, size, stride=1, padding="valid", dilation=1):
    """How many windows fit along one axis of `length` cells; None if the length is not known yet."""
    if length is None:
        return None
    if padding in ("same", "causal"):
        return -(-length // stride)
    return (length - (size - 1) * dilation - 1) // stride + 1


def output_space(space, size, strides, padding, dilation, what="the window"):
    """How many windows fit along each axis, as a tuple. ValueError, about `what`, if along one axis none does."""
    out = tuple(map(output_length, space, size, strides, [padding] * len(space), dilation))
    if any(n is not None and n < 1 for n in out):
        span = tuple((k - 1) * d + 1 for k, d in zip(size, dilation))
        dilated = f" with dilation {tuple(dilation)} spans {span} and" if max(dilation) > 1 else ""
        raise ValueError(
            f"{what} {tuple(size)}{dilated} does not fit in space {tuple(space)} with padding 'valid'; "
            "take a smaller one, or padding='same'"
        )
    return out


def padding_widths(space, size, strides, padding, dilation):
    """(before, after) for each axis of space. A list of such pairs, given as `padding`, is taken as it is."""
    if padding == "valid":
        return [(0, 0)] * len(space)
    if padding == "causal":  # all in front: a window ends at its own step and never sees a later one
        return [((k - 1) * d, 0) for k, d in zip(size, dilation)]
    if padding == "same":
        return list(map(same_padding, space, size, strides, dilation))
    return list(padding)


def pad(x, widths, value=0):
    """x (N, *space, C) with `before` and `after` cells of `value` added along each axis of space."""
    if not any(before or after for before, after in widths):
        return x
    space = [n + before + after for n, (before, after) in zip(x.shape[1:], widths)]
    xp = np.full((len(x), *space, x.shape[-1]), value, x.dtype)
    crop(xp, widths, x.shape)[...] = x
    return xp


def crop(xp, widths, shape):
    """The part of the padded `xp` that holds the original of this shape; a view."""
    return xp[(slice(None), *(slice(before, before + n) for n, (before, _) in zip(shape[1:-1], widths)))]


def taps(size, strides, dilation, out):
    """Yield (tap, where) for each offset in the window: xp[where] (N, *out, C) is what all windows see at that tap."""
    for tap in np.ndindex(*size):
        where = [slice(j * d, j * d + s * (n - 1) + 1, s) for j, d, s, n in zip(tap, dilation, strides, out)]
        yield tap, (slice(None), *where)


def blocks(samples, nbytes):
    """Yield slices of so many samples, each `nbytes` of work, that what is made on the way stays in the cache."""
    step = max(1, BLOCK // max(1, nbytes))
    for first in range(0, samples, step):
        yield slice(first, min(first + step, samples))


def patches(xp, size, strides, dilation, out, groups=1):
    """Yield (samples, columns): all windows of the padded xp (N, *space, C), a cache-sized block of samples at a time.

    columns (groups, positions, taps * C/groups) holds one window a row. The windows are a view that steps through
    memory; the one copy is made when its axes are folded into a matrix.
    """
    (n, *_, c), (next_sample, *next_cell, next_channel) = xp.shape, xp.strides
    window_step = [s * b for s, b in zip(strides, next_cell)]
    tap_step = [d * b for d, b in zip(dilation, next_cell)]
    c_group, rank, positions = c // groups, len(size), math.prod(out)
    view = as_strided(
        xp,
        (groups, n, *out, *size, c_group),
        (c_group * next_channel, next_sample, *window_step, *tap_step, next_channel),
        writeable=False,
    )
    rows_first = c_group > 2  # with one or two channels a row is made of tiny runs; whole columns copy faster
    if not rows_first:
        view = view.transpose(0, *range(rank + 2, 2 * rank + 3), *range(1, rank + 2))
    depth = math.prod(size) * c_group
    for samples in blocks(n, groups * positions * depth * xp.itemsize):
        if rows_first:
            yield samples, view[:, samples].reshape(groups, -1, depth)
        else:
            part = view[(slice(None),) * (rank + 2) + (samples,)]
            yield samples, part.reshape(groups, depth, -1).swapaxes(1, 2)
