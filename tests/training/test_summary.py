"""summary() prints what Keras prints, character for character."""

import keras
import numpy as np
import pytest

import byhand.training
from byhand import layers


class Ours:
    Input, Model, Sequential, layers = layers.Input, byhand.training.Model, byhand.training.Sequential, layers


class Theirs:
    Input, Model, Sequential, layers = keras.Input, keras.Model, keras.Sequential, keras.layers


def chain(k, L):
    return k.Sequential([k.Input((28, 28, 1)), L.Conv2D(4, 3, name="a_very_long_layer_name_that_does_not_fit_in_it"),
                         L.MaxPooling2D(), L.Flatten(), L.BatchNormalization(), L.Dense(10), L.Dense(3)])  # fmt: skip


def unbuilt(k, L):
    return k.Sequential([L.Dense(3), L.LSTM(3)], name="later")


def called(k, L):
    model = unbuilt(k, L)
    model(np.zeros((7, 5, 2), "float32"))
    return model


def branches(k, L):
    a, b = k.Input((4,)), k.Input((3,), name="second")
    shared = L.Dense(5)
    both = L.Concatenate()([shared(L.Dense(2)(a)), shared(L.Dense(2)(b))])
    return k.Model([a, b], [L.Dense(1)(both), both])


def states(k, L):
    x = k.Input((5, 3))
    return k.Model(x, L.LSTM(4, return_state=True)(x))


def nested(k, L):
    x = k.Input((5,))
    inner = k.Sequential([k.Input((5, 1)), L.Dense(3), L.LSTM(2)])
    return k.Model(x, inner(L.Reshape((5, 1))(x)), name="outer")


def frozen(k, L):
    model = chain(k, L)
    model.layers[0].trainable = False
    return model


def trained(k, L):
    model = branches(k, L)
    model.compile("nadam", "mse")
    rng = np.random.default_rng(0)
    model.train_on_batch([rng.random((2, 4)), rng.random((2, 3))], [rng.random((2, 1)), rng.random((2, 10))])
    return model


def text_of(make, side, **options):
    keras.backend.clear_session()
    said = []
    make(side, side.layers).summary(print_fn=said.append, **options)
    return "".join(said)


@pytest.mark.parametrize("columns", ["60", "120"])
@pytest.mark.parametrize("make", [chain, unbuilt, called, branches, states, nested, frozen, trained])
def test_text_equals_keras(make, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    assert text_of(make, Ours) == text_of(make, Theirs)


@pytest.mark.parametrize(
    "make, options",
    [
        (chain, {"line_length": 50}),
        (chain, {"line_length": 67, "positions": [0.3, 0.7, 0.9]}),
        (chain, {"show_trainable": True}),
        (frozen, {"show_trainable": True}),
        (branches, {"show_trainable": True, "line_length": 99}),
        (nested, {"expand_nested": True}),
        (chain, {"layer_range": ("flatten", "dense")}),
        (branches, {"layer_range": ("concat", "dense")}),
    ],
)
def test_options_equal_keras(make, options, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert text_of(make, Ours, **options) == text_of(make, Theirs, **options)


def test_without_print_fn_it_is_printed(capsys):
    chain(Ours, layers).summary()
    assert capsys.readouterr().out.startswith('Model: "sequential"\n┏')


@pytest.mark.parametrize("options", [{"line_length": 8}, {"layer_range": ("no", "such")}, {"layer_range": ("dense",)}])
def test_bad_input_is_refused(options):
    with pytest.raises(ValueError):
        chain(Ours, layers).summary(**options)
