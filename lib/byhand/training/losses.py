"""How wrong a prediction is, as one number, and its slope: the losses by Keras' names.

loss(y, p) is a number for targets y and predictions p; loss.gradient(y, p) has the shape of p. A loss writes `each`,
one number a sample, and `slope`, the derivative of those numbers.
Source: https://keras.io/api/losses/
"""

import numpy as np

from ..layers.lookup import by_name, find
from . import crossentropies as ce
from .reductions import REDUCTIONS, divisor, same_rank, weights_of


class Loss:
    """loss(y_true, y_pred, sample_weight=None, mask=None) -> number.

    The values of single samples are weighted, added up and divided by their count (reduction "sum_over_batch_size",
    also called "mean"), by the sum of the weights ("mean_with_sample_weight"), or left as a sum ("sum"), or returned as
    they are ("none" or None). mask hides values; the mean is then taken over the others.
    ValueError if targets, predictions and weights do not fit together.
    """

    name = "loss"
    takes_logits = False  # whether a last softmax or sigmoid is left out, as Keras does to lose no digits

    def __init__(self, reduction="sum_over_batch_size", name=None, dtype=None):
        if reduction not in REDUCTIONS:
            raise ValueError(f"{type(self).__name__}: reduction is one of {REDUCTIONS}; got {reduction!r}")
        self.reduction, self.name = reduction, name or type(self).name
        self.dtype = None if dtype is None else np.dtype(dtype)

    def __call__(self, y_true, y_pred, sample_weight=None, mask=None):
        y, p = self.prepare(y_true, y_pred)
        values = self.each(y, p)
        weights = weights_of(values, sample_weight, self.joined(mask, y), self.shares)
        weighted = values if weights is None else values * weights
        if self.reduction in (None, "none"):
            return weighted
        count = divisor(values, weights, self.reduction)
        return float(weighted.sum() / count) if count else 0.0

    def gradient(self, y_true, y_pred, sample_weight=None, mask=None):
        """The derivative of the loss (of the sum, for reduction "none") by y_pred, in the shape of y_pred."""
        y, p = self.prepare(y_true, y_pred)
        slope = self.slope(y, p)
        values = np.zeros(slope.shape[:-1], p.dtype)
        weights = weights_of(values, sample_weight, self.joined(mask, y), self.shares)
        if weights is not None:
            slope *= weights[..., None]
        count = divisor(values, weights, self.reduction)
        slope *= 1 / count if count else 0.0
        return slope.reshape(np.shape(y_pred))

    @property
    def shares(self):
        return self.reduction in ("sum_over_batch_size", "mean")

    def joined(self, mask, y):
        """The mask, with what the loss itself leaves out."""
        return mask

    def prepare(self, y_true, y_pred):
        p = np.asarray(y_pred)
        p = p.astype(self.dtype or (p.dtype if p.dtype.kind == "f" else np.float32), copy=False)
        y, p = same_rank(np.asarray(y_true, p.dtype), p)
        if y.shape != p.shape or not p.ndim:
            raise ValueError(
                f"{type(self).__name__}: targets of shape {np.shape(y_true)} do not fit predictions of shape"
                f" {np.shape(y_pred)}"
            )
        return y, p

    def each(self, y, p):
        raise TypeError(f"{type(self).__name__} does not say how to count a mistake")

    def slope(self, y, p):
        raise TypeError(f"{type(self).__name__} has no way back")


class MeanSquaredError(Loss):
    """mean (y - p)^2 over the last axis."""

    name = "mean_squared_error"

    def each(self, y, p):
        return np.square(y - p).mean(axis=-1)

    def slope(self, y, p):
        return 2 / p.shape[-1] * (p - y)


class MeanAbsoluteError(Loss):
    """mean |y - p| over the last axis."""

    name = "mean_absolute_error"

    def each(self, y, p):
        return np.abs(y - p).mean(axis=-1)

    def slope(self, y, p):
        return np.sign(p - y) / p.shape[-1]


class Huber(Loss):
    """mean of e^2 / 2 where |e| <= delta, of delta |e| - delta^2 / 2 beyond, for e = p - y (Huber 1964)."""

    name = "huber_loss"

    def __init__(self, delta=1.0, **options):
        super().__init__(**options)
        self.delta = delta

    def each(self, y, p):
        e = np.abs(p - y)
        return np.where(e <= self.delta, e * e / 2, self.delta * e - self.delta**2 / 2).mean(axis=-1)

    def slope(self, y, p):
        return np.clip(p - y, -self.delta, self.delta) / p.shape[-1]


class CrossEntropy(Loss):
    """What the three cross-entropies share: predictions as probabilities or, with from_logits, as what comes before
    softmax or sigmoid; axis is the last one."""

    takes_logits = True

    def __init__(self, from_logits=False, label_smoothing=0.0, axis=-1, **options):
        super().__init__(**options)
        if axis != -1:
            raise ValueError(f"{type(self).__name__}: axis={axis!r} is not supported by hand; classes go last")
        if not 0 <= label_smoothing <= 1:
            raise ValueError(f"{type(self).__name__}: label_smoothing is between 0 and 1; got {label_smoothing!r}")
        self.from_logits, self.label_smoothing = bool(from_logits), label_smoothing

    def on_logits(self):
        """The same loss for predictions that are logits."""
        twin = object.__new__(type(self))
        vars(twin).update(vars(self), from_logits=True)
        return twin


class BinaryCrossentropy(CrossEntropy):
    """mean of -(y log p + (1 - y) log(1 - p)); label_smoothing s moves y to (1 - s) y + s / 2."""

    name = "binary_crossentropy"

    def smooth(self, y):
        return y * (1 - self.label_smoothing) + 0.5 * self.label_smoothing if self.label_smoothing else y

    def each(self, y, p):
        return ce.binary(self.smooth(y), p, self.from_logits).mean(axis=-1)

    def slope(self, y, p):
        return ce.binary_slope(self.smooth(y), p, self.from_logits) / p.shape[-1]


class CategoricalCrossentropy(CrossEntropy):
    """-sum y log p over the C classes, y (..., C); label_smoothing s moves y to (1 - s) y + s / C."""

    name = "categorical_crossentropy"

    def smooth(self, y):
        return y * (1 - self.label_smoothing) + self.label_smoothing / y.shape[-1] if self.label_smoothing else y

    def each(self, y, p):
        return ce.categorical(self.smooth(y), p, self.from_logits)

    def slope(self, y, p):
        return ce.categorical_slope(self.smooth(y), p, self.from_logits)


class SparseCategoricalCrossentropy(CrossEntropy):
    """-log p of the right class, y (...) or (..., 1) its number; targets equal to ignore_class count nothing.

    ValueError for a number that is no class."""

    name = "sparse_categorical_crossentropy"

    def __init__(self, from_logits=False, ignore_class=None, reduction="sum_over_batch_size", axis=-1, name=None,
                 dtype=None):  # fmt: skip
        super().__init__(from_logits, 0.0, axis, reduction=reduction, name=name, dtype=dtype)
        self.ignore_class = ignore_class

    def prepare(self, y_true, y_pred):
        p = np.asarray(y_pred)
        p = p.astype(self.dtype or (p.dtype if p.dtype.kind == "f" else np.float32), copy=False)
        y = np.asarray(y_true)
        y = y[..., 0] if y.ndim == p.ndim and y.shape[-1] == 1 else y
        if y.shape != p.shape[:-1]:
            raise ValueError(
                f"SparseCategoricalCrossentropy: class numbers of shape {np.shape(y_true)} do not fit predictions of"
                f" shape {p.shape}; expected {p.shape[:-1]}. One-hot targets take CategoricalCrossentropy"
            )
        y = y.astype(np.int64)
        shown = self.shown(y)
        outside = (shown < 0) | (shown >= p.shape[-1])
        if outside.any():
            raise ValueError(
                f"SparseCategoricalCrossentropy: {p.shape[-1]} classes are numbered from 0; got {y[outside].flat[0]}"
            )
        return y, p

    def joined(self, mask, y):
        if self.ignore_class is None:
            return mask
        return y != self.ignore_class if mask is None else (y != self.ignore_class) & np.asarray(mask, bool)

    def each(self, y, p):
        return ce.sparse(self.shown(y), p, self.from_logits)

    def slope(self, y, p):
        return ce.sparse_slope(self.shown(y), p, self.from_logits)

    def shown(self, y):
        return y if self.ignore_class is None else np.where(y == self.ignore_class, 0, y)


BY_NAME = by_name(MeanSquaredError, MeanAbsoluteError, Huber, BinaryCrossentropy, CategoricalCrossentropy,
                  SparseCategoricalCrossentropy, mse=MeanSquaredError, MSE=MeanSquaredError, mae=MeanAbsoluteError,
                  MAE=MeanAbsoluteError, bce=BinaryCrossentropy, BCE=BinaryCrossentropy)  # fmt: skip


def get(identifier):
    """The loss called `identifier` ("mse", "binary_crossentropy" ...), or the object itself; None stays None.

    ValueError for a name that is not known."""
    found = find("loss", BY_NAME, identifier)
    if found is not None and not isinstance(found, Loss):
        raise ValueError(f"a loss is a name or a byhand.training.Loss; got {identifier!r}")
    return found
