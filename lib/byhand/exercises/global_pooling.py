"""Exercises of the chapter on global and unusual pooling."""

import numpy as np

from .exercise import Exercise

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


# --- adaptive_windows -------------------------------------------------------------------------------------------------


def adaptive_windows(n, o):
    """The windows of adaptive pooling along one axis.

    def adaptive_windows(n, o): n cells of input, o of output, 1 <= o <= n. Returns an integer array (o, 2): for each
    window its first cell and the cell behind its last, so that x[start:stop] is the window.
    """
    i = np.arange(o)
    return np.stack([i * n // o, -(-(i + 1) * n // o)], axis=1)


def window_cases(rng):
    n = int(rng.integers(1, 12))
    return n, int(rng.integers(1, n + 1))


def stop_rounded_down(n, o):
    i = np.arange(o)
    return np.stack([i * n // o, (i + 1) * n // o], axis=1)


def equal_windows(n, o):
    i = np.arange(o)
    return np.stack([i * (n // o), (i + 1) * (n // o)], axis=1)


def last_is_longer(n, o):
    made = equal_windows(n, o)
    made[-1, 1] = n
    return made


def first_are_longer(n, o):
    ends = np.cumsum([n // o + (i < n % o) for i in range(o)])
    return np.stack([np.concatenate([[0], ends[:-1]]), ends], axis=1)


def last_cell_given(n, o):
    return adaptive_windows(n, o) - [0, 1]


def all_as_long_as_the_first(n, o):
    start = np.arange(o) * (n // o)
    return np.stack([start, start + n - (o - 1) * (n // o)], axis=1)


def side_by_side(n, o):
    ends = np.minimum(np.arange(o + 1) * -(-n // o), n)
    return np.stack([ends[:-1], ends[1:]], axis=1)


def nearest(n, o):
    ends = np.round(np.arange(o + 1) * n / o).astype(int)
    return np.stack([ends[:-1], ends[1:]], axis=1)


def one_too_long(n, o):
    return adaptive_windows(n, o) + [0, 1]


def start_and_length(n, o):
    windows = adaptive_windows(n, o)
    return np.stack([windows[:, 0], windows[:, 1] - windows[:, 0]], axis=1)


def counted_from_one(n, o):
    i = np.arange(1, o + 1)
    return np.stack([i * n // o, -(-(i + 1) * n // o)], axis=1)


def starts_and_stops(n, o):
    return adaptive_windows(n, o).T


def unrounded(n, o):
    i = np.arange(o)
    return np.stack([i * n / o, (i + 1) * n / o], axis=1)


def start_rounded_up(n, o):
    i = np.arange(o)
    return np.stack([-(-i * n // o), -(-(i + 1) * n // o)], axis=1)


# --- bilinear_pool ----------------------------------------------------------------------------------------------------


def bilinear_pool(f, g):
    """Bilinear pooling of two stacks of feature maps, without root and without length.

    def bilinear_pool(f, g): f (height, width, c), g (height, width, d). Returns (c, d): entry [a, b] is the sum over
    all positions of f[..., a] times g[..., b].
    """
    return f.reshape(-1, f.shape[-1]).T @ g.reshape(-1, g.shape[-1])


def bilinear_cases(rng):
    space = rng.integers(1, 4, size=2)
    c, d = rng.integers(1, 4, size=2)
    return rng.integers(-4, 5, size=(*space, c)).astype(float), rng.integers(-4, 5, size=(*space, d)).astype(float)


def averaged(f, g):
    return bilinear_pool(f, g) / (f.shape[0] * f.shape[1])


def means_first(f, g):
    return np.outer(f.mean(axis=(0, 1)), g.mean(axis=(0, 1)))


def rooted(f, g):
    made = bilinear_pool(f, g)
    return np.sign(made) * np.sqrt(np.abs(made))


def of_length_one(f, g):
    made = bilinear_pool(f, g)
    return made / max(np.sqrt((made**2).sum()), 1e-9)


def in_one_row(f, g):
    return bilinear_pool(f, g).ravel()


def both_mixed(f, g):
    return f.reshape(f.shape[-1], -1) @ g.reshape(g.shape[-1], -1).T


def exchanged(f, g):
    return bilinear_pool(g, f)


def pooled_first(f, g):
    return np.outer(f.sum(axis=(0, 1)), g.sum(axis=(0, 1)))


def with_itself(f, g):
    return bilinear_pool(f, f)


def not_summed(f, g):
    return f[..., :, None] * g[..., None, :]


def rows_mixed(f, g):
    return f.reshape(f.shape[-1], -1) @ g.reshape(-1, g.shape[-1])


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
    "adaptive_windows": Exercise(
        solution=adaptive_windows,
        cases=window_cases,
        tolerance=None,
        wrong=(
            ("The end is rounded up, not down: windows may share a cell.", stop_rounded_down),
            ("Windows of n // o cells each leave cells at the end that nobody reads.", equal_windows),
            ("The last window alone takes what is left over. The rest is spread over all windows.", last_is_longer),
            ("That splits the cells without sharing, the first windows longer.", first_are_longer),
            ("The second number is the cell behind the last one, as in a slice.", last_cell_given),
            ("The start is rounded down, not up.", start_rounded_up),
            ("Every window has the same length and stride there. Here both may differ.", all_as_long_as_the_first),
            ("Windows of n / o cells, rounded up, leave fewer cells or none for the last ones.", side_by_side),
            ("The borders are rounded to the nearest cell. Round the start down and the end up.", nearest),
            ("The end is one cell too far: rounded up, it is already the cell behind the window.", one_too_long),
            ("The second number is where the window ends, not its length.", start_and_length),
            ("The first window has number 0, not 1.", counted_from_one),
            ("All starts stand in one row, all ends in the other. Each window is a row of two.", starts_and_stops),
            ("A window is made of whole cells: round its start down and its end up.", unrounded),
        ),
        hints=(
            "Lay o windows of the exact length n / o side by side. Window i runs from i * n / o to (i + 1) * n / o.",
            "A window takes every cell that it touches: the start is rounded down, the end is rounded up.",
            "-(-a // b) is a / b, rounded up, in whole numbers.",
        ),
    ),
    "bilinear_pool": Exercise(
        solution=bilinear_pool,
        cases=bilinear_cases,
        wrong=(
            ("The products are averaged. Bilinear pooling adds them up.", averaged),
            ("Rows and columns are exchanged: f gives the rows.", exchanged),
            ("Multiply first, then add. The product of two sums is another number.", pooled_first),
            ("Multiply at each position first, then add. The product of two means is another number.", means_first),
            ("Both factors are f. The second one is g.", with_itself),
            ("The root is asked for elsewhere: here the sums stay as they are.", rooted),
            ("The result is divided by its length. Here the sums stay as they are.", of_length_one),
            ("The numbers stand in one row. Give them back as a table, (c, d).", in_one_row),
            ("The products of all positions are still there: add them up over both axes of space.", not_summed),
            ("reshape does not move the channel axis to the front; transpose after reshaping.", rows_mixed),
            ("reshape mixes both stacks up. Lay the positions in rows first, then transpose f.", both_mixed),
        ),
        hints=(
            "At one position: the column f[i, j] times the row g[i, j] is a matrix (c, d). Add up over positions.",
            "Without loops: lay all positions in a row, f as (positions, c) and g as (positions, d).",
            "A matrix product adds up over the axis that meets: (c, positions) @ (positions, d).",
        ),
    ),
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
            (
                "The map is stretched to 0 ... 1. Leave it: its mean is the score.",
                from_zero_to_one,
            ),
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
