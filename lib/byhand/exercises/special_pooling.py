"""Adaptive windows and bilinear pooling: what the chapter on global pooling asks beyond the mean of a map."""

import numpy as np

from .exercise import Exercise

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


EXERCISES_BEYOND_THE_MEAN = {
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
}
