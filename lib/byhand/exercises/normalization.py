"""Exercises of the chapter on batch and layer normalisation."""

import numpy as np

from .exercise import Exercise

EPSILON = 1e-3

# --- paper_updates ----------------------------------------------------------------------------------------------------

PAPER_UPDATES = """A moving mean starts at 0 and momentum is 0.99. Every batch has the mean 10.
After how many updates is the moving mean above 9.5 for the first time?

    answer = ...     (a whole number)"""


# --- moving_mean ------------------------------------------------------------------------------------------------------


def moving_mean(start, means, momentum):
    """The moving mean after some batches of training.

    def moving_mean(start, means, momentum): start (C,) before the first batch, means (T, C) one row a batch, momentum a
    float as in Keras. Returns (C,): the moving mean after the last batch.
    """
    moving = start
    for mean in means:
        moving = momentum * moving + (1 - momentum) * mean
    return moving


def moving_cases(rng):
    channels = int(rng.integers(1, 4))
    means = rng.integers(-9, 10, size=(int(rng.integers(1, 5)), channels)).astype(float)
    return rng.integers(-9, 10, size=channels).astype(float), means, float(rng.choice([0.5, 0.75, 0.9, 0.99]))


def momentum_at_the_batch(start, means, momentum):
    return moving_mean(start, means, 1 - momentum)


def start_forgotten(start, means, momentum):
    return moving_mean(np.zeros_like(start), means, momentum)


def start_at_first_batch(start, means, momentum):
    return moving_mean(means[0], means[1:], momentum)


def always_the_start(start, means, momentum):
    return momentum * start + (1 - momentum) * means[-1]


# --- layer_norm -------------------------------------------------------------------------------------------------------


def layer_norm(x, gamma, beta):
    """Layer normalisation over the last axis.

    def layer_norm(x, gamma, beta): x (N, C), gamma and beta (C,). Returns (N, C). epsilon is 0.001, inside the root.
    """
    d = x - x.mean(axis=-1, keepdims=True)
    return gamma * d / np.sqrt((d**2).mean(axis=-1, keepdims=True) + EPSILON) + beta


def layer_cases(rng):
    n, channels = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    x = rng.integers(-9, 10, size=(n, channels)).astype(float)
    return x, rng.integers(1, 5, size=channels).astype(float), rng.integers(-3, 4, size=channels).astype(float)


def over_the_batch(x, gamma, beta):
    d = x - x.mean(axis=0)
    return gamma * d / np.sqrt((d**2).mean(axis=0) + EPSILON) + beta


def over_everything(x, gamma, beta):
    d = x - x.mean()
    return gamma * d / np.sqrt((d**2).mean() + EPSILON) + beta


def rows_not_kept(x, gamma, beta):
    return gamma * (x - x.mean(axis=-1)) / np.sqrt(x.var(axis=-1) + EPSILON) + beta


def one_less(x, gamma, beta):
    d = x - x.mean(axis=-1, keepdims=True)
    return gamma * d / np.sqrt(x.var(axis=-1, ddof=1, keepdims=True) + EPSILON) + beta


def with_epsilon(epsilon):
    """An answer to layer_norm with another epsilon."""

    def answer(x, gamma, beta):
        d = x - x.mean(axis=-1, keepdims=True)
        return gamma * d / np.sqrt(x.var(axis=-1, keepdims=True) + epsilon) + beta

    return answer


def outside_the_root(x, gamma, beta):
    return gamma * (x - x.mean(axis=-1, keepdims=True)) / (x.std(axis=-1, keepdims=True) + EPSILON) + beta


def by_the_variance(x, gamma, beta):
    return gamma * (x - x.mean(axis=-1, keepdims=True)) / (x.var(axis=-1, keepdims=True) + EPSILON) + beta


def scaled_late(x, gamma, beta):
    return gamma * (layer_norm(x, 1.0, beta))


def exchanged(x, gamma, beta):
    return layer_norm(x, beta, gamma)


# --- skewness ---------------------------------------------------------------------------------------------------------


def skewness(x):
    """How lopsided the numbers are: the mean of their standardised cubes.

    def skewness(x): x (N,), not all equal. Take the mean off, divide by the standard deviation (with n, not n - 1), and
    return the mean of the cubes, a float.
    """
    return float((((x - x.mean()) / x.std()) ** 3).mean())


def skew_cases(rng):
    x = rng.integers(0, 10, size=int(rng.integers(3, 9))).astype(float)
    x[:2] = 0, 12  # never all equal
    return (x,)


def divided_once(x):
    return ((x - x.mean()) ** 3).mean() / x.std()


def with_one_less(x):
    return (((x - x.mean()) / x.std(ddof=1)) ** 3).mean()


# --- fold -------------------------------------------------------------------------------------------------------------


def fold(kernel, bias, gamma, beta, mean, variance, epsilon):
    """A Dense layer that does what Dense and the BatchNormalization behind it do in inference.

    def fold(kernel, bias, gamma, beta, mean, variance, epsilon): kernel (C, U), all others (U,) but epsilon, a float;
    mean and variance are the moving ones. Returns (kernel, bias) of the one layer.
    """
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale, (bias - mean) * scale + beta


def fold_cases(rng):
    inputs, units = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    kernel = rng.integers(-4, 5, size=(inputs, units)).astype(float)
    kernel[0, 0] = 2
    bias, mean, beta = rng.integers(-5, 6, size=(3, units)).astype(float)
    bias[0], mean[0], beta[0] = 3, -4, 1
    gamma = rng.integers(2, 5, size=units).astype(float)
    return kernel, bias, gamma, beta, mean, rng.choice([0.25, 4.0, 9.0], size=units), EPSILON


def folding(scale=lambda g, v, e: g / np.sqrt(v + e), bias=lambda b, m, s, beta: (b - m) * s + beta):
    """An answer to fold whose scale or bias is another."""

    def answer(kernel, b, gamma, beta, mean, variance, epsilon):
        s = scale(gamma, variance, epsilon)
        return kernel * s, bias(b, mean, s, beta)

    return answer


bias_unscaled = folding(bias=lambda b, m, s, beta: b - m * s + beta)


def kernel_untouched(kernel, bias, gamma, beta, mean, variance, epsilon):
    return kernel, fold(kernel, bias, gamma, beta, mean, variance, epsilon)[1]


def rows_scaled(kernel, bias, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale[:, None], (bias - mean) * scale + beta


def bias_first(*case):
    return fold(*case)[::-1]


EXERCISES = {
    "paper_updates": Exercise(
        task=PAPER_UPDATES,
        solution=299,
        wrong=(
            ("Nearly: after 298 updates 0.99 to that power is still a little above 0.05.", 298),
            ("That is for momentum 0.9. Here each update covers one hundredth of the way.", 29),
            ("That is 95 hundredths in steps that stay the same. Each update covers a hundredth of what is left.", 95),
            ("That is how long it takes to half of the way.", 69),
            ("At 459 updates one part in a hundred is left; one in twenty was asked for.", 459),
        ),
        hints=(
            "After one update the moving mean is 0.1: one hundredth of the way. What is left is 0.99 of it.",
            "After n updates 0.99 to the power n of the way is left. 9.5 is reached when that is below 0.05.",
            "n is the first whole number above log(0.05) / log(0.99).",
        ),
    ),
    "moving_mean": Exercise(
        solution=moving_mean,
        cases=moving_cases,
        wrong=(
            ("Momentum belongs to what was there, 1 - momentum to the batch.", momentum_at_the_batch),
            ("It begins at start, not at 0.", start_forgotten),
            ("The first batch is mixed with start; it does not replace it.", start_at_first_batch),
            ("Each batch is mixed with what came before it, not with start again.", always_the_start),
            ("That is the mean of all batches: each batch would count the same.", lambda s, m, p: m.mean(axis=0)),
            ("That is the mean of the last batch.", lambda s, m, p: m[-1]),
        ),
        hints=(
            "Go through the rows of means, one batch at a time.",
            "New = momentum * old + (1 - momentum) * mean of this batch.",
            "Make a new array at each step; start must stay as it is.",
        ),
    ),
    "layer_norm": Exercise(
        solution=layer_norm,
        cases=layer_cases,
        wrong=(
            ("Those are the statistics of each feature over the batch: that is batch normalisation.", over_the_batch),
            ("Each sample has a mean and a variance of its own, not the whole array one.", over_everything),
            ("The variance is the sum of squares divided by n, not by n - 1.", one_less),
            ("Each row needs its mean beside it: keepdims=True keeps the axis, as a column of means.", rows_not_kept),
            ("epsilon is left out: a sample of one feature has variance 0, and 0 / 0 is no number.", with_epsilon(0)),
            ("epsilon is 0.001 in Keras, not 0.00001.", with_epsilon(1e-5)),
            ("epsilon is added to the variance, inside the root.", outside_the_root),
            ("Divide by the root of the variance, not by the variance.", by_the_variance),
            ("beta is added after gamma has scaled, and is not scaled itself.", scaled_late),
            ("gamma scales and beta shifts; here they are exchanged.", exchanged),
            ("gamma and beta are left out.", lambda x, g, b: layer_norm(x, 1.0, 0.0)),
        ),
        hints=(
            "x.mean(axis=-1, keepdims=True) has one mean a row and still broadcasts against x.",
            "The variance is the mean of the squared distances from it.",
            "What is the distance from the mean if a row has one number only? Then what is the output?",
        ),
    ),
    "skewness": Exercise(
        solution=skewness,
        cases=skew_cases,
        wrong=(
            ("Divide by the standard deviation before the cube is taken.", lambda x: ((x - x.mean()) ** 3).mean()),
            ("The cube is of the whole quotient: divide by the standard deviation first, then cube.", divided_once),
            (
                "Cube each number, then take the mean: before, the mean is 0.",
                lambda x: ((x - x.mean()) / x.std()).mean() ** 3,
            ),
            ("Divide by the root of the variance.", lambda x: (((x - x.mean()) / x.var()) ** 3).mean()),
            ("Take the mean off first.", lambda x: ((x / x.std()) ** 3).mean()),
            ("Those are squares: they give 1 for any numbers.", lambda x: (((x - x.mean()) / x.std()) ** 2).mean()),
            ("The standard deviation is taken with n, not with n - 1.", with_one_less),
            ("The mean of the cubes is asked for, not their sum.", lambda x: (((x - x.mean()) / x.std()) ** 3).sum()),
            ("The cube keeps the sign: do not take sizes.", lambda x: (np.abs((x - x.mean()) / x.std()) ** 3).mean()),
        ),
        hints=(
            "Standardise first: (x - mean) / standard deviation.",
            "x.std() divides by n, which is what is asked for.",
            "Cube the standardised numbers and take their mean.",
        ),
    ),
    "fold": Exercise(
        solution=fold,
        cases=fold_cases,
        wrong=(
            ("The bias is scaled as well, as the kernel is.", bias_unscaled),
            ("The moving mean is taken off, not added.", folding(bias=lambda b, m, s, t: (b + m) * s + t)),
            ("beta is left out of the new bias.", folding(bias=lambda b, m, s, t: (b - m) * s)),
            ("beta comes after the scale and is not scaled.", folding(bias=lambda b, m, s, t: (b - m + t) * s)),
            ("The moving mean is left out of the new bias.", folding(bias=lambda b, m, s, t: b * s + t)),
            ("Divide by the root of the variance, not by the variance.", folding(scale=lambda g, v, e: g / (v + e))),
            ("The bias changes too: write out what does not depend on x.", folding(bias=lambda b, m, s, t: b)),
            ("A column of the kernel belongs to a unit: kernel * scale multiplies columns.", rows_scaled),
            ("First the kernel, then the bias.", bias_first),
            ("epsilon is added to the variance, inside the root.", folding(scale=lambda g, v, e: g / (np.sqrt(v) + e))),
            ("epsilon is left out.", folding(scale=lambda g, v, e: g / np.sqrt(v))),
            ("gamma is left out of the scale.", folding(scale=lambda g, v, e: 1 / np.sqrt(v + e))),
            ("The kernel is scaled as well, each column by its own number.", kernel_untouched),
        ),
        hints=(
            "Write the output of unit u in full: gamma (x W + b - mean) / sqrt(variance + epsilon) + beta.",
            "What multiplies x W? One number for each unit: scale = gamma / sqrt(variance + epsilon).",
            "What is left does not depend on x: (b - mean) * scale + beta is the new bias.",
        ),
    ),
}
