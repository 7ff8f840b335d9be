"""What a layer is given: arrays on the way in, gradients on the way back. What does not fit gets a plain sentence."""

import functools

import numpy as np


def array(kind, x, dtype):
    """`x` as an array of this dtype. ValueError or TypeError if it is not one block of numbers."""
    try:
        if x is None:
            raise TypeError
        return np.asarray(x, dtype)
    except (TypeError, ValueError) as error:
        shown = x if isinstance(x, str | list | tuple | np.ndarray | None) else type(x).__name__
        text = f"{kind} takes numbers in one array, rows of equal length; got {' '.join(repr(shown).split())[:60]}"
        raise type(error)(text) from None


def gradient(kind, dy, shape, dtype):
    """`dy` as an array of this shape and dtype, those of the output of the last call (None before any).

    ValueError if it does not have the shape."""
    if shape is None:
        raise ValueError(f"{kind}.backward needs a call first: y = layer(x), then dx = layer.backward(dy)")
    dy = dy[0] if isinstance(dy, list | tuple) and len(dy) == 1 and np.shape(dy[0]) == shape else dy
    try:
        dy = np.asarray(dy)
        problem = "" if dy.dtype.kind in "fiub" else f", not numbers ({dy.dtype})"
    except ValueError:
        raise ValueError(f"{kind}.backward takes one array of the output's shape {shape}; got uneven rows") from None
    if problem or dy.shape != shape:
        raise ValueError(f"{kind}.backward takes a gradient of the output's shape {shape}; got {dy.shape}{problem}")
    return dy.astype(dtype, copy=False)


def remembers_output(call):
    """A call after which the layer knows its output's shape and dtype; of several outputs only that there were some."""

    @functools.wraps(call)
    def whole(self, *args, **kwargs):
        if self.inside:
            return call(self, *args, **kwargs)
        outputs = inside(self, call, *args, **kwargs)
        self.returned = getattr(outputs, "shape", ()), getattr(outputs, "dtype", self.dtype)
        self.one_output = not isinstance(outputs, list | tuple)
        return outputs

    return whole


def checks_gradient(backward):
    """A backward that takes a gradient of the last output only and differentiates the activity penalty too.

    Both once, and not where a layer's own call or backward goes this way."""

    @functools.wraps(backward)
    def whole(self, dy, *args, **kwargs):
        if self.inside or self.takes_words:
            return backward(self, dy, *args, **kwargs)
        if self.one_output:
            dy = gradient(type(self).__name__, dy, *self.returned)
        if self.regularized is not None:
            several = isinstance(dy, list | tuple)
            penalties = [self.activity_regularizer.gradient(y) / max(1, len(y)) for y in self.regularized]
            dys = [d + p for d, p in zip(dy if several else [dy], penalties)]
            dy = dys if several else dys[0]
        return inside(self, backward, dy, *args, **kwargs)

    return whole


def inside(layer, method, *args, **kwargs):
    """Run a method of the layer in which its other methods stand for parts of it: what they are given is its own."""
    layer.inside = True
    try:
        return method(layer, *args, **kwargs)
    finally:
        layer.inside = False
