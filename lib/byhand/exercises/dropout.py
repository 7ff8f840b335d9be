"""Exercises of the chapter on mini-batches and dropout."""

import numpy as np

from .exercise import Exercise

# --- paper_same_mask --------------------------------------------------------------------------------------------------

PAPER_SAME_MASK = """A faulty Dropout uses the mask 1 0 0 1 at every call. A Dense(3) stands behind it, with a bias.
How many of the numbers that the Dense has to learn never change in training?

    answer = ...     (a whole number)"""


# --- batch_sizes ------------------------------------------------------------------------------------------------------


def batch_sizes(samples, batch_size):
    """How many samples each update of one epoch sees, as fit does it.

    def batch_sizes(samples, batch_size): both whole numbers of at least 1. Returns a list of whole numbers, one for
    each update.
    """
    return [min(batch_size, samples - start) for start in range(0, samples, batch_size)]


def size_cases(rng):
    return int(rng.integers(1, 30)), int(rng.integers(1, 12))


def rest_dropped(samples, batch_size):
    return [batch_size] * (samples // batch_size)


def rest_filled(samples, batch_size):
    return [batch_size] * -(-samples // batch_size)


def empty_rest(samples, batch_size):
    return [batch_size] * (samples // batch_size) + [samples % batch_size]


def evened_out(samples, batch_size):
    return [len(part) for part in np.array_split(np.arange(samples), -(-samples // batch_size))]


def rest_first(samples, batch_size):
    return batch_sizes(samples, batch_size)[::-1]


# --- expected ---------------------------------------------------------------------------------------------------------


def expected(x, rate, scaled):
    """What comes out of dropout on average, and how far it spreads.

    def expected(x, rate, scaled): x (N,), rate from 0 to below 1; scaled says whether survivors are divided by
    1 - rate. Returns (mean, variance), both (N,): over all masks, each number dropped by itself with chance rate.
    """
    keep = 1 - rate
    scale = 1 / keep if scaled else 1
    return keep * scale * x, rate * keep * (scale * x) ** 2


def expected_cases(rng):
    x = rng.integers(-4, 5, size=int(rng.integers(1, 5))).astype(float)
    x[0] = 3
    return x, float(rng.choice([0.2, 0.25, 0.4, 0.75, 0.8])), bool(rng.integers(2))


def rate_for_keep(x, rate, scaled):
    scale = 1 / rate if scaled else 1
    return rate * scale * x, rate * (1 - rate) * (scale * x) ** 2


def variance_unscaled(x, rate, scaled):
    return expected(x, rate, scaled)[0], rate * (1 - rate) * x**2


def scaled_once(x, rate, scaled):
    mean, variance = expected(x, rate, scaled)
    return mean, variance * (1 - rate) if scaled else variance


def plain_x(x, rate, scaled):
    mean, variance = expected(x, rate, scaled)
    return mean, np.divide(variance, x, out=np.zeros_like(x), where=x != 0)


def not_squared(x, rate, scaled):
    mean, variance = expected(x, rate, scaled)
    return mean, np.sqrt(variance)


def mean_of_squares(x, rate, scaled):
    mean, variance = expected(x, rate, scaled)
    return mean, variance + mean**2


# --- spatial_noise_shape ----------------------------------------------------------------------------------------------


def spatial_noise_shape(shape, data_format):
    """The noise_shape with which Dropout does what SpatialDropout1D, 2D or 3D does.

    def spatial_noise_shape(shape, data_format): the shape of x, a tuple of 3, 4 or 5 sizes; data_format is
    "channels_last" or "channels_first", with 3 sizes always the former. Returns a tuple as long as shape; None
    within it stands for the size of x.
    """
    space = (1,) * (len(shape) - 2)
    return (*shape[:2], *space) if data_format == "channels_first" else (shape[0], *space, shape[-1])


def shape_cases(rng):
    sizes = rng.integers(2, 7, size=int(rng.integers(3, 6)))
    formats = ["channels_last", "channels_first"][: len(sizes) - 2]  # SpatialDropout1D has the first alone
    return tuple(int(n) for n in sizes), str(rng.choice(formats))


def without_none(answer, shape, data_format):
    """The answer with the size of x where it says None, as Dropout reads it."""
    made = answer(shape, data_format)
    if not isinstance(made, tuple | list) or len(made) != len(shape):
        return made
    return tuple(n if m is None else m for m, n in zip(made, shape))


def one_for_all_samples(shape, data_format):
    return (1, *spatial_noise_shape(shape, data_format)[1:])


def per_position(shape, data_format):
    whole = spatial_noise_shape(shape, data_format)
    return (shape[0], *(n if m == 1 else 1 for n, m in zip(shape[1:], whole[1:])))


def one_channel_mask(shape, data_format):
    return (shape[0], *(1,) * (len(shape) - 1))


def always_last(shape, data_format):
    return spatial_noise_shape(shape, "channels_last")


def always_first(shape, data_format):
    return spatial_noise_shape(shape, "channels_first")


# --- both_ways --------------------------------------------------------------------------------------------------------


def both_ways(x, dy, u, rate):
    """Dropout forward and backward, with the random numbers given.

    def both_ways(x, dy, u, rate): x (N, C), dy (N, C) the gradient of the output, u (N, C) from 0 to 1: a number stays
    where u is at least rate. Returns (y, dx), both (N, C).
    """
    mask = (u >= rate) / (1 - rate)
    return x * mask, dy * mask


def pass_cases(rng):
    shape = int(rng.integers(1, 4)), int(rng.integers(2, 4))
    x, dy = (rng.choice([-3.0, -2.0, -1.0, 1.0, 2.0, 4.0], size=shape) for _ in range(2))
    u = rng.choice([0.0625, 0.125, 0.25, 0.5625, 0.75, 0.875, 0.9375], size=shape)
    u[0, :2] = 0.0625, 0.9375  # one that goes and one that stays
    return x, dy, u, float(rng.choice([0.125, 0.25, 0.75, 0.875]))


def passing(mask=lambda u, r: (u >= r) / (1 - r), back=None):
    """An answer to both_ways with another mask, or another on the way back."""
    return lambda x, dy, u, rate: (x * mask(u, rate), dy * (back or mask)(u, rate))


def by_those_that_stayed(u, rate):
    """A mask scaled by the share that happened to stay."""
    return (u >= rate) / np.mean(u >= rate)


def gradient_of_the_product(x, dy, u, rate):
    y, dx = both_ways(x, dy, u, rate)
    return y, x * dx


EXERCISES = {
    "paper_same_mask": Exercise(
        task=PAPER_SAME_MASK,
        solution=6,
        wrong=(
            ("Those are the ones that do change among the weights and biases. Which are left?", 9),
            ("Two inputs are always 0; each of them meets three units.", 2),
            ("Those are all weights and biases of the Dense. Some do change.", 15),
            ("Those are one row of the kernel. Two rows meet 0 at every call; the biases are trained.", 3),
            ("The kernel has 4 rows of 3. Half of the rows meet an input that is not 0.", 12),
            ("They would all change if the mask were drawn anew. Here two inputs are 0 at every call.", 0),
        ),
        hints=(
            "The gradient of a weight is the input it is multiplied by, times the gradient of the unit.",
            "Two of the four inputs are 0 at every call. The kernel has a row for each input.",
            "Two rows of three weights never get a gradient. The biases do.",
        ),
    ),
    "batch_sizes": Exercise(
        solution=batch_sizes,
        cases=size_cases,
        wrong=(
            ("The samples that are left over make an update, too: the last batch is smaller.", rest_dropped),
            ("The last batch holds what is left, not a full batch.", rest_filled),
            ("Where nothing is left over there is no last batch of 0 samples.", empty_rest),
            ("The smaller batch comes last.", rest_first),
            ("fit does not even the batches out: all but the last are full.", evened_out),
            (
                "That is how many updates there are. A list of their sizes is asked for.",
                lambda samples, batch_size: -(-samples // batch_size),
            ),
            ("That is one update on all samples at once.", lambda samples, batch_size: [samples]),
        ),
        hints=(
            "The batches begin at 0, batch_size, 2 * batch_size ... below samples.",
            "A batch that begins at start holds batch_size samples, or samples - start if that is less.",
            "range(0, samples, batch_size) gives the starts.",
        ),
    ),
    "expected": Exercise(
        solution=expected,
        cases=expected_cases,
        wrong=(
            ("rate is the chance to be dropped; a number stays with chance 1 - rate.", rate_for_keep),
            ("The variance is of what comes out: the scale belongs into it, squared.", variance_unscaled),
            ("In the variance the scale is squared; you have it once.", scaled_once),
            ("In the variance x is squared; you have it once.", plain_x),
            ("That is the standard deviation; the variance is its square.", not_squared),
            ("That is the mean of the squares; take the square of the mean off.", mean_of_squares),
            ("That is always scaled. See what scaled says.", lambda x, rate, scaled: expected(x, rate, True)),
            ("That is never scaled. See what scaled says.", lambda x, rate, scaled: expected(x, rate, False)),
        ),
        hints=(
            "There are two outcomes for each number: 0 with chance rate, and scale * x with chance 1 - rate.",
            "Mean: each outcome times its chance, added up.",
            "Variance: the mean of the squared outcomes, less the square of the mean.",
        ),
    ),
    "spatial_noise_shape": Exercise(
        solution=spatial_noise_shape,
        cases=shape_cases,
        outcome=without_none,
        tolerance=None,
        wrong=(
            ("Each sample has draws of its own: the first size stays.", one_for_all_samples),
            ("That drops whole positions with all their channels; whole channels are asked for.", per_position),
            ("That drops whole samples: each channel needs a draw of its own.", one_channel_mask),
            ("See data_format: with channels_first the channels are axis 1.", always_last),
            ("See data_format: with channels_last the channels are the last axis.", always_first),
            ("That is a draw for each number.", lambda shape, data_format: shape),
        ),
        hints=(
            "A 1 in noise_shape means that one draw serves the whole axis.",
            "The axes of space get a 1; the batch and the channels keep their size.",
            "The channels are the last axis, or axis 1 with channels_first.",
        ),
    ),
    "both_ways": Exercise(
        solution=both_ways,
        cases=pass_cases,
        wrong=(
            ("The survivors are not scaled.", passing(lambda u, r: u >= r)),
            ("Divide by 1 - rate, not by rate.", passing(lambda u, r: (u >= r) / r)),
            ("Multiply the survivors by 1 / (1 - rate), not by 1 - rate.", passing(lambda u, r: (u >= r) * (1 - r))),
            ("Divide by 1 - rate, not by the share that happened to stay.", passing(by_those_that_stayed)),
            ("Here those stay that should go.", passing(lambda u, r: (u < r) / (1 - r))),
            ("A number stays also where u is equal to rate: at least.", passing(lambda u, r: (u > r) / (1 - r))),
            ("Compare u with rate, not with 1 - rate.", passing(lambda u, r: (u >= 1 - r) / (1 - r))),
            ("The way back needs the mask: what was dropped has no gradient.", passing(back=lambda u, r: 1 + 0 * u)),
            ("The gradient is scaled as the output was.", passing(back=lambda u, r: u >= r)),
            ("The gradient of x times the mask is the mask: x itself does not come in.", gradient_of_the_product),
        ),
        hints=(
            "mask = (u >= rate) is an array of True and False, which multiply as 1 and 0.",
            "Put the scale 1 / (1 - rate) into the mask; then y = x * mask.",
            "dy goes through the same mask, scale included.",
        ),
    ),
}
