"""Layers that join arrays: one after the other (Concatenate), or by sums of products along an axis (Dot).

Source: https://keras.io/api/layers/merging_layers/
"""

import math

import numpy as np

from .merging import Merge, shapes_of


class Concatenate(Merge):
    """y = the inputs one after the other along `axis`; all other sizes must be equal. Back: cut at the joints."""

    def __init__(self, axis=-1, **options):
        super().__init__(**options)
        self.axis = axis

    def check_shapes(self, shapes):
        if not isinstance(shapes, list) or not shapes:
            raise ValueError(f"Concatenate takes a list of arrays; got one array of shape {shapes}")
        rank = len(shapes[0])
        if any(len(s) != rank for s in shapes) or not -rank <= self.axis < rank:
            raise ValueError(f"Concatenate along axis {self.axis} takes arrays that all have that axis; got {shapes}")
        for axis in set(range(rank)) - {self.axis % rank}:
            if len({s[axis] for s in shapes} - {None}) > 1:
                raise ValueError(f"Concatenate along axis {self.axis}: sizes along axis {axis} differ; got {shapes}")
        return shapes

    def call(self, inputs, mask=None):
        shapes = self.check_shapes(shapes_of(inputs))
        self.joints = np.cumsum([shape[self.axis] for shape in shapes])[:-1]
        return np.concatenate(inputs, self.axis)

    def backward(self, dy):
        return np.split(dy, self.joints, self.axis)

    def compute_output_shape(self, input_shape):
        shapes = self.check_shapes(input_shape)
        along = [shape[self.axis] for shape in shapes]
        known = [{shape[i] for shape in shapes} - {None} for i in range(len(shapes[0]))]
        output = [sizes.pop() if sizes else None for sizes in known]
        output[self.axis] = None if None in along else sum(along)
        return tuple(output)

    def compute_mask(self, inputs, mask=None):
        self.check_masks(inputs, mask)
        if mask is None or all(m is None for m in mask):
            return None
        whole = []
        for x, m in zip(inputs, mask):
            m = np.ones(x.shape, bool) if m is None else np.asarray(m, bool)
            whole.append(m[..., None] | np.zeros(x.shape, bool) if m.ndim < x.ndim else m)
        return np.concatenate(whole, self.axis).any(axis=-1)


class Dot(Merge):
    """y[b, i, j] = sum_k x1[b, i, k] x2[b, j, k]: k runs along `axes` (one for both, or a pair), i and j over the rest.

    normalize: both vectors are first divided by their length (at least 1e-7), which gives the cosine. Two arrays of
    vectors give (B, 1). ValueError if the contracted sizes differ or the batch axis is named.
    """

    def __init__(self, axes, normalize=False, **options):
        super().__init__(**options)
        pair = axes if isinstance(axes, list | tuple) else (axes, axes)
        if not all(type(a) is int for a in pair):
            raise TypeError(f"Dot: axes is a whole number or a pair of them; got {axes!r}")
        if len(pair) != 2:
            raise ValueError(f"Dot: axes is a whole number or a pair of them; got {axes!r}")
        self.axes, self.normalize = axes, normalize
        self.pair = tuple(pair)

    def check_shapes(self, shapes):
        if not isinstance(shapes, list) or len(shapes) != 2:
            raise ValueError(f"Dot takes a list of exactly two arrays; got shapes {shapes}")
        for axis, shape in zip(self.pair, shapes):
            if len(shape) < 2 or not -len(shape) < axis < len(shape) or axis == 0:
                raise ValueError(f"Dot: axis {axis} is not an axis of {shape} behind the batch axis")
        first, second = (shape[axis] for axis, shape in zip(self.pair, shapes))
        if first != second and None not in (first, second):
            raise ValueError(
                f"Dot: the contracted sizes differ, {first} and {second}; got {shapes} and axes {self.axes}"
            )
        if shapes[0][0] != shapes[1][0] and None not in (shapes[0][0], shapes[1][0]):
            raise ValueError(f"Dot: the batch sizes differ; got shapes {shapes}")
        return shapes

    def call(self, inputs, mask=None):
        self.shapes = self.check_shapes(shapes_of(inputs))
        self.x = [np.moveaxis(x, axis, -1) for x, axis in zip(inputs, self.pair)]
        self.rows = [as_rows(x) for x in self.x]
        if self.normalize:
            self.inverse = [one_by_length(r) for r in self.rows]
            self.rows = [r * inverse for r, inverse in zip(self.rows, self.inverse)]
        y = self.rows[0] @ self.rows[1].swapaxes(1, 2)
        return y.reshape(self.compute_output_shape(self.shapes))

    def backward(self, dy):
        first, second = self.rows
        dy = dy.reshape(len(dy), first.shape[1], second.shape[1])
        gradients = [dy @ second, dy.swapaxes(1, 2) @ first]
        if self.normalize:
            gradients = [
                inverse * (d - n * (n * d).sum(axis=-1, keepdims=True))
                for d, n, inverse in zip(gradients, self.rows, self.inverse)
            ]
        return [np.moveaxis(d.reshape(x.shape), -1, axis) for d, x, axis in zip(gradients, self.x, self.pair)]

    def compute_output_shape(self, input_shape):
        first, second = (list(shape) for shape in self.check_shapes(input_shape))
        del first[self.pair[0]], second[self.pair[1]]
        rest = first[1:] + second[1:]
        return (first[0], *(rest or [1]))

    def compute_mask(self, inputs, mask=None):
        return None


def as_rows(x):
    """(batch, ..., n) -> (batch, rows, n)."""
    return x.reshape(len(x), math.prod(x.shape[1:-1]), x.shape[-1])


def one_by_length(rows):
    """1 / the length of each row, at most 1e7."""
    squares = np.square(rows).sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore"):
        return np.minimum(1 / np.sqrt(squares), 1e7).astype(rows.dtype)


def concatenate(inputs, axis=-1, **options):
    """Concatenate(axis)(inputs)."""
    return Concatenate(axis, **options)(inputs)


def dot(inputs, axes=-1, **options):
    """Dot(axes)(inputs)."""
    return Dot(axes, **options)(inputs)
