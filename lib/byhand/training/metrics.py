"""From what a user writes to a metric: names, objects, and "accuracy", which depends on the data."""

import inspect

from ..layers.lookup import by_name
from .confusion import AUC, Precision, Recall
from .metric import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    MeanAbsoluteError,
    MeanSquaredError,
    Metric,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
)

BY_NAME = by_name(Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy, TopKCategoricalAccuracy,
                  SparseTopKCategoricalAccuracy, Precision, Recall, AUC, MeanSquaredError, MeanAbsoluteError,
                  mse=MeanSquaredError, MSE=MeanSquaredError, mae=MeanAbsoluteError, MAE=MeanAbsoluteError)  # fmt: skip


def get(identifier, y_true=None, y_pred=None):
    """The metric for a name or an object; a metric found by name keeps the name.

    "accuracy" and "acc" become binary accuracy if predictions end in an axis of 1, sparse categorical accuracy if
    targets have fewer axes or end in an axis of 1, and categorical accuracy otherwise.
    ValueError for a name that is not known."""
    if isinstance(identifier, Metric):
        return identifier
    known = BY_NAME.get(identifier) if isinstance(identifier, str) else identifier
    if isinstance(identifier, str) and identifier.lower() in ("accuracy", "acc") and y_pred is not None:
        known = accuracy_for(y_true.shape, y_pred.shape)
    if not inspect.isclass(known) or not issubclass(known, Metric):
        raise ValueError(f"no metric is called {identifier!r}; known: accuracy, {', '.join(n for n in BY_NAME)}")
    metric = known()
    if isinstance(identifier, str):
        metric.name = identifier
    return metric


def accuracy_for(targets, predictions):
    if predictions[-1] == 1:
        return BinaryAccuracy
    if len(targets) < len(predictions) or targets[-1] == 1:
        return SparseCategoricalAccuracy
    return CategoricalAccuracy
