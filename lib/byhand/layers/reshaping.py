"""Layers that move numbers and never change them: flatten, reshape, permute, repeat, pad, crop.

Source: https://keras.io/api/layers/reshaping_layers/
"""

import math

import numpy as np

from . import arguments
from .base import Layer
from .spatial import FORMATS, Spatial


class Moving(Layer):
    """What these layers share: the way back needs nothing but the input's shape."""

    def remember(self, x, y):
        self.input_shape = x.shape
        return y

    def check_rank(self, shape, rank, takes):
        if len(shape) != rank:
            raise ValueError(f"{type(self).__name__} takes {takes}; got {len(shape)} axes, shape {tuple(shape)}")


class Flatten(Moving):
    """(batch, ...) -> (batch, product of the rest), row by row; channels_first moves the channels last before that."""

    def __init__(self, data_format=None, **options):
        super().__init__(**options)
        data_format = FORMATS[0] if data_format is None else data_format
        self.data_format = arguments.choice("Flatten", "data_format", data_format, FORMATS)

    def moves(self, rank):
        return self.data_format == "channels_first" and rank > 2

    def call(self, x):
        size = self.compute_output_shape(x.shape)[1]
        flat = np.moveaxis(x, 1, -1) if self.moves(x.ndim) else x
        return self.remember(x, flat.reshape(len(x), size))

    def backward(self, dy):
        shape = self.input_shape
        if not self.moves(len(shape)):
            return dy.reshape(shape)
        return np.moveaxis(dy.reshape(shape[0], *shape[2:], shape[1]), -1, 1)

    def compute_output_shape(self, input_shape):
        batch, *rest = self.at_least_one_axis(input_shape)
        return batch, None if None in rest else math.prod(rest)

    def at_least_one_axis(self, shape):
        if not len(shape):
            raise ValueError("Flatten takes (batch, ...); got a single number")
        return shape


class Reshape(Moving):
    """(batch, ...) -> (batch, *target_shape) with the same numbers in the same order; one size may be -1, the rest."""

    def __init__(self, target_shape, **options):
        super().__init__(**options)
        given = tuple(target_shape) if isinstance(target_shape, tuple | list) else None
        sizes = None if given is None else tuple(map(arguments.as_int, given))
        if sizes is None or any(n is None or n < -1 for n in sizes) or sizes.count(-1) > 1:
            raise ValueError(
                "Reshape: target_shape is a tuple of whole numbers of at least 0, without the batch axis, "
                f"of which one may be -1; got {target_shape!r}"
            )
        self.target_shape = sizes

    def call(self, x):
        return self.remember(x, x.reshape(self.compute_output_shape(x.shape)))

    def backward(self, dy):
        return dy.reshape(self.input_shape)

    def compute_output_shape(self, input_shape):
        if not len(input_shape):
            raise ValueError("Reshape takes an array with a batch axis; got a single number")
        batch, *rest = input_shape
        known = math.prod(n for n in self.target_shape if n != -1)
        if None in rest:
            return batch, *(None if n == -1 else n for n in self.target_shape)
        size = math.prod(rest)
        if size != known if -1 not in self.target_shape else not known or size % known:
            raise ValueError(f"Reshape: {tuple(rest)} holds {size} numbers, which do not fill {self.target_shape}")
        return batch, *(size // known if n == -1 else n for n in self.target_shape)


class Permute(Moving):
    """Axes in another order: dims counts them from 1, the batch stays first. It moves data; Reshape only renames it."""

    def __init__(self, dims, **options):
        super().__init__(**options)
        numbers = [arguments.as_int(d) for d in dims] if isinstance(dims, tuple | list) else [None]
        if None in numbers or sorted(numbers) != list(range(1, len(numbers) + 1)):
            raise ValueError(
                f"Permute: dims holds each of 1, 2, ... once (the batch axis is not counted); got {dims!r}"
            )
        self.dims = tuple(numbers)

    def call(self, x):
        self.compute_output_shape(x.shape)
        return self.remember(x, x.transpose(0, *self.dims))

    def backward(self, dy):
        return dy.transpose(np.argsort((0, *self.dims)))

    def compute_output_shape(self, input_shape):
        self.check_rank(input_shape, len(self.dims) + 1, f"an input of {len(self.dims) + 1} axes for dims {self.dims}")
        return input_shape[0], *(input_shape[d] for d in self.dims)


class RepeatVector(Moving):
    """(batch, features) -> (batch, n, features): the same vector at each of n steps."""

    def __init__(self, n, **options):
        super().__init__(**options)
        self.n = arguments.whole("RepeatVector", "n", n)

    def call(self, x):
        self.compute_output_shape(x.shape)
        return self.remember(x, np.repeat(x[:, None], self.n, axis=1))

    def backward(self, dy):
        return dy.sum(1)

    def compute_output_shape(self, input_shape):
        self.check_rank(input_shape, 2, "(batch, features)")
        return input_shape[0], self.n, input_shape[1]


class Border(Spatial):
    """What padding and cropping share: (before, after) for each axis of space."""

    def pairs(self, name, value):
        """`value` as such pairs: one number for all, a number for each axis, or a pair for each axis."""
        kind = type(self).__name__
        if arguments.as_int(value) is not None:
            return (arguments.sizes(kind, name, value, 2, least=0),) * self.rank
        given = (value,) if self.rank == 1 else value
        if not isinstance(given, tuple | list) or len(given) != self.rank:
            pairs = ", ".join(f"({axis} before, after)" for axis in arguments.AXES[self.rank])
            raise ValueError(f"{kind}: {name} is a whole number, or ({pairs}); got {value!r}")
        return tuple(self.pair(name, v, value) for v in given)

    def pair(self, name, value, whole):
        given = list(value) if isinstance(value, tuple | list) else [value] * 2
        numbers = tuple(map(arguments.as_int, given))
        if len(numbers) != 2 or any(n is None or n < 0 for n in numbers):
            raise ValueError(f"{type(self).__name__}: {name} holds pairs of whole numbers of at least 0; got {whole!r}")
        return numbers

    def call(self, x):
        batch, self.space, channels = self.split_shape(x.shape)
        self.output_shape = self.compute_output_shape(x.shape)
        return self.change(x)

    def place(self, widths, lengths):
        """Where, along each axis of an array in the layer's data_format, `lengths` cells lie after `before` others."""
        space = [slice(before, before + n) for (before, _), n in zip(widths, lengths)]
        return self.join_shape(slice(None), space, slice(None))

    def grown(self, x, widths):
        """x with zeros around its space."""
        y = np.zeros(self.join_shape(len(x), [n + sum(w) for n, w in zip(self.inner(x), widths)], self.channels_of(x)),
                     x.dtype)  # fmt: skip
        y[self.place(widths, self.inner(x))] = x
        return y

    def inner(self, x):
        return self.split_shape(x.shape)[1]

    def channels_of(self, x):
        return self.split_shape(x.shape)[2]


class ZeroPadding(Border):
    """Zeros around the space: (batch, *space, channels) -> (batch, *longer, channels)."""

    def __init__(self, padding=1, data_format=None, **options):
        super().__init__(data_format, **options)
        self.padding = self.pairs("padding", padding)

    def change(self, x):
        return self.grown(x, self.padding)

    def backward(self, dy):
        return dy[self.place(self.padding, self.space)].copy()

    def compute_output_shape(self, input_shape):
        batch, space, channels = self.split_shape(input_shape)
        longer = [None if n is None else n + sum(pair) for n, pair in zip(space, self.padding)]
        return self.join_shape(batch, longer, channels)


class Cropping(Border):
    """Cells cut off the ends of the space: (batch, *space, channels) -> (batch, *shorter, channels)."""

    def __init__(self, cropping=1, data_format=None, **options):
        super().__init__(data_format, **options)
        self.cropping = self.pairs("cropping", cropping)

    def change(self, x):
        return x[self.place(self.cropping, self.split_shape(self.output_shape)[1])].copy()

    def backward(self, dy):
        return self.grown(dy, self.cropping)

    def compute_output_shape(self, input_shape):
        batch, space, channels = self.split_shape(input_shape)
        shorter = [None if n is None else n - sum(pair) for n, pair in zip(space, self.cropping)]
        if any(n is not None and n < 1 for n in shorter):
            kind = type(self).__name__
            raise ValueError(f"{kind}: cropping {self.cropping} leaves nothing of space {space}; crop less")
        return self.join_shape(batch, shorter, channels)


class ZeroPadding1D(ZeroPadding):
    """Zeros before and after the steps; padding is a number or (before, after)."""

    rank = 1


class ZeroPadding2D(ZeroPadding):
    """Zeros around an image; padding is a number, (rows, columns) or ((top, bottom), (left, right))."""

    rank = 2


class ZeroPadding3D(ZeroPadding):
    """Zeros around a volume; padding is a number, one for each axis, or a pair for each axis."""

    rank = 3


class Cropping1D(Cropping):
    """Steps cut off both ends; cropping is a number or (before, after). Keras gives it no data_format."""

    rank = 1

    def __init__(self, cropping=(1, 1), **options):
        if "data_format" in options:
            raise TypeError("Cropping1D has no argument 'data_format'")
        super().__init__(cropping, **options)


class Cropping2D(Cropping):
    """Rows and columns cut off; cropping is a number, (rows, columns) or ((top, bottom), (left, right))."""

    rank = 2

    def __init__(self, cropping=((0, 0), (0, 0)), data_format=None, **options):
        super().__init__(cropping, data_format, **options)


class Cropping3D(Cropping):
    """Cells cut off a volume; cropping is a number, one for each axis, or a pair for each axis."""

    rank = 3
