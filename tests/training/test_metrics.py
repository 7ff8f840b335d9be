"""Every metric against Keras', over three batches, with and without weights."""

import numpy as np
import pytest

from byhand.training import metrics

RNG = np.random.default_rng(0)


def several(*shape, classes=None):
    """Three batches of predictions, of targets of the same shape, or of class numbers."""
    if classes is not None:
        return [RNG.integers(0, classes, shape) for _ in range(3)]
    return [RNG.random(shape).astype("float32") for _ in range(3)]


ONE, FOUR, STEPS = several(6, 1), several(6, 4), several(6, 3, 4)
BITS, BITS_4 = several(6, 1, classes=2), several(6, 4, classes=2)
IDS, IDS_STEPS = several(6, classes=4), several(6, 3, classes=4)
HOT = [np.eye(4)[ids] for ids in IDS]
COARSE = [np.round(p, 1) for p in FOUR]  # ties, and predictions that hit a threshold

CASES = [
    ("MeanSquaredError", {}, several(6, 4), FOUR),
    ("MeanSquaredError", {}, several(6), ONE),
    ("MeanAbsoluteError", {}, several(6, 3, 4), STEPS),
    ("Accuracy", {}, IDS, several(6, classes=4)),
    ("BinaryAccuracy", {}, BITS, ONE),
    ("BinaryAccuracy", {"threshold": 0.3}, BITS_4, COARSE),
    ("BinaryAccuracy", {}, [b[:, 0] for b in BITS], ONE),
    ("CategoricalAccuracy", {}, HOT, FOUR),
    ("SparseCategoricalAccuracy", {}, IDS, FOUR),
    ("SparseCategoricalAccuracy", {}, [i[:, None] for i in IDS], COARSE),
    ("SparseCategoricalAccuracy", {}, IDS_STEPS, STEPS),
    ("TopKCategoricalAccuracy", {"k": 2}, HOT, FOUR),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, IDS, COARSE),
    ("Precision", {}, BITS, ONE),
    ("Precision", {"thresholds": [0.2, 0.7]}, BITS_4, COARSE),
    ("Precision", {"thresholds": [0.0, 0.5, 1.0]}, BITS_4, COARSE),
    ("Precision", {"top_k": 2}, HOT, COARSE),
    ("Precision", {"class_id": 1}, HOT, FOUR),
    ("Recall", {}, BITS_4, FOUR),
    ("Recall", {"thresholds": 0.8}, BITS, ONE),
    ("Recall", {"top_k": 2, "class_id": 3}, HOT, FOUR),
    ("AUC", {}, BITS, ONE),
    ("AUC", {}, BITS_4, COARSE),
    ("AUC", {"curve": "PR"}, BITS_4, FOUR),
    ("AUC", {"curve": "PR", "summation_method": "minoring", "num_thresholds": 11}, BITS_4, COARSE),
    ("AUC", {"summation_method": "majoring", "num_thresholds": 5}, BITS_4, FOUR),
    ("AUC", {"thresholds": [0.7, 0.1, 0.3]}, BITS_4, COARSE),
    ("AUC", {"from_logits": True}, BITS_4, [8 * p - 4 for p in FOUR]),
]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind, options, ys, ps", CASES)
def test_equals_keras(kind, options, ys, ps, weighted):
    import keras

    mine, yours = getattr(metrics, kind)(**options), getattr(keras.metrics, kind)(**options)
    assert mine.direction == getattr(yours, "_direction", "down")
    for y, p in zip(ys, ps):
        weights = RNG.random(len(y)).astype("float32") if weighted else None
        mine.update_state(y, p, weights)
        yours.update_state(y, p, sample_weight=weights)
        np.testing.assert_allclose(mine.result(), np.array(yours.result()), rtol=0, atol=2e-6)
    mine.reset_state()
    assert np.all(np.asarray(mine.result()) == 0)


def test_weights_of_steps_equal_keras():
    import keras

    mine, yours = metrics.SparseCategoricalAccuracy(), keras.metrics.SparseCategoricalAccuracy()
    for y, p in zip(IDS_STEPS, STEPS):
        weights = RNG.random(y.shape)
        mine.update_state(y, p, weights)
        yours.update_state(y, p, sample_weight=weights)
    np.testing.assert_allclose(mine.result(), float(yours.result()), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", metrics.BY_NAME)
def test_every_name_is_one_of_keras(name):
    import keras

    assert type(metrics.get(name)).__name__ == type(keras.metrics.get(name)).__name__


@pytest.mark.parametrize("y, p", [(BITS, ONE), (IDS, FOUR), (HOT, FOUR), (IDS_STEPS, STEPS), (BITS_4, FOUR)])
@pytest.mark.parametrize("word", ["accuracy", "acc"])
def test_accuracy_means_what_keras_makes_of_it(word, y, p):
    from keras.src.trainers.compile_utils import get_metric

    mine, yours = metrics.get(word, y[0], p[0]), get_metric(word, y[0], p[0])
    assert (type(mine).__name__, mine.name) == (type(yours).__name__, yours.name)


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: metrics.get("accurate"), "accurate"),
        (lambda: metrics.MeanSquaredError()(np.zeros((2, 3)), np.zeros((2, 4))), "do not fit"),
        (lambda: metrics.MeanSquaredError()(np.zeros((2, 3)), np.zeros((2, 3)), np.ones(5)), "sample_weight"),
        (lambda: metrics.SparseCategoricalAccuracy()(np.zeros((2, 3)), np.zeros((2, 4))), "class numbers"),
        (lambda: metrics.Precision(thresholds=1.5), "thresholds"),
        (lambda: metrics.Precision(class_id=1)(np.zeros(3), np.zeros(3)), "class_id"),
        (lambda: metrics.Recall()(np.zeros(3), np.zeros(4)), "do not fit"),
        (lambda: metrics.AUC(multi_label=True), "multi_label"),
        (lambda: metrics.AUC(num_labels=3), "num_labels"),
        (lambda: metrics.AUC(label_weights=[1.0]), "label_weights"),
        (lambda: metrics.AUC(curve="PRGAIN"), "curve"),
        (lambda: metrics.AUC(summation_method="middle"), "summation_method"),
        (lambda: metrics.AUC(num_thresholds=1), "num_thresholds"),
    ],
)
def test_bad_input_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
