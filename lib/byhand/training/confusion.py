"""Right and wrong alarms at several thresholds: Precision, Recall and AUC by Keras' names.

Source: https://keras.io/api/metrics/classification_metrics/ ; Davis and Goadrich 2006 (area under precision and recall)
"""

import numpy as np

from ..layers.activations import sigmoid
from .metric import Metric
from .reductions import same_rank

EPSILON = 1e-7


def even(thresholds):
    """Whether thresholds run evenly from 0 to 1: Keras then counts in buckets of float32 numbers."""
    n = len(thresholds)
    return n > 2 and np.allclose(thresholds, np.arange(n, dtype=np.float32) / (n - 1), atol=EPSILON)


def share(part, rest):
    """part / (part + rest), 0 where both are 0."""
    total = part + rest
    return np.divide(part, total, out=np.zeros_like(part), where=total != 0)


class Confusion(Metric):
    """Counts, at each threshold t, of y with p > t (true positives tp, false positives fp) and p <= t (fn, tn)."""

    direction = "up"

    def __init__(self, thresholds, name=None, dtype=None):
        super().__init__(name, dtype)
        self.thresholds = np.asarray(thresholds, np.float32)
        self.evenly = even(thresholds)
        self.reset_state()

    def reset_state(self):
        self.tp, self.fp, self.fn, self.tn = np.zeros((4, len(self.thresholds)))

    def update_state(self, y_true, y_pred, sample_weight=None):
        p, y = same_rank(np.asarray(y_pred, np.float32), np.asarray(y_true, np.float32))
        if p.shape != y.shape:
            raise ValueError(f"{self.name}: targets of shape {y.shape} do not fit predictions of shape {p.shape}")
        y, p = self.chosen(y, p)
        w = np.ones(p.shape)
        if sample_weight is not None:
            w = np.asarray(sample_weight, float)[..., None]
            w = np.broadcast_to(w[..., 0] if w.ndim == p.ndim + 1 else w, p.shape)
        y, p, w = y.ravel() != 0, p.ravel(), w.ravel()
        above = self.above_evenly if self.evenly else self.above
        tp, fp = above(p, w * y), above(p, w * ~y)
        self.tp += tp
        self.fp += fp
        self.fn += (w * y).sum() - tp
        self.tn += (w * ~y).sum() - fp

    def chosen(self, y, p):
        """The targets and predictions that count."""
        return y, p

    def above(self, p, w):
        """The weight of all p above each threshold."""
        return (w * (p > self.thresholds[:, None])).sum(axis=1)

    def above_evenly(self, p, w):
        n = len(self.thresholds)
        bucket = np.ceil(np.clip(p, 0, 1) * np.float32(n - 1)).astype(int) - 1
        if self.thresholds[0] < 0:
            bucket = np.maximum(bucket, 0)
        inside = bucket >= 0
        return np.bincount(bucket[inside], w[inside], minlength=n)[::-1].cumsum()[::-1]


class AtThresholds(Confusion):
    """thresholds: a number or several, 0.5 if nothing is given. top_k: only the k largest predictions of a row count
    as alarms. class_id: only this class counts."""

    def __init__(self, thresholds=None, top_k=None, class_id=None, name=None, dtype=None):
        default = 0.5 if top_k is None else -1e10
        given = np.atleast_1d(default if thresholds is None else thresholds)
        if thresholds is not None and not ((given >= 0) & (given <= 1)).all():
            raise ValueError(f"{type(self).__name__}: thresholds lie in [0, 1]; got {thresholds!r}")
        self.top_k, self.class_id = top_k, class_id
        super().__init__(given, name, dtype)

    def chosen(self, y, p):
        if self.top_k is not None:
            order = np.argsort(-p, axis=-1, kind="stable")[..., : self.top_k]
            kept = np.full_like(p, -1e10)
            np.put_along_axis(kept, order, np.take_along_axis(p, order, axis=-1), axis=-1)
            p = kept
        if self.class_id is not None:
            if p.ndim < 2:
                raise ValueError(f"{self.name}: class_id needs predictions (batch, classes); got shape {p.shape}")
            y, p = y[..., self.class_id, None], p[..., self.class_id, None]
        return y, p

    def result(self):
        shares = self.shares()
        return float(shares[0]) if len(shares) == 1 else shares


class Precision(AtThresholds):
    """tp / (tp + fp): how many alarms were right."""

    def shares(self):
        return share(self.tp, self.fp)


class Recall(AtThresholds):
    """tp / (tp + fn): how many of those looked for were found."""

    def shares(self):
        return share(self.tp, self.fn)


class AUC(Confusion):
    """The area under the curve of recall over false alarms ("ROC") or of precision over recall ("PR").

    The curve has num_thresholds points, evenly spread from 0 to 1 as in Keras, or lies at `thresholds`.
    summation_method: "interpolation", "minoring" (the lower of two neighbours) or "majoring". from_logits: predictions
    go through a sigmoid first. ValueError for other curves and for several labels, which are left to Keras."""

    def __init__(self, num_thresholds=200, curve="ROC", summation_method="interpolation", name=None, dtype=None,
                 thresholds=None, multi_label=False, num_labels=None, label_weights=None,
                 from_logits=False):  # fmt: skip
        for argument, value in (("multi_label", multi_label), ("num_labels", num_labels)):
            if value:
                raise ValueError(f"AUC: {argument}={value!r} is not supported by hand; it is left to Keras")
        if label_weights is not None:
            raise ValueError("AUC: label_weights is not supported by hand; it is left to Keras")
        if curve not in ("ROC", "PR"):
            raise ValueError(f"AUC: curve is 'ROC' or 'PR'; got {curve!r}")
        if summation_method not in ("interpolation", "minoring", "majoring"):
            raise ValueError(
                f"AUC: summation_method is 'interpolation', 'minoring' or 'majoring'; got {summation_method!r}"
            )
        if thresholds is None and num_thresholds <= 1:
            raise ValueError(f"AUC: num_thresholds is above 1; got {num_thresholds!r}")
        between = [i / (num_thresholds - 1) for i in range(1, num_thresholds - 1)]
        inner = between if thresholds is None else sorted(thresholds)
        self.curve, self.summation_method, self.from_logits = curve, summation_method, from_logits
        super().__init__([-EPSILON, *inner, 1 + EPSILON], name, dtype)
        self.evenly = thresholds is None or even([0.0, *inner, 1.0])

    def chosen(self, y, p):
        return y, sigmoid(p) if self.from_logits else p

    def result(self):
        recall = share(self.tp, self.fn)
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self.interpolated_precision()
        x, y = (share(self.fp, self.tn), recall) if self.curve == "ROC" else (recall, share(self.tp, self.fp))
        pair = y[:-1], y[1:]
        heights = {
            "interpolation": lambda: (pair[0] + pair[1]) / 2,
            "minoring": lambda: np.minimum(*pair),
            "majoring": lambda: np.maximum(*pair),
        }[self.summation_method]()
        return float((heights * (x[:-1] - x[1:])).sum())

    def interpolated_precision(self):
        """Between two thresholds tp grows evenly with all alarms a = tp + fp; precision is tp / a on the way."""
        a = self.tp + self.fp
        dtp, da = self.tp[:-1] - self.tp[1:], a[:-1] - a[1:]
        slope = np.divide(dtp, da, out=np.zeros_like(da), where=da > 0)
        start = self.tp[1:] - slope * a[1:]
        both = (a[:-1] > 0) & (a[1:] > 0)
        ratio = np.divide(a[:-1], a[1:], out=np.ones_like(da), where=both)
        positives = self.tp[1:] + self.fn[1:]
        area = slope * (dtp + start * np.log(ratio))
        return float(np.divide(area, positives, out=np.zeros_like(area), where=positives > 0).sum())
