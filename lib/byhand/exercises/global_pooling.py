"""Exercises of the chapter on global and unusual pooling."""

import numpy as np

from .exercise import Exercise
from .special_pooling import EXERCISES_BEYOND_THE_MEAN

# --- paper_parameters -------------------------------------------------------------------------------------------------

PAPER_PARAMETERS = """Feature maps of shape 7 by 7 with 512 channels go into Dense(10), bias included. How many
parameters has the whole head, first with Flatten in front of Dense, then with GlobalAveragePooling2D?

    answer = [behind Flatten, behind GlobalAveragePooling2D]"""


# --- masked_mean ------------------------------------------------------------------------------------------------------


def masked_mean(x, mask):
    """GlobalAveragePooling1D with a mask, for one sequence.

    def masked_mean(x, mask): x (steps, channels), mask (steps,) of True and False, at least one of them True. Returns
    (channels,): the mean over the steps where the mask is True.
    """
    return x[mask].sum(axis=0) / mask.sum()


def masked_cases(rng):
    steps, channels = int(rng.integers(1, 6)), int(rng.integers(1, 4))
    mask = rng.random(steps) < 0.6
    mask[rng.integers(0, steps)] = True
    return rng.integers(-9, 10, size=(steps, channels)).astype(float), mask


def mask_ignored(x, mask):
    return x.mean(axis=0)


def divided_by_all(x, mask):
    return (x * mask[:, None]).sum(axis=0) / len(x)


def turned_mask(x, mask):
    return x[~mask].mean(axis=0)


def undivided(x, mask):
    return x[mask].sum(axis=0)


def over_channels(x, mask):
    return x[mask].mean(axis=1)


def over_everything(x, mask):
    return x[mask].mean()


def zeros_left_out(x, mask):
    held = x != 0
    return np.where(held, x, 0).sum(axis=0) / np.maximum(held.sum(axis=0), 1)


# --- activation_map ---------------------------------------------------------------------------------------------------


def activation_map(maps, kernel, k):
    """The class activation map of class k.

    def activation_map(maps, kernel, k): maps (height, width, c) go through a global mean into Dense with this kernel
    (c, classes). Returns (height, width): how much each place speaks for class k, bias left out. Its mean is the score.
    """
    return maps @ kernel[:, k]


def map_cases(rng):
    height, width, c = rng.integers(1, 4, size=3)
    maps = rng.integers(-4, 5, size=(height, width, c)).astype(float)
    # As many classes as channels: so a row taken for a column is a wrong number, which can be named.
    return maps, rng.integers(-3, 4, size=(c, c)).astype(float), int(rng.integers(0, c))


def row_of_the_kernel(maps, kernel, k):
    return maps @ kernel[k]


def all_classes(maps, kernel, k):
    return maps @ kernel


def unweighted(maps, kernel, k):
    return maps.sum(axis=-1)


def apart(maps, kernel, k):
    return maps * kernel[:, k]


def mean_of_channels(maps, kernel, k):
    return (maps * kernel[:, k]).mean(axis=-1)


def loudest_channel(maps, kernel, k):
    return (maps * kernel[:, k]).max(axis=-1)


def one_channel(maps, kernel, k):
    return maps[..., k] * kernel[k, k]


def from_zero_to_one(maps, kernel, k):
    made = activation_map(maps, kernel, k)
    return (made - made.min()) / max(made.max() - made.min(), 1e-9)


def axis_left(maps, kernel, k):
    return maps @ kernel[:, k : k + 1]


def shared_out(maps, kernel, k):
    return activation_map(maps, kernel, k) / (maps.shape[0] * maps.shape[1])


def score_alone(maps, kernel, k):
    return maps.mean(axis=(0, 1)) @ kernel[:, k]


def positive_alone(maps, kernel, k):
    return np.maximum(activation_map(maps, kernel, k), 0)


def first_class(maps, kernel, k):
    return activation_map(maps, kernel, 0)


EXERCISES = {
    "paper_parameters": Exercise(
        task=PAPER_PARAMETERS,
        solution=[250890, 5130],
        wrong=(
            ("The bias is missing: one more parameter for each of the 10 outputs.", [250880, 5120]),
            ("That is how many numbers reach Dense. Each of them has a weight for every output.", [25088, 512]),
            ("The two are exchanged: Flatten keeps all positions, the pool one number a channel.", [5130, 250890]),
            ("The bias is missing behind Flatten: 10 more there too.", [250880, 5130]),
            ("The bias is missing behind the pool: 10 more there too.", [250890, 5120]),
            ("There is one bias for each output, 10 in all, not one for each input.", [275968, 5632]),
            ("The pool leaves one number for each channel, not for each position.", [250890, 500]),
            ("After the pool Dense gets 512 numbers, not 7 * 7 * 512.", [250890, 250890]),
            ("Flatten has no parameters, but Dense behind it has many.", [0, 5130]),
            ("The channels are missing: 7 * 7 * 512 numbers come out of Flatten.", [500, 5130]),
        ),
        hints=(
            "How many numbers does Dense get, once from Flatten and once from the pool?",
            "Dense has a weight for each pair of an input and an output, and one bias for each output.",
            "Behind Flatten there are 7 * 7 * 512 inputs; behind the pool there are 512.",
        ),
    ),
    "masked_mean": Exercise(
        solution=masked_mean,
        cases=masked_cases,
        wrong=(
            ("The mask is ignored.", mask_ignored),
            ("Divide by the number of steps that count, not by all steps.", divided_by_all),
            ("The mask is turned round: True means that the step counts.", turned_mask),
            ("The sum is not divided.", undivided),
            ("The mean runs over the channels. It has to run over the steps, axis 0.", over_channels),
            ("That is one mean over all channels. Each channel has a mean of its own: axis 0.", over_everything),
            ("Zeros are left out. The mask says which steps count, whatever stands there.", zeros_left_out),
            ("That is the largest number of each channel.", lambda x, mask: x[mask].max(axis=0)),
        ),
        hints=(
            "x[mask] holds the steps that count.",
            "Add them up along the steps, axis 0. One number for each channel is left.",
            "mask.sum() says how many steps count.",
        ),
    ),
    **EXERCISES_BEYOND_THE_MEAN,
    "activation_map": Exercise(
        solution=activation_map,
        cases=map_cases,
        wrong=(
            ("The weights of class k are column k of the kernel, not row k.", row_of_the_kernel),
            ("All classes are there: take the weights of class k alone.", all_classes),
            ("The maps are added without the weights of the class.", unweighted),
            ("The channels still stand apart: add them up, each times its weight.", apart),
            ("The channels are averaged. Add them up, each times its weight.", mean_of_channels),
            ("The largest channel is taken at each place. Add them all up.", loudest_channel),
            ("That is channel k alone. A class hears every channel, each with its own weight.", one_channel),
            ("The map is stretched to 0 ... 1. Leave it: its mean is the score.", from_zero_to_one),
            ("An axis of length one is left over: kernel[:, k] picks the column and drops its axis.", axis_left),
            ("Do not divide: the mean of the map is the score, not its sum.", shared_out),
            ("That is the score. The map comes before the mean.", score_alone),
            ("Negative numbers stay: they speak against the class.", positive_alone),
            ("That is the map of class 0, whatever k is.", first_class),
        ),
        hints=(
            "The weights of class k stand in one column of the kernel.",
            "At each place: the numbers of all maps, each times its weight, added up.",
            "maps @ v multiplies the last axis of maps with the vector v.",
        ),
    ),
}
