"""What layers on (batch, *space, channels) share: rank, data_format, checks of shapes."""

import numpy as np

from . import arguments
from .base import Layer

FORMATS = ("channels_last", "channels_first")


class Spatial(Layer):
    """A layer on `rank` axes of space. Inside, channels are always last: `arrange` on the way in, `restore` out.

    With data_format="channels_first" the input is (batch, channels, *space); one moveaxis in and one out serve it.
    """

    rank = None

    def __init__(self, data_format=None, **options):
        super().__init__(**options)
        data_format = FORMATS[0] if data_format is None else data_format
        self.data_format = arguments.choice(type(self).__name__, "data_format", data_format, FORMATS)

    @property
    def axes(self):
        """Names of the input's axes, in order."""
        space = arguments.AXES[self.rank]
        return ("batch", *space, "channels") if self.data_format == FORMATS[0] else ("batch", "channels", *space)

    def split_shape(self, shape):
        """(batch, space, channels) of an input shape; ValueError if it has another rank or an empty axis of space."""
        kind, shape = type(self).__name__, tuple(shape)
        if len(shape) != self.rank + 2:
            hint = f"; add the batch axis: x[None] has {self.rank + 2} axes" if len(shape) == self.rank + 1 else ""
            raise ValueError(f"{kind} takes ({', '.join(self.axes)}); got {len(shape)} axes, shape {shape}{hint}")
        if self.data_format == FORMATS[0]:
            batch, *space, channels = shape
        else:
            batch, channels, *space = shape
        if 0 in space or channels == 0:
            raise ValueError(f"{kind} needs at least one cell along each of {', '.join(self.axes[1:])}; got {shape}")
        return batch, tuple(space), channels

    def join_shape(self, batch, space, channels):
        """The shape, in this layer's data_format, of an array with these sizes."""
        return (batch, *space, channels) if self.data_format == FORMATS[0] else (batch, channels, *space)

    def arrange(self, x):
        """`x` with its channels last."""
        return x if self.data_format == FORMATS[0] else np.ascontiguousarray(np.moveaxis(x, 1, -1))

    def restore(self, y):
        """`y`, channels last, in the layer's own data_format."""
        return y if self.data_format == FORMATS[0] else np.moveaxis(y, -1, 1)

    def leave(self, dx):
        """The gradient of the input, channels last, in the layer's own data_format."""
        return dx if self.data_format == FORMATS[0] else np.moveaxis(dx, -1, 1)
