"""What is called while a network learns: the methods a callback may have, and the list that calls them."""

from .progress import ProgressBar


class Callback:
    """Write any of these methods; `self.model` is the network, `self.params` holds verbose, epochs and steps.

    logs is a dict of numbers by name: the loss and metrics of the epoch so far, at the end of an epoch with those of
    the validation as "val_..."; what a callback writes into it at the end of an epoch, later ones and History see.
    """

    model, params = None, {}

    def set_model(self, model):
        self.model = model

    def set_params(self, params):
        self.params = params

    def on_train_begin(self, logs=None):
        """Before the first epoch."""

    def on_train_end(self, logs=None):
        """After the last epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        """Before an epoch, counted from 0."""

    def on_epoch_end(self, epoch, logs=None):
        """After an epoch and its validation."""

    def on_batch_begin(self, batch, logs=None):
        """Another name for on_train_batch_begin."""

    def on_batch_end(self, batch, logs=None):
        """Another name for on_train_batch_end."""

    def on_train_batch_begin(self, batch, logs=None):
        """Before an update, counted from 0 in each epoch."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch, logs=None):
        """After an update."""
        self.on_batch_end(batch, logs=logs)

    def on_test_begin(self, logs=None):
        """Before an evaluation, also one inside fit."""

    def on_test_end(self, logs=None):
        """After an evaluation."""

    def on_test_batch_begin(self, batch, logs=None):
        """Before a batch is evaluated."""

    def on_test_batch_end(self, batch, logs=None):
        """After a batch is evaluated."""

    def on_predict_begin(self, logs=None):
        """Before predictions."""

    def on_predict_end(self, logs=None):
        """After predictions."""

    def on_predict_batch_begin(self, batch, logs=None):
        """Before a batch is predicted."""

    def on_predict_batch_end(self, batch, logs=None):
        """After a batch is predicted."""


class History(Callback):
    """What fit returns: `history`, a dict of lists with one number for each epoch, and `epoch`, their numbers."""

    def __init__(self):
        self.history = {}

    def on_train_begin(self, logs=None):
        self.epoch = []

    def on_epoch_end(self, epoch, logs=None):
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class CallbackList:
    """Passes every call on to all callbacks; History comes last, so that it sees what others add to the logs."""

    def __init__(self, callbacks, model, verbose, epochs, steps, history=True):
        if isinstance(callbacks, CallbackList):
            callbacks = callbacks.callbacks
        given = callbacks if isinstance(callbacks, list | tuple) else [] if callbacks is None else [callbacks]
        for callback in given:
            if not hasattr(callback, "on_epoch_end"):
                raise ValueError(f"callbacks are byhand.training.Callback objects; got {callback!r}")
        if verbose not in ("auto", 0, 1, 2):
            raise ValueError(f"verbose is 0, 1, 2 or 'auto'; got {verbose!r}")
        self.callbacks = [*given]
        if verbose:
            self.callbacks.append(ProgressBar(1 if verbose == "auto" else int(verbose)))
        if history:
            model.history = next((c for c in given if isinstance(c, History)), None) or History()
            self.callbacks += [model.history] * (model.history not in given)
        for callback in self.callbacks:
            callback.set_model(model)
            callback.set_params({"verbose": verbose, "epochs": epochs, "steps": steps})

    def __getattr__(self, name):
        if not name.startswith("on_"):
            raise AttributeError(name)

        def call_all(*position, **options):
            for callback in self.callbacks:
                getattr(callback, name, ignore)(*position, **options)

        def with_logs(*given):
            *position, logs = given if given and isinstance(given[-1], dict) else (*given, {})
            call_all(*position, logs=logs)

        return with_logs


def ignore(*position, **options):
    """What a callback does that lacks a method."""
