"""Every optimizer against Keras' over twenty random steps in float64."""

import numpy as np
import pytest

from byhand.training import optimizers

CASES = [
    ("SGD", {}),
    ("SGD", {"learning_rate": 0.3, "momentum": 0.9}),
    ("SGD", {"momentum": 0.7, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"clipnorm": 0.5}),
    ("SGD", {"clipvalue": 0.3}),
    ("SGD", {"global_clipnorm": 0.8}),
    ("RMSprop", {}),
    ("RMSprop", {"rho": 0.8, "momentum": 0.5, "centered": True, "epsilon": 1e-3}),
    ("RMSprop", {"centered": True, "weight_decay": 0.01}),
    ("Adagrad", {}),
    ("Adagrad", {"learning_rate": 0.5, "initial_accumulator_value": 0.3, "epsilon": 1e-4}),
    ("Adadelta", {}),
    ("Adadelta", {"learning_rate": 1.0, "rho": 0.8, "clipnorm": 1.0}),
    ("Adam", {}),
    ("Adam", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4}),
    ("Adam", {"amsgrad": True, "global_clipnorm": 1.0}),
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0.2, "amsgrad": True}),
    ("Adamax", {}),
    ("Adamax", {"beta_1": 0.7, "beta_2": 0.9, "weight_decay": 0.05}),
    ("Nadam", {}),
    ("Nadam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.9, "clipvalue": 0.5}),
]


def steps(seed=0, n=20):
    """Two weights and n gradients for each; some gradients are zero."""
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(3, 4)), rng.normal(size=4)]
    gradients = [[rng.normal(size=w.shape) * rng.integers(0, 3) for w in weights] for _ in range(n)]
    return weights, gradients


@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-12), ("float32", 2e-6)])
@pytest.mark.parametrize("kind, options", CASES, ids=lambda case: str(case))
def test_twenty_steps_equal_keras(kind, options, dtype, tolerance):
    import keras

    weights, gradients = steps()
    weights = [w.astype(dtype) for w in weights]
    theirs = [keras.Variable(w, dtype=dtype) for w in weights]
    mine, yours = getattr(optimizers, kind)(**options), getattr(keras.optimizers, kind)(**options)
    for gs in gradients:
        gs = [g.astype(dtype) for g in gs]
        mine.apply(gs, weights)
        yours.apply([keras.ops.convert_to_tensor(g, dtype=dtype) for g in gs], theirs)
        for w, v in zip(weights, theirs):
            assert w.dtype == dtype
            np.testing.assert_allclose(w, v.numpy(), rtol=0, atol=tolerance)


def test_learning_rate_changes_between_steps_as_in_keras():
    import keras

    (w, _), gradients = steps()
    v = keras.Variable(w, dtype="float64")
    mine, yours = optimizers.Adam(), keras.optimizers.Adam()
    for i, (g, _) in enumerate(gradients):
        mine.learning_rate = yours.learning_rate = 0.1 / (i + 1)
        mine.apply([g], [w])
        yours.apply([keras.ops.convert_to_tensor(g)], [v])
    np.testing.assert_allclose(w, v.numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", optimizers.BY_NAME)
def test_defaults_and_arguments_are_those_of_keras(kind):
    import inspect

    import keras

    ours, theirs = type(optimizers.get(kind)), type(keras.optimizers.get(kind))
    assert ours.__name__ == theirs.__name__
    base = inspect.signature(optimizers.Optimizer.__init__).parameters
    mine = {**base, **inspect.signature(ours.__init__).parameters}
    wanted = inspect.signature(theirs.__init__).parameters
    for name, p in wanted.items():
        if name not in ("self", "kwargs"):
            assert mine[name].default == p.default, name
    own = [n for n in inspect.signature(ours.__init__).parameters if n != "options"]
    assert own == list(wanted)[: len(own)]


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: optimizers.SGD(learning_rate=1), "float"),
        (lambda: optimizers.SGD(momentum=1), "momentum"),
        (lambda: optimizers.SGD(momentum=1.5), "momentum"),
        (lambda: optimizers.SGD(lr=0.1), "lr"),
        (lambda: optimizers.Adam(clipnorm=1.0, clipvalue=1.0), "only one"),
        (lambda: optimizers.AdamW(weight_decay=None), "weight_decay"),
        (lambda: optimizers.Adam(use_ema=True), "use_ema"),
        (lambda: optimizers.Adam(ema_momentum=0.5), "ema_momentum"),
        (lambda: optimizers.Adam(loss_scale_factor=2.0), "loss_scale_factor"),
        (lambda: optimizers.Adam(gradient_accumulation_steps=2), "gradient_accumulation_steps"),
        (lambda: optimizers.get("adm"), "adm"),
        (lambda: optimizers.SGD().apply([np.zeros(3)], [np.zeros(4)]), "do not fit"),
    ],
)
def test_bad_input_is_refused_by_name(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_an_optimizer_keeps_to_its_weights():
    adam, w, g = optimizers.Adam(), np.zeros(3), np.ones(3)
    adam.apply([g], [w])
    with pytest.raises(ValueError, match="other weights"):
        adam.apply([g], [np.zeros(3)])


def test_keras_squares_the_gradients_of_an_embedding_row_one_by_one():
    """Keras 3.15 with TensorFlow, November 2026: where an id occurs twice in a batch, Adam's v gets g1^2 + g2^2 for its
    row, not (g1 + g2)^2. The gradient of the row is the sum, so byhand squares the sum: the curves part."""
    import keras
    import tensorflow as tf

    g1, g2 = np.array([1.0, 1.0]), np.array([-2.0, 1.0])
    row, sparse = np.zeros((1, 2)), keras.Variable(np.zeros((1, 2)), dtype="float64")
    mine, yours = optimizers.Adam(), keras.optimizers.Adam()
    mine.apply([(g1 + g2)[None]], [row])
    yours.apply([tf.IndexedSlices(tf.constant([g1, g2]), tf.constant([0, 0]), tf.constant([1, 2]))], [sparse])
    velocity = next(v.numpy() for v in yours.variables if "velocity" in v.path)
    np.testing.assert_allclose(velocity[0], 0.001 * (g1**2 + g2**2))
    np.testing.assert_allclose(mine.memories[0]["velocity"][0], 0.001 * (g1 + g2) ** 2)
