"""Every loss against Keras': value and gradient, with weights, masks and every reduction; its slope by differences."""

import numpy as np
import pytest

from byhand.training import losses

RNG = np.random.default_rng(0)


def probabilities(*shape):
    p = RNG.random(shape)
    return p / p.sum(axis=-1, keepdims=True)


P, Z, T = probabilities(6, 4), RNG.normal(size=(6, 4)) * 3, RNG.normal(size=(6, 4))
ONE_HOT, IDS, BITS = np.eye(4)[RNG.integers(0, 4, 6)], RNG.integers(0, 4, 6), RNG.integers(0, 2, (6, 4))
SURE = np.array([[0.0, 1.0, 0.0, 0.0], [1e-9, 0.3, 0.3, 0.4], [1.0, 0.0, 0.0, 0.0]])
CASES = [
    ("MeanSquaredError", {}, T, Z),
    ("MeanSquaredError", {}, T[:, 0], Z[:, :1]),
    ("MeanAbsoluteError", {}, T, Z),
    ("Huber", {}, T, Z),
    ("Huber", {"delta": 0.3}, T, Z),
    ("BinaryCrossentropy", {}, BITS, RNG.random((6, 4))),
    ("BinaryCrossentropy", {}, BITS[:, 0], RNG.random((6, 1))),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, BITS, RNG.random((6, 4))),
    ("BinaryCrossentropy", {"from_logits": True}, BITS, Z * 10),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, BITS, Z),
    ("BinaryCrossentropy", {}, BITS[:3], SURE),
    ("CategoricalCrossentropy", {}, ONE_HOT, P),
    ("CategoricalCrossentropy", {}, ONE_HOT, RNG.random((6, 4))),
    ("CategoricalCrossentropy", {"label_smoothing": 0.2}, ONE_HOT, P),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, ONE_HOT, Z * 30),
    ("CategoricalCrossentropy", {}, ONE_HOT[:3], SURE),
    ("SparseCategoricalCrossentropy", {}, IDS, P),
    ("SparseCategoricalCrossentropy", {}, IDS[:, None], P),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, IDS, Z * 30),
    ("SparseCategoricalCrossentropy", {}, IDS[:3], SURE),
    ("SparseCategoricalCrossentropy", {"ignore_class": 2}, IDS, P),
    ("SparseCategoricalCrossentropy", {"ignore_class": -1, "from_logits": True}, np.array([0, -1, 3]), Z[:3]),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, RNG.integers(0, 5, (2, 3)), RNG.normal(size=(2, 3, 5))),
]


def both(kind, options, y, p, weights=None, mask=None):
    """(value, gradient) by hand and in Keras."""
    import keras
    import tensorflow as tf

    mine = getattr(losses, kind)(**options)
    yours = getattr(keras.losses, kind)(**options, dtype="float64")
    x = tf.constant(p)
    with tf.GradientTape() as tape:
        tape.watch(x)
        inner = tf.identity(x)
        if mask is not None:
            keras.src.backend.set_keras_mask(inner, tf.constant(mask))
        value = yours(tf.constant(y), inner, sample_weight=weights)
    ours = mine(y, p, weights, mask), mine.gradient(y, p, weights, mask)
    return ours, (value.numpy(), tape.gradient(value, x).numpy())


def check(ours, theirs):
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)
        assert np.shape(a) == np.shape(b)


@pytest.mark.parametrize("kind, options, y, p", CASES)
def test_value_and_gradient_equal_keras(kind, options, y, p):
    check(*both(kind, options, y, p))


@pytest.mark.parametrize("reduction", losses.REDUCTIONS)
@pytest.mark.parametrize("kind, options, y, p", CASES[::3])
def test_weights_and_reductions_equal_keras(kind, options, y, p, reduction):
    weights = RNG.random(len(p)) * RNG.integers(0, 2, len(p))
    values = np.ones(p.shape[:-1]) * weights.reshape(len(p), *[1] * (p.ndim - 2))
    check(*both(kind, {**options, "reduction": reduction}, y, p, values))


@pytest.mark.parametrize("reduction", losses.REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_masked_steps_count_nothing(reduction, weighted):
    y, p = RNG.normal(size=(2, 3, 5)), RNG.normal(size=(2, 3, 5))
    mask, weights = np.array([[True, True, False], [True, False, False]]), RNG.random((2, 3)) if weighted else None
    ours, theirs = both("MeanSquaredError", {"reduction": reduction}, y, p, weights, mask)
    check(ours, theirs)
    assert np.all(ours[1][~mask] == 0)


def test_a_mask_that_hides_everything_gives_no_loss():
    check(*both("MeanSquaredError", {}, T[:2], Z[:2], None, np.zeros(2, bool)))


@pytest.mark.parametrize("kind, options, y, p", [c for c in CASES if c[3] is not SURE])  # clipping has a corner
def test_gradient_is_the_slope_of_the_value(kind, options, y, p):
    loss, v, e = getattr(losses, kind)(**options), RNG.normal(size=p.shape) * p, 1e-6  # small p, small step
    weights = RNG.random(p.shape[:-1])
    slope = (loss(y, p + e * v, weights) - loss(y, p - e * v, weights)) / (2 * e)
    assert slope == pytest.approx((loss.gradient(y, p, weights) * v).sum(), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("name", losses.BY_NAME)
def test_every_name_is_one_of_keras(name):
    import keras

    theirs = keras.losses.get(name)
    said = getattr(theirs, "__name__", type(theirs).__name__)
    assert type(losses.get(name)).__name__.lower() == said.replace("_", "").lower()


@pytest.mark.parametrize("kind, options, y, p", CASES)
def test_float32_stays_float32(kind, options, y, p):
    assert getattr(losses, kind)(**options).gradient(y, p.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: losses.get("msee"), "msee"),
        (lambda: losses.get(abs), "name"),
        (lambda: losses.MeanSquaredError(reduction="median"), "reduction"),
        (lambda: losses.MeanSquaredError()(np.zeros((3, 2)), np.zeros((3, 4))), "do not fit"),
        (lambda: losses.MeanSquaredError()(np.zeros((3, 1)), np.zeros((3, 4))), "do not fit"),
        (lambda: losses.MeanSquaredError()(np.zeros((3, 2)), np.zeros((3, 2)), np.ones(4)), "sample_weight"),
        (lambda: losses.CategoricalCrossentropy(axis=1), "axis"),
        (lambda: losses.CategoricalCrossentropy(label_smoothing=2), "label_smoothing"),
        (lambda: losses.SparseCategoricalCrossentropy()(np.array([4]), np.ones((1, 4))), "got 4"),
        (lambda: losses.SparseCategoricalCrossentropy()(np.eye(4), np.ones((4, 4))), "One-hot"),
    ],
)
def test_bad_input_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
