"""Exercises of the chapter on Dense."""

import numpy as np

from .exercise import Exercise

# --- paper_count ------------------------------------------------------------------------------------------------------

PAPER_COUNT = """Dense(64) reads samples of 100 features, and Dense(10) reads what it gives. Both have a bias. How many
numbers has each of them to learn?

    answer = [of Dense(64), of Dense(10)]"""


# --- textbook ---------------------------------------------------------------------------------------------------------


def textbook(V, b, x):
    """What a textbook writes as y = V x + b, for a batch laid out as Keras has it.

    def textbook(V, b, x): V (units, features), b (units,), and x (batch, features), a sample in each row. Returns
    (batch, units): in each row V times that sample, plus b.
    """
    return x @ V.T + b


def textbook_cases(rng):
    batch, features, units = rng.integers(1, 4, size=3)
    if rng.random() < 0.4:  # square, so that a forgotten transposition can go unnoticed
        units = features
    return whole(rng, units, features), whole(rng, units), whole(rng, batch, features)


def whole(rng, *shape):
    """Whole numbers as floats, never all 0."""
    made = rng.integers(-4, 5, size=shape).astype(float)
    return made if made.any() else made + 1


def kernel_as_it_is(V, b, x):
    return x @ V + b


def reshaped(V, b, x):
    return x @ V.reshape(V.shape[::-1]) + b


def sample_as_column(V, b, x):
    return V @ x + b


def samples_in_columns(V, b, x):
    return V @ x.T + b[:, None]


def without_bias(V, b, x):
    return x @ V.T


def bias_by_sample(V, b, x):
    return x @ V.T + b[np.arange(len(x)) % len(b), None]


def bias_first(V, b, x):
    return (x + b) @ V.T if len(b) == x.shape[1] else textbook(V, b, x)


# --- last_axis --------------------------------------------------------------------------------------------------------


def last_axis(x, W, b):
    """Dense without activation on three axes.

    def last_axis(x, W, b): x (batch, steps, features), W (features, units), b (units,). Returns (batch, steps, units):
    each row of features by itself goes through the same W and b.
    """
    batch, steps, _ = x.shape
    y = np.zeros((batch, steps, len(b)))
    for n in range(batch):
        for t in range(steps):
            y[n, t] = x[n, t] @ W + b
    return y


def last_axis_cases(rng):
    batch, steps, features, units = rng.integers(1, 4, size=4)
    if rng.random() < 0.4:  # as many steps as features, so that the wrong axis fits
        steps = features
    return whole(rng, batch, steps, features), whole(rng, features, units), whole(rng, units)


def first_step_for_all(x, W, b):
    return last_axis(np.repeat(x[:, :1], x.shape[1], axis=1), W, b)


def first_sample_for_all(x, W, b):
    return last_axis(np.repeat(x[:1], len(x), axis=0), W, b)


def along_steps(x, W, b):
    return last_axis(x.swapaxes(1, 2), W, b) if x.shape[1] == x.shape[2] else last_axis(x, W, b)


def adding_up_steps(x, W, b):
    made = np.cumsum(x @ W, axis=1)
    return made + b


def steps_summed(x, W, b):
    return last_axis(x, W, b).sum(axis=1)


def flattened(x, W, b):
    return x.reshape(len(x), -1) @ W + b


def samples_alone(x, W, b):
    return x[:, 0] @ W + b


def return_in_the_loop(x, W, b):
    made = last_axis(x, W, b)
    made[1:] = 0
    return made


def no_bias(x, W, b):
    return x @ W


# --- backward ---------------------------------------------------------------------------------------------------------


def backward(x, W, dz):
    """The way back through z = x W + b.

    def backward(x, W, dz): x (batch, features), W (features, units), dz (batch, units), the gradient of z. Returns
    (dW, db, dx), each with the shape of what it is the gradient of.
    """
    return x.T @ dz, dz.sum(axis=0), dz @ W.T


def backward_cases(rng):
    V, _, x = textbook_cases(rng)
    return x, V.T.copy(), whole(rng, len(x), len(V))


def averaged(x, W, dz):
    dW, db, dx = backward(x, W, dz)
    return dW / len(x), db / len(x), dx


def all_averaged(x, W, dz):
    dW, db, dx = averaged(x, W, dz)
    return dW, db, dx / len(x)


def dx_first(x, W, dz):
    dW, db, dx = backward(x, W, dz)
    return dx, dW, db


def bias_averaged(x, W, dz):
    return x.T @ dz, dz.mean(axis=0), dz @ W.T


def bias_over_units(x, W, dz):
    return x.T @ dz, dz.sum(axis=1), dz @ W.T


def kernel_transposed(x, W, dz):
    return dz.T @ x, dz.sum(axis=0), dz @ W.T


def untransposed(x, W, dz):
    return x.T @ dz, dz.sum(axis=0), dz @ W


def bias_as_it_came(x, W, dz):
    return x.T @ dz, dz, dz @ W.T


def exchanged(x, W, dz):
    dW, db, dx = backward(x, W, dz)
    return dx, db, dW


def first_sample(x, W, dz):
    return x[:1].T @ dz[:1], dz[0], dz @ W.T


# --- depth ------------------------------------------------------------------------------------------------------------


def depth(x, kernels, floor):
    """How deep a signal gets before it is lost.

    def depth(x, kernels, floor): x (batch, n) goes through one Dense after the other, each with ReLU and no bias;
    kernels (layers, n, n) holds their weights. Returns the number of the first layer, counted from 1, behind which the
    rms of the output is below `floor`, as an int, or 0 if there is none. The rms of an array is the root of the mean of
    its squares.
    """
    for number, W in enumerate(kernels, 1):
        x = np.maximum(x @ W, 0)
        if np.sqrt(np.mean(x * x)) < floor:
            return number
    return 0


def depth_cases(rng):
    n, layers = int(rng.integers(1, 4)), int(rng.integers(1, 7))
    x = rng.integers(-3, 4, size=(int(rng.integers(1, 4)), n)).astype(float)
    kernels = rng.integers(-3, 5, size=(layers, n, n)) / 4
    return x, kernels, float(rng.choice([0.1, 0.5, 1.0]))


def walked(x, kernels, floor, size, relu=True):
    for number, W in enumerate(kernels, 1):
        x = np.maximum(x @ W, 0) if relu else x @ W
        if size(x) < floor:
            return number
    return 0


def rms(x):
    return np.sqrt(np.mean(x * x))


def counted_from_0(x, kernels, floor):
    return max(depth(x, kernels, floor) - 1, 0)


def before_the_layer(x, kernels, floor):
    for number, W in enumerate(kernels, 1):
        if rms(x) < floor:
            return number
        x = np.maximum(x @ W, 0)
    return 0


def last_below(x, kernels, floor):
    found = 0
    for number, W in enumerate(kernels, 1):
        x = np.maximum(x @ W, 0)
        found = number if rms(x) < floor else found
    return found


def at_the_floor(x, kernels, floor):
    for number, W in enumerate(kernels, 1):
        x = np.maximum(x @ W, 0)
        if rms(x) <= floor:
            return number
    return 0


def all_layers(x, kernels, floor):
    return depth(x, kernels, floor) or len(kernels)


def one_by_one(x, kernels, floor):
    """Every layer on the first input again."""
    return next((k for k, W in enumerate(kernels, 1) if rms(np.maximum(x @ W, 0)) < floor), 0)


EXERCISES = {
    "paper_count": Exercise(
        task=PAPER_COUNT,
        solution=[6464, 650],
        wrong=(
            ("The biases are missing: one for each unit.", [6400, 640]),
            ("There is one bias for each unit, not one for the whole layer.", [6401, 641]),
            ("There is one bias for each unit, not for each feature.", [6500, 704]),
            ("Dense(10) reads the 64 numbers that Dense(64) gives, not the 100 features.", [6464, 1010]),
            ("The two are exchanged.", [650, 6464]),
            ("Weights and inputs multiply: each unit has a weight for each feature.", [164, 74]),
        ),
        hints=(
            "Each unit has a weight for each number that comes in, and one bias.",
            "What comes into the second layer is what the first one gives: 64 numbers.",
            "100 · 64 weights and 64 biases; then 64 · 10 weights and 10 biases.",
        ),
    ),
    "textbook": Exercise(
        solution=textbook,
        cases=textbook_cases,
        wrong=(
            ("V has a row for each unit. In front of it x meets the wrong axis: transpose V.", kernel_as_it_is),
            ("V x takes a sample as a column. In x the samples are rows: each row is multiplied.", sample_as_column),
            ("reshape does not transpose: it keeps the order of the numbers. Take V.T.", reshaped),
            ("The samples stand in the columns. Keras has a sample in each row.", samples_in_columns),
            ("The bias is missing.", without_bias),
            ("The bias goes by the unit, not by the sample.", bias_by_sample),
            ("The bias is added to x. It is added behind the product.", bias_first),
        ),
        hints=(
            "For one sample: V @ x[0] + b. Do that for each row, and stack the results.",
            "In one product: (V x)ᵀ = xᵀ Vᵀ. The rows of x are its samples on their side already.",
            "x @ V.T has shape (batch, units), and b is added to each row.",
        ),
    ),
    "last_axis": Exercise(
        solution=last_axis,
        cases=last_axis_cases,
        wrong=(
            ("The first step is read for all steps.", first_step_for_all),
            ("The first sample is read for all samples.", first_sample_for_all),
            ("The product runs along the steps. It has to run along the features, the last axis.", along_steps),
            ("The steps are added up. Each goes through the layer by itself.", adding_up_steps),
            ("The steps are gone. Each keeps a row of its own.", steps_summed),
            ("Steps and features are one axis now, as behind Flatten. Each step goes by itself.", flattened),
            ("Only the first step is there. Each step gets a row.", samples_alone),
            ("Only the first sample is filled. Does a return stand inside the loop?", return_in_the_loop),
            ("The bias is missing.", no_bias),
        ),
        hints=(
            "Begin with zeros of shape (batch, steps, units), and loop over samples and steps.",
            "x[n, t] is one row of features: what Dense does with it is x[n, t] @ W + b.",
            "Steps never meet: y[n, t] reads x[n, t] and nothing else of x.",
        ),
    ),
    "backward": Exercise(
        solution=backward,
        cases=backward_cases,
        wrong=(
            ("dW and db are averaged over the batch. They are sums: a mean comes from the loss, through dz.", averaged),
            ("All three are divided by the batch size. A mean comes from the loss, through dz.", all_averaged),
            ("db is averaged. It is the sum of dz over the samples.", bias_averaged),
            ("db adds up over the units. There is one bias for each unit: add up over the samples.", bias_over_units),
            ("dW lies on its side. It has the shape of W, (features, units).", kernel_transposed),
            ("dx needs W transposed: each feature collects from all units.", untransposed),
            ("db still has the batch axis: add up over the samples.", bias_as_it_came),
            ("dW and dx are exchanged: the order is dW, db, dx.", exchanged),
            ("dx stands first: the order is dW, db, dx.", dx_first),
            ("dW and db come from the first sample alone. All samples add up.", first_sample),
        ),
        hints=(
            "Each gradient has the shape of what it belongs to. That leaves few products that fit.",
            "W[i, u] stood beside x[s, i] in every sample s: dW[i, u] is the sum over s of x[s, i] dz[s, u].",
            "x.T @ dz; the sum of dz over axis 0; dz @ W.T.",
        ),
    ),
    "depth": Exercise(
        solution=depth,
        cases=depth_cases,
        tolerance=None,
        wrong=(
            ("Count the layers from 1.", counted_from_0),
            ("ReLU is missing.", lambda x, kernels, floor: walked(x, kernels, floor, rms, relu=False)),
            (
                "That takes the standard deviation. The rms does not subtract the mean.",
                lambda x, kernels, floor: walked(x, kernels, floor, np.std),
            ),
            (
                "That takes the mean of the sizes. The rms is the root of the mean of the squares.",
                lambda x, kernels, floor: walked(x, kernels, floor, lambda y: np.abs(y).mean()),
            ),
            (
                "The root is missing: that is the mean of the squares.",
                lambda x, kernels, floor: walked(x, kernels, floor, lambda y: np.mean(y * y)),
            ),
            (
                "The largest number is compared, not the rms.",
                lambda x, kernels, floor: walked(x, kernels, floor, np.max),
            ),
            ("That measures what goes into the layer. Measure what comes out.", before_the_layer),
            ("That is the last layer below the floor. Return at the first one.", last_below),
            ("At the floor is not yet below it: take <, not <=.", at_the_floor),
            (
                "The squares are added up. The rms takes their mean.",
                lambda x, kernels, floor: walked(x, kernels, floor, lambda y: np.sqrt(np.sum(y * y))),
            ),
            ("If the signal never falls below the floor, the answer is 0.", all_layers),
            ("Every layer reads the first input. It has to read what the layer before it gave.", one_by_one),
        ),  # fmt: skip
        hints=(
            "A loop over the kernels, in which x becomes the output of the layer.",
            "np.maximum(x @ W, 0) is the layer, np.sqrt(np.mean(x * x)) the rms.",
            "enumerate(kernels, 1) counts from 1. Return the number as soon as the rms is below floor; behind the "
            "loop return 0.",
        ),
    ),
}
