"""Growing without weights: every cell repeated, or an image drawn again with more pixels.

Source: https://keras.io/api/layers/reshaping_layers/ ; cubic kernel: Keys 1981; Lanczos 1956.
"""

import numpy as np

from . import arguments
from .along import along
from .spatial import Spatial


def lanczos(radius):
    """sinc(t) * sinc(t / radius) within the radius."""
    return lambda t: np.sinc(t) * np.sinc(t / radius) * (t < radius)


def cubic(t):
    """Keys' kernel with a = -1/2. TensorFlow reads it from a table of 1024 steps a pixel, and so do we."""
    t = np.round(t * 1024) / 1024
    near, far = (1.5 * t - 2.5) * t * t + 1, ((-0.5 * t + 2.5) * t - 4) * t + 2
    return np.where(t <= 1, near, np.where(t < 2, far, 0))


# How much a pixel counts at a distance of t pixels.
KERNELS = {
    "bilinear": lambda t: np.maximum(1 - t, 0),
    "bicubic": cubic,
    "lanczos3": lanczos(3),
    "lanczos5": lanczos(5),
}


def resize_matrix(length, factor, interpolation):
    """The matrix (length * factor, length) that draws `length` pixels again with `factor` times as many.

    Pixels are squares with their value in the middle: the new pixel i lies at (i + 1/2) / factor, the old pixel j at
    j + 1/2. Each row is weighed by the distance and divided by its sum, so that nothing beyond the border counts.
    """
    new, old = (np.arange(length * factor) + 0.5) / factor, np.arange(length) + 0.5
    weights = KERNELS[interpolation](np.abs(new[:, None] - old))
    return weights / weights.sum(1, keepdims=True)


class UpSampling(Spatial):
    """(batch, *space, channels) -> (batch, *space * size, channels): each cell is repeated along each axis of space."""

    def __init__(self, size=2, data_format=None, **options):
        super().__init__(data_format, **options)
        self.size = arguments.sizes(type(self).__name__, "size", size, self.rank)
        self.input_shape = None

    @property
    def space_axes(self):
        first = 1 if self.data_format == "channels_last" else 2
        return range(first, first + self.rank)

    def call(self, x):
        self.output_shape, self.input_shape = self.compute_output_shape(x.shape), x.shape
        for axis, factor in zip(self.space_axes, self.size):
            x = self.grow(x, axis, factor)
        return x

    def backward(self, dy):
        dx = dy
        for axis, factor in zip(self.space_axes, self.size):
            dx = self.shrink(dx, axis, factor)
        return dx

    def grow(self, x, axis, factor):
        return np.repeat(x, factor, axis)

    def shrink(self, dy, axis, factor):
        """Every cell gathers the gradients of its copies."""
        split = (*dy.shape[:axis], dy.shape[axis] // factor, factor, *dy.shape[axis + 1 :])
        return dy.reshape(split).sum(axis + 1)

    def compute_output_shape(self, input_shape):
        batch, space, channels = self.split_shape(input_shape)
        longer = [None if n is None else n * factor for n, factor in zip(space, self.size)]
        return self.join_shape(batch, longer, channels)


class UpSampling1D(UpSampling):
    """Each step `size` times: (batch, steps, channels) -> (batch, steps * size, channels)."""

    rank = 1

    def __init__(self, size=2, **options):
        if "data_format" in options:
            raise TypeError("UpSampling1D has no argument 'data_format'")
        super().__init__(arguments.whole("UpSampling1D", "size", size), **options)


class UpSampling2D(UpSampling):
    """Each pixel `size` times, or by an interpolation: "bilinear", "bicubic", "lanczos3", "lanczos5".

    Interpolation is a matrix product along each axis, and its gradient the product with the transposed matrix. As a
    product counts every pixel, be it times 0, a nan spreads over its channel; in Keras only to the pixels around it.
    "area" is what Keras' resizing calls the mean of the old pixels a new one covers; for whole factors it is "nearest".
    """

    rank = 2

    def __init__(self, size=(2, 2), data_format=None, interpolation="nearest", **options):
        super().__init__(size, data_format, **options)
        known = ("nearest", "area", *KERNELS)
        self.interpolation = arguments.choice("UpSampling2D", "interpolation", interpolation, known)

    def grow(self, x, axis, factor):
        if self.interpolation not in KERNELS:
            return super().grow(x, axis, factor)
        return along(axis, resize_matrix(x.shape[axis], factor, self.interpolation), x)

    def shrink(self, dy, axis, factor):
        if self.interpolation not in KERNELS:
            return super().shrink(dy, axis, factor)
        return along(axis, resize_matrix(dy.shape[axis] // factor, factor, self.interpolation).T, dy)


class UpSampling3D(UpSampling):
    """Each cell of a volume `size` times along every axis."""

    rank = 3
