"""Depthwise convolution, each channel with kernels of its own, and the separable convolution made with it.

Source: https://keras.io/api/layers/convolution_layers/ ; Howard et al. 2017, https://arxiv.org/abs/1704.04861 ;
Chollet 2017, https://arxiv.org/abs/1610.02357
"""

import string

import numpy as np
from numpy.lib.stride_tricks import as_strided

from . import arguments, initializers
from .convolution import Kernel, column_sums, conv, conv_input_grad, conv_kernel_grad, geometry
from .windows import crop, output_space, pad, taps


def spread(x, m):
    """x with every channel repeated m times: channel c becomes c * m to c * m + m - 1."""
    return x if m == 1 else np.repeat(x, m, axis=-1)


def runs(xp, size, strides, dilation, out):
    """The run of numbers that each row of outputs meets at each tap: (N, *out but the last, *size, run); a view.

    In memory a row of cells is one run, with the channels of a cell side by side. A run goes from the first window's
    cell to the last one's; along a row it has the cells between windows too, whatever the stride.
    """
    xp = np.ascontiguousarray(xp)
    (n, *_, channels), (next_sample, *next_cell, _) = xp.shape, xp.strides
    run = (strides[-1] * (out[-1] - 1) + 1) * channels
    window_step = [s * b for s, b in zip(strides[:-1], next_cell)]
    tap_step = [d * b for d, b in zip(dilation, next_cell)]
    steps = next_sample, *window_step, *tap_step, xp.itemsize
    return as_strided(xp, (n, *out[:-1], *size, run), steps, writeable=False)


def depthwise(x, kernel, strides=1, padding="valid", dilation_rate=1):
    """y[o, c * m + i] = sum over taps j of x[o * strides + j * dilation_rate, c] * kernel[j, c, i], i below m.

    x (N, *space, C), kernel (*size, C, m) -> y (N, *out, C * m). There is no sum over channels and so no matrix
    product. With its channels repeated m times a whole row of x meets the same row of weights, tap by tap.
    """
    *size, channels, m = kernel.shape
    strides, dilation, widths, out = geometry(x.shape[1:-1], size, strides, padding, dilation_rate)
    seen = runs(spread(pad(x, widths), m), size, strides, dilation, out)
    cells = seen.shape[-1] // (channels * m)
    weights = np.tile(kernel.reshape(*size, channels * m), cells)
    j = string.ascii_lowercase[: len(size)]
    y = np.einsum(f"...{j}z,{j}z->...z", seen, weights).reshape(len(x), *out[:-1], cells, channels * m)
    return np.ascontiguousarray(y[..., :: strides[-1], :])


def depthwise_kernel_grad(x, dy, size, strides=1, padding="valid", dilation_rate=1):
    """dkernel[j, c, i] = sum over positions o of x[o * strides + j * dilation_rate, c] * dy[o, c * m + i].

    x (N, *space, C), dy (N, *out, C * m) -> (*size, C, m).
    """
    m = dy.shape[-1] // x.shape[-1]
    strides, dilation, widths, out = geometry(x.shape[1:-1], size, strides, padding, dilation_rate)
    xp, dkernel = spread(pad(x, widths), m), np.empty((*size, dy.shape[-1]), dy.dtype)
    axes = list(range(dy.ndim))
    for tap, where in taps(size, strides, dilation, out):
        dkernel[tap] = np.einsum(xp[where], axes, dy, axes, axes[-2:]).sum(0)
    return dkernel.reshape(*size, x.shape[-1], m)


def depthwise_input_grad(dy, kernel, x_shape, strides=1, padding="valid", dilation_rate=1):
    """dx[o * strides + j * dilation_rate, c] += sum over i of dy[o, c * m + i] * kernel[j, c, i], for every o and j.

    dy (N, *out, C * m), kernel (*size, C, m) -> dx of x_shape (N, *space, C). Read from dx, this is a depthwise
    convolution too: over dy with its cells `strides` apart and zeros around, and with the taps in reverse.
    """
    *size, channels, m = kernel.shape
    strides, dilation, widths, out = geometry(x_shape[1:-1], size, strides, padding, dilation_rate)
    *_, (_, last) = taps(size, strides, dilation, out)
    space = [n + sum(w) + d * (k - 1) for n, w, d, k in zip(x_shape[1:-1], widths, dilation, size)]
    apart = np.zeros((len(dy), *space, channels * m), dy.dtype)
    apart[last] = dy
    back = np.flip(kernel, range(len(size))).reshape(*size, channels * m, 1)
    dx = crop(depthwise(apart, back, dilation_rate=dilation), widths, x_shape)
    return dx if m == 1 else dx.reshape(*dx.shape[:-1], channels, m).sum(-1)


class DepthwiseConv(Kernel):
    """y = activation(depthwise(x, kernel) + bias): depth_multiplier kernels for each channel, and channels never mix.

    Input (batch, *space, channels), output (batch, *out, channels * depth_multiplier); kernel (*kernel_size, channels,
    depth_multiplier). Unlike Conv it takes strides and dilation together.
    """

    def __init__(self, kernel_size, strides=1, padding="valid", depth_multiplier=1, data_format=None, dilation_rate=1,
                 activation=None, use_bias=True, depthwise_initializer="glorot_uniform", bias_initializer="zeros",
                 depthwise_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 depthwise_constraint=None, bias_constraint=None, **options):  # fmt: skip
        super().__init__(kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
                         bias_initializer, bias_regularizer, bias_constraint,
                         activity_regularizer=activity_regularizer, **options)  # fmt: skip
        self.depth_multiplier = arguments.whole(type(self).__name__, "depth_multiplier", depth_multiplier)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.depthwise_regularizer, self.depthwise_constraint = depthwise_regularizer, depthwise_constraint

    def build(self, input_shape):
        channels = self.build_channels(input_shape)
        self.add_weight("kernel", (*self.kernel_size, channels, self.depth_multiplier), self.depthwise_initializer,
                        regularizer=self.depthwise_regularizer, constraint=self.depthwise_constraint)  # fmt: skip
        self.add_bias((channels * self.depth_multiplier,))

    def call(self, x):
        self.compute_output_shape(x.shape)
        self.x = self.arrange(x)
        return self.finish(depthwise(self.x, self.kernel, self.strides, self.padding, self.dilation_rate))

    def backward(self, dy):
        dz = self.start_back(dy)
        how = self.strides, self.padding, self.dilation_rate
        self.grads = {"kernel": depthwise_kernel_grad(self.x, dz, self.kernel_size, *how)}
        if self.use_bias:
            self.grads["bias"] = column_sums(dz)
        if self.skip_input_gradient:
            return None
        return self.leave(depthwise_input_grad(dz, self.kernel, self.x.shape, *how))

    def compute_output_shape(self, input_shape):
        batch, space, channels = self.split_shape(input_shape)
        self.check_channels(channels, input_shape)
        what = f"{type(self).__name__}: kernel"
        out = output_space(space, self.kernel_size, self.strides, self.padding, self.dilation_rate, what)
        return self.join_shape(batch, out, None if channels is None else channels * self.depth_multiplier)


class SeparableConv(Kernel):
    """y = activation(conv(depthwise(x, depthwise_kernel), pointwise_kernel) + bias): space first, then channels.

    Input (batch, *space, channels), output (batch, *out, filters); depthwise_kernel (*kernel_size, channels,
    depth_multiplier), pointwise_kernel (1.., channels * depth_multiplier, filters). Nothing stands between the two.
    """

    def __init__(self, filters, kernel_size, strides=1, padding="valid", data_format=None, dilation_rate=1,
                 depth_multiplier=1, activation=None, use_bias=True, depthwise_initializer="glorot_uniform",
                 pointwise_initializer="glorot_uniform", bias_initializer="zeros", depthwise_regularizer=None,
                 pointwise_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 depthwise_constraint=None, pointwise_constraint=None, bias_constraint=None, **options):  # fmt: skip
        super().__init__(kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
                         bias_initializer, bias_regularizer, bias_constraint,
                         activity_regularizer=activity_regularizer, **options)  # fmt: skip
        kind = type(self).__name__
        self.filters = arguments.whole(kind, "filters", filters)
        self.depth_multiplier = arguments.whole(kind, "depth_multiplier", depth_multiplier)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.depthwise_regularizer, self.depthwise_constraint = depthwise_regularizer, depthwise_constraint
        self.pointwise_regularizer, self.pointwise_constraint = pointwise_regularizer, pointwise_constraint

    def build(self, input_shape):
        channels, m = self.build_channels(input_shape), self.depth_multiplier
        self.add_weight("depthwise_kernel", (*self.kernel_size, channels, m), self.depthwise_initializer,
                        regularizer=self.depthwise_regularizer, constraint=self.depthwise_constraint)  # fmt: skip
        self.add_weight("pointwise_kernel", (*(1,) * self.rank, channels * m, self.filters),
                        self.pointwise_initializer, regularizer=self.pointwise_regularizer,
                        constraint=self.pointwise_constraint)  # fmt: skip
        self.add_bias((self.filters,))

    def call(self, x):
        self.compute_output_shape(x.shape)
        self.x = self.arrange(x)
        self.middle = depthwise(self.x, self.depthwise_kernel, self.strides, self.padding, self.dilation_rate)
        return self.finish(conv(self.middle, self.pointwise_kernel))

    def backward(self, dy):
        dz = self.start_back(dy)
        how = self.strides, self.padding, self.dilation_rate
        dmiddle = conv_input_grad(dz, self.pointwise_kernel, self.middle.shape)
        self.grads = {
            "depthwise_kernel": depthwise_kernel_grad(self.x, dmiddle, self.kernel_size, *how),
            "pointwise_kernel": conv_kernel_grad(self.middle, dz, (1,) * self.rank),
        }
        if self.use_bias:
            self.grads["bias"] = column_sums(dz)
        if self.skip_input_gradient:
            return None
        return self.leave(depthwise_input_grad(dmiddle, self.depthwise_kernel, self.x.shape, *how))

    def compute_output_shape(self, input_shape):
        batch, space, channels = self.split_shape(input_shape)
        self.check_channels(channels, input_shape)
        what = f"{type(self).__name__}: kernel"
        out = output_space(space, self.kernel_size, self.strides, self.padding, self.dilation_rate, what)
        return self.join_shape(batch, out, self.filters)


class DepthwiseConv1D(DepthwiseConv):
    """Depthwise convolution along steps: (batch, steps, channels) -> (batch, steps, channels * depth_multiplier)."""

    rank = 1


class DepthwiseConv2D(DepthwiseConv):
    """Depthwise convolution over an image: (batch, height, width, channels) -> (..., channels * depth_multiplier)."""

    rank = 2


class SeparableConv1D(SeparableConv):
    """Separable convolution along steps: (batch, steps, channels) -> (batch, steps, filters)."""

    rank = 1


class SeparableConv2D(SeparableConv):
    """Separable convolution over an image: (batch, height, width, channels) -> (batch, height, width, filters)."""

    rank = 2
