"""Activation functions as layers: Activation, ReLU, LeakyReLU, PReLU, ELU, Softmax.

Source: https://keras.io/api/layers/activation_layers/
"""

import functools

import numpy as np

from . import activations, arguments, initializers
from .base import Layer


class Activation(Layer):
    """y = f(x), for f by name ("relu") or a function with a registered derivative."""

    supports_masking = True

    def __init__(self, activation, **options):
        super().__init__(**options)
        self.activation = activations.get(activation)

    def call(self, x):
        self.x, self.y = x, self.activation(x)
        return self.y

    def backward(self, dy):
        return activations.backward(self.activation, dy, self.x, self.y)

    def compute_output_shape(self, input_shape):
        return activations.output_shape(self.activation, input_shape)


class ReLU(Activation):
    """y = max_value for x >= max_value, x for x > threshold, negative_slope (x - threshold) else.

    ValueError if one of the three is negative."""

    def __init__(self, max_value=None, negative_slope=0.0, threshold=0.0, **options):
        not_negative("ReLU", max_value=0 if max_value is None else max_value, negative_slope=negative_slope,
                     threshold=threshold)  # fmt: skip
        self.max_value, self.negative_slope, self.threshold = max_value, negative_slope, threshold
        super().__init__(
            functools.partial(
                activations.relu, negative_slope=negative_slope, max_value=max_value, threshold=threshold
            ),
            **options,
        )


class LeakyReLU(Activation):
    """y = x for x > 0, negative_slope x else. The slope is 0.3 here and 0.2 in the function leaky_relu, as in Keras."""

    def __init__(self, negative_slope=0.3, **options):
        not_negative("LeakyReLU", negative_slope=negative_slope)
        self.negative_slope = negative_slope
        super().__init__(functools.partial(activations.leaky_relu, negative_slope=negative_slope), **options)


class ELU(Activation):
    """y = x for x > 0, alpha (e^x - 1) else."""

    def __init__(self, alpha=1.0, **options):
        self.alpha = alpha
        super().__init__(functools.partial(activations.elu, alpha=alpha), **options)


class PReLU(Layer):
    """y = x for x > 0, alpha x else, with a learned alpha (He et al. 2015): x (B, *rest), alpha (*rest).

    shared_axes: axes of x along which one alpha serves all, e.g. [1, 2] for one a channel.
    Back: dalpha = sum of min(x, 0) dy over all places that share it.
    """

    supports_masking = True

    def __init__(self, alpha_initializer="Zeros", alpha_regularizer=None, alpha_constraint=None, shared_axes=None,
                 **options):  # fmt: skip
        super().__init__(**options)
        self.of_alpha = initializers.get(alpha_initializer), alpha_regularizer, alpha_constraint
        self.shared_axes = [] if shared_axes is None else np.atleast_1d(shared_axes).tolist()

    def build(self, input_shape):
        shape = list(input_shape[1:])
        for axis in self.shared_axes:
            if not 1 <= axis <= len(shape):
                raise ValueError(f"PReLU: shared axis {axis} is not one of 1 to {len(shape)}; got shape {input_shape}")
            shape[axis - 1] = 1
        if None in shape:
            raise ValueError(f"PReLU needs the size of every axis that is not shared; got shape {input_shape}")
        initializer, regularizer, constraint = self.of_alpha
        self.add_weight("alpha", shape, initializer, True, regularizer, constraint)

    def call(self, x):
        fits = x.ndim == self.alpha.ndim + 1 and all(a in (1, n) for a, n in zip(self.alpha.shape, x.shape[1:]))
        if not fits:
            raise ValueError(f"PReLU was built for (batch, {str(self.alpha.shape)[1:-1]}); got shape {x.shape}")
        self.x = x
        return np.maximum(x, 0) + self.alpha * np.minimum(x, 0)

    def backward(self, dy):
        shared = tuple(axis for axis in range(1, dy.ndim) if self.alpha.shape[axis - 1] == 1)
        dalpha = (dy * np.minimum(self.x, 0)).sum(axis=(0, *shared))
        self.grads = {"alpha": dalpha.reshape(self.alpha.shape)}
        return dy * (self.x > 0) + self.alpha * dy * (self.x < 0)


class Softmax(Layer):
    """y = e^x / sum e^x along `axis` (one or several). Where mask (broadcast to x) is False, y is 0 and takes no share.

    A row whose mask is False throughout gives zeros. ValueError for a mask that does not fit x."""

    supports_masking = True

    def __init__(self, axis=-1, **options):
        super().__init__(**options)
        self.axis = tuple(axis) if isinstance(axis, list) else axis

    def call(self, x, mask=None):
        if self.axis is not None:
            arguments.axes("Softmax", self.axis, x.shape)
        if mask is None:
            self.y = activations.softmax(x, self.axis)
            return self.y
        mask = np.asarray(mask) > 0.5
        if mask.ndim > x.ndim or any(m not in (1, n) for m, n in zip(mask.shape[::-1], x.shape[::-1])):
            raise ValueError(f"Softmax: a mask for shape {x.shape} has the same sizes or 1; got shape {mask.shape}")
        self.y = np.where(mask, activations.softmax(np.where(mask, x, -1e9).astype(x.dtype), self.axis), 0)
        return self.y

    def backward(self, dy):
        return activations.backward(activations.softmax, dy, None, self.y, axis=self.axis)


def not_negative(kind, **values):
    """ValueError for the first of `values` that is not a number of at least 0."""
    for name, value in values.items():
        if value is None or value < 0:
            raise ValueError(f"{kind}: {name} is a number of at least 0; got {value!r}")
