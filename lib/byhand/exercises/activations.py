"""Exercises of the chapter on activations and output heads."""

import numpy as np

from .exercise import Exercise

# --- paper_slopes -----------------------------------------------------------------------------------------------------

PAPER_SLOPES = """A gradient passes three layers of LeakyReLU(0.5), where z is 3, −1 and −2. What is the product of
their slopes? And of five sigmoids, each at its steepest place: 1 over which number?

    answer = [product of the three slopes, the number under the 1]"""


# --- three_branches ---------------------------------------------------------------------------------------------------


def three_branches(z, max_value, negative_slope, threshold):
    """ReLU with all its settings, as Keras has it.

    def three_branches(z, max_value, negative_slope, threshold): z (n,) floats, the rest numbers, threshold below
    max_value. Returns (n,): max_value for z of max_value and more, else z for z above the threshold, else
    negative_slope (z - threshold).
    """
    below = negative_slope * (z - threshold)
    return np.where(z >= max_value, max_value, np.where(z > threshold, z, below))


def three_branches_cases(rng):
    threshold = float(rng.integers(0, 3))
    z = rng.integers(-6, 12, size=rng.integers(1, 6)).astype(float)
    z[rng.integers(len(z))] = threshold
    return z, threshold + float(rng.integers(1, 6)), float(rng.choice([0.0, 0.25, 0.5])), threshold


def at_threshold_too(z, max_value, negative_slope, threshold):
    below = negative_slope * (z - threshold)
    return np.where(z >= max_value, max_value, np.where(z >= threshold, z, below))


def slope_times_z(z, max_value, negative_slope, threshold):
    return np.where(z >= max_value, max_value, np.where(z > threshold, z, negative_slope * z))


def without_maximum(z, max_value, negative_slope, threshold):
    return np.where(z > threshold, z, negative_slope * (z - threshold))


def zero_below(z, max_value, negative_slope, threshold):
    return np.where(z > threshold, np.minimum(z, max_value), 0)


def moved_above(z, max_value, negative_slope, threshold):
    below = negative_slope * (z - threshold)
    return np.where(z >= max_value, max_value, np.where(z > threshold, z - threshold, below))


def slope_times_z_alone(z, max_value, negative_slope, threshold):
    return np.where(z >= max_value, max_value, np.where(z > threshold, z, negative_slope * z - threshold))


def slope_above(z, max_value, negative_slope, threshold):
    return np.where(z >= max_value, max_value, np.where(z > threshold, negative_slope * z, z - threshold))


# --- first_one --------------------------------------------------------------------------------------------------------


def first_one(steepness):
    """Where a sigmoid in float32 has reached 1 exactly.

    def first_one(steepness): steepness a float. Returns the smallest whole number n, 0 or more, as an int, for which
    1 / (1 + e^-z) with z = steepness n is 1.0 when every step is computed in float32.
    """
    n = 0
    while sigmoid(np.float32(steepness) * np.float32(n)) < 1:
        n += 1
    return n


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def first_one_cases(rng):
    return (float(rng.choice([0.25, 0.5, 1, 2, 3, 4, 5, 8, 0.75, 1.5])),)


def in_float64(steepness):
    n = 0
    while sigmoid(np.float64(steepness * n)) < 1:
        n += 1
    return n


def rounded_at_the_end(steepness):
    n = 0
    while np.float32(sigmoid(np.float64(steepness * n))) < 1:
        n += 1
    return n


def last_below(steepness):
    return first_one(steepness) - 1


def reaches(steepness, level):
    n = 0
    while sigmoid(steepness * n) < level:
        n += 1
    return n


# --- softmax_gradient -------------------------------------------------------------------------------------------------


def softmax_gradient(scores, labels):
    """The gradient of the mean cross-entropy by the scores of a softmax head.

    def softmax_gradient(scores, labels): scores (batch, classes), labels (batch,) the number of the right class of
    each row. With p the softmax of each row, returns (batch, classes): p, minus 1 at the right class, divided by the
    batch size.
    """
    gradient = shares(scores)
    gradient[np.arange(len(labels)), labels] -= 1
    return gradient / len(labels)


def shares(scores, axis=1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def one_hot(scores, labels):
    return np.eye(scores.shape[1])[labels]


def softmax_gradient_cases(rng):
    batch, classes = rng.integers(1, 4), rng.integers(1, 5)
    return rng.integers(-3, 4, size=(batch, classes)).astype(float), rng.integers(0, classes, size=batch)


def not_divided(scores, labels):
    return softmax_gradient(scores, labels) * len(labels)


def divided_by_all(scores, labels):
    return not_divided(scores, labels) / scores.size


def shared_by_all(scores, labels):
    return (shares(scores, None) - one_hot(scores, labels)) / len(labels)


def off_in_every_row(scores, labels):
    gradient = shares(scores)
    gradient[:, labels] -= 1
    return gradient / len(labels)


def turned(scores, labels):
    return -softmax_gradient(scores, labels)


def shares_alone(scores, labels):
    return shares(scores) / len(labels)


def down_the_batch(scores, labels):
    return (shares(scores, 0) - one_hot(scores, labels)) / len(labels)


def from_scores(scores, labels):
    return (scores - one_hot(scores, labels)) / len(labels)


def by_shares(scores, labels):
    """The gradient of the shares, not of the scores."""
    return -one_hot(scores, labels) / shares(scores) / len(labels)


def with_sigmoid(scores, labels):
    return (sigmoid(scores) - one_hot(scores, labels)) / len(labels)


# --- dead -------------------------------------------------------------------------------------------------------------


def dead(x, W, b):
    """How many units of a ReLU layer are dead on these samples.

    def dead(x, W, b): x (batch, features), W (features, units), b (units,). Returns, as an int, how many units give 0
    for every sample after ReLU.
    """
    return int(np.sum(np.all(x @ W + b <= 0, axis=0)))


def dead_cases(rng):
    batch, features, units = rng.integers(1, 4), rng.integers(1, 4), rng.integers(1, 6)
    x = rng.integers(-2, 3, size=(batch, features)).astype(float)
    W = rng.integers(-2, 3, size=(features, units)).astype(float)
    return x, W, rng.integers(-4, 2, size=units).astype(float)


def silent(x, W, b):
    return x @ W + b <= 0


def below_zero(x, W, b):
    return int(np.sum(np.all(x @ W + b < 0, axis=0)))


EXERCISES = {
    "paper_slopes": Exercise(
        task=PAPER_SLOPES,
        solution=[0.25, 1024],
        wrong=(
            ("Above 0 the slope of LeakyReLU is 1, not 0.5.", [0.125, 1024]),
            ("Only the negative numbers get the slope 0.5, and there are two of them: 1 · 0.5 · 0.5.", [0.5, 1024]),
            ("Slopes are multiplied, not added.", [2, 20]),
            ("Slopes are multiplied, not added: 1 · 0.5 · 0.5.", [2, 1024]),
            ("The number under the 1 is asked for: 1 over 4 · 4 · 4 · 4 · 4.", [0.25, 1 / 1024]),
            ("Five factors of 1/4 are 1 over 4 · 4 · 4 · 4 · 4; 20 is their sum.", [0.25, 20]),
            ("The steepest slope of sigmoid is 1/4, at 0: σ(0) (1 − σ(0)) = 1/2 · 1/2. You took 1/2.", [0.25, 32]),
            ("That is z times the slopes. The product of the slopes alone is asked for.", [1.5, 1024]),
        ),
        hints=(
            "LeakyReLU(0.5) has slope 1 above 0 and 0.5 below.",
            "The slope of sigmoid is y (1 − y). It is largest where y is one half.",
            "1 · 0.5 · 0.5, and 1/4 five times.",
        ),
    ),
    "three_branches": Exercise(
        solution=three_branches,
        cases=three_branches_cases,
        wrong=(
            ("At the threshold itself the lower branch holds: z has to be above it.", at_threshold_too),
            ("Below, the slope counts from the threshold: negative_slope (z − threshold).", slope_times_z),
            ("The slope multiplies z − threshold as a whole: brackets around it.", slope_times_z_alone),
            ("Nothing may be above max_value.", without_maximum),
            ("Below the threshold the answer is 0 only when negative_slope is 0.", zero_below),
            ("Above the threshold z stays as it is; the threshold is not taken off.", moved_above),
            ("The two branches are exchanged: the slope belongs below the threshold.", slope_above),
        ),
        hints=(
            "Write the lowest branch first, then lay the others over it with np.where.",
            "np.where(z > threshold, z, negative_slope * (z - threshold)): strictly above.",
            "Around it: np.where(z >= max_value, max_value, ...).",
        ),
    ),
    "first_one": Exercise(
        solution=first_one,
        cases=first_one_cases,
        tolerance=None,
        wrong=(
            ("That is where float64 reaches 1. Turn the argument of the sigmoid into np.float32.", in_float64),
            (
                "That is where the exact value, rounded to float32 at the end, is 1. Each step is to be rounded: "
                "1 + e^-z is 1 already before.",
                rounded_at_the_end,
            ),
            ("That is the last number below 1. One further.", last_below),
            ("That is where it is above 0.99, which is not 1.", lambda steepness: reaches(steepness, 0.99)),
            ("That is where it is above 0.999, which is not 1.", lambda steepness: reaches(steepness, 0.999)),
            (
                "That is where it would be rounded to 1.000000. float32 has more digits.",
                lambda steepness: reaches(steepness, 0.9999995),
            ),
            ("That takes the steepness as 1.", lambda steepness: first_one(1.0)),
        ),  # fmt: skip
        hints=(
            "Count n up from 0 until the sigmoid is equal to 1.",
            "With z = np.float32(steepness * n) all of 1 / (1 + np.exp(-z)) stays in float32.",
            "It happens when e^-z is so small that 1 + e^-z is 1.",
        ),
    ),
    "softmax_gradient": Exercise(
        solution=softmax_gradient,
        cases=softmax_gradient_cases,
        wrong=(
            ("The loss is a mean over the samples: divide by the batch size.", not_divided),
            ("Divide by the number of samples, not by that of all scores.", divided_by_all),
            ("The sign is turned round: shares minus 1 at the right class.", turned),
            ("gradient[:, labels] takes 1 off in every row. Name the row, too: np.arange(batch).", off_in_every_row),
            ("All scores share one sum. Each sample has a sum of its own: axis 1.", shared_by_all),
            ("The 1 at the right class has to be taken off.", shares_alone),
            ("The softmax runs along axis 1: each sample shares among its own classes.", down_the_batch),
            ("The scores have not been through the softmax.", from_scores),
            ("That is the gradient by the shares. Go back through the softmax as well.", by_shares),
            ("That is a sigmoid of each score by itself. In a softmax the classes share.", with_sigmoid),
        ),
        hints=(
            "First the shares: e = np.exp(scores), divided by its sum along each row.",
            "gradient[np.arange(batch), labels] picks the right class of each row. Take 1 off there.",
            "Divide by the batch size at the end.",
        ),
    ),
    "dead": Exercise(
        solution=dead,
        cases=dead_cases,
        tolerance=None,
        wrong=(
            (
                "That counts single zeros. A unit is dead if it is 0 for every sample.",
                lambda x, W, b: int(np.sum(silent(x, W, b))),
            ),
            (
                "That counts units that are 0 for some sample. Dead is 0 for every sample.",
                lambda x, W, b: int(np.sum(np.any(silent(x, W, b), axis=0))),
            ),
            (
                "That counts samples for which no unit answers. Look along the other axis.",
                lambda x, W, b: int(np.sum(np.all(silent(x, W, b), axis=1))),
            ),
            ("That counts the units that are alive.", lambda x, W, b: int(np.sum(~np.all(silent(x, W, b), axis=0)))),
            ("The bias is missing.", lambda x, W, b: dead(x, W, 0 * b)),
            ("z = 0 gives 0 as well: below 0 or equal.", below_zero),
        ),  # fmt: skip
        hints=(
            "z = x @ W + b has a row for each sample and a column for each unit.",
            "A unit is silent for a sample where z is 0 or less.",
            "np.all(..., axis=0) asks each column; np.sum counts.",
        ),
    ),
}
