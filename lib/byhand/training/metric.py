"""Numbers that tell how good a network is, gathered over many batches, by Keras' names.

metric.update_state(y, p, sample_weight), then metric.result(). Source: https://keras.io/api/metrics/
"""

import numpy as np

from ..layers.constants import through_float32
from ..layers.lookup import snake_case
from .reductions import same_rank


class Metric:
    """What all metrics share. direction: "up" if larger is better, "down" if smaller is."""

    direction, heeds_mask = "down", False

    def __init__(self, name=None, dtype=None):
        self.name, self.dtype = name or snake_case(type(self).__name__), dtype

    def update_state(self, y_true, y_pred, sample_weight=None):
        raise TypeError(f"{type(self).__name__} does not say how to count")

    def result(self):
        raise TypeError(f"{type(self).__name__} has no result")

    def __call__(self, y_true, y_pred, sample_weight=None):
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()


class Mean(Metric):
    """The weighted mean of numbers: of each sample's mean, if a sample has several."""

    def __init__(self, name=None, dtype=None):
        super().__init__(name, dtype)
        self.reset_state()

    def reset_state(self):
        self.total = self.count = 0.0

    def add(self, values, sample_weight=None):
        values = np.asarray(values, float)
        if sample_weight is None:
            self.total += float(values.mean() * len(values)) if values.ndim and values.size else float(values.sum())
            self.count += len(values) if values.ndim else 1
            return
        values, w = same_rank(values, np.asarray(sample_weight, float))
        values = values.mean(axis=tuple(range(w.ndim, values.ndim))) if values.ndim > w.ndim else values
        try:
            w = np.broadcast_to(w, values.shape)
        except ValueError:
            raise ValueError(
                f"{self.name}: sample_weight of shape {w.shape} does not fit values of shape {values.shape}"
            ) from None
        per_sample = values[0].size if values.ndim else 1
        self.total += float((values * w).sum() / per_sample)
        self.count += float(w.sum() / per_sample)

    def add_weighted(self, value, weight):
        """One number that counts `weight`."""
        self.total += value * weight
        self.count += weight

    def result(self):
        return self.total / self.count if self.count else 0.0


class MeanOf(Mean):
    """The mean of what `values(y, p)` gives for each sample. ValueError if y and p do not fit together."""

    heeds_mask = True  # in a network, steps that a mask hides do not count

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.add(self.values(np.asarray(y_true), np.asarray(y_pred)), sample_weight)

    def together(self, y, p):
        y, p = same_rank(y, p)
        if y.shape != p.shape:
            raise ValueError(f"{self.name}: targets of shape {y.shape} do not fit predictions of shape {p.shape}")
        return y, p


class MeanSquaredError(MeanOf):
    """mean (y - p)^2."""

    def values(self, y, p):
        y, p = self.together(y, p)
        return np.square(y.astype(p.dtype) - p).mean(axis=-1)


class MeanAbsoluteError(MeanOf):
    """mean |y - p|."""

    def values(self, y, p):
        y, p = self.together(y, p)
        return np.abs(y.astype(p.dtype) - p).mean(axis=-1)


class Accuracy(MeanOf):
    """How often p equals y exactly."""

    direction = "up"

    def values(self, y, p):
        y, p = self.together(y, p)
        return y.astype(p.dtype) == p


class BinaryAccuracy(MeanOf):
    """How often (p > threshold) equals y, which is 0 or 1."""

    direction = "up"

    def __init__(self, name=None, dtype=None, threshold=0.5):
        super().__init__(name, dtype)
        self.threshold = threshold

    def values(self, y, p):
        y, p = self.together(y, p)
        return y == (p > through_float32(self.threshold))


class CategoricalAccuracy(MeanOf):
    """How often the largest of p (..., C) stands where the largest of y (..., C) does."""

    direction = "up"

    def values(self, y, p):
        y, p = self.together(y, p)
        return y.argmax(axis=-1) == p.argmax(axis=-1)


class SparseCategoricalAccuracy(MeanOf):
    """How often the largest of p (..., C) stands at place y (...) or (..., 1)."""

    direction = "up"

    def values(self, y, p):
        return self.numbers(y, p) == p.argmax(axis=-1)

    def numbers(self, y, p):
        """y as class numbers, one for each row of p."""
        y = y[..., 0] if y.ndim == p.ndim and y.shape[-1] == 1 else y
        if y.shape != p.shape[:-1]:
            raise ValueError(f"{self.name}: class numbers of shape {y.shape} do not fit predictions of {p.shape}")
        return y


class TopKCategoricalAccuracy(MeanOf):
    """How often the class of y (..., C) is among the k largest of p (..., C)."""

    direction = "up"

    def __init__(self, k=5, name=None, dtype=None):
        super().__init__(name, dtype)
        self.k = k

    def values(self, y, p):
        y, p = self.together(y, p)
        return among_largest(y.argmax(axis=-1), p, self.k)


class SparseTopKCategoricalAccuracy(SparseCategoricalAccuracy):
    """How often class number y (...) is among the k largest of p (..., C)."""

    def __init__(self, k=5, name=None, dtype=None):
        super().__init__(name, dtype)
        self.k = k

    def values(self, y, p):
        return among_largest(self.numbers(y, p).astype(int), p, self.k)


def among_largest(classes, p, k):
    """Whether fewer than k entries of a row are larger than that of its class."""
    own = np.take_along_axis(p, classes[..., None], axis=-1)
    return (p > own).sum(axis=-1) < k
