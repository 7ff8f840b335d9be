"""Layers that keep the size of a signal in hand: batch, layer, group, root-mean-square and unit normalisation.

They differ in the axes the statistics are taken over. Source: https://keras.io/api/layers/normalization_layers/
"""

import math

import numpy as np

from . import arguments, initializers
from .base import Layer
from .moments import mean, standardize, standardize_back


class Normalization(Layer):
    """y = gamma xhat + beta. What every such layer shares: gamma and beta, and the shape they were built for."""

    supports_masking = True

    def __init__(self, axis, epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer,
                 gamma_regularizer, beta_constraint, gamma_constraint, **options):  # fmt: skip
        super().__init__(**options)
        self.axis, self.epsilon, self.center, self.scale = axis, epsilon, center, scale
        self.of_gamma = initializers.get(gamma_initializer), gamma_regularizer, gamma_constraint
        self.of_beta = initializers.get(beta_initializer), beta_regularizer, beta_constraint

    def build(self, input_shape):
        """gamma and beta, with the sizes of x along the axes that `axis` names."""
        kind, self.own_axes = type(self).__name__, self.find_axes(input_shape)
        shape = tuple(input_shape[i] for i in self.written_axes())
        if None in shape:
            raise ValueError(f"{kind} needs to know the size of axis {self.axis}; got shape {input_shape}")
        self.rank, self.sizes = len(input_shape), tuple(input_shape[i] for i in self.own_axes)
        self.broadcast = [n if i in self.own_axes else 1 for i, n in enumerate(input_shape)]
        self.gamma = self.beta = None
        if self.scale:
            initializer, regularizer, constraint = self.of_gamma
            self.add_weight("gamma", shape, initializer, True, regularizer, constraint)
        if self.center:
            initializer, regularizer, constraint = self.of_beta
            self.add_weight("beta", shape, initializer, True, regularizer, constraint)

    def find_axes(self, shape):
        return arguments.axes(type(self).__name__, self.axis, shape)

    def written_axes(self):
        """The axes in the order of the shape of gamma and beta; their numbers are always in the order of x."""
        return self.own_axes

    def check_input(self, shape):
        if len(shape) != self.rank or tuple(shape[i] for i in self.own_axes) != self.sizes:
            wanted = ["any"] * self.rank
            for i, n in zip(self.own_axes, self.sizes):
                wanted[i] = str(n)
            raise ValueError(f"{type(self).__name__} was built for shape ({', '.join(wanted)}); got {shape}")

    def scale_and_shift(self, xhat):
        y = xhat * self.gamma.reshape(self.broadcast) if self.scale else xhat
        return y + self.beta.reshape(self.broadcast) if self.center else y

    def scale_back(self, dy, xhat):
        """The gradient of xhat; fills the gradients of gamma and beta."""
        others = tuple(i for i in range(dy.ndim) if i not in self.own_axes)
        rows = math.prod(dy.shape[i] for i in others)
        self.grads = {}
        if self.scale:
            self.grads["gamma"] = rows * mean(dy * xhat, others).reshape(self.gamma.shape)
        if self.center:
            self.grads["beta"] = rows * mean(dy, others).reshape(self.beta.shape)
        return dy * self.gamma.reshape(self.broadcast) if self.scale else dy

    def compute_output_shape(self, input_shape):
        self.find_axes(input_shape)
        return tuple(input_shape)


class LayerNormalization(Normalization):
    """Each sample by itself: mean and variance over `axis` (one or several); gamma, beta have one number a place there.

    y = gamma (x - mean) / sqrt(variance + epsilon) + beta (Ba et al. 2016). epsilon is 0.001."""

    def __init__(self, axis=-1, epsilon=1e-3, center=True, scale=True, beta_initializer="zeros",
                 gamma_initializer="ones", beta_regularizer=None, gamma_regularizer=None, beta_constraint=None,
                 gamma_constraint=None, *, rms_scaling=False, **options):  # fmt: skip
        super().__init__(axis, epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer,
                         gamma_regularizer, beta_constraint, gamma_constraint, **options)  # fmt: skip
        self.refuse("use RMSNormalization", rms_scaling=rms_scaling)
        if not isinstance(axis, int | list | tuple):
            raise TypeError(f"LayerNormalization: axis is a whole number or a list of them; got {axis!r}")

    def call(self, x):
        self.check_input(x.shape)
        self.xhat, self.s, _, _ = standardize(x, self.average, self.epsilon)
        return self.scale_and_shift(self.xhat)

    def backward(self, dy):
        return standardize_back(self.scale_back(dy, self.xhat), self.xhat, self.s, self.average)

    def average(self, a):
        return mean(a, self.own_axes)

    def written_axes(self):
        """Sorted as they were written, as in Keras: with axis=[1, -1] gamma has the size of the last axis first."""
        return [self.axis] if isinstance(self.axis, int) else sorted(self.axis)


class GroupNormalization(Normalization):
    """Each sample and each group of channels by itself: x (B, ..., C), statistics over all but the batch and the group.

    `axis` is where the channels are; groups divides C, and -1 means one channel a group (instance normalisation).
    gamma, beta (C,) (Wu and He 2018). ValueError if groups does not divide C."""

    def __init__(self, groups=32, axis=-1, epsilon=1e-3, center=True, scale=True, beta_initializer="zeros",
                 gamma_initializer="ones", beta_regularizer=None, gamma_regularizer=None, beta_constraint=None,
                 gamma_constraint=None, **options):  # fmt: skip
        super().__init__(axis, epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer,
                         gamma_regularizer, beta_constraint, gamma_constraint, **options)  # fmt: skip
        self.groups = groups if groups == -1 else arguments.whole("GroupNormalization", "groups", groups)

    def build(self, input_shape):
        (self.channel,) = self.find_axes(input_shape)
        channels = input_shape[self.channel]
        if channels is not None:
            self.groups = channels if self.groups == -1 else self.groups
            if channels < self.groups or channels % self.groups:
                raise ValueError(f"GroupNormalization: {self.groups} groups do not divide {channels} channels")
        super().build(input_shape)

    def find_axes(self, shape):
        if not isinstance(self.axis, int) or self.axis % max(1, len(shape)) == 0:
            raise ValueError(f"GroupNormalization: axis is one axis behind the batch axis; got {self.axis!r}")
        return super().find_axes(shape)

    def call(self, x):
        self.check_input(x.shape)
        self.xhat, self.s, _, _ = standardize(x, self.average, self.epsilon)
        return self.scale_and_shift(self.xhat)

    def backward(self, dy):
        return standardize_back(self.scale_back(dy, self.xhat), self.xhat, self.s, self.average)

    def average(self, a):
        """The mean of each group: of every channel over space, then of the group's channels, given to each of them."""
        c, size = self.channel, a.shape[self.channel] // self.groups
        channels = mean(a, tuple(i for i in range(1, a.ndim) if i != c))
        groups = mean(channels.reshape(*channels.shape[:c], self.groups, size, *channels.shape[c + 1 :]), (c + 1,))
        return np.repeat(groups, size, axis=c + 1).reshape(channels.shape)


class RMSNormalization(Layer):
    """y = scale x / sqrt(mean of x^2 over `axis` + epsilon): like LayerNormalization without taking off a mean.

    scale has one number a place along `axis`: the last axis, or the last several (Zhang and Sennrich 2019).
    Keras multiplies scale along the last axes whatever `axis` says; other axes are refused here."""

    supports_masking = False

    def __init__(self, axis=-1, epsilon=1e-6, **options):
        super().__init__(**options)
        self.axis, self.epsilon = axis, epsilon

    def build(self, input_shape):
        self.own_axes = self.find_axes(input_shape)
        self.add_weight("scale", tuple(input_shape[i] for i in self.own_axes), "ones")

    def find_axes(self, shape):
        found = arguments.axes("RMSNormalization", self.axis, shape)
        if found[0] != len(shape) - len(found):
            raise ValueError(
                f"RMSNormalization: axis is the last axis or the last several; got {self.axis} for {shape}"
            )
        if None in shape[found[0] :]:
            raise ValueError(f"RMSNormalization needs to know the size of axis {self.axis}; got shape {shape}")
        return found

    def call(self, x):
        if x.ndim < self.scale.ndim or x.shape[x.ndim - self.scale.ndim :] != self.scale.shape:
            raise ValueError(
                f"RMSNormalization was built for (..., {str(self.scale.shape)[1:-1]}); got shape {x.shape}"
            )
        self.own_axes = tuple(range(x.ndim - self.scale.ndim, x.ndim))
        self.s = 1 / np.sqrt(mean(x * x, self.own_axes) + self.epsilon)
        self.xhat = x * self.s
        return self.scale * self.xhat

    def backward(self, dy):
        self.grads = {"scale": (dy * self.xhat).sum(axis=tuple(range(self.own_axes[0])))}
        dxhat = dy * self.scale
        return self.s * (dxhat - self.xhat * mean(dxhat * self.xhat, self.own_axes))

    def compute_output_shape(self, input_shape):
        self.find_axes(input_shape)
        return tuple(input_shape)


class UnitNormalization(Layer):
    """y = x / |x|, the length taken over `axis` (one or several). A vector of zeros stays zero.

    Back: dx = (dy - y sum(dy y)) / |x|: the part of dy along y changes nothing."""

    supports_masking = True

    def __init__(self, axis=-1, **options):
        super().__init__(**options)
        if not isinstance(axis, int | list | tuple):
            raise TypeError(f"UnitNormalization: axis is a whole number or a list of them; got {axis!r}")
        self.axis = axis

    def call(self, x):
        self.own_axes = arguments.axes("UnitNormalization", self.axis, x.shape)
        square = (x * x).sum(self.own_axes, keepdims=True)
        with np.errstate(divide="ignore"):
            self.inverse = np.minimum(1 / np.sqrt(square), 1e12).astype(x.dtype)
        self.y = x * self.inverse
        return self.y

    def backward(self, dy):
        return self.inverse * (dy - self.y * (dy * self.y).sum(self.own_axes, keepdims=True))

    def compute_output_shape(self, input_shape):
        arguments.axes("UnitNormalization", self.axis, input_shape)
        return tuple(input_shape)
