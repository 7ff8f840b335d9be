"""Exercises of the chapter on layers that rearrange: Flatten, Reshape, Permute, RepeatVector, Lambda."""

import numpy as np

from .exercise import Exercise

# --- paper_cells ------------------------------------------------------------------------------------------------------

PAPER_CELLS = """The numbers 0 to 15 fill x of shape (4, 4, 1) row by row. y = Reshape((2, 2, 4))(x). Which four
numbers stand in each of its four places?

    answer = [y[0, 0], y[0, 1], y[1, 0], y[1, 1]]    each a list of four numbers"""


# --- permute ----------------------------------------------------------------------------------------------------------


def permute(x, dims):
    """Permute with loops, on one sample.

    def permute(x, dims): x has 2 or 3 axes, without the batch; dims is a tuple that holds 1, 2 (and 3) in some order.
    Returns y: axis k of y, counted from 1, is axis dims[k - 1] of x.
    """
    y = np.zeros([x.shape[d - 1] for d in dims])
    for place in np.ndindex(*y.shape):
        source = [0] * x.ndim
        for axis, d in enumerate(dims):
            source[d - 1] = place[axis]
        y[place] = x[tuple(source)]
    return y


def permute_cases(rng):
    axes = int(rng.integers(2, 4))
    shape = rng.integers(1, 5, size=2) if axes == 2 else rng.integers(2, 4, size=3)
    if rng.random() < 0.3:  # a cube fits whatever the order is
        shape = [int(rng.integers(2, 4))] * axes
    x = rng.permutation(int(np.prod(shape))).reshape(shape).astype(float)
    return x, tuple(int(d) for d in rng.permutation(axes) + 1)


def reshaped(x, dims):
    return x.reshape([x.shape[d - 1] for d in dims])


def counted_from_0(x, dims):
    return x.transpose([d % x.ndim for d in dims])


def inverse(x, dims):
    return x.transpose([dims.index(k + 1) for k in range(x.ndim)])


def squeezed_inverse(x, dims):
    """The places of the inverse in an output of the right shape, as a loop that fills y[...] the wrong way makes it."""
    return inverse(x, dims).reshape([x.shape[d - 1] for d in dims])


def dims_as_axes(x, dims):
    return x.transpose(dims)


def sizes_from_0(x, dims):
    return np.zeros([x.shape[d] for d in dims])


def shape_of_x(x, dims):
    """The numbers go to the right places of an array that has the shape of x."""
    y = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        y[tuple(place[d - 1] for d in dims)] = x[place]
    return y


def reversed_axes(x, dims):
    return x.T


def left_alone(x, dims):
    return x


# --- agree ------------------------------------------------------------------------------------------------------------


def agree(rows, columns):
    """How many different numbers x may hold when Reshape and Permute agree.

    def agree(rows, columns): x of shape (rows, columns) is to give the same by Reshape((columns, rows)) and by
    Permute((2, 1)). Some places of x then have to hold equal numbers. Returns the largest number of different numbers
    in x, as an int.
    """
    places = np.arange(rows * columns).reshape(rows, columns)
    moved = places.T.ravel()  # what stands at place k by Permute; by Reshape it is k itself
    seen, rings = set(), 0
    for start in range(rows * columns):
        if start not in seen:
            rings += 1
        while start not in seen:
            seen.add(start)
            start = int(moved[start])
    return rings


def agree_cases(rng):
    return tuple(int(n) for n in rng.integers(1, 6, size=2))


def stay(rows, columns):
    """How many places do not move."""
    places = np.arange(rows * columns)
    return int(np.sum(places.reshape(rows, columns).T.ravel() == places))


def corners_and_rest(rows, columns):
    n = rows * columns
    return n if 1 in (rows, columns) else 3


# --- repeat -----------------------------------------------------------------------------------------------------------


def repeat(x, n):
    """The function inside a Lambda that does what RepeatVector(n) does.

    def repeat(x, n): x (batch, features). Returns (batch, n, features): in each sample the same vector n times.
    """
    return np.stack([x] * n, axis=1)


def repeat_cases(rng):
    batch, features, n = (int(k) for k in rng.integers(1, 4, size=3))
    return rng.integers(-5, 6, size=(batch, features)).astype(float), n


def each_number(x, n):
    return np.repeat(x, n, axis=1).reshape(len(x), n, x.shape[1])


def whole_batch(x, n):
    return np.tile(x, (n, 1)).reshape(len(x), n, x.shape[1])


def batch_inside(x, n):
    return np.stack([x] * n, axis=0)


def copies_last(x, n):
    return np.stack([x] * n, axis=2)


def side_by_side(x, n):
    return np.tile(x, (1, n))


def times(x, n):
    return x[:, None] * n


# --- paper_saved ------------------------------------------------------------------------------------------------------

PAPER_SAVED = """Three models are saved as .keras files, and read by keras.models.load_model in a new program that
shares no code with the first. What does each call need besides the path: "nothing", "safe_mode=False" or
"custom_objects"?

    answer = [with Lambda(lambda x: x * x), with Lambda(square) for a def square, with Flatten() instead]"""


EXERCISES = {
    "paper_cells": Exercise(
        task=PAPER_CELLS,
        solution=[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, 15]],
        wrong=(
            (
                "Reshape does not gather a square of 2 by 2. It takes the row of memory four at a time.",
                [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]],
            ),
            (
                "That counts the last axis slowest. Row by row it is the fastest: y[0, 0] holds places 0 to 3.",
                [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]],
            ),
            (
                "That goes down the columns of the output. Row by row, y[0, 1] comes after y[0, 0].",
                [[0, 1, 2, 3], [8, 9, 10, 11], [4, 5, 6, 7], [12, 13, 14, 15]],
            ),
            (
                "Those are steps of four planes. The row of memory is cut into pieces of four neighbours.",
                [[0, 2, 8, 10], [1, 3, 9, 11], [4, 6, 12, 14], [5, 7, 13, 15]],
            ),
            (
                "The places are right, the numbers are not: x begins with 0.",
                [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]],
            ),
        ),
        hints=(
            "Write the 16 numbers as they lie in memory, in one row. For x that is 0, 1, 2 and so on.",
            "The last axis runs fastest: y[0, 0, 0], y[0, 0, 1], y[0, 0, 2], y[0, 0, 3], then y[0, 1, 0].",
            "So y[0, 0] takes the first four numbers of the row, y[0, 1] the next four.",
        ),
    ),
    "permute": Exercise(
        solution=permute,
        cases=permute_cases,
        tolerance=None,
        wrong=(
            ("The shape is right, but the numbers lie in memory as before: that is Reshape.", reshaped),
            ("dims counts from 1: a 1 stands for the first axis behind the batch.", counted_from_0),
            ("dims says where an axis comes from. You read it as where it goes.", inverse),
            ("The shape is right, but dims was read as where each axis goes.", squeezed_inverse),
            ("All axes are reversed, whatever dims says.", reversed_axes),
            ("dims counts from 1, transpose from 0.", dims_as_axes),
            ("dims counts from 1, x.shape from 0: the sizes are x.shape[d - 1].", sizes_from_0),
            ("y has the shape of x. Its sizes are those of the axes that dims names.", shape_of_x),
            ("Nothing has moved.", left_alone),
        ),
        hints=(
            "The sizes first: [x.shape[d - 1] for d in dims].",
            "Loop over the places of y with np.ndindex(*y.shape), and find the place in x for each.",
            "What place[k] counts along axis k of y, it counts along axis dims[k] - 1 of x.",
        ),
    ),
    "agree": Exercise(
        solution=agree,
        cases=agree_cases,
        tolerance=None,
        wrong=(
            ("With one row or one column they always agree, so all numbers may differ.", lambda rows, columns: 1),
            ("You counted the places that stay. Those that move have to be equal in rings, one number a ring.", stay),
            ("That holds for (2, 2) and (2, 3). Larger ones have more rings of places.", corners_and_rest),
            ("That counts all places. Where Permute moves a number, two places have to be equal.", lambda r, c: r * c),
            ("That counts places in pairs. A ring can be longer.", lambda r, c: (r * c + stay(r, c)) // 2),
            ("The first and the last place stay. What lies between forms rings as well.", lambda rows, columns: 2),
        ),
        hints=(
            "Number the places of x 0, 1, 2, ... By Reshape place k of the output holds number k.",
            "By Permute it holds number np.arange(rows * columns).reshape(rows, columns).T.ravel()[k]. The two have to "
            "be equal.",
            "Follow that from place to place until you are back: all places met form a ring and hold one number. Count "
            "the rings.",
        ),
    ),
    "repeat": Exercise(
        solution=repeat,
        cases=repeat_cases,
        tolerance=None,
        wrong=(
            ("Each number is repeated in its place. Repeat the whole vector.", each_number),
            ("The samples are mixed: every sample has copies of its own vector only.", whole_batch),
            ("The copies stand in front of the batch. The batch axis comes first.", batch_inside),
            ("The copies are the last axis. They are the second one.", copies_last),
            ("The copies stand in one long row. They need an axis of their own.", side_by_side),
            ("The vector is multiplied by n. Copy it.", times),
        ),
        hints=(
            "x[:, None] has shape (batch, 1, features). One copy is there already.",
            "np.repeat(..., axis=1) repeats along the new axis; np.stack([x] * n, axis=1) makes it.",
            "return np.repeat(x[:, None], n, axis=1)",
        ),
    ),
    "paper_saved": Exercise(
        task=PAPER_SAVED,
        solution=["safe_mode=False", "custom_objects", "nothing"],
        wrong=(
            (
                "A lambda's code is in the file, and Keras refuses to run code from a file unless it is told to.",
                ["nothing", "custom_objects", "nothing"],
            ),
            (
                "Of a def only the name is in the file. The new program has to say what it stands for.",
                ["safe_mode=False", "safe_mode=False", "nothing"],
            ),
            (
                "A def is kept by its name, a lambda as code. You have the two exchanged.",
                ["custom_objects", "safe_mode=False", "nothing"],
            ),
            (
                "A lambda has no name that custom_objects could explain. Its code is in the file.",
                ["custom_objects", "custom_objects", "nothing"],
            ),
            (
                "Neither loads by itself: one file holds code, the other a name that nobody explains.",
                ["nothing", "nothing", "nothing"],
            ),
            ("Of a def only the name is in the file.", ["safe_mode=False", "nothing", "nothing"]),
            (
                "A lambda needs code to be allowed. A def needs another thing: somebody who says what its name means.",
                ["nothing", "safe_mode=False", "nothing"],
            ),
            (
                "A lambda has no name to explain; a def has one, and the new program does not know it.",
                ["custom_objects", "nothing", "nothing"],
            ),
            (
                "Flatten is a layer of Keras. Every program that has Keras knows it.",
                ["safe_mode=False", "custom_objects", "custom_objects"],
            ),
        ),
        hints=(
            "A lambda has no name. What can Keras write into the file for it, what for a def?",
            "Code from a file is a danger: a stranger's model could run anything. So it is refused by default.",
            "A def is written as its name. custom_objects={'square': square} says what the name stands for.",
        ),
    ),
}
