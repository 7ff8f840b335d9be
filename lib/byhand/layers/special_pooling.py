"""Pools that Keras does not have: the norm of a window, the deviation from its mean, and products of feature maps.

Bilinear pooling: Lin, RoyChowdhury and Maji 2015, https://arxiv.org/abs/1504.07889
"""

import math

import numpy as np

from . import arguments
from .base import Layer
from .pooling import AveragePooling1D, AveragePooling2D, AveragePooling3D, Pool
from .spatial import Spatial
from .windows import crop, pad


class L2Pooling(Pool):
    """y[o, c] = sqrt(sum over the taps j of x[o * strides + j, c]^2): large values count most.

    Arguments are those of AveragePooling. Where a window is all zeros the norm has no slope; zero is taken.
    """

    def call(self, x):
        self.x, self.widths, self.taps = self.window(x)
        self.xp = pad(self.x, self.widths)
        self.y = np.sqrt(sum(self.xp[where] ** 2 for where in self.taps))
        return self.restore(self.y)

    def backward(self, dy):
        dy = self.arrange(dy)
        share = np.divide(dy, self.y, out=np.zeros_like(dy), where=self.y > 0)
        dxp = np.zeros_like(self.xp)
        for where in self.taps:
            self.stamp(dxp, where, self.xp[where] * share)
        return self.leave(crop(dxp, self.widths, self.x.shape))


class MeanShiftPooling(Spatial):
    """y = x - the mean of the window around it, of the same shape as x: what a cell adds to its neighbourhood.

    The name has no standard definition; this is the deviation from the local mean. The window is centred on its cell
    (its odd cell goes after), and cells beyond the border do not count.
    """

    def __init__(self, pool_size, data_format=None, **options):
        super().__init__(data_format, **options)
        self.pool_size = arguments.sizes(type(self).__name__, "pool_size", pool_size, self.rank)
        self.mean = self.average(self.pool_size, strides=1, padding="same", data_format=data_format, dtype=self.dtype)

    def call(self, x):
        self.split_shape(x.shape)
        return x - self.mean(x)

    def backward(self, dy):
        return dy - self.mean.backward(dy)


class BilinearPooling(Layer):
    """F = sum over positions p of f_p g_p^T: how strongly every channel of f appears together with every one of g.

    Input f (batch, *space, channels), or a list [f, g] over the same space; g is f if it is not given.
    Output (batch, channels of f * channels of g). signed_root: sign(F) sqrt(|F|), so that strong pairs do not drown the
    others. normalize: the vector is divided by its length. Where F is zero the root has no slope; zero is taken.
    """

    several_inputs = True

    def __init__(self, signed_root=True, normalize=True, **options):
        super().__init__(**options)
        self.signed_root = arguments.flag("BilinearPooling", "signed_root", signed_root)
        self.normalize = arguments.flag("BilinearPooling", "normalize", normalize)

    def compute_output_shape(self, input_shape):
        several = len(input_shape) and isinstance(input_shape[0], tuple | list)
        shapes = list(map(tuple, input_shape)) if several else [tuple(input_shape)] * 2
        if len(shapes) != 2 or min(map(len, shapes)) < 3 or shapes[0][:-1] != shapes[1][:-1]:
            raise ValueError(
                "BilinearPooling takes (batch, *space, channels), or two such arrays over the same batch and space; "
                f"got {input_shape}"
            )
        return shapes[0][0], shapes[0][-1] * shapes[1][-1]

    def call(self, inputs):
        f, g = self.maps(inputs)
        self.several, self.shapes = isinstance(inputs, list), (f.shape, g.shape)
        self.compute_output_shape([f.shape, g.shape])
        positions = math.prod(f.shape[1:-1])
        self.f, self.g = (a.reshape(len(a), positions, a.shape[-1]) for a in (f, g))
        self.pairs = (self.f.swapaxes(1, 2) @ self.g).reshape(len(f), f.shape[-1] * g.shape[-1])
        self.root = np.sign(self.pairs) * np.sqrt(np.abs(self.pairs)) if self.signed_root else self.pairs
        self.length = np.linalg.norm(self.root, axis=1, keepdims=True) if self.normalize else 1
        self.length = np.maximum(self.length, 1e-12)
        self.y = self.root / self.length
        return self.y

    def maps(self, inputs):
        if isinstance(inputs, list) and len(inputs) != 2:
            raise ValueError(f"BilinearPooling takes one array or a list of two; got {len(inputs)}")
        return inputs if isinstance(inputs, list) else (inputs, inputs)

    def backward(self, dy):
        if self.normalize:
            dy = (dy - self.y * (dy * self.y).sum(1, keepdims=True)) / self.length
        if self.signed_root:
            slope = 2 * np.abs(self.root)
            dy = np.divide(dy, slope, out=np.zeros_like(dy), where=slope > 0)
        dpairs = dy.reshape(len(dy), self.f.shape[-1], self.g.shape[-1])
        df = (self.g @ dpairs.swapaxes(1, 2)).reshape(self.shapes[0])
        dg = (self.f @ dpairs).reshape(self.shapes[1])
        return [df, dg] if self.several else df + dg


class L2Pooling1D(L2Pooling):
    """Norm of each window of steps."""

    rank = 1


class L2Pooling2D(L2Pooling):
    """Norm of each window of an image."""

    rank = 2


class L2Pooling3D(L2Pooling):
    """Norm of each window of a volume."""

    rank = 3


class MeanShiftPooling1D(MeanShiftPooling):
    """Deviation from the mean of the surrounding steps."""

    rank, average = 1, AveragePooling1D


class MeanShiftPooling2D(MeanShiftPooling):
    """Deviation from the mean of the surrounding pixels."""

    rank, average = 2, AveragePooling2D


class MeanShiftPooling3D(MeanShiftPooling):
    """Deviation from the mean of the surrounding cells of a volume."""

    rank, average = 3, AveragePooling3D
