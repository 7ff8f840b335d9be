"""Exercises of the chapter on joining branches."""

import numpy as np

from .exercise import Exercise

# --- paper_count ------------------------------------------------------------------------------------------------------

PAPER_COUNT = """Two branches give 32 numbers each, for every sample. They are joined, and Dense(10) with a bias reads
the result. How many numbers has this Dense to learn behind Add, and how many behind Concatenate?

    answer = [behind Add, behind Concatenate]"""


# --- count ------------------------------------------------------------------------------------------------------------

COUNT = """ResNet101 has four stages of 3, 4, 23 and 3 blocks; each block ends with one Add. DenseNet169 has four stages
of 6, 12, 32 and 32 layers; each layer joins what it makes to all that was there with one Concatenate. How many of these
two layers has each network?

    answer = [Add in ResNet101, Concatenate in DenseNet169]"""


# --- add_backward -----------------------------------------------------------------------------------------------------


def add_backward(a, b, dy):
    """The way back through y = a + b, where b may be stretched.

    def add_backward(a, b, dy): a and dy (batch, n), b (batch, n) or (batch, 1). Returns (da, db), each with the shape
    of what it is the gradient of.
    """
    return dy, dy if b.shape == dy.shape else dy.sum(axis=1, keepdims=True)


def add_cases(rng):
    batch, n = (int(v) for v in rng.integers(1, 4, size=2))
    if rng.random() < 0.3:  # a square, in which the wrong axis has the right length
        n = batch
    b = whole(rng, batch, n if rng.random() < 0.4 else 1)
    return whole(rng, batch, n), b, whole(rng, batch, n)


def whole(rng, *shape):
    """Whole numbers as floats, never all 0."""
    made = rng.integers(-4, 5, size=shape).astype(float)
    return made if made.any() else made + 1


def not_summed(a, b, dy):
    return dy, dy


def averaged(a, b, dy):
    return dy, dy if b.shape == dy.shape else dy.mean(axis=1, keepdims=True)


def first_cell(a, b, dy):
    return dy, dy[:, : b.shape[1]]


def summed_over_samples(a, b, dy):
    return dy, dy if b.shape == dy.shape else dy.sum(axis=0, keepdims=True)


def axis_lost(a, b, dy):
    return dy, dy if b.shape == dy.shape else dy.sum(axis=1)


def halved(a, b, dy):
    da, db = add_backward(a, b, dy)
    return da / 2, db / 2


def exchanged(a, b, dy):
    return add_backward(a, b, dy)[::-1]


def slopes_alone(a, b, dy):
    return np.ones_like(a), np.ones_like(b)


def always_summed(a, b, dy):
    return dy, dy.sum(axis=1, keepdims=True)


def times_the_other(a, b, dy):
    _, db = add_backward(a, b, dy * a)
    return dy * b, db


# --- cosine -----------------------------------------------------------------------------------------------------------


def cosine(a, b):
    """The cosine of the angle between two vectors, as Dot(axes=1, normalize=True) gives it.

    def cosine(a, b): a and b (batch, n), no vector of zeros. Returns (batch, 1): for each sample the products added up,
    divided by both lengths.
    """
    lengths = [np.sqrt(np.sum(v * v, axis=1, keepdims=True)) for v in (a, b)]
    return np.sum(a * b, axis=1, keepdims=True) / (lengths[0] * lengths[1])


def cosine_cases(rng):
    batch, n = (int(v) for v in rng.integers(1, 4, size=2))
    pair = [whole(rng, batch, n) for _ in range(2)]
    for v in pair:
        v[~v.any(axis=1)] = 1
    return tuple(pair)


def lengths_of(a, b):
    return np.linalg.norm(a, axis=1, keepdims=True), np.linalg.norm(b, axis=1, keepdims=True)


def only_dot(a, b):
    return np.sum(a * b, axis=1, keepdims=True)


def squared_lengths(a, b):
    one, two = lengths_of(a, b)
    return only_dot(a, b) / (one * two) ** 2


def one_length(a, b):
    return only_dot(a, b) / lengths_of(a, b)[0]


def lengths_in_a_row(a, b):
    return only_dot(a, b) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))


def sums_of_sizes(a, b):
    one, two = (np.abs(v).sum(axis=1, keepdims=True) for v in (a, b))
    return only_dot(a, b) / (one * two)


def sum_of_lengths(a, b):
    return only_dot(a, b) / sum(lengths_of(a, b))


def one_axis(a, b):
    return cosine(a, b)[:, 0]


def not_added_up(a, b):
    one, two = lengths_of(a, b)
    return a * b / (one * two)


def length_of_all(a, b):
    return only_dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))


def every_pair(a, b):
    one, two = lengths_of(a, b)
    return (a / one) @ (b / two).T


# --- gate -------------------------------------------------------------------------------------------------------------


def gate(x, z):
    """A gate: how much of each number of x passes is said by z.

    def gate(x, z): x (batch, n), z (batch, n) or (batch, 1). Returns (batch, n): x times the sigmoid of z,
    1 / (1 + exp(-z)).
    """
    return x / (1 + np.exp(-z))


def gate_cases(rng):
    batch, n = (int(v) for v in rng.integers(1, 4, size=2))
    return whole(rng, batch, n), whole(rng, batch, n if rng.random() < 0.5 else 1)


def without_sigmoid(x, z):
    return x * z


def sigmoid_of_x(x, z):
    return z / (1 + np.exp(-x))


def gate_alone(x, z):
    return 1 / (1 + np.exp(-z))


def without_brackets(x, z):
    return x / 1 + np.exp(-z)


def through_tanh(x, z):
    return x * np.tanh(z)


def gate_added(x, z):
    return x + 1 / (1 + np.exp(-z))


def gate_turned(x, z):
    return x / (1 + np.exp(z))


def hard(x, z):
    return x * (z > 0)


def product_first(x, z):
    return 1 / (1 + np.exp(-x * z))


EXERCISES = {
    "paper_count": Exercise(
        task=PAPER_COUNT,
        solution=[330, 650],
        wrong=(
            ("The biases are missing: one for each of the ten units.", [320, 640]),
            ("Add gives 32 numbers, and Concatenate 64: they are exchanged.", [650, 330]),
            ("Concatenate stands 32 and 32 numbers side by side: Dense reads 64.", [330, 330]),
            ("Add gives one number where two were: Dense reads 32, not 64.", [650, 650]),
            ("Ten units have ten biases, whatever they read.", [330, 660]),
            ("Weights and units multiply: each unit has a weight for each number that it reads.", [42, 74]),
            ("So many have Add and Concatenate themselves. Count what the Dense behind them has.", [0, 0]),
        ),
        hints=(
            "How many numbers does Dense read for each sample? Dense needs a weight for each of them and each unit.",
            "Add gives 32 numbers, Concatenate 32 + 32.",
            "32 · 10 + 10 and 64 · 10 + 10.",
        ),
    ),
    "paper_networks": Exercise(
        task=COUNT,
        solution=[33, 82],
        wrong=(
            ("The two are exchanged.", [82, 33]),
            ("That is ResNet50 and DenseNet121. The stages here are longer.", [16, 58]),
            ("Those are the stages. Every block has its own Add, every layer its own Concatenate.", [4, 4]),
            ("The number in a name counts layers with weights. Count the blocks.", [101, 169]),
            ("The first block of a stage has its Add, too, and the first layer its Concatenate.", [29, 78]),
        ),
        hints=(
            "One Add for each block, one Concatenate for each layer.",
            "3 + 4 + 23 + 3 for ResNet101.",
            "33, and 6 + 12 + 32 + 32.",
        ),
    ),
    "add_backward": Exercise(
        solution=add_backward,
        cases=add_cases,
        wrong=(
            ("b of shape (batch, 1) was read for every column: add up what comes back.", not_summed),
            ("The gradients of a stretched b are averaged. They add up.", averaged),
            ("Only the first column reaches b. Every column read it.", first_cell),
            ("That adds up over the samples. b was stretched along axis 1.", summed_over_samples),
            ("The two are exchanged: the order is da, db.", exchanged),
            ("That is the slope alone. It is multiplied by dy, what arrives from behind.", slopes_alone),
            ("db has lost an axis: it has the shape of b. Take keepdims=True.", axis_lost),
            ("Each input gets half. Add gives all of dy to both.", halved),
            ("b is not always stretched: with the shape of dy it gets dy as it is.", always_summed),
            ("That is the way back of Multiply. A sum gives dy to both.", times_the_other),
        ),
        hints=(
            "a counts once in each result: da is dy.",
            "If b has the shape of dy, db is dy. If it has one column, that one was read n times.",
            "dy.sum(axis=1, keepdims=True) adds up the columns and keeps the axis.",
        ),
    ),
    "cosine": Exercise(
        solution=cosine,
        cases=cosine_cases,
        wrong=(
            ("The lengths are missing: that is Dot without normalize.", only_dot),
            ("A length is the root of the sum of squares. The root is missing.", squared_lengths),
            ("Only the length of a is divided by. Take both.", one_length),
            ("The lengths have lost an axis. Take keepdims=True for them, too.", lengths_in_a_row),
            ("The sizes are added up. A length is the root of the sum of squares.", sums_of_sizes),
            ("The lengths are added. They multiply.", sum_of_lengths),
            ("The shape is (batch,). Dot keeps an axis of one: (batch, 1).", one_axis),
            ("The products are not added up over the features.", not_added_up),
            ("One length for the whole batch: every sample has its own.", length_of_all),
            ("That pairs every sample with every other. Sample 0 of a meets sample 0 of b alone.", every_pair),
        ),
        hints=(
            "np.sum(a * b, axis=1, keepdims=True) is the dot product, a row for each sample.",
            "The length of each vector: np.sqrt(np.sum(a * a, axis=1, keepdims=True)).",
            "Divide the dot product by the length of a times the length of b.",
        ),
    ),
    "gate": Exercise(
        solution=gate,
        cases=gate_cases,
        wrong=(
            ("The sigmoid is missing: a gate lies between 0 and 1.", without_sigmoid),
            ("That is the gate alone. Multiply x by it.", gate_alone),
            ("Brackets are missing: 1 is divided by all of 1 + exp(-z).", without_brackets),
            ("tanh lies between -1 and 1. A gate lies between 0 and 1: take the sigmoid.", through_tanh),
            ("x goes through the sigmoid. z is what opens the gate.", sigmoid_of_x),
            ("The gate is added. It multiplies.", gate_added),
            ("The sign is turned: a large z has to open the gate.", gate_turned),
            ("The gate is open or shut. The sigmoid lets a part through.", hard),
            ("The product goes through the sigmoid. First the sigmoid of z, then times x.", product_first),
        ),
        hints=(
            "The sigmoid of z: 1 / (1 + np.exp(-z)).",
            "Multiply x by it. NumPy stretches (batch, 1) along the features, as Multiply does.",
            "return x * (1 / (1 + np.exp(-z)))",
        ),
    ),
}
