"""Layers that make one array of several, number by number: sums, products, means, extremes.

Source: https://keras.io/api/layers/merging_layers/
"""

import functools

import numpy as np

from .base import Layer


class Merge(Layer):
    """[x1, x2, ...] -> y, number by number; sizes of 1 behind the batch axis are stretched, as NumPy does.

    An array with fewer axes gets axes of size 1 after its batch axis. The mask of the result is True where any mask is;
    one input without a mask makes it None. backward gives a list of gradients, one for each input.
    ValueError if the inputs are not a list, or their shapes do not fit.
    """

    supports_masking = several_inputs = True

    def call(self, inputs, mask=None):
        self.shapes = self.check_shapes(shapes_of(inputs))
        rank = max(map(len, self.shapes))
        self.x = [with_axes(x, rank) for x in inputs]
        self.masks = self.stretch_masks(mask)
        return self.merge(self.x)

    def backward(self, dy):
        parts = zip(self.split(dy), self.x, self.shapes)
        return [unstretch(d, x.shape).reshape(shape) for d, x, shape in parts]

    def check_shapes(self, shapes):
        kind = type(self).__name__
        if not isinstance(shapes, list) or not shapes:
            raise ValueError(f"{kind} takes a list of arrays; got one array of shape {shapes}")
        if any(len(shape) < 1 for shape in shapes):
            raise ValueError(f"{kind} takes arrays with a batch axis; got shapes {shapes}")
        if len({shape[0] for shape in shapes} - {None}) > 1:
            raise ValueError(f"{kind}: the batch sizes differ; got shapes {shapes}")
        self.stretched_sizes(shapes)
        return shapes

    def stretched_sizes(self, shapes):
        """The sizes of the result behind its batch axis."""
        rank, rest = max(map(len, shapes)), []
        for sizes in zip(*((1,) * (rank - len(shape)) + tuple(shape[1:]) for shape in shapes)):
            wide = {n for n in sizes if n != 1}
            if len(wide - {None}) > 1:
                raise ValueError(f"{type(self).__name__}: shapes {shapes} do not fit; sizes must be equal, or 1")
            rest.append(None if None in wide else max(wide, default=1))
        return tuple(rest)

    def compute_output_shape(self, input_shape):
        shapes = self.check_shapes(input_shape)
        batch = {shape[0] for shape in shapes} - {None}
        return (batch.pop() if batch else None, *self.stretched_sizes(shapes))

    # --- masks ----------------------------------------------------------------------------------------------------

    def stretch_masks(self, mask):
        """A mask of each input's own shape, or None for each that has none."""
        self.check_masks(self.x, mask)
        if mask is None or len(set(map(len, self.shapes))) > 1:
            return [None] * len(self.x)
        return [
            m if m is None else np.broadcast_to(np.asarray(m, bool)[..., None], x.shape) for m, x in zip(mask, self.x)
        ]

    def check_masks(self, inputs, mask):
        if mask is not None and (not isinstance(mask, list | tuple) or len(mask) != len(inputs)):
            raise ValueError(
                f"{type(self).__name__} takes a list of {len(inputs)} masks, None for an array without one"
            )

    def compute_mask(self, inputs, mask=None):
        self.check_masks(inputs, mask)
        return None if mask is None or any(m is None for m in mask) else np.logical_or.reduce(mask)


def shapes_of(inputs):
    """The shapes of a list of arrays; of one array, which a merge layer refuses, its own."""
    return [x.shape for x in inputs] if isinstance(inputs, list) else inputs.shape


def with_axes(x, rank):
    """x with axes of size 1 put in behind the batch axis, so that it has `rank` axes."""
    missing = (1,) * (rank - x.ndim)
    return x.reshape(len(x), *missing, *x.shape[1:])


def unstretch(dy, shape):
    """The gradient dy of a stretched array, summed back to the array's own shape."""
    stretched = tuple(k for k in range(dy.ndim) if dy.shape[k] != shape[k])
    return dy.sum(axis=stretched, keepdims=True) if stretched else dy


class Add(Merge):
    """y = x1 + x2 + ...; every dx is dy."""

    def merge(self, xs):
        return sum(xs[1:], xs[0])

    def split(self, dy):
        return [dy] * len(self.x)


class Subtract(Merge):
    """y = x1 - x2, for exactly two inputs."""

    def check_shapes(self, shapes):
        if isinstance(shapes, list) and len(shapes) != 2:
            raise ValueError(f"Subtract takes exactly two arrays; got {len(shapes)}")
        return super().check_shapes(shapes)

    def merge(self, xs):
        return xs[0] - xs[1]

    def split(self, dy):
        return [dy, -dy]


class Average(Merge):
    """y = (x1 + ... + xn) / n."""

    def merge(self, xs):
        return sum(xs[1:], xs[0]) / len(xs)

    def split(self, dy):
        return [dy / len(self.x)] * len(self.x)


class Multiply(Merge):
    """y = x1 x2 ...; dx of one input is dy times all the others.

    What a mask hides counts as 1, and what all masks hide gives 0."""

    def merge(self, xs):
        self.factors = [x if m is None else np.where(m, x, x.dtype.type(1)) for x, m in zip(xs, self.masks)]
        y = functools.reduce(np.multiply, self.factors)
        self.seen = True if any(m is None for m in self.masks) else functools.reduce(np.logical_or, self.masks)
        return y if self.seen is True else np.where(self.seen, y, 0)

    def split(self, dy):
        others = [self.factors[:i] + self.factors[i + 1 :] for i in range(len(self.factors))]
        dy = dy if self.seen is True else np.where(self.seen, dy, 0)
        gradients = [functools.reduce(np.multiply, factors, dy) for factors in others]
        return [d if m is None else np.where(m, d, 0) for d, m in zip(gradients, self.masks)]


class Extreme(Merge):
    """The largest or smallest of the inputs, taken in turn: of equals the earlier wins, and takes the gradient.

    What a mask hides gives way to the other side."""

    def merge(self, xs):
        best, seen, self.turns = xs[0], self.masks[0], []
        for x, m in zip(xs[1:], self.masks[1:]):
            left, right = best, x if m is None else np.where(m, x, best)
            left = left if seen is None else np.where(seen, left, right)
            self.turns.append((best.shape, seen, m, self.wins(left, right)))
            best, seen = self.pick(left, right), None if seen is None or m is None else seen | m
        return best

    def split(self, dy):
        gradients = []
        for shape, seen, m, left_wins in reversed(self.turns):
            dleft, dright = dy * left_wins, dy * ~left_wins
            if seen is not None:
                dleft, dright = np.where(seen, dleft, 0), dright + np.where(seen, 0, dleft)
            if m is not None:
                dleft, dright = dleft + np.where(m, 0, dright), np.where(m, dright, 0)
            gradients.append(dright)
            dy = unstretch(dleft, shape)
        return [dy, *reversed(gradients)]


class Maximum(Extreme):
    """y = max(x1, x2, ...)."""

    pick, wins = staticmethod(np.maximum), staticmethod(np.greater_equal)


class Minimum(Extreme):
    """y = min(x1, x2, ...)."""

    pick, wins = staticmethod(np.minimum), staticmethod(np.less_equal)


def add(inputs, **options):
    """Add()(inputs)."""
    return Add(**options)(inputs)


def subtract(inputs, **options):
    """Subtract()(inputs)."""
    return Subtract(**options)(inputs)


def multiply(inputs, **options):
    """Multiply()(inputs)."""
    return Multiply(**options)(inputs)


def average(inputs, **options):
    """Average()(inputs)."""
    return Average(**options)(inputs)


def maximum(inputs, **options):
    """Maximum()(inputs)."""
    return Maximum(**options)(inputs)


def minimum(inputs, **options):
    """Minimum()(inputs)."""
    return Minimum(**options)(inputs)
