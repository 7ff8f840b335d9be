"""Convolution over one, two or three axes: three functions, each the gradient of another, and the layers on them.

Source: https://keras.io/api/layers/convolution_layers/ ; Dumoulin and Visin 2016, https://arxiv.org/abs/1603.07285
"""

import math

import numpy as np

from . import activations, arguments, initializers
from .spatial import Spatial
from .windows import blocks, crop, output_space, pad, padding_widths, patches, taps


def by_group(a, groups):
    """a (..., channels) as (groups, positions, channels/groups); a view."""
    return a.reshape(-1, groups, a.shape[-1] // groups).swapaxes(0, 1)


def column_sums(a):
    """The sum of a (..., C) over all but its last axis, (C,): a product with ones is faster and rounds less."""
    return np.ones(a.size // a.shape[-1], a.dtype) @ a.reshape(-1, a.shape[-1])


def each(value, rank):
    """A number for every axis of space."""
    return (value,) * rank if isinstance(value, int) else tuple(value)


def geometry(space, size, strides, padding, dilation_rate):
    """(strides, dilation, padding widths, output space) of windows of `size` over `space`."""
    strides, dilation = each(strides, len(size)), each(dilation_rate, len(size))
    widths = padding_widths(space, size, strides, padding, dilation)
    padded = [n + before + after for n, (before, after) in zip(space, widths)]
    return strides, dilation, widths, output_space(padded, size, strides, "valid", dilation, "the kernel")


def conv(x, kernel, strides=1, padding="valid", dilation_rate=1):
    """y[o, f] = sum over taps j and channels c of x[o * strides + j * dilation_rate, c] * kernel[j, c, f].

    x (N, *space, C), kernel (*size, C/groups, F) -> y (N, *out, F). padding: "valid", "same", "causal", or a list of
    (before, after). Fewer channels in the kernel than in x mean groups: each group of filters sees its own channels.
    """
    *size, c_group, filters = kernel.shape
    if x.ndim != kernel.ndim or x.shape[-1] % c_group or filters % (x.shape[-1] // c_group):
        raise ValueError(
            f"conv takes x (batch, *space, channels) and kernel (*size, channels/groups, filters); "
            f"got {x.shape} and {kernel.shape}"
        )
    groups = x.shape[-1] // c_group
    strides, dilation, widths, out = geometry(x.shape[1:-1], size, strides, padding, dilation_rate)
    y = np.empty((len(x), *out, filters), x.dtype)
    weights = by_group(kernel, groups)
    for samples, columns in patches(pad(x, widths), size, strides, dilation, out, groups):
        np.matmul(columns, weights, out=by_group(y[samples], groups))
    return y


def conv_kernel_grad(x, dy, size, strides=1, padding="valid", dilation_rate=1, groups=1):
    """dkernel[j, c, f] = sum over positions o of x[o * strides + j * dilation_rate, c] * dy[o, f].

    x (N, *space, C), dy (N, *out, F) -> (*size, C/groups, F).
    """
    strides, dilation, widths, out = geometry(x.shape[1:-1], size, strides, padding, dilation_rate)
    dkernel = np.zeros((groups, math.prod(size) * x.shape[-1] // groups, dy.shape[-1] // groups), dy.dtype)
    for samples, columns in patches(pad(x, widths), size, strides, dilation, out, groups):
        dkernel += columns.swapaxes(1, 2) @ by_group(dy[samples], groups)
    return dkernel.swapaxes(0, 1).reshape(*size, x.shape[-1] // groups, dy.shape[-1])


def conv_input_grad(dy, kernel, x_shape, strides=1, padding="valid", dilation_rate=1):
    """dx[o * strides + j * dilation_rate, c] += sum over f of dy[o, f] * kernel[j, c, f], for every o and tap j.

    dy (N, *out, F), kernel (*size, C/groups, F) -> dx of x_shape (N, *space, C). Every output is stamped back onto the
    cells its window saw. This is also the forward pass of a transposed convolution.
    """
    *size, c_group, _ = kernel.shape
    groups = x_shape[-1] // c_group
    strides, dilation, widths, out = geometry(x_shape[1:-1], size, strides, padding, dilation_rate)
    dxp = np.zeros((len(dy), *(n + sum(w) for n, w in zip(x_shape[1:-1], widths)), x_shape[-1]), dy.dtype)
    for samples in blocks(len(dy), dy[:1].nbytes + dxp[:1].nbytes):
        dy_group, part = by_group(dy[samples], groups), dxp[samples]
        stamp = np.empty((len(part), *out, x_shape[-1]), dy.dtype)
        stamp_group = by_group(stamp, groups)
        for tap, where in taps(size, strides, dilation, out):
            np.matmul(dy_group, by_group(kernel[tap], groups).swapaxes(1, 2), out=stamp_group)
            part[where] += stamp
    return crop(dxp, widths, x_shape)


class Kernel(Spatial):
    """What the layers with a kernel over space share: the checked arguments, bias and activation."""

    paddings = ("valid", "same")

    def __init__(self, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
                 bias_initializer, bias_regularizer, bias_constraint, **options):  # fmt: skip
        super().__init__(data_format, **options)
        kind = type(self).__name__
        self.kernel_size = arguments.sizes(kind, "kernel_size", kernel_size, self.rank)
        self.strides = arguments.sizes(kind, "strides", strides, self.rank)
        if self.rank > 1 and isinstance(padding, str) and padding.lower() == "causal":
            raise ValueError(f"{kind}: padding 'causal' is for Conv1D, where one axis is time; use 'valid' or 'same'")
        self.padding = arguments.choice(kind, "padding", padding, self.paddings)
        self.dilation_rate = arguments.sizes(kind, "dilation_rate", dilation_rate, self.rank)
        self.activation = activations.get(activation)
        self.use_bias = arguments.flag(kind, "use_bias", use_bias)
        self.bias_initializer = initializers.get(bias_initializer)
        self.bias_regularizer, self.bias_constraint = bias_regularizer, bias_constraint
        self.channels = self.bias = None

    def refuse_stride_with_dilation(self):
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{type(self).__name__}: strides {self.strides} and dilation_rate {self.dilation_rate} cannot both be "
                "above 1; leave one of them at 1"
            )

    def check_channels(self, channels, shape):
        """The channels this layer was built for, and no other number."""
        if self.built and channels is not None and channels != self.channels:
            raise ValueError(f"{type(self).__name__} was built for {self.channels} channels; got shape {tuple(shape)}")

    def build_channels(self, input_shape):
        """The number of channels of the input, which must be known before weights can be made."""
        self.channels = self.split_shape(input_shape)[2]
        if self.channels is None:
            raise ValueError(f"{type(self).__name__} needs a known number of channels; got shape {tuple(input_shape)}")
        self.compute_output_shape(input_shape)
        return self.channels

    def add_bias(self, shape):
        if self.use_bias:
            self.add_weight("bias", shape, self.bias_initializer,
                            regularizer=self.bias_regularizer, constraint=self.bias_constraint)  # fmt: skip

    def finish(self, z):
        """y = activation(z + bias), in the layer's data_format."""
        if self.use_bias:
            one = self.bias.ndim == 1  # else every output has its own, as in LocallyConnected1D
            z += self.bias[None].repeat(z.shape[-2], axis=0) if one else self.bias  # long runs add faster
        self.z = self.restore(z)
        self.y = self.activation(self.z)
        return self.y

    def start_back(self, dy):
        """dz, channels last, from the gradient of y."""
        return self.arrange(activations.backward(self.activation, dy, self.z, self.y))


class Conv(Kernel):
    """y = activation(conv(x, kernel) + bias): one layer for any number of axes of space.

    Input (batch, *space, channels), output (batch, *out, filters); kernel (*kernel_size, channels/groups, filters).
    Raises ValueError for arguments or shapes Keras refuses. Keras: https://keras.io/api/layers/convolution_layers/
    """

    def __init__(self, filters, kernel_size, strides=1, padding="valid", data_format=None, dilation_rate=1, groups=1,
                 activation=None, use_bias=True, kernel_initializer="glorot_uniform", bias_initializer="zeros",
                 kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
                 bias_constraint=None, **options):  # fmt: skip
        super().__init__(kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
                         bias_initializer, bias_regularizer, bias_constraint,
                         activity_regularizer=activity_regularizer, **options)  # fmt: skip
        kind = type(self).__name__
        self.filters = arguments.whole(kind, "filters", filters)
        self.groups = arguments.whole(kind, "groups", groups)
        if self.filters % self.groups:
            raise ValueError(f"{kind}: groups must divide filters; got groups={groups} and filters={filters}")
        self.refuse_stride_with_dilation()
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer, self.kernel_constraint = kernel_regularizer, kernel_constraint

    def build(self, input_shape):
        channels = self.build_channels(input_shape)
        self.add_weight("kernel", (*self.kernel_size, channels // self.groups, self.filters), self.kernel_initializer,
                        regularizer=self.kernel_regularizer, constraint=self.kernel_constraint)  # fmt: skip
        self.add_bias((self.filters,))

    def call(self, x):
        self.compute_output_shape(x.shape)
        self.x = self.arrange(x)
        return self.finish(conv(self.x, self.kernel, self.strides, self.padding, self.dilation_rate))

    def backward(self, dy):
        dz = self.start_back(dy)
        geometry = self.strides, self.padding, self.dilation_rate
        self.grads = {"kernel": conv_kernel_grad(self.x, dz, self.kernel_size, *geometry, self.groups)}
        if self.use_bias:
            self.grads["bias"] = column_sums(dz)
        if self.skip_input_gradient:
            return None
        return self.leave(conv_input_grad(dz, self.kernel, self.x.shape, *geometry))

    def compute_output_shape(self, input_shape):
        kind = type(self).__name__
        batch, space, channels = self.split_shape(input_shape)
        self.check_channels(channels, input_shape)
        if channels is not None and channels % self.groups:
            raise ValueError(f"{kind}: groups={self.groups} does not divide the {channels} channels of {input_shape}")
        out = output_space(space, self.kernel_size, self.strides, self.padding, self.dilation_rate, f"{kind}: kernel")
        return self.join_shape(batch, out, self.filters)


class Conv1D(Conv):
    """Convolution along steps: (batch, steps, channels) -> (batch, steps, filters). padding may be "causal"."""

    rank = 1
    paddings = ("valid", "same", "causal")


class Conv2D(Conv):
    """Convolution over an image: (batch, height, width, channels) -> (batch, height, width, filters)."""

    rank = 2


class Conv3D(Conv):
    """Convolution over a volume: (batch, depth, height, width, channels) -> (..., filters)."""

    rank = 3
