"""Transposed convolution: the input gradient of a convolution, used forwards.

Source: https://keras.io/api/layers/convolution_layers/ ; Dumoulin and Visin 2016, https://arxiv.org/abs/1603.07285
"""

from . import arguments, initializers
from .convolution import Kernel, column_sums, conv, conv_input_grad, conv_kernel_grad


def transposed_length(length, size, stride=1, padding="valid", output_padding=None, dilation=1):
    """Length of the output along one axis by Keras' rule; None if `length` is not known yet.

    Without output_padding: "same" gives length * stride, "valid" never less than that. With it, the last cells are
    chosen: a convolution with strides maps several lengths to one, and output_padding says which to come back to.
    """
    if length is None:
        return None
    span = (size - 1) * dilation + 1
    if output_padding is None:
        return length * stride + (max(span - stride, 0) if padding == "valid" else 0)
    return (length - 1) * stride + span + output_padding - (2 * (span // 2) if padding == "same" else 0)


def transposed_padding(length, out, size, stride=1, padding="valid", dilation=1):
    """(before, after): what the convolution from `out` cells to `length` cells pads, and its transpose cuts off."""
    span = (size - 1) * dilation + 1
    total = max((length - 1) * stride + span - out, 0) if padding == "same" else 0
    return total // 2, total - total // 2


def conv_transpose(x, kernel, out, strides=1, padding=(), dilation_rate=1):
    """y[i * strides + j * dilation_rate, f] += sum over c of x[i, c] * kernel[j, f, c], cut by `padding`.

    x (N, *space, C), kernel (*size, F, C) -> y (N, *out, F); padding: (before, after) for each axis, cut off the ends.
    """
    y_shape = len(x), *out, kernel.shape[-2]
    return conv_input_grad(x, kernel, y_shape, strides, padding, dilation_rate)


class ConvTranspose(Kernel):
    """y = activation(conv_transpose(x, kernel) + bias): one layer for any number of axes of space.

    Input (batch, *space, channels), output (batch, *out, filters); kernel (*kernel_size, filters, channels).
    Raises ValueError for arguments or shapes Keras refuses. Keras: https://keras.io/api/layers/convolution_layers/
    """

    def __init__(self, filters, kernel_size, strides=1, padding="valid", output_padding=None, data_format=None,
                 dilation_rate=1, activation=None, use_bias=True, kernel_initializer="glorot_uniform",
                 bias_initializer="zeros", kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, bias_constraint=None, **options):  # fmt: skip
        super().__init__(kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
                         bias_initializer, bias_regularizer, bias_constraint,
                         activity_regularizer=activity_regularizer, **options)  # fmt: skip
        kind = type(self).__name__
        self.filters = arguments.whole(kind, "filters", filters)
        self.output_padding = output_padding
        if output_padding is not None:
            self.output_padding = arguments.sizes(kind, "output_padding", output_padding, self.rank, least=0)
            if any(extra >= stride for extra, stride in zip(self.output_padding, self.strides)):
                raise ValueError(
                    f"{kind}: output_padding must be less than strides along each axis; "
                    f"got output_padding {self.output_padding} and strides {self.strides}"
                )
        self.refuse_stride_with_dilation()
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer, self.kernel_constraint = kernel_regularizer, kernel_constraint

    def build(self, input_shape):
        channels = self.build_channels(input_shape)
        self.add_weight("kernel", (*self.kernel_size, self.filters, channels), self.kernel_initializer,
                        regularizer=self.kernel_regularizer, constraint=self.kernel_constraint)  # fmt: skip
        self.add_bias((self.filters,))

    def call(self, x):
        out = self.split_shape(self.compute_output_shape(x.shape))[1]
        self.x = self.arrange(x)
        space, how = self.x.shape[1:-1], self.padding
        axes = zip(space, out, self.kernel_size, self.strides, self.dilation_rate)
        cut = [transposed_padding(n, L, k, s, how, d) for n, L, k, s, d in axes]
        self.geometry = self.strides, cut, self.dilation_rate
        return self.finish(conv_transpose(self.x, self.kernel, out, *self.geometry))

    def backward(self, dy):
        dz = self.start_back(dy)
        dkernel = conv_kernel_grad(dz, self.x, self.kernel_size, *self.geometry)
        self.grads = {"kernel": dkernel}
        if self.use_bias:
            self.grads["bias"] = column_sums(dz)
        if self.skip_input_gradient:
            return None
        return self.leave(conv(dz, self.kernel, *self.geometry))

    def compute_output_shape(self, input_shape):
        batch, space, channels = self.split_shape(input_shape)
        self.check_channels(channels, input_shape)
        extra = self.output_padding or [None] * self.rank
        paddings = [self.padding] * self.rank
        out = tuple(map(transposed_length, space, self.kernel_size, self.strides, paddings, extra, self.dilation_rate))
        if any(n is not None and n < 1 for n in out):
            raise ValueError(
                f"{type(self).__name__}: output_padding {self.output_padding} with padding 'same' leaves the output "
                f"space {out} for {tuple(input_shape)}; leave output_padding at None"
            )
        return self.join_shape(batch, out, self.filters)


class Conv1DTranspose(ConvTranspose):
    """Transposed convolution along steps: (batch, steps, channels) -> (batch, more steps, filters)."""

    rank = 1


class Conv2DTranspose(ConvTranspose):
    """Transposed convolution over an image: (batch, height, width, channels) -> (batch, ..., filters)."""

    rank = 2


class Conv3DTranspose(ConvTranspose):
    """Transposed convolution over a volume. As in Keras, and unlike its sisters, data_format comes fifth."""

    rank = 3

    def __init__(self, filters, kernel_size, strides=1, padding="valid", data_format=None, output_padding=None,
                 dilation_rate=1, activation=None, use_bias=True, kernel_initializer="glorot_uniform",
                 bias_initializer="zeros", kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, bias_constraint=None, **options):  # fmt: skip
        super().__init__(filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, activation,
                         use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
                         activity_regularizer, kernel_constraint, bias_constraint, **options)  # fmt: skip
