"""Activation functions and their derivatives, by Keras' names.

A function maps z to y. Its derivative, registered with `derivative`, maps (dy, z, y) to dz: it may use whichever of
z and y makes it shortest. Source: https://keras.io/api/layers/activations/
"""

import numpy as np

DERIVATIVES = {}


def derivative(function):
    """Register the decorated (dy, z, y) -> dz as the backward pass of `function`."""

    def register(backward):
        DERIVATIVES[function] = backward
        return backward

    return register


def backward(function, dy, z, y):
    """Gradient of z, given the gradient dy of y = function(z)."""
    if function not in DERIVATIVES:
        name = getattr(function, "__name__", repr(function))
        raise ValueError(f"no derivative is known for {name}; register one with activations.derivative({name})")
    return DERIVATIVES[function](dy, z, y)


def linear(z):
    """y = z."""
    return z


@derivative(linear)
def _(dy, z, y):
    return dy


def relu(z):
    """y = max(z, 0)."""
    return np.maximum(z, 0)


@derivative(relu)
def _(dy, z, y):
    return dy * (y > 0)


def sigmoid(z):
    """y = 1 / (1 + e^-z), written with tanh so that no exponential overflows."""
    return 0.5 * (1 + np.tanh(0.5 * z))


@derivative(sigmoid)
def _(dy, z, y):
    return dy * y * (1 - y)


def tanh(z):
    """y = (e^z - e^-z) / (e^z + e^-z)."""
    return np.tanh(z)


@derivative(tanh)
def _(dy, z, y):
    return dy * (1 - y * y)


def softmax(z):
    """y_i = e^z_i / sum_j e^z_j on the last axis; the largest z is taken off first, which changes nothing but overflow."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@derivative(softmax)
def _(dy, z, y):
    return y * (dy - (dy * y).sum(axis=-1, keepdims=True))


BY_NAME = {f.__name__: f for f in (linear, relu, sigmoid, tanh, softmax)}


def get(identifier):
    """The function called `identifier`; None is linear; a callable is itself."""
    if identifier is None:
        return linear
    if callable(identifier):
        return identifier
    if identifier not in BY_NAME:
        raise ValueError(f"no activation is called {identifier!r}; known: {', '.join(BY_NAME)}")
    return BY_NAME[identifier]
