"""The registry of derivatives: which way back belongs to which activation function."""

import functools

DERIVATIVES = {}


def derivative(function):
    """Register the decorated (dy, z, y, **arguments) -> dz as the backward pass of `function`."""

    def register(backward):
        DERIVATIVES[function] = backward
        return backward

    return register


def backward(function, dy, z, y, **arguments):
    """Gradient of z, given the gradient dy of y = function(z, **arguments).

    `function` may be a functools.partial of a known function. ValueError if no derivative is registered for it."""
    if isinstance(function, functools.partial) and not function.args:
        return backward(function.func, dy, z, y, **{**function.keywords, **arguments})
    if function not in DERIVATIVES:
        name = getattr(function, "__name__", repr(function))
        raise ValueError(f"no derivative is known for {name}; register one with activations.derivative({name})")
    return DERIVATIVES[function](dy, z, y, **arguments)
