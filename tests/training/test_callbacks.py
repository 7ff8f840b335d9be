"""Callbacks against Keras' on given curves: the same calls, the same stops, rates, files and logs."""

import csv
import io

import keras
import numpy as np
import pytest
from keras.src.trainers.compile_utils import MetricsList

from byhand.layers import Dense, Input
from byhand.training import Sequential, callbacks, metrics, optimizers


class Stub:
    """A network that only remembers its weights, as both sides' callbacks ask for them."""

    def __init__(self, side):
        self.stop_training, self.weights, self.loaded = False, 0, None
        ours = side is callbacks
        kinds, rates = (metrics, optimizers) if ours else (keras.metrics, keras.optimizers)
        self.metrics = [kinds.BinaryAccuracy(), kinds.MeanSquaredError()]
        if not ours:
            self.metrics = [MetricsList(self.metrics)]
        self.optimizer = rates.SGD(0.5)

    def get_weights(self):
        return [np.array(self.weights)]

    def set_weights(self, values):
        self.loaded = int(values[0])


def played(side, kind, options, curve, name="val_loss"):
    """What a callback does over a curve: epochs until it stops, learning rates, logs, weights it goes back to."""
    callback, model, told = getattr(side, kind)(**options), Stub(side), []
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(curve):
        callback.on_epoch_begin(epoch)
        model.weights = epoch
        logs = {} if value is None else {name: value}
        callback.on_epoch_end(epoch, logs)
        told.append((float(model.optimizer.learning_rate), sorted(logs.items())))
        if model.stop_training:
            break
    callback.on_train_end()
    return told, model.stop_training, model.loaded


NOISE = np.random.default_rng(0).normal(size=40)
CURVES = [
    [3.0, 2.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.6, 0.7, 0.8, 0.9],
    list(1 / np.arange(1, 41) + 0.05 * NOISE),
    [1.0, np.nan, 0.5, np.inf, 0.4, 0.4, 0.4],
    [0.0, 0.0, 0.0],
]
STOPS = [{}, {"patience": 2}, {"patience": 1, "min_delta": 0.3}, {"patience": 2, "restore_best_weights": True},
         {"patience": 3, "mode": "max"}, {"patience": 2, "baseline": 0.8, "restore_best_weights": True},
         {"patience": 1, "start_from_epoch": 3, "restore_best_weights": True}]  # fmt: skip
REDUCTIONS = [{}, {"patience": 1}, {"patience": 2, "factor": 0.5, "cooldown": 2}, {"patience": 1, "min_lr": 0.02},
              {"patience": 1, "mode": "max", "min_delta": 0.1}]  # fmt: skip


@pytest.mark.parametrize("curve", CURVES, ids=range(len(CURVES)))
@pytest.mark.parametrize("options", STOPS, ids=str)
def test_early_stopping_equals_keras(options, curve):
    ours, theirs = (played(side, "EarlyStopping", options, curve) for side in (callbacks, keras.callbacks))
    assert str(ours) == str(theirs)


@pytest.mark.parametrize("curve", CURVES, ids=range(len(CURVES)))
@pytest.mark.parametrize("options", REDUCTIONS, ids=str)
def test_reduce_lr_on_plateau_equals_keras(options, curve):
    ours, theirs = (played(side, "ReduceLROnPlateau", options, curve) for side in (callbacks, keras.callbacks))
    assert str(ours) == str(theirs)


@pytest.mark.parametrize("name", ["val_binary_accuracy", "mean_squared_error"])
def test_auto_asks_the_metric(name):
    options = {"monitor": name, "patience": 1}
    ours, theirs = (played(side, "EarlyStopping", options, CURVES[1], name) for side in (callbacks, keras.callbacks))
    assert str(ours) == str(theirs)


@pytest.mark.parametrize("kind", ["EarlyStopping", "ReduceLROnPlateau"])
def test_a_number_that_is_missing_is_warned_of(kind):
    with pytest.warns(UserWarning, match="val_loss"):
        played(callbacks, kind, {"patience": 0}, [None, None])
    with pytest.raises(ValueError, match="mode"):
        played(callbacks, kind, {"monitor": "other"}, [1.0, 2.0], "other")
    with pytest.warns(UserWarning, match="unknown"):
        getattr(callbacks, kind)(mode="upwards")


@pytest.mark.parametrize("schedule", [lambda epoch, lr: lr * 0.5, lambda epoch: 1.0 / (epoch + 1)])
def test_learning_rate_scheduler_equals_keras(schedule):
    options = {"schedule": schedule}
    ours, theirs = (played(side, "LearningRateScheduler", options, CURVES[0]) for side in (callbacks, keras.callbacks))
    assert str(ours) == str(theirs)


def test_csv_logger_writes_what_keras_writes(tmp_path):
    texts = []
    for side in (callbacks, keras.callbacks):
        path = tmp_path / side.__name__
        for append, curve in ((False, CURVES[0][:3]), (True, CURVES[0][3:5])):
            played(side, "CSVLogger", {"filename": str(path), "append": append, "separator": ";"}, curve, "loss")
        texts.append(list(csv.reader(io.StringIO(path.read_text()), delimiter=";")))
    assert texts[0] == texts[1]
    assert texts[0][0] == ["epoch", "loss", "val_loss"] and texts[0][1] == ["0", "3.0", "NA"]


@pytest.mark.parametrize("value, stops", [(1.0, False), (np.nan, True), (np.inf, True)])
def test_terminate_on_nan(value, stops, capsys):
    callback, model = callbacks.TerminateOnNaN(), Stub(callbacks)
    callback.set_model(model)
    callback.on_train_batch_end(3, {"loss": value})
    assert model.stop_training is stops
    assert ("Batch 3" in capsys.readouterr().out) is stops
    if stops:
        with pytest.raises(RuntimeError, match="batch 3"):
            callbacks.TerminateOnNaN(raise_error=True).on_train_batch_end(3, {"loss": value})


def network():
    model = Sequential([Input((2,)), Dense(1)])
    model.compile("sgd", "mse")
    return model


X, Y = np.random.default_rng(0).random((8, 2)), np.ones((8, 1))


def test_callbacks_are_called_in_keras_order():
    names = ["on_train_begin", "on_epoch_begin", "on_train_batch_begin", "on_train_batch_end", "on_test_begin",
             "on_test_batch_begin", "on_test_batch_end", "on_test_end", "on_epoch_end", "on_train_end"]  # fmt: skip
    orders = []
    theirs = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    theirs.compile("sgd", "mse")
    for side, model in ((callbacks, network()), (keras.callbacks, theirs)):
        seen = []

        def note(name, seen):
            return lambda *given, logs=None: seen.append((name, [g for g in given if isinstance(g, int)]))

        spy = side.LambdaCallback(**{name: note(name, seen) for name in names})
        model.fit(X, Y, batch_size=4, epochs=2, validation_data=(X, Y), callbacks=[spy], verbose=0)
        orders.append(seen)
    assert orders[0] == orders[1] and len(orders[0]) == 2 + 2 * 12


def test_checkpoints_are_saved_when_keras_would(tmp_path):
    model = network()
    path = str(tmp_path / "deep" / "w-{epoch:02d}-{loss:.9f}.npz")
    checkpoint = callbacks.ModelCheckpoint(path, save_weights_only=True)
    history = model.fit(X, Y, epochs=3, callbacks=[checkpoint], verbose=0)
    assert sorted(p.name for p in (tmp_path / "deep").iterdir()) == [
        f"w-{i + 1:02d}-{loss:.9f}.npz" for i, loss in enumerate(history.history["loss"])
    ]


@pytest.mark.parametrize("threshold, saved", [(None, [0, 1, 2, 6]), (0.9, [6])])
def test_only_the_best_is_saved(threshold, saved, tmp_path):
    done = {}
    for side, ending in ((callbacks, "npz"), (keras.callbacks, "weights.h5")):
        model, epochs = Stub(side), []
        model.save_weights = lambda path, overwrite=True, epochs=epochs: epochs.append(path)
        checkpoint = side.ModelCheckpoint("{epoch}." + ending, save_best_only=True, save_weights_only=True,
                                          initial_value_threshold=threshold)  # fmt: skip
        checkpoint.set_model(model)
        for epoch, value in enumerate(CURVES[0]):
            checkpoint.on_epoch_end(epoch, {"val_loss": value})
        done[ending] = [int(path.split(".")[0]) - 1 for path in epochs]
    assert done["npz"] == done["weights.h5"] == saved


def test_checkpoints_after_batches(tmp_path):
    model = network()
    checkpoint = callbacks.ModelCheckpoint(str(tmp_path / "{epoch}-{batch}.npz"), save_weights_only=True, save_freq=3)
    model.fit(X, Y, batch_size=2, epochs=3, callbacks=checkpoint, verbose=0)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1-3.npz", "2-2.npz", "3-1.npz", "3-4.npz"]


def test_history_sees_what_other_callbacks_add():
    model = network()
    halve = callbacks.LearningRateScheduler(lambda epoch, lr: lr / 2)
    history = model.fit(X, Y, epochs=3, callbacks=[halve], verbose=0)
    assert history is model.history and history.epoch == [0, 1, 2]
    assert history.history["learning_rate"] == [float(np.float32(0.01)) / 2**i for i in (1, 2, 3)]


def test_early_stopping_in_fit_goes_back_to_the_best_weights():
    model = network()
    worse = callbacks.LearningRateScheduler(lambda epoch, lr: 0.01 if epoch < 2 else 30.0)
    stop = callbacks.EarlyStopping("loss", patience=2, restore_best_weights=True)
    history = model.fit(X, Y, epochs=50, callbacks=[worse, stop], verbose=0)
    assert len(history.epoch) < 10 and stop.best_epoch < len(history.epoch) - 1
    assert all(np.array_equal(w, b) for w, b in zip(model.get_weights(), stop.best_weights))


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: callbacks.ReduceLROnPlateau(factor=1.0), "factor"),
        (lambda: callbacks.ModelCheckpoint("a.npz"), "save_weights_only"),
        (lambda: callbacks.ModelCheckpoint("a.h5", save_weights_only=True), "npz"),
        (lambda: callbacks.ModelCheckpoint("a.npz", save_weights_only=True, save_freq="batch"), "save_freq"),
        (lambda: callbacks.LambdaCallback(on_epoch=print), "on_epoch"),
        (lambda: network().fit(X, Y, callbacks=["stop"]), "stop"),
        (lambda: network().fit(X, Y, verbose=3), "verbose"),
        (lambda: network().fit(X, Y, verbose=0, callbacks=callbacks.LearningRateScheduler(lambda e, r: 1)), "float"),
        (lambda: network().fit(X, Y, verbose=0, callbacks=callbacks.ModelCheckpoint(
            "{val_loss}.npz", save_weights_only=True)), "val_loss"),
    ],
)  # fmt: skip
def test_bad_input_is_refused(make, said):
    with pytest.raises((ValueError, TypeError), match=said):
        make()


@pytest.mark.parametrize("kind", ["EarlyStopping", "ReduceLROnPlateau", "LearningRateScheduler", "ModelCheckpoint",
                                  "CSVLogger", "TerminateOnNaN", "LambdaCallback"])  # fmt: skip
def test_arguments_and_defaults_are_those_of_keras(kind):
    import inspect

    ours, theirs = (inspect.signature(getattr(side, kind)).parameters for side in (callbacks, keras.callbacks))
    named = [(p.name, p.default) for p in theirs.values() if p.kind is not p.VAR_KEYWORD]
    assert [(p.name, p.default) for p in ours.values() if p.kind is not p.VAR_KEYWORD] == named
