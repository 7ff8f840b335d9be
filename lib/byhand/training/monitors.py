"""Callbacks that watch one number: stop, slow down or save when it gets better no more."""

import os
import warnings

import numpy as np

from .callback import Callback


class Monitor(Callback):
    """Watches logs[monitor]. mode "min" or "max" says what is better; "auto" asks the metric, "min" for a loss.

    An improvement is a change by more than min_delta. ValueError if "auto" cannot tell."""

    def __init__(self, monitor="val_loss", mode="auto", best=None, min_delta=0):
        if mode not in ("auto", "min", "max"):
            warnings.warn(f"mode {mode!r} is unknown; 'auto' is taken instead", stacklevel=3)
            mode = "auto"
        self.monitor, self.mode, self.best, self.min_delta = monitor, mode, best, abs(min_delta)
        self.upwards = None

    def better(self, value, reference):
        """Whether value improves on reference; anything improves on None."""
        if self.upwards is None:
            self.upwards = self.direction() == "max"
        if reference is None:
            return True
        if self.upwards:
            return bool(value - self.min_delta > reference)
        return bool(value + self.min_delta < reference)

    def direction(self):
        name = self.monitor.removeprefix("val_")
        if self.mode != "auto":
            return self.mode
        for metric in getattr(self.model, "metrics", []):
            if metric.name == name:
                return "max" if metric.direction == "up" else "min"
        if name == "loss":
            return "min"
        raise ValueError(
            f"{type(self).__name__}: cannot tell whether more or less of {self.monitor!r} is better; give mode"
        )

    def value(self, logs):
        """The number watched, or None, with a warning, if it is not there."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            warnings.warn(
                f"{type(self).__name__}: there is no {self.monitor!r} among {sorted(logs or {})}", stacklevel=3
            )
        return value


class EarlyStopping(Monitor):
    """Stops after `patience` epochs without improvement, never after the first epoch.

    baseline: only epochs better than this and than the best so far start the waiting anew. restore_best_weights: go
    back to the best epoch at the end, stopped or not. start_from_epoch: epochs before it are not looked at."""

    def __init__(self, monitor="val_loss", min_delta=0, patience=0, verbose=0, mode="auto", baseline=None,
                 restore_best_weights=False, start_from_epoch=0):  # fmt: skip
        super().__init__(monitor, mode, None, min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights, self.start_from_epoch = restore_best_weights, start_from_epoch
        self.on_train_begin()

    def on_train_begin(self, logs=None):
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = self.best_weights = None

    def on_epoch_end(self, epoch, logs=None):
        value = self.value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self.better(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.better(value, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch, self.model.stop_training = epoch, True

    def on_train_end(self, logs=None):
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose > 0:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


class ReduceLROnPlateau(Monitor):
    """Multiplies the learning rate by `factor`, down to min_lr, after `patience` epochs without improvement.

    cooldown: epochs after a reduction that do not count. ValueError for a factor of 1 or more."""

    def __init__(self, monitor="val_loss", factor=0.1, patience=10, verbose=0, mode="auto", min_delta=1e-4, cooldown=0,
                 min_lr=0.0):  # fmt: skip
        super().__init__(monitor, mode, None, min_delta)
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau: factor is below 1; got {factor!r}")
        self.factor, self.patience, self.verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        self.on_train_begin()

    def on_train_begin(self, logs=None):
        self.best, self.wait, self.cooldown_counter = None, 0, 0

    def on_epoch_end(self, epoch, logs=None):
        logs, optimizer = {} if logs is None else logs, self.model.optimizer
        logs["learning_rate"] = optimizer.learning_rate
        value = self.value(logs)
        if value is None:
            return
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.better(value, self.best):
            self.best, self.wait = value, 0
        elif self.cooldown_counter == 0:
            self.wait += 1
            if self.wait >= self.patience and optimizer.learning_rate > np.float32(self.min_lr):
                rate = float(max(optimizer.learning_rate * self.factor, self.min_lr))
                optimizer.learning_rate = rate
                self.cooldown_counter, self.wait = self.cooldown, 0
                if self.verbose > 0:
                    print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {rate}.")


class ModelCheckpoint(Monitor):
    """Saves the weights to filepath, in which {epoch} and names of the logs are filled in: "{epoch:02d}.npz".

    save_best_only: only when the number watched improves, first on initial_value_threshold if given. save_freq: after
    every "epoch", or after so many batches. ValueError without save_weights_only=True (whole models are left to Keras),
    for a filepath that does not end in .npz, and for a name in it that the logs lack."""

    def __init__(self, filepath, monitor="val_loss", verbose=0, save_best_only=False, save_weights_only=False,
                 mode="auto", save_freq="epoch", initial_value_threshold=None):  # fmt: skip
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath, self.verbose = os.fspath(filepath), verbose
        self.save_best_only, self.save_freq, self.batches = save_best_only, save_freq, 0
        if not save_weights_only:
            raise ValueError("ModelCheckpoint: whole models are left to Keras; write save_weights_only=True")
        if not self.filepath.endswith(".npz"):
            raise ValueError(f"ModelCheckpoint: filepath ends in .npz; got {self.filepath!r}")
        if save_freq != "epoch" and (isinstance(save_freq, bool) or not isinstance(save_freq, int)):
            raise ValueError(f"ModelCheckpoint: save_freq is 'epoch' or a whole number; got {save_freq!r}")

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_batch_end(self, batch, logs=None):
        self.batches += 1
        if self.save_freq != "epoch" and self.batches >= self.save_freq:
            self.batches = 0
            self.save(self.epoch, {"batch": batch + 1, **(logs or {})})

    def on_epoch_end(self, epoch, logs=None):
        if self.save_freq == "epoch":
            self.save(epoch, logs or {})

    def save(self, epoch, logs):
        try:
            path = self.filepath.format(epoch=epoch + 1, **logs)
        except KeyError as error:
            raise ValueError(f"ModelCheckpoint: {self.filepath!r} names {error}; there are {sorted(logs)}") from error
        if self.save_best_only:
            value = self.value(logs)
            if value is not None and not self.better(value, self.best):
                self.say(epoch, f"{self.monitor} did not improve from {self.best:.5f}")
                return
            if value is not None:
                self.best = value
        self.say(epoch, f"saving model to {path}")
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        self.model.save_weights(path)

    def say(self, epoch, what):
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: {what}")
