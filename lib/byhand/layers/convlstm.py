"""The ConvLSTM: an LSTM whose states are pictures and whose two matrix products are convolutions.

Source: Shi et al. 2015, "Convolutional LSTM network", https://arxiv.org/abs/1506.04214 (here, as in Keras, without its
peepholes); https://keras.io/api/layers/recurrent_layers/conv_lstm2d/
"""

import numpy as np

from . import activations, arguments
from .convolution import conv, conv_input_grad, conv_kernel_grad
from .lstm import LSTMCell
from .product_cell import by_gate, by_gate_back, sum_rows
from .recurrent import RNN
from .recurrent_cells import flat
from .spatial import FORMATS
from .windows import output_space


class ConvLSTMCell(LSTMCell):
    """One step: x (B, *space, C), states h and c (B, *out, F) -> h, [h, c], with z = conv(x, W) + conv(h, U) + b.

    Weights: kernel (*size, C, 4F), recurrent_kernel (*size, F, 4F), bias (4F), their last axis in the order i, f, c, o.
    strides, padding and dilation_rate are those of conv(x, W), which sets the size of the states; conv(h, U) is always
    "same" with stride 1, so that h keeps its size. Channels are last here; ConvLSTM1D/2D/3D turn them.
    """

    def __init__(self, rank, filters, kernel_size, strides=1, padding="valid", data_format=None, dilation_rate=1,
                 **options):  # fmt: skip
        kind = type(self).__name__.removesuffix("Cell") + f"{rank}D"
        self.filters = arguments.whole(kind, "filters", filters)
        super().__init__(filters, **options)
        self.rank, self.axes = rank, (*arguments.AXES[rank], "channels")
        self.kernel_size = arguments.sizes(kind, "kernel_size", kernel_size, rank)
        strides = arguments.sizes(kind, "strides", strides, rank)
        dilation = arguments.sizes(kind, "dilation_rate", dilation_rate, rank)
        if max(strides) > 1 and max(dilation) > 1:
            raise ValueError(f"{kind}: strides {strides} and dilation_rate {dilation} cannot both be above 1")
        padding = arguments.choice(kind, "padding", padding, ("valid", "same"))
        self.geometry = strides, padding, dilation
        self.data_format = arguments.choice(kind, "data_format", data_format or FORMATS[0], FORMATS)
        for function in (self.activation, self.recurrent_activation):
            if self.data_format != FORMATS[0] and function in (activations.softmax, activations.log_softmax):
                raise ValueError(
                    f"{kind}: {function.__name__} works along the last axis; use data_format='channels_last'"
                )

    def build(self, input_shape):
        self.state_shapes(input_shape[1:])  # whether the kernel fits
        channels, columns = input_shape[-1], 4 * self.filters
        self.add_weight(
            "kernel", (*self.kernel_size, channels, columns), self.kernel_initializer, **self.kernel_options
        )
        self.add_weight("recurrent_kernel", (*self.kernel_size, self.filters, columns), self.recurrent_initializer,
                        **self.recurrent_options)  # fmt: skip
        if self.use_bias:
            self.add_weight("bias", (columns,), self.start_bias, **self.bias_options)

    def output_shape(self, step_shape):
        strides, padding, dilation = self.geometry
        out = output_space(step_shape[:-1], self.kernel_size, strides, padding, dilation, "ConvLSTM: kernel")
        return (*out, self.filters)

    def state_shapes(self, step_shape):
        return [self.output_shape(step_shape)] * 2

    def mask_count(self):
        return self.gates

    # --- the two convolutions; time and batch are one axis where no state is needed ---------------------------------

    def project(self, x):
        self.step_shape = x.shape[2:]
        z = by_gate(self.read, self.mask, x, self.kernel)
        if self.bias is not None:
            z += self.bias
        return z

    def read(self, x, W):
        z = conv(fold(x), W, *self.geometry)
        return z.reshape(*x.shape[:2], *z.shape[1:])

    def read_back(self, dz, W):
        dx = conv_input_grad(fold(dz), W, (dz.shape[0] * dz.shape[1], *self.step_shape), *self.geometry)
        return dx.reshape(*dz.shape[:2], *self.step_shape)

    def read_grad(self, x, dz):
        return conv_kernel_grad(fold(x), fold(dz), self.kernel_size, *self.geometry)

    def project_back(self, dz):
        return by_gate_back(self.read_back, self.mask, dz, self.kernel)

    def recur(self, h):
        return by_gate(lambda h, U: conv(h, U, padding="same"), self.recurrent_mask, h, self.recurrent_kernel)

    def recur_back(self, dz):
        shape = (*dz.shape[:-1], self.filters)
        back = lambda dz, U: conv_input_grad(dz, U, shape, padding="same")  # noqa: E731
        return by_gate_back(back, self.recurrent_mask, dz, self.recurrent_kernel)

    def recur_grad(self, h, dz):
        return conv_kernel_grad(fold(h), fold(dz), self.kernel_size, padding="same")

    def collect(self, x, dz, kept):
        h = np.stack([k.h_old for k in kept])
        self.grads = {
            "kernel": by_gate(self.read_grad, self.mask, x, dz),
            "recurrent_kernel": by_gate(self.recur_grad, self.recurrent_mask, h, dz),
        }
        if self.bias is not None:
            self.grads["bias"] = sum_rows(dz)


def fold(x):
    """(T, B, ...) as (T B, ...)."""
    return x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])


class ConvLSTM(RNN):
    """x (B, T, *space, C) -> the last h (B, *out, F), or with return_sequences every h (B, T, *out, F); see RNN.

    The formulas are those of the LSTM with z = conv(x, W) + conv(h, U) + b; weights: see ConvLSTMCell. With
    data_format="channels_first" the channels of input, output and states stand before the axes of space.
    Raises ValueError for what does not fit.
    """

    rank = None

    def __init__(self, filters, kernel_size, strides=1, padding="valid", data_format=None, dilation_rate=1,
                 activation="tanh", recurrent_activation="sigmoid", use_bias=True, kernel_initializer="glorot_uniform",
                 recurrent_initializer="orthogonal", bias_initializer="zeros", unit_forget_bias=True,
                 kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0,
                 recurrent_dropout=0.0, seed=None, return_sequences=False, return_state=False, go_backwards=False,
                 stateful=False, **kwargs):  # fmt: skip
        cell = ConvLSTMCell(
            self.rank, filters, kernel_size, strides, padding, data_format, dilation_rate, activation=activation,
            recurrent_activation=recurrent_activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias, kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer, bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint, recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint, dropout=dropout, recurrent_dropout=recurrent_dropout, seed=seed,
            dtype=kwargs.get("dtype"))  # fmt: skip
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful,
                         activity_regularizer=activity_regularizer, **kwargs)  # fmt: skip
        self.filters, self.data_format = cell.filters, cell.data_format

    def build(self, input_shape):
        super().build(self.last(input_shape))

    def call(self, x, initial_state=None, mask=None, training=False):
        states = None if initial_state is None else [self.last(np.asarray(s)) for s in flat([initial_state])]
        outputs = super().call(self.last(x), initial_state=states, mask=mask, training=training)
        return [self.first(y) for y in outputs] if self.return_state else self.first(outputs)

    def backward(self, dy):
        dx = super().backward([self.last(np.asarray(d)) for d in flat([dy])] if self.return_state else self.last(dy))
        self.initial_state_grads = [self.first(d) for d in self.initial_state_grads]
        return None if dx is None else self.first(dx)

    def compute_output_shape(self, input_shape):
        shapes = super().compute_output_shape(self.last(input_shape))
        return [self.first(shape) for shape in shapes] if self.return_state else self.first(shapes)

    def last(self, a):
        """Array or shape `a` with its channels last."""
        channels = -1 - self.rank
        if self.data_format == FORMATS[0] or not hasattr(a, "shape") and len(a) <= self.rank:
            return a
        if not hasattr(a, "shape"):
            return (*a[:channels], *a[channels + 1 :], a[channels])
        return np.moveaxis(a, channels, -1) if a.ndim > self.rank else a

    def first(self, a):
        """Array or shape `a`, channels last, in the layer's data_format."""
        if self.data_format == FORMATS[0]:
            return a
        if not hasattr(a, "shape"):
            return (*a[: -1 - self.rank], a[-1], *a[-1 - self.rank : -1])
        return np.moveaxis(a, -1, -1 - self.rank)


class ConvLSTM1D(ConvLSTM):
    """ConvLSTM over sequences of rows: (batch, time, steps, channels)."""

    rank = 1


class ConvLSTM2D(ConvLSTM):
    """ConvLSTM over films: (batch, time, height, width, channels)."""

    rank = 2


class ConvLSTM3D(ConvLSTM):
    """ConvLSTM over sequences of volumes: (batch, time, depth, height, width, channels)."""

    rank = 3
