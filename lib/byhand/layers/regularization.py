"""Layers that disturb the data in training and leave it alone otherwise: dropout and noise.

All draw from the generator of set_random_seed, or from their own if they are given a seed. The random numbers are not
those of Keras; their law is. Source: https://keras.io/api/layers/regularization_layers/ ; Srivastava et al. 2014
"""

import math

import numpy as np

from . import arguments, initializers, regularizers
from .base import Layer


class Random(Layer):
    """A layer with a generator of its own (`seed`), or else the one that all layers share."""

    supports_masking = True

    def __init__(self, seed=None, **options):
        super().__init__(**options)
        self.seed = seed
        self.own_generator = None if seed is None else np.random.default_rng(seed)

    @property
    def generator(self):
        return self.own_generator or initializers.generator()


class Dropout(Random):
    """Training: y = x / (1 - rate) where a number stays, 0 where it is dropped (chance `rate`); otherwise y = x.

    Back: the same numbers are dropped from dy. noise_shape: the shape of the mask, 1 where one draw serves a whole
    axis, None for x's own size. ValueError unless 0 <= rate <= 1 and noise_shape fits x.
    """

    def __init__(self, rate, noise_shape=None, seed=None, **options):
        super().__init__(seed, **options)
        self.rate = share(type(self).__name__, "rate", rate)
        self.noise_shape = self.check_noise_shape(noise_shape)

    def check_noise_shape(self, noise_shape):
        if noise_shape is None:
            return None
        kind = type(self).__name__
        if isinstance(noise_shape, str) or not hasattr(noise_shape, "__iter__"):
            raise ValueError(f"{kind}: noise_shape is a tuple of whole numbers and None; got {noise_shape!r}")
        return tuple(n if n is None else arguments.whole(kind, "noise_shape", n) for n in noise_shape)

    def mask_shape(self, shape):
        """The shape of the mask for x of this shape."""
        if self.noise_shape is None:
            return shape
        wanted = [n if m is None else m for m, n in zip(self.noise_shape, shape)]
        if len(self.noise_shape) != len(shape) or any(m not in (1, n) for m, n in zip(wanted, shape)):
            raise ValueError(f"{type(self).__name__}: noise_shape {self.noise_shape} does not stretch to {shape}")
        return tuple(wanted)

    def call(self, x, training=False):
        self.stays = None
        if not training or self.rate == 0:
            return x
        self.stays = self.generator.random(self.mask_shape(x.shape)) >= self.rate
        return self.backward(x)

    def backward(self, dy):
        if self.stays is None:
            return dy
        scale = 1 / (1 - self.rate) if self.rate < 1 else 0
        return np.where(self.stays, dy * scale, 0)


class SpatialDropout(Dropout):
    """Dropout of whole channels: one draw for each (sample, channel). The input has `rank` axes of space."""

    rank, data_format = None, "channels_last"

    def mask_shape(self, shape):
        if len(shape) != self.rank + 2:
            raise ValueError(
                f"{type(self).__name__} takes {self.rank + 2} axes, batch and channels among them; got {shape}"
            )
        space = (1,) * self.rank
        return (*shape[:2], *space) if self.data_format == "channels_first" else (shape[0], *space, shape[-1])

    def call(self, x, training=False):
        self.mask_shape(x.shape)
        return super().call(x, training)


class SpatialDropout1D(SpatialDropout):
    """SpatialDropout of x (B, steps, channels) (Tompson et al. 2014)."""

    rank = 1

    def __init__(self, rate, seed=None, name=None, dtype=None):
        super().__init__(rate, seed=seed, name=name, dtype=dtype)


class SpatialDropout2D(SpatialDropout):
    """SpatialDropout of x (B, height, width, channels), or channels second with data_format="channels_first"."""

    rank = 2

    def __init__(self, rate, data_format=None, seed=None, name=None, dtype=None):
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        formats = ("channels_last", "channels_first")
        self.data_format = arguments.choice(type(self).__name__, "data_format", data_format or formats[0], formats)


class SpatialDropout3D(SpatialDropout2D):
    """SpatialDropout of x (B, depth, height, width, channels), or channels second."""

    rank = 3


class GaussianDropout(Random):
    """Training: y = x n with n normal of mean 1 and variance rate / (1 - rate), as Dropout's; otherwise y = x."""

    def __init__(self, rate, seed=None, **options):
        super().__init__(seed, **options)
        self.rate = share("GaussianDropout", "rate", rate)

    def call(self, x, training=False):
        self.noise = 1
        if training and self.rate > 0:
            if self.rate == 1:
                raise ValueError("GaussianDropout: with rate 1 the noise is infinite; take a rate below 1")
            self.noise = self.generator.normal(1, math.sqrt(self.rate / (1 - self.rate)), x.shape).astype(x.dtype)
        return x * self.noise

    def backward(self, dy):
        return dy * self.noise


class GaussianNoise(Random):
    """Training: y = x + n with n normal of mean 0 and deviation `stddev` (0 to 1); otherwise y = x. Back: dx = dy."""

    def __init__(self, stddev, seed=None, **options):
        super().__init__(seed, **options)
        self.stddev = share("GaussianNoise", "stddev", stddev)

    def call(self, x, training=False):
        if not training or self.stddev == 0:
            return x
        return x + self.generator.normal(0, self.stddev, x.shape).astype(x.dtype)

    def backward(self, dy):
        return dy


class AlphaDropout(Dropout):
    """Training: dropped numbers become selu's lowest value -1.758, then y = a x + b brings back mean 0 and variance 1.

    For networks of selu units (Klambauer et al. 2017); otherwise y = x."""

    low = -1.6732632423543772 * 1.0507009873554805

    def check_noise_shape(self, noise_shape):
        return None if noise_shape is None else tuple(noise_shape)

    def call(self, x, training=False):
        self.stays = None
        if not training or self.rate == 0:
            return x
        if self.rate == 1:
            raise ValueError("AlphaDropout: with rate 1 nothing stays that could be scaled back; take a rate below 1")
        self.a = ((1 - self.rate) * (1 + self.rate * self.low**2)) ** -0.5
        b = -self.a * self.low * self.rate
        self.stays = self.generator.random(self.mask_shape(x.shape)) >= self.rate
        return self.a * np.where(self.stays, x, x.dtype.type(self.low)) + b

    def backward(self, dy):
        return dy if self.stays is None else self.a * dy * self.stays


class ActivityRegularization(Layer):
    """y = x; adds l1 sum |x| + l2 sum x^2, divided by the batch size, to the loss, and its gradient to dx."""

    supports_masking = True

    def __init__(self, l1=0.0, l2=0.0, **options):
        super().__init__(activity_regularizer=regularizers.L1L2(l1, l2), **options)

    def call(self, x):
        return x

    def backward(self, dy):
        return dy


def share(kind, name, value):
    """`value` as a number from 0 to 1."""
    if value is None or isinstance(value, str) or not 0 <= value <= 1:
        raise ValueError(f"{kind}: {name} is a number from 0 to 1; got {value!r}")
    return value
