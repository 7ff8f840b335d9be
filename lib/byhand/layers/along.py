"""A matrix times an array along one of its axes: resizing, and means of windows of changing width."""

import math


def along(axis, matrix, x):
    """y[..., i, ...] = sum over j of matrix[i, j] x[..., j, ...]: matrix (m, n), n cells of x along `axis` become m.

    Every cell is counted, be it times 0: a nan or an infinity makes the whole line nan.
    """
    before, after = math.prod(x.shape[:axis]), math.prod(x.shape[axis + 1 :])
    y = matrix.astype(x.dtype) @ x.reshape(before, x.shape[axis], after)
    return y.reshape(*x.shape[:axis], len(matrix), *x.shape[axis + 1 :])
