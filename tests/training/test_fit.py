"""fit, evaluate and predict against Keras: histories, weights of samples and classes, masks, penalties, logits."""

import keras
import numpy as np
import pytest

from byhand import layers, training
from byhand.training import Model, Sequential

from .twins import keras_in, pair

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(50, 5)), RNG.integers(0, 3, 50)
RATE = 2.0**-5


def classifier(k):
    hidden = k.Dense(6, activation="tanh", activity_regularizer="l2")
    last = k.Dense(3, activation="softmax", kernel_constraint="max_norm", bias_regularizer="l1")
    return k.Sequential([k.Input((5,)), hidden, last])


def tagger(k):
    """Steps of ids, of which 0 is padding: the mask reaches the loss and the metrics."""
    ids = k.Input((4,), dtype="int32")
    x = k.Embedding(6, 4, mask_zero=True)(ids)
    gru = k.kinds.GRU(3, return_sequences=True, dtype=k.dtype)
    return k.Model(ids, k.Dense(3, activation="softmax")(k.Bidirectional(gru)(x)))


def two_outputs(k):
    x = k.Input((5,), name="x")
    h = k.Dense(4, activation="relu")(x)
    return k.Model(x, [k.Dense(3, activation="softmax", name="which")(h), k.Dense(2, name="much")(h)])


def fitted(make, x, y, loss, optimizer="SGD", compiled=None, eager=True, **options):
    """(history of both sides, both networks) after the same fit."""
    with keras_in("float64"):
        sides = pair(make)
        histories = []
        for side, kit in zip(sides, (training, keras)):
            rate = getattr(kit.optimizers, optimizer)(learning_rate=RATE)
            side.compile(rate, loss, run_eagerly=eager, **(compiled or {}))
            histories.append(side.fit(x, y, shuffle=False, verbose=0, **options).history)
    return *histories, *sides


def same(ours, theirs):
    assert list(ours) == list(theirs)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=1e-10, err_msg=name)


CROSS = "sparse_categorical_crossentropy"


@pytest.mark.parametrize(
    "options",
    [
        {"epochs": 3, "batch_size": 16},
        {"epochs": 2, "validation_split": 0.3},
        {"epochs": 4, "validation_data": (X[:7], Y[:7]), "validation_freq": 2, "validation_batch_size": 3},
        {"epochs": 2, "batch_size": 20, "sample_weight": RNG.random(50)},
        {"epochs": 2, "class_weight": {0: 3.0, 2: 0.5}, "validation_split": 0.2},
        {"epochs": 3, "initial_epoch": 1, "validation_data": (X[:9], Y[:9], RNG.random(9)), "validation_freq": [2]},
    ],
    ids=lambda options: " ".join(options),
)
def test_histories_equal_keras(options):
    compiled = {"metrics": ["accuracy"], "weighted_metrics": ["accuracy"]}
    ours, theirs, mine, yours = fitted(classifier, X, Y, CROSS, compiled=compiled, **options)
    same(ours, theirs)
    for w, v in zip(mine.get_weights(), yours.get_weights()):
        np.testing.assert_allclose(w, v, rtol=0, atol=1e-10)


def test_evaluate_and_predict_equal_keras():
    _, _, ours, theirs = fitted(classifier, X, Y, CROSS, compiled={"metrics": ["acc", "sparse_categorical_accuracy"]})
    weights = RNG.random(50)
    with keras_in("float64"):
        found = [side.evaluate(X, Y, batch_size=7, sample_weight=weights, verbose=0) for side in (ours, theirs)]
        np.testing.assert_allclose(*found, rtol=0, atol=1e-10)
        found = [side.test_on_batch(X, Y) for side in (ours, theirs)]
        np.testing.assert_allclose(*found, rtol=0, atol=1e-10)
        for how in ("predict", "predict_on_batch"):
            found = [np.asarray(getattr(side, how)(X)) for side in (ours, theirs)]
            np.testing.assert_allclose(*found, rtol=0, atol=1e-12)


def test_masks_reach_loss_and_metrics_as_in_keras():
    ids = RNG.integers(0, 6, (40, 4))
    ids[:, 0] = 1  # a row of padding alone has no right answer
    same(*fitted(tagger, ids, ids % 3, CROSS, compiled={"metrics": ["accuracy"]}, epochs=2)[:2])


def test_several_outputs_equal_keras():
    much = RNG.normal(size=(50, 2))
    compiled = {"metrics": {"which": ["accuracy"], "much": ["mae", "mse"]}, "loss_weights": [1.0, 0.25]}
    ours, theirs, mine, yours = fitted(two_outputs, X, [Y, much], [CROSS, "mse"], compiled=compiled, epochs=2,
                                       validation_split=0.2)  # fmt: skip
    same(ours, theirs)
    with keras_in("float64"):
        for as_dict in (True, False):
            found = [side.evaluate(X, [Y, much], verbose=0, return_dict=as_dict) for side in (mine, yours)]
            if as_dict:
                same(*[dict(sorted(f.items())) for f in found])
            else:
                np.testing.assert_allclose(*found, rtol=0, atol=1e-10)


def test_outputs_and_inputs_may_be_dicts():
    model = two_outputs(Kit64())
    model.compile("sgd", {"which": CROSS, "much": "mse"}, metrics={"much": ["mae"]})
    y = {"much": np.zeros((50, 2)), "which": Y}
    by_name = model.test_on_batch({"x": X}, y, return_dict=True)
    assert by_name == model.test_on_batch(X, [Y, np.zeros((50, 2))], return_dict=True)
    assert set(by_name) == {"loss", "which_loss", "much_loss", "much_mae"}


class Kit64:
    """Networks by hand in float64, for makers above."""

    Model, Sequential, kinds, dtype = Model, Sequential, layers, "float64"

    def __getattr__(self, kind):
        return lambda *given, **options: getattr(layers, kind)(*given, **{"dtype": "float64", **options})


@pytest.mark.parametrize(
    "activation, loss, y",
    [
        ("softmax", CROSS, np.array([0, 1, 2])),
        ("softmax", "categorical_crossentropy", np.eye(3)),
        ("sigmoid", "binary_crossentropy", np.eye(3)),
        ("sigmoid", "categorical_crossentropy", np.eye(3)),
    ],
)
@pytest.mark.parametrize("last, eager", [("Dense", False), ("Activation", True), ("Conv1D", True)])
def test_a_last_softmax_or_sigmoid_is_left_out_as_in_keras(activation, loss, y, last, eager):
    """Far from right, probabilities round to 0 and 1; the loss knows no limit, since Keras takes it of the logits."""

    def make(k):
        end = {
            "Dense": lambda: [k.Dense(3, activation=activation)],
            "Activation": lambda: [k.Dense(3), k.Activation(activation)],
            "Conv1D": lambda: [k.Reshape((1, 5)), k.Conv1D(3, 1, activation=activation)],
        }[last]()
        return k.Sequential([k.Input((5,)), *end])

    y = y[:, None] if last == "Conv1D" else y
    x = 300 * X[:3]
    ours, theirs, mine, yours = fitted(make, x, y, loss, eager=eager, epochs=3)
    same(ours, theirs)
    assert ours["loss"][0] > 17  # -log(1e-7) is 16.1
    for w, v in zip(mine.get_weights(), yours.get_weights()):
        np.testing.assert_allclose(w, v, rtol=0, atol=1e-9)


def test_frozen_layers_stay_as_they_are():
    def make(k):
        model = classifier(k)
        model.layers[0].trainable = False
        return model

    ours, theirs, mine, yours = fitted(make, X, Y, CROSS, epochs=2)
    same(ours, theirs)
    before = pair(make)[0].get_weights()
    assert np.array_equal(mine.get_weights()[0], before[0]) and not np.array_equal(mine.get_weights()[2], before[2])


def test_shuffling_is_repeated_by_its_seed():
    histories = []
    for seed in (1, 1, 2):
        layers.set_random_seed(7)
        model = classifier(Kit64())
        model.compile("adam", CROSS)
        layers.set_random_seed(seed)
        histories.append(model.fit(X, Y, epochs=2, batch_size=8, verbose=0).history["loss"])
    assert histories[0] == histories[1] != histories[2]


def test_progress_is_shown_or_not(capsys):
    model = classifier(Kit64())
    model.compile("sgd", CROSS, metrics=["accuracy"])
    model.fit(X, Y, epochs=2, verbose=0)
    model.evaluate(X, Y, verbose=0)
    model.predict(X, verbose=0)
    assert capsys.readouterr().out == ""
    model.fit(X, Y, epochs=2, verbose=2, validation_split=0.5)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:9] for line in lines] == ["Epoch 1/2", "1/1 - 0s ", "Epoch 2/2", "1/1 - 0s "]
    assert all(name in lines[1] for name in (" - accuracy: ", " - loss: ", " - val_accuracy: ", " - val_loss: "))
    model.evaluate(X, Y, verbose=1)
    assert capsys.readouterr().out.split("\r")[-1].startswith("2/2 ━━━━━━━━━━━━━━━━━━━━ 0s ")


def ready(**options):
    model = classifier(Kit64())
    model.compile("sgd", CROSS, **options)
    return model


@pytest.mark.parametrize(
    "act, said",
    [
        (lambda: classifier(Kit64()).fit(X, Y), "compile"),
        (lambda: classifier(Kit64()).compile("sgdd", "mse"), "sgdd"),
        (lambda: classifier(Kit64()).compile("sgd", "msee"), "msee"),
        (lambda: classifier(Kit64()).compile("sgd", "mse", metrics="mae"), "list"),
        (lambda: classifier(Kit64()).compile("sgd", "mse", steps_per_execution=2), "steps_per_execution"),
        (lambda: ready(metrics=["maee"]).train_on_batch(X, Y), "maee"),
        (lambda: ready().fit(X, Y[:10], verbose=0), "equally many rows"),
        (lambda: ready().fit(X[:0], Y[:0], verbose=0), "no rows"),
        (lambda: ready().fit(X, verbose=0), "targets"),
        (lambda: ready().fit(X, Y, batch_size=0, verbose=0), "batch_size"),
        (lambda: ready().fit(X, Y, epochs=1.5, verbose=0), "epochs"),
        (lambda: ready().fit(X, Y, validation_split=1.5, verbose=0), "validation_split"),
        (lambda: ready().fit(X, Y, steps_per_epoch=3, verbose=0), "steps_per_epoch"),
        (lambda: ready().fit(X, Y, class_weight={0: 2.0}, sample_weight=np.ones(50), verbose=0), "class_weight"),
        (lambda: ready().fit(X, Y, sample_weight=np.ones((50, 3)), verbose=0), "sample_weight"),
        (lambda: ready().fit(X, Y + 1, verbose=0), "classes are numbered"),
        (lambda: ready().fit(X[:, :4], Y, verbose=0), r"\(None, 5\)"),
        (lambda: ready().fit(iter(X), Y, verbose=0), "takes arrays"),
        (lambda: ready().evaluate(X, Y, steps=3), "steps"),
        (lambda: ready().predict(X, steps=3), "steps"),
    ],
)
def test_bad_input_is_refused(act, said):
    with pytest.raises(ValueError, match=said):
        act()


def test_losses_and_metrics_are_given_for_every_output():
    model = two_outputs(Kit64())
    for loss, y in (([CROSS], [Y, X[:, :2]]), ({"who": "mse"}, [Y, X[:, :2]]), ("mse", [Y])):
        model.compile("sgd", loss)
        with pytest.raises(ValueError, match="which"):
            model.train_on_batch(X, y)
    model.compile("sgd", training.losses.MeanSquaredError(reduction=None))
    with pytest.raises(ValueError, match="one number a sample"):
        model.train_on_batch(X, [X[:, :3], X[:, :2]])
