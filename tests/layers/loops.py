"""The definitions as plain loops over every number: slow, short and with no line in common with the library."""

import itertools

import numpy as np


def same(n, k, s, d):
    out = -(-n // s)
    total = max((out - 1) * s + (k - 1) * d + 1 - n, 0)
    return out, total // 2


def outputs(space, size, strides, dilation, padding):
    """For each axis: how many outputs, and how far the first window starts before the first cell."""
    for n, k, s, d in zip(space, size, strides, dilation):
        if padding == "same":
            yield same(n, k, s, d)
        elif padding == "causal":
            yield -(-n // s), (k - 1) * d
        else:
            yield (n - (k - 1) * d - 1) // s + 1, 0


def windows(space, size, strides, dilation, padding):
    """Yield (output position, tap, input position) for every pair whose input position is a real cell."""
    out, before = zip(*outputs(space, size, strides, dilation, padding))
    for o in np.ndindex(*out):
        for j in np.ndindex(*size):
            at = tuple(a * s + b * d - p for a, s, b, d, p in zip(o, strides, j, dilation, before))
            if all(0 <= i < n for i, n in zip(at, space)):
                yield o, j, at


def conv(x, kernel, bias, strides, padding, dilation, groups):
    size, (c_group, filters) = kernel.shape[:-2], kernel.shape[-2:]
    out = [n for n, _ in outputs(x.shape[1:-1], size, strides, dilation, padding)]
    y = np.zeros((len(x), *out, filters)) + bias
    for o, j, at in windows(x.shape[1:-1], size, strides, dilation, padding):
        for f, c in itertools.product(range(filters), range(c_group)):
            first = f // (filters // groups) * c_group
            y[(slice(None), *o, f)] += x[(slice(None), *at, first + c)] * kernel[(*j, c, f)]
    return y


def conv_transpose(x, kernel, bias, out, strides, padding, dilation):
    """Stamp the kernel, times each input cell, onto the output; what falls outside is cut off."""
    size, (filters, channels) = kernel.shape[:-2], kernel.shape[-2:]
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation)]
    cut = [max((n - 1) * s + k - m, 0) // 2 if padding == "same" else 0
           for n, s, k, m in zip(x.shape[1:-1], strides, spans, out)]  # fmt: skip
    y = np.zeros((len(x), *out, filters)) + bias
    for i in np.ndindex(*x.shape[1:-1]):
        for j in np.ndindex(*size):
            at = tuple(a * s + b * d - p for a, s, b, d, p in zip(i, strides, j, dilation, cut))
            if all(0 <= a < n for a, n in zip(at, out)):
                for f, c in itertools.product(range(filters), range(channels)):
                    y[(slice(None), *at, f)] += x[(slice(None), *i, c)] * kernel[(*j, f, c)]
    return y


def pool(x, size, strides, padding, combine):
    """combine: max, or the mean of a list."""
    dilation = (1,) * len(size)
    out = [n for n, _ in outputs(x.shape[1:-1], size, strides, dilation, padding)]
    y = np.zeros((len(x), *out, x.shape[-1]))
    seen = {}
    for o, _, at in windows(x.shape[1:-1], size, strides, dilation, padding):
        seen.setdefault(o, []).append(at)
    for (o, cells), n, c in itertools.product(seen.items(), range(len(x)), range(x.shape[-1])):
        y[(n, *o, c)] = combine([x[(n, *at, c)] for at in cells])
    return y
