"""Convolution without shared weights: every position has a kernel of its own.

Keras 3 no longer has these layers; arguments and weights are those of Keras 2. Source: Taigman et al. 2014, DeepFace.
"""

import math

import numpy as np

from . import arguments, initializers
from .convolution import Kernel
from .windows import output_space, patches, taps


class LocallyConnected(Kernel):
    """y[o, f] = activation(bias[o, f] + sum over taps j, channels c of x[o * strides + j, c] * kernel[o, (j, c), f]).

    Input (batch, *space, channels), output (batch, *out, filters). kernel (positions, taps * channels, filters), bias
    (*out, filters): the size of the input is part of the layer. padding is "valid", as without shared weights a
    position that sees the border is nothing special.
    """

    paddings = ("valid",)

    def __init__(self, filters, kernel_size, strides=1, padding="valid", data_format=None, activation=None,
                 use_bias=True, kernel_initializer="glorot_uniform", bias_initializer="zeros",
                 kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
                 bias_constraint=None, **options):  # fmt: skip
        super().__init__(kernel_size, strides, padding, data_format, 1, activation, use_bias,
                         bias_initializer, bias_regularizer, bias_constraint,
                         activity_regularizer=activity_regularizer, **options)  # fmt: skip
        self.filters = arguments.whole(type(self).__name__, "filters", filters)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer, self.kernel_constraint = kernel_regularizer, kernel_constraint
        self.space = None

    def build(self, input_shape):
        channels = self.build_channels(input_shape)
        self.space = self.split_shape(input_shape)[1]
        self.out = self.split_shape(self.compute_output_shape(input_shape))[1]
        if None in self.out:
            kind = type(self).__name__
            raise ValueError(f"{kind} has weights for every position: its space must be known; got {input_shape}")
        shape = (math.prod(self.out), math.prod(self.kernel_size) * channels, self.filters)
        self.add_weight("kernel", shape, self.kernel_initializer,
                        regularizer=self.kernel_regularizer, constraint=self.kernel_constraint)  # fmt: skip
        self.add_bias((*self.out, self.filters))

    def windows(self, x):
        """x as (positions, N, taps * channels)."""
        windows = np.empty((len(x), *self.kernel.shape[:2]), x.dtype)
        for samples, columns in patches(x, self.kernel_size, self.strides, self.dilation_rate, self.out):
            windows[samples] = columns.reshape(-1, *windows.shape[1:])
        return windows.swapaxes(0, 1)

    def call(self, x):
        self.compute_output_shape(x.shape)
        self.x = self.arrange(x)
        z = self.windows(self.x) @ self.kernel  # (positions, N, filters)
        return self.finish(z.swapaxes(0, 1).reshape(len(x), *self.out, self.filters))

    def backward(self, dy):
        dz = self.start_back(dy)
        dz_position = dz.reshape(len(dz), len(self.kernel), self.filters).swapaxes(0, 1)  # (positions, N, filters)
        self.grads = {"kernel": self.windows(self.x).swapaxes(1, 2) @ dz_position}
        if self.use_bias:
            self.grads["bias"] = dz.sum(0)
        if self.skip_input_gradient:
            return None
        dwindows = dz_position @ self.kernel.swapaxes(1, 2)
        dwindows = dwindows.swapaxes(0, 1).reshape(len(dz), *self.out, *self.kernel_size, self.channels)
        dx = np.zeros_like(self.x)
        for tap, where in taps(self.kernel_size, self.strides, self.dilation_rate, self.out):
            dx[where] += dwindows[(slice(None),) * (self.rank + 1) + tap]
        return self.leave(dx)

    def compute_output_shape(self, input_shape):
        kind = type(self).__name__
        batch, space, channels = self.split_shape(input_shape)
        self.check_channels(channels, input_shape)
        if self.built and space != self.space:
            raise ValueError(f"{kind} was built for space {self.space} and has weights for each position; got {space}")
        out = output_space(space, self.kernel_size, self.strides, "valid", self.dilation_rate, f"{kind}: kernel")
        return self.join_shape(batch, out, self.filters)


class LocallyConnected1D(LocallyConnected):
    """(batch, steps, channels) -> (batch, steps, filters), with a kernel for every step."""

    rank = 1


class LocallyConnected2D(LocallyConnected):
    """(batch, height, width, channels) -> (batch, height, width, filters), with a kernel for every position."""

    rank = 2
