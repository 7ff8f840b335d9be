"""Cells built of two matrix products, z = x W + h U + b: their weights, their dropout, their gradients.

x W + b needs no state, so it is one product for the whole sequence; only h U waits for the step before.
"""

import math
import numbers

import numpy as np

from . import activations, arguments, initializers
from .recurrent_cells import Cell


class ProductCell(Cell):
    """A cell whose z is x W + h U + b: W (features, gates u), U (u, gates u), b (gates u) are blocks of u columns."""

    gates = 1

    def __init__(self, units, *, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
                 kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
                 bias_constraint, dropout, recurrent_dropout, seed, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        kind = type(self).__name__
        self.units = self.state_size = arguments.whole(kind, "units", units)
        self.activation = elementwise(kind, "activation", activation)
        self.use_bias = arguments.flag(kind, "use_bias", use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_options = dict(regularizer=kernel_regularizer, constraint=kernel_constraint)
        self.recurrent_options = dict(regularizer=recurrent_regularizer, constraint=recurrent_constraint)
        self.bias_options = dict(regularizer=bias_regularizer, constraint=bias_constraint)
        self.dropout = rate(kind, "dropout", dropout)
        self.recurrent_dropout = rate(kind, "recurrent_dropout", recurrent_dropout)
        self.rng = None if seed is None else np.random.default_rng(seed)
        self.bias = self.mask = self.recurrent_mask = None

    def build(self, input_shape):
        features, columns = input_shape[-1], self.gates * self.units
        self.add_weight("kernel", (features, columns), self.kernel_initializer, **self.kernel_options)
        self.add_weight("recurrent_kernel", (self.units, columns), self.recurrent_initializer, **self.recurrent_options)
        if self.use_bias:
            self.add_weight("bias", self.bias_shape(), self.start_bias, **self.bias_options)

    def bias_shape(self):
        return (self.gates * self.units,)

    def start_bias(self, shape, rng):
        return self.bias_initializer(shape, rng)

    # --- dropout --------------------------------------------------------------------------------------------------

    def begin(self, batch, step_shape, training):
        count = self.mask_count()
        self.mask = self.recurrent_mask = None
        if training and self.drops(self.dropout):
            self.mask = self.draw(self.dropout, (count, batch, *step_shape))
        if training and self.drops(self.recurrent_dropout):
            self.recurrent_mask = self.draw(self.recurrent_dropout, (count, batch, *self.state_shapes(step_shape)[0]))

    def mask_count(self):
        """Keras draws one mask for all gates, but one for each gate as soon as recurrent_dropout is set."""
        return self.gates if self.recurrent_dropout else 1

    def drops(self, rate):
        return 0 < rate < 1  # with a rate of 1 Keras drops nothing here

    def draw(self, rate, shape):
        """0 where a number is dropped, 1 / (1 - rate) where it stays, so that the mean does not change."""
        stays = (self.rng or initializers.generator()).random(shape) >= rate
        return np.where(stays, 1 / max(1 - rate, 1e-7), 0).astype(self.dtype)

    # --- x W + b for all steps, h U for one -----------------------------------------------------------------------

    def project(self, x):
        z = by_gate(product, self.mask, x, self.kernel)
        if self.bias is not None:
            z += self.bias
        return z

    def project_back(self, dz):
        return by_gate_back(product_back, self.mask, dz, self.kernel)

    def recur(self, h):
        return by_gate(product, self.recurrent_mask, h, self.recurrent_kernel)

    def recur_back(self, dz):
        return by_gate_back(product_back, self.recurrent_mask, dz, self.recurrent_kernel)

    def collect(self, x, dz, kept):
        h = np.stack([k.h_old for k in kept])
        self.grads = {
            "kernel": by_gate(kernel_gradient, self.mask, x, dz),
            "recurrent_kernel": by_gate(kernel_gradient, self.recurrent_mask, h, dz),
        }
        if self.bias is not None:
            self.grads["bias"] = sum_rows(dz)


def product(x, W):
    """x W over the last axis of x, as one matrix product."""
    return (x.reshape(math.prod(x.shape[:-1]), len(W)) @ W).reshape(*x.shape[:-1], W.shape[-1])


def product_back(dz, W):
    """Gradient of x in product(x, W)."""
    return product(dz, W.T)


def kernel_gradient(x, dz):
    """Gradient of W in product(x, W): x' dz, summed over every step and row in one product."""
    rows = math.prod(x.shape[:-1])
    return x.reshape(rows, x.shape[-1]).T @ dz.reshape(rows, dz.shape[-1])


def by_gate(f, mask, x, W):
    """f(x, W); with dropout masks (n, *shape of x), f of x with numbers dropped, anew for each of n blocks of W."""
    if mask is None:
        return f(x, W)
    return np.concatenate([f(x * m, w) for m, w in zip(mask, np.split(W, len(mask), axis=-1))], axis=-1)


def by_gate_back(f, mask, dz, W):
    """f(dz, W), the way back of by_gate."""
    if mask is None:
        return f(dz, W)
    blocks = zip(mask, np.split(dz, len(mask), axis=-1), np.split(W, len(mask), axis=-1))
    return sum(m * f(d, w) for m, d, w in blocks)


def sum_rows(dz):
    """Sum over all axes but the last; a product with ones is several times faster than sum, and rounds less."""
    dz = dz.reshape(math.prod(dz.shape[:-1]), dz.shape[-1])
    return np.ones(len(dz), dz.dtype) @ dz


def elementwise(kind, name, identifier):
    """The activation function, which must keep the size of what it is given."""
    function = activations.get(identifier)
    if function is activations.glu:
        raise ValueError(f"{kind}: {name}='glu' halves the units, and a state must keep its size")
    return function


def rate(kind, name, value):
    """A dropout rate; like Keras, numbers outside [0, 1] become 0 or 1."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{kind}: {name} is a number from 0 to 1; got {value!r}")
    return min(1.0, max(0.0, float(value)))
