"""Callbacks by Keras' names, with Keras' arguments and rules.

Source: https://keras.io/api/callbacks/
"""

import csv
import inspect
import math
import os

import numpy as np

from .callback import Callback, CallbackList, History
from .monitors import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau

__all__ = [
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "TerminateOnNaN",
]


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch to schedule(epoch, rate now), epochs counted from 0.

    A schedule of one argument gets the epoch only. ValueError unless it returns a float."""

    def __init__(self, schedule, verbose=0):
        self.schedule, self.verbose = schedule, verbose
        self.arguments = 2
        if inspect.isroutine(schedule) and len(inspect.signature(schedule).parameters) == 1:
            self.arguments = 1

    def on_epoch_begin(self, epoch, logs=None):
        rate = self.schedule(*(epoch, self.model.optimizer.learning_rate)[: self.arguments])
        if not isinstance(rate, float | np.floating):
            raise ValueError(f"a schedule returns a float; got {rate!r} for epoch {epoch}")
        self.model.optimizer.learning_rate = rate
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch, logs=None):
        if logs is not None:
            logs["learning_rate"] = self.model.optimizer.learning_rate


class TerminateOnNaN(Callback):
    """Stops when the loss is not a finite number; with raise_error by RuntimeError, so that on_train_end is not
    called."""

    def __init__(self, raise_error=False):
        self.raise_error = raise_error

    def on_batch_end(self, batch, logs=None):
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(f"the loss is {loss} after batch {batch}")
        print(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True


class LambdaCallback(Callback):
    """A callback made of functions, each under the name of the method it stands for.

    Functions of an epoch or batch take it and logs, the others logs. TypeError for a name that is no method."""

    def __init__(self, on_epoch_begin=None, on_epoch_end=None, on_train_begin=None, on_train_end=None,
                 on_train_batch_begin=None, on_train_batch_end=None, **others):  # fmt: skip
        given = {"on_epoch_begin": on_epoch_begin, "on_epoch_end": on_epoch_end, "on_train_begin": on_train_begin,
                 "on_train_end": on_train_end, "on_train_batch_begin": on_train_batch_begin,
                 "on_train_batch_end": on_train_batch_end}  # fmt: skip
        for name, function in {**given, **others}.items():
            if not hasattr(Callback, name):
                raise TypeError(f"callbacks have no method {name!r}")
            if function is not None:
                setattr(self, name, function)


class CSVLogger(Callback):
    """Writes the logs of every epoch as a row of a CSV file: epoch, then all names in alphabetical order.

    Without validation the first epoch's names are repeated as empty "val_..." columns, filled with NA, as in Keras.
    append: go on with a file that is there."""

    def __init__(self, filename, separator=",", append=False):
        self.filename, self.separator, self.append = os.fspath(filename), separator, append
        self.file = None

    def on_train_begin(self, logs=None):
        self.header = not (self.append and os.path.exists(self.filename) and os.path.getsize(self.filename))
        self.file, self.names = open(self.filename, "a" if self.append else "w", newline=""), None

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        if self.names is None:
            self.names = sorted(logs)
            if not any(name.startswith("val_") for name in self.names):
                self.names += [f"val_{name}" for name in self.names]
            self.rows = csv.writer(self.file, delimiter=self.separator)
            if self.header:
                self.rows.writerow(["epoch", *self.names])
        self.rows.writerow([epoch, *(logs.get(name, "NA") for name in self.names)])
        self.file.flush()

    def on_train_end(self, logs=None):
        self.file.close()
