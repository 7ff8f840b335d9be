"""Activation functions by Keras' names, each with its derivative.

A function maps z to y. Its derivative, registered with `derivative`, maps (dy, z, y) to dz: it may use whichever of
z and y makes it shortest. Further arguments go by name, or beforehand: functools.partial(relu, max_value=6).
Source: https://keras.io/api/layers/activations/
"""

import functools

from .derivatives import DERIVATIVES, backward, derivative
from .rectifiers import (
    celu,
    elu,
    gelu,
    leaky_relu,
    mish,
    relu,
    relu6,
    selu,
    silu,
    softplus,
    sparse_plus,
    squareplus,
    threshold,
)
from .shares import glu, log_softmax, softmax, sparsemax
from .squashers import (
    exponential,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    linear,
    log_sigmoid,
    sigmoid,
    soft_shrink,  # fmt: skip
    softsign,
    sparse_sigmoid,
    tanh,
    tanh_shrink,
)

swish, hard_swish = silu, hard_silu

FUNCTIONS = (
    linear, relu, leaky_relu, relu6, elu, selu, celu, gelu, silu, mish, softplus, squareplus, sparse_plus, threshold,
    sigmoid, log_sigmoid, hard_sigmoid, hard_silu, sparse_sigmoid, tanh, hard_tanh, softsign, exponential, tanh_shrink,
    soft_shrink, hard_shrink, softmax, log_softmax, sparsemax, glu)  # fmt: skip
BY_NAME = {**{f.__name__: f for f in FUNCTIONS}, "swish": silu, "hard_swish": hard_silu}

__all__ = [*BY_NAME, "BY_NAME", "DERIVATIVES", "FUNCTIONS", "backward", "derivative", "get", "output_shape"]


def get(identifier):
    """The function called `identifier`; None is linear; a callable is itself.

    ValueError for a name that Keras does not know, and for "threshold", which cannot do without arguments."""
    if identifier is None:
        return linear
    if callable(identifier):
        return identifier
    if not isinstance(identifier, str) or identifier not in BY_NAME:
        raise ValueError(f"no activation is called {identifier!r}; known: {', '.join(BY_NAME)}")
    if identifier == "threshold":
        raise ValueError("threshold needs arguments: functools.partial(threshold, threshold=1.0, default_value=0.0)")
    return BY_NAME[identifier]


def output_shape(function, shape):
    """The shape of function(z) for z of `shape`: the same, except for glu, which halves an axis."""
    inner = function.func if isinstance(function, functools.partial) else function
    if inner is not glu:
        return tuple(shape)
    axis = function.keywords.get("axis", -1) if inner is not function else -1
    return tuple(n // 2 if n is not None and i == axis % len(shape) else n for i, n in enumerate(shape))
