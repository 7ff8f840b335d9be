"""Sequential and graphs: order and names of weights, gradients, several calls of one layer, files, refusals."""

import keras
import numpy as np
import pytest

import byhand.layers as L
from byhand.training import Input, Model, Sequential

from .twins import pair

RNG = np.random.default_rng(0)


def diamond(k):
    """Two inputs, a layer called three times, a skip, states handed on, two outputs; made in another order than
    called."""
    last, shared = k.Dense(2), k.Dense(3, activation="tanh", kernel_regularizer="l2", activity_regularizer="l2")
    a, b = k.Input((4, 3)), k.Input((4, 3))
    left, right = shared(a), shared(shared(b))
    h, state, cell = k.LSTM(3, return_sequences=True, return_state=True)(left)
    h2 = k.LSTM(3)(k.Add()([h, right]), initial_state=[state, cell])
    return k.Model([a, b], [last(h2), k.GlobalMaxPooling1D()(k.BatchNormalization()(h))])


def nested(k):
    inner = k.Sequential([k.Input((4,)), k.Dense(3, activation="relu"), k.Dense(4)])
    a, b = k.Input((4,)), k.Input((4,))
    return k.Model([a, b], k.Dense(1)(k.Concatenate()([inner(a), inner(inner(b))])))


def attention(k):
    a, b = k.Input((4, 3)), k.Input((5, 3))
    mixed = k.kinds.MultiHeadAttention(2, 4, dtype=k.dtype)(k.Masking()(a), k.Masking()(b), use_causal_mask=True)
    return k.Model([a, b], k.Attention()([mixed, b]))


@pytest.mark.parametrize("make, shapes", [(diamond, [(2, 4, 3)] * 2), (nested, [(5, 4)] * 2),
                                          (attention, [(2, 4, 3), (2, 5, 3)])])  # fmt: skip
def test_outputs_and_every_gradient_equal_keras(make, shapes):
    import tensorflow as tf

    ours, theirs = pair(make)
    xs = [RNG.normal(size=shape).astype("float32").astype("float64") for shape in shapes]
    for x in xs:
        x[0, -1] = 0
    tensors = [tf.constant(x, tf.float32) for x in xs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        expected = theirs(tensors, training=True)
        expected = expected if isinstance(expected, list) else [expected]
        upstream = [RNG.normal(size=y.shape) for y in expected]
        total = sum(tf.reduce_sum(y * u) for y, u in zip(expected, upstream)) + sum(theirs.losses)
    sources = tensors + [v.value for v in theirs.trainable_variables]
    wanted = [np.array(g) for g in tape.gradient(total, sources, unconnected_gradients="zero")]
    outputs = ours(xs, training=True)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    for y, t in zip(outputs, expected):
        np.testing.assert_allclose(y, t.numpy(), rtol=0, atol=1e-12)
    assert sum(ours.losses) == pytest.approx(float(sum(theirs.losses)), abs=1e-12)
    dxs = ours.backward(upstream)
    ours.add_penalties()
    for dx, g in zip(dxs, wanted):  # Keras' inputs are float32, so are their gradients
        np.testing.assert_allclose(dx, g, rtol=0, atol=1e-5)
    for name, mine, g in zip(ours.trainable_weights, ours.get_gradients(), wanted[len(xs) :], strict=True):
        np.testing.assert_allclose(mine, g, rtol=0, atol=1e-11, err_msg=name)


def test_a_shared_layer_adds_its_gradients_up():
    x, shared = Input((2,), dtype="float64"), L.Dense(1, kernel_initializer="ones", dtype="float64")
    model = Model(x, L.Add()([shared(x), shared(L.Identity(dtype="float64")(x))]))
    model(np.array([[1.0, 2.0]]))
    model.backward(np.array([[1.0]]))
    assert model.grads["dense/kernel"].tolist() == [[2.0], [4.0]] and model.grads["dense/bias"].tolist() == [2.0]


def test_weights_are_made_at_once_with_an_input_and_later_without():
    with_input = Sequential([Input((3,)), L.Dense(2)])
    without = Sequential([L.Dense(2)])
    assert with_input.built and list(with_input.weights) == ["dense/kernel", "dense/bias"]
    assert not without.built and without.weights == {}
    assert without(np.ones((5, 3))).shape == (5, 2) and without(np.ones((7, 3))).shape == (7, 2)


def test_add_and_pop():
    model = Sequential([Input((3,)), L.Dense(4)])
    first = model.layers[0].kernel
    model.add(L.Dense(2))
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"] and model.layers[0].kernel is first
    assert model.pop().units == 2 and model(np.ones((1, 3))).shape == (1, 4)


def test_layers_are_found_by_name_and_index():
    model = Sequential([Input((3,)), L.Dense(4, name="first"), L.Dense(2)])
    assert model.get_layer("first") is model.get_layer(index=0) is model.layers[0]
    for wrong in ({"name": "second"}, {"index": 2}, {}, {"name": "first", "index": 0}):
        with pytest.raises(ValueError):
            model.get_layer(**wrong)


def test_the_first_layer_of_a_training_step_is_spared_its_input_gradient():
    model = Sequential([Input((3,)), L.Dense(4), L.Dense(2)])
    model.compile("sgd", "mse")
    seen, backward = [], model.layers[0].backward
    model.layers[0].backward = lambda dy: seen.append(backward(dy)) or seen[-1]
    model.train_on_batch(np.ones((2, 3)), np.ones((2, 2)))
    assert seen == [None]
    model(np.ones((2, 3)))
    assert model.backward(np.ones((2, 2))).shape == (2, 3)


def test_trainable_reaches_all_layers_and_the_optimizer_keeps_to_the_rest():
    model = Sequential([Input((3,)), L.Dense(4), L.BatchNormalization(), L.Dense(2)])
    assert len(model.trainable_weights) == 6 and len(model.weights) == 8
    model.layers[0].trainable = False
    assert len(model.trainable_weights) == 4
    model.trainable = False
    assert not model.trainable_weights and not model.layers[2].trainable


# --- files --------------------------------------------------------------------------------------------------------


def small(units=4, name="dense"):
    return Sequential([Input((3,)), L.Dense(units, name=name), L.BatchNormalization()])


def test_weights_survive_a_file(tmp_path):
    ours, other = small(), small()
    path = tmp_path / "w.npz"
    ours.save_weights(path)
    other.load_weights(str(path))
    assert [p.name for p in tmp_path.iterdir()] == ["w.npz"]
    assert all(np.array_equal(w, v) for w, v in zip(ours.get_weights(), other.get_weights()))
    with pytest.raises(ValueError, match="exists"):
        ours.save_weights(path, overwrite=False)


def broken(path, kind):
    good = dict(small().weights)
    if kind == "text":
        path.write_text("weights")
    elif kind == "cut":
        np.savez(path, **good)
        path.write_bytes(path.read_bytes()[:200])
    elif kind == "objects":
        np.savez(path, **{**good, "dense/bias": np.array([{}] * 4)})
    elif kind == "words":
        np.savez(path, **{**good, "dense/bias": np.array(["a"] * 4)})
    elif kind == "lacks":
        np.savez(path, **{k: w for k, w in good.items() if k != "dense/bias"})
    elif kind == "more":
        np.savez(path, **good, extra=np.zeros(3))
    elif kind == "one array":
        with open(path, "wb") as file:
            np.save(file, np.zeros(3))


@pytest.mark.parametrize("kind", ["text", "cut", "objects", "words", "lacks", "more", "one array", "none"])
def test_a_file_that_does_not_fit_changes_nothing(kind, tmp_path):
    model, path = small(), tmp_path / "w.npz"
    before = model.get_weights()
    broken(path, kind)
    with pytest.raises(ValueError, match="w.npz"):
        model.load_weights(path)
    assert all(np.array_equal(w, v) for w, v in zip(before, model.get_weights()))


def test_other_networks_files_are_refused(tmp_path):
    small(units=5).save_weights(tmp_path / "wide.npz")
    small(name="other").save_weights(tmp_path / "other.npz")
    model = small()
    with pytest.raises(ValueError, match="dense/kernel has shape"):
        model.load_weights(tmp_path / "wide.npz")
    with pytest.raises(ValueError, match="lacks"):
        model.load_weights(tmp_path / "other.npz")
    with pytest.raises(ValueError, match="npz"):
        model.save_weights(tmp_path / "w.h5")
    with pytest.raises(ValueError, match="no weights yet"):
        Sequential([L.Dense(2)]).save_weights(tmp_path / "w.npz")


# --- refusals -----------------------------------------------------------------------------------------------------

a, b = Input((3,)), Input((2,))


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: Sequential([L.Dense(2), "dense"]), "layers"),
        (lambda: Sequential([Input((3,)), Input((3,))]), "Input"),
        (lambda: Sequential([L.Dense(2, name="one"), L.Dense(2, name="one")]), "'one'"),
        (lambda: Sequential([d := L.Dense(2), d]), "twice"),
        (lambda: Sequential().pop(), "no layers"),
        (lambda: Sequential()(np.ones((2, 3))), "no layers"),
        (lambda: Sequential([Input((3,)), L.Dense(2)])(np.ones((2, 4))), r"\(None, 3\)"),
        (lambda: Model(a, L.Concatenate()([a, b])), "among the inputs"),
        (lambda: Model(np.ones(3), np.ones(3)), "Input"),
        (lambda: Model([a, b], L.Concatenate()([a, b]))(np.ones((2, 3))), "2 inputs"),
        (lambda: Model([a, b], L.Concatenate()([a, b]))({"c": 1, "d": 2}), "called"),
        (lambda: L.Concatenate()([a, np.ones((2, 3))]), "all symbols"),
        (lambda: Model(a, [L.Dense(1, name="y")(a), L.Dense(1, name="y")(a)]), "'y'"),
    ],
)
def test_bad_input_is_refused(make, said):
    with pytest.raises((ValueError, TypeError), match=said):
        make()


def test_order_of_layers_is_keras_order():
    ours, theirs = pair(diamond)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    assert [w.shape for w in ours.get_weights()] == [w.shape for w in theirs.get_weights()]
    assert isinstance(theirs, keras.Model) and ours.count_params() == theirs.count_params()
