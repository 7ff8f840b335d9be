"""Pooling: the largest or the mean value of each window, or of all of space.

Source: https://keras.io/api/layers/pooling_layers/
"""

import numpy as np

from . import arguments
from .spatial import Spatial
from .windows import crop, output_space, pad, padding_widths, taps


class Pool(Spatial):
    """What windowed pools share. Input (batch, *space, channels), output (batch, *out, channels); no weights.

    strides=None means pool_size: windows that do not overlap. Raises ValueError for what Keras refuses.
    """

    def __init__(self, pool_size, strides=None, padding="valid", data_format=None, name=None, **options):
        super().__init__(data_format, name=name, **options)
        kind = type(self).__name__
        self.pool_size = arguments.sizes(kind, "pool_size", pool_size, self.rank)
        self.strides = self.pool_size if strides is None else arguments.sizes(kind, "strides", strides, self.rank)
        if isinstance(padding, str) and padding.lower() == "causal":
            raise ValueError(f"{kind}: padding 'causal' is for Conv1D; a pool takes 'valid' or 'same'")
        self.padding = arguments.choice(kind, "padding", padding, ("valid", "same"))
        self.dilation = (1,) * self.rank

    def compute_output_shape(self, input_shape):
        batch, space, channels = self.split_shape(input_shape)
        what = f"{type(self).__name__}: pool_size"
        out = output_space(space, self.pool_size, self.strides, self.padding, self.dilation, what)
        return self.join_shape(batch, out, channels)

    def window(self, x):
        """(x with channels last, padding widths, places of the taps) for this input."""
        out = self.split_shape(self.compute_output_shape(x.shape))[1]
        x = self.arrange(x)
        widths = padding_widths(x.shape[1:-1], self.pool_size, self.strides, self.padding, self.dilation)
        return x, widths, [where for _, where in taps(self.pool_size, self.strides, self.dilation, out)]

    def stamp(self, dxp, where, share):
        """Add `share` to the cells of one tap; where windows do not overlap each cell comes once: writing will do."""
        if any(s < k for s, k in zip(self.strides, self.pool_size)):
            dxp[where] += share
        else:
            dxp[where] = share


class MaxPooling(Pool):
    """y[o, c] = the largest x[o * strides + j, c] over the taps j of window o. Padding counts as minus infinity.

    A nan in the window is its largest value; Keras on TensorFlow passes over it.
    """

    def __init__(self, pool_size=2, strides=None, padding="valid", data_format=None, name=None, **options):
        super().__init__(pool_size, strides, padding, data_format, name, **options)

    def call(self, x):
        self.x, self.widths, self.taps = self.window(x)
        self.xp = pad(self.x, self.widths, -np.inf)
        y = self.xp[self.taps[0]].copy()
        for where in self.taps[1:]:
            np.maximum(y, self.xp[where], out=y)
        self.y = y
        return self.restore(y)

    def backward(self, dy):
        """The whole gradient goes to the winner; of equal winners, to the first in row-major order.

        Keras does so in one and two dimensions; in three, on a CPU, it hands the whole gradient to each equal winner.
        """
        dy = self.arrange(dy)
        dxp, free = np.zeros_like(self.xp), np.ones(dy.shape, bool)
        for where in self.taps:
            winner = (self.xp[where] == self.y) & free
            self.stamp(dxp, where, dy * winner)
            free ^= winner
        return self.leave(crop(dxp, self.widths, self.x.shape))


class AveragePooling(Pool):
    """y[o, c] = the mean of x[o * strides + j, c] over the taps j of window o. Cells of padding are not counted."""

    def call(self, x):
        self.x, self.widths, self.taps = self.window(x)
        xp = pad(self.x, self.widths)
        total = xp[self.taps[0]].copy()
        for where in self.taps[1:]:
            total += xp[where]
        real = pad(np.ones((1, *self.x.shape[1:-1], 1), self.dtype), self.widths)
        self.count = sum(real[where] for where in self.taps)
        return self.restore(total / self.count)

    def backward(self, dy):
        """Each real cell of a window gets an equal share of its gradient."""
        share = self.arrange(dy) / self.count
        space = [n + sum(w) for n, w in zip(self.x.shape[1:-1], self.widths)]
        dxp = np.zeros((len(share), *space, share.shape[-1]), self.dtype)
        for where in self.taps:
            self.stamp(dxp, where, share)
        return self.leave(crop(dxp, self.widths, self.x.shape))


class GlobalPool(Spatial):
    """What global pools share: (batch, *space, channels) -> (batch, channels), or space of length one with keepdims."""

    def __init__(self, data_format=None, keepdims=False, **options):
        super().__init__(data_format, **options)
        self.keepdims = arguments.flag(type(self).__name__, "keepdims", keepdims)

    @property
    def space_axes(self):
        first = 1 if self.data_format == "channels_last" else 2
        return tuple(range(first, first + self.rank))

    def compute_output_shape(self, input_shape):
        batch, _, channels = self.split_shape(input_shape)
        return self.join_shape(batch, (1,) * self.rank, channels) if self.keepdims else (batch, channels)

    def shaped(self, y):
        """y, whose axes of space have length one, as it leaves the layer."""
        return y if self.keepdims else y.squeeze(self.space_axes)

    def unshaped(self, dy):
        """The gradient of y with its axes of space back."""
        return dy if self.keepdims else np.expand_dims(dy, self.space_axes)


class GlobalMaxPooling(GlobalPool):
    """y[c] = the largest x[o, c] over all positions o."""

    def call(self, x):
        self.split_shape(x.shape)
        self.x = self.top = x
        for axis in self.space_axes:  # one after another: NumPy is slow along several at once
            self.top = self.top.max(axis, keepdims=True)
        return self.shaped(self.top)

    def backward(self, dy):
        """Equal winners share the gradient equally, as Keras does here; MaxPooling gives it all to the first."""
        winners = self.x == self.top
        return winners * (self.unshaped(dy) / winners.sum(self.space_axes, keepdims=True, dtype=self.dtype))


class GlobalAveragePooling(GlobalPool):
    """y[c] = the mean of x[o, c] over all positions o."""

    def call(self, x):
        self.split_shape(x.shape)
        self.x = x
        return self.shaped(x.mean(self.space_axes, keepdims=True))

    def backward(self, dy):
        _, space, _ = self.split_shape(self.x.shape)
        return np.broadcast_to(self.unshaped(dy) / self.dtype.type(np.prod(space)), self.x.shape).copy()


class MaxPooling1D(MaxPooling):
    """Largest value of each window of steps: (batch, steps, channels) -> (batch, fewer steps, channels)."""

    rank = 1


class MaxPooling2D(MaxPooling):
    """Largest value of each window of an image: (batch, height, width, channels) -> (batch, ..., channels)."""

    rank = 2


class MaxPooling3D(MaxPooling):
    """Largest value of each window of a volume."""

    rank = 3


class AveragePooling1D(AveragePooling):
    """Mean of each window of steps; pool_size has no default, as in Keras 3."""

    rank = 1


class AveragePooling2D(AveragePooling):
    """Mean of each window of an image; pool_size has no default, as in Keras 3."""

    rank = 2


class AveragePooling3D(AveragePooling):
    """Mean of each window of a volume; pool_size has no default, as in Keras 3."""

    rank = 3


class GlobalMaxPooling1D(GlobalMaxPooling):
    """Largest value along all steps: (batch, steps, channels) -> (batch, channels)."""

    rank = 1


class GlobalMaxPooling2D(GlobalMaxPooling):
    """Largest value of each channel of an image: (batch, height, width, channels) -> (batch, channels)."""

    rank = 2


class GlobalMaxPooling3D(GlobalMaxPooling):
    """Largest value of each channel of a volume."""

    rank = 3


class GlobalAveragePooling1D(GlobalAveragePooling):
    """Mean along all steps. mask (batch, steps): only steps where it is true count; with none the mean is nan."""

    rank = 1
    supports_masking = True

    def compute_mask(self, inputs, mask=None):
        return None

    def call(self, x, mask=None):
        self.kept = None
        if mask is None:
            return super().call(x)
        batch, (steps,), _ = self.split_shape(x.shape)
        mask = np.asarray(mask, bool)
        if mask.shape != (batch, steps):
            raise ValueError(f"GlobalAveragePooling1D: mask is (batch, steps) = {(batch, steps)}; got {mask.shape}")
        self.x, self.kept = x, np.expand_dims(mask, 2 if self.data_format == "channels_last" else 1)
        with np.errstate(invalid="ignore"):  # no step left: 0 / 0, nan as in Keras
            total = np.where(self.kept, x, 0).sum(self.space_axes, keepdims=True)
            return self.shaped(total / self.kept.sum(self.space_axes, keepdims=True, dtype=self.dtype))

    def backward(self, dy):
        if self.kept is None:
            return super().backward(dy)
        count = self.kept.sum(self.space_axes, keepdims=True, dtype=self.dtype)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.kept, np.broadcast_to(self.unshaped(dy) / count, self.x.shape), 0)


class GlobalAveragePooling2D(GlobalAveragePooling):
    """Mean of each channel of an image: (batch, height, width, channels) -> (batch, channels)."""

    rank = 2


class GlobalAveragePooling3D(GlobalAveragePooling):
    """Mean of each channel of a volume."""

    rank = 3
