"""What the recurrent cells share: the small protocol of `RNN`, and cells built of two matrix products.

z = x W + h U + b needs x of every step at once only for x W + b, so that part is one product for the whole sequence.
"""

import numbers

import numpy as np

from . import activations, initializers
from .base import Layer


class Cell(Layer):
    """One step of a recurrent layer. Your own needs `state_size`, `step`, `step_back`, and with weights also the rest.

    state_size                          units, or a list of units, one for each state
    begin(batch, training)              before each sequence: draw dropout masks
    project(x) -> z                     what every step needs of the input, for all steps: x (T, B, features)
    step(z_t, *states)                  -> output, new states (a list), kept (whatever step_back wants to remember)
    step_back(dy, dstates, kept)        -> dz_t, gradients of the old states (a list)
    project_back(dz) -> dx              the way back of project
    collect(x, dz, kept)                gradients of the weights into self.grads; kept is the list over all steps
    """

    state_size = None
    axes = ("features",)  # what one step of the input holds beside the batch

    def begin(self, batch, training):
        """Prepare for one sequence of `batch` rows."""

    def project(self, x):
        return x

    def step(self, z, *states):
        raise TypeError(f"{type(self).__name__} does not say how to step")

    def step_back(self, dy, dstates, kept):
        raise TypeError(f"{type(self).__name__} has no way back")

    def project_back(self, dz):
        return dz

    def collect(self, x, dz, kept):
        """Cells without weights have nothing to collect."""

    @property
    def output_size(self):
        return flat([self.state_size])[0]

    def output_shape(self, step_shape):
        """Shape of one output without the batch, for inputs of shape `step_shape`."""
        return (self.output_size,)

    def state_shapes(self, step_shape):
        """Shapes of the states without the batch, as a flat list."""
        return [(size,) for size in flat([self.state_size])]

    def __call__(self, inputs, states, training=False):
        """One step by itself: x (B, features), states -> output, new states; the same as Keras' cell(x, states)."""
        x, states = self.cast(inputs), [np.asarray(s, self.dtype) for s in flat([states])]
        if not self.built:
            self.build(x.shape)
            self.built = True
        self.begin(len(x), training)
        self.x = x[None]
        output, states, self.kept = self.step(self.project(self.x)[0], *states)
        return output, nested(self.state_size, states)

    def backward(self, dy, dstates):
        """Way back of one step by itself: gradients of output and new states -> dx, gradients of the old states."""
        dz, dstates = self.step_back(dy, flat([dstates]), self.kept)
        self.collect(self.x, dz[None], [self.kept])
        return self.project_back(dz[None])[0], nested(self.state_size, dstates)


class ProductCell(Cell):
    """A cell whose z is x W + h U + b: W (features, gates u), U (u, gates u), b (gates u) are blocks of u columns."""

    gates = 1

    def __init__(self, units, *, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
                 kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
                 bias_constraint, dropout, recurrent_dropout, seed, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        kind = type(self).__name__
        self.units = self.state_size = positive_integer(kind, "units", units)
        self.activation, self.use_bias = activations.get(activation), use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer, self.kernel_constraint = kernel_regularizer, kernel_constraint
        self.recurrent_regularizer, self.recurrent_constraint = recurrent_regularizer, recurrent_constraint
        self.bias_regularizer, self.bias_constraint = bias_regularizer, bias_constraint
        self.dropout, self.recurrent_dropout = (
            rate(kind, "dropout", dropout),
            rate(kind, "recurrent_dropout", recurrent_dropout),
        )
        self.rng = None if seed is None else np.random.default_rng(seed)
        self.mask = self.recurrent_mask = None

    def build(self, input_shape):
        features, columns = input_shape[-1], self.gates * self.units
        self.add_weight("kernel", (features, columns), self.kernel_initializer,
                        regularizer=self.kernel_regularizer, constraint=self.kernel_constraint)  # fmt: skip
        self.add_weight("recurrent_kernel", (self.units, columns), self.recurrent_initializer,
                        regularizer=self.recurrent_regularizer, constraint=self.recurrent_constraint)  # fmt: skip
        if self.use_bias:
            self.add_weight("bias", self.bias_shape(), self.start_bias,
                            regularizer=self.bias_regularizer, constraint=self.bias_constraint)  # fmt: skip
        else:
            self.bias = None

    def bias_shape(self):
        return (self.gates * self.units,)

    def start_bias(self, shape, rng):
        return self.bias_initializer(shape, rng)

    def begin(self, batch, training):
        # Keras draws once a sequence: one mask for all gates, but one for each gate when recurrent_dropout is set.
        count = self.gates if self.recurrent_dropout else 1
        self.mask = self.recurrent_mask = None
        if training and self.drops(self.dropout):
            self.mask = self.draw(self.dropout, (count, batch, self.kernel.shape[0]))
        if training and self.drops(self.recurrent_dropout):
            self.recurrent_mask = self.draw(self.recurrent_dropout, (count, batch, self.units))

    def drops(self, rate):
        return 0 < rate < 1  # with a rate of 1 Keras drops nothing here

    def draw(self, rate, shape):
        """0 where a number is dropped, 1 / (1 - rate) where it stays, so that the mean does not change."""
        stays = (self.rng or initializers.generator()).random(shape) >= rate
        return np.where(stays, 1 / max(1 - rate, 1e-7), 0).astype(self.dtype)

    def project(self, x):
        z = product(x, self.kernel, self.mask)
        if self.bias is not None:
            z += self.bias
        return z

    def project_back(self, dz):
        return product_back(dz, self.kernel, self.mask)

    def collect(self, x, dz, kept):
        h = np.stack([k.h_old for k in kept])
        self.grads = {
            "kernel": kernel_gradient(x, dz, self.mask),
            "recurrent_kernel": kernel_gradient(h, dz, self.recurrent_mask),
        }
        if self.bias is not None:
            self.grads["bias"] = sum_rows(dz)


def product(x, W, mask=None):
    """x W over the last axis of x; mask (n, B, features) drops numbers of x; n > 1: one for each block of W."""
    if mask is None:
        return (x.reshape(-1, len(W)) @ W).reshape(*x.shape[:-1], W.shape[-1])
    return np.concatenate([product(x * m, w) for m, w in zip(mask, np.split(W, len(mask), axis=-1))], axis=-1)


def product_back(dz, W, mask=None):
    """Gradient of x in product(x, W, mask)."""
    if mask is None:
        return product(dz, W.T)
    blocks = zip(mask, np.split(dz, len(mask), axis=-1), np.split(W, len(mask), axis=-1))
    return sum(m * product(d, w.T) for m, d, w in blocks)


def kernel_gradient(x, dz, mask=None):
    """Gradient of W in product(x, W, mask): x' dz, summed over every step and row in one product."""
    if mask is None:
        return x.reshape(-1, x.shape[-1]).T @ dz.reshape(-1, dz.shape[-1])
    return np.concatenate([kernel_gradient(x * m, d) for m, d in zip(mask, np.split(dz, len(mask), axis=-1))], axis=-1)


def sum_rows(dz):
    """Sum over all axes but the last; a product with ones is several times faster than sum, and rounds less."""
    dz = dz.reshape(-1, dz.shape[-1])
    return np.ones(len(dz), dz.dtype) @ dz


def flat(states):
    """The arrays (or numbers) in lists within lists, as one list."""
    return [part for s in states for part in (flat(s) if isinstance(s, list | tuple) else [s])]


def nested(sizes, states):
    """The flat list `states` in the lists of `sizes`: [u, u] keeps it flat, [[u, u], [v, v]] makes two lists."""
    states = iter(states)
    fill = lambda size: [fill(s) for s in size] if isinstance(size, list) else next(states)  # noqa: E731
    return fill(sizes if isinstance(sizes, list) else [sizes])


def positive_integer(kind, name, value):
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{kind}: {name} is a positive integer; got {value!r}")
    if value <= 0:
        raise ValueError(f"{kind}: {name} is a positive integer; got {value}")
    return int(value)


def rate(kind, name, value):
    """A dropout rate; like Keras, numbers outside [0, 1] become 0 or 1."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{kind}: {name} is a number from 0 to 1; got {value!r}")
    return min(1.0, max(0.0, float(value)))
