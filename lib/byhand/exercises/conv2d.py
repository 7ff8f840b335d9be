"""Exercises of the chapter Conv2D."""

import math

import numpy as np

from .exercise import Exercise

# --- paper_step -------------------------------------------------------------------------------------------------------

PAPER_STEP = """A picture has six columns; every row is 0 0 0 1 1 1. The kernel has three rows, each -1 0 1.
Padding is valid, stride 1. Which four numbers stand in each row of the output?

    answer = [..., ..., ..., ...]"""


# --- output_size ------------------------------------------------------------------------------------------------------


def output_size(n, k, s, padding, d):
    """How long is the output of a convolution along one axis?

    def output_size(n, k, s, padding, d): n cells of input, kernel size k, stride s, padding "valid" or "same",
    dilation d. Returns an int. The stretched kernel always fits into the input.
    """
    if padding == "same":
        return math.ceil(n / s)
    return (n - ((k - 1) * d + 1)) // s + 1


def size_cases(rng):
    k, d = int(rng.integers(1, 5)), int(rng.integers(1, 3))
    n = (k - 1) * d + 1 + int(rng.integers(0, 8))
    return n, k, int(rng.integers(1, 4)), str(rng.choice(["valid", "same"])), d


def right_valid(n, k, s, d):
    return output_size(n, k, s, "valid", d)


def right_same(n, k, s, d):
    return output_size(n, k, s, "same", d)


def size_rule(valid=right_valid, same=right_same):
    """An answer to output_size with these two rules, each of n, k, s, d."""
    return lambda n, k, s, padding, d: (same if padding == "same" else valid)(n, k, s, d)


def misplaced_bracket(n, k, s, d):
    return int(n - ((k - 1) * d + 1) / s + 1)


def rounded_up(n, k, s, d):
    return math.ceil((n - (k - 1) * d - 1) / s) + 1


# --- same_padding -----------------------------------------------------------------------------------------------------


def same_padding(n, k, s, d):
    """How many zeros does "same" put before and after one axis?

    def same_padding(n, k, s, d): n cells of input, kernel size k, stride s, dilation d. Returns (before, after), ints.
    """
    stretched = (k - 1) * d + 1
    outputs = math.ceil(n / s)
    total = max((outputs - 1) * s + stretched - n, 0)
    return total // 2, total - total // 2


def padding_cases(rng):
    return tuple(int(rng.integers(low, high)) for low, high in ((1, 9), (1, 6), (1, 4), (1, 3)))


def swapped(n, k, s, d):
    return same_padding(n, k, s, d)[::-1]


def half_kernel(n, k, s, d):
    half = ((k - 1) * d + 1) // 2
    return half, half


def stride_one(n, k, s, d):
    return same_padding(n, k, 1, d)


def below_zero(n, k, s, d):
    total = (math.ceil(n / s) - 1) * s + (k - 1) * d + 1 - n
    return total // 2, total - total // 2


def undilated(n, k, s, d):
    return same_padding(n, k, s, 1)


def floor_outputs(n, k, s, d):
    total = max((n // s - 1) * s + (k - 1) * d + 1 - n, 0)
    return total // 2, total - total // 2


# --- correlate --------------------------------------------------------------------------------------------------------


def correlate(x, kernel):
    """Conv2D for one picture with one channel and one filter: no bias, padding valid, stride 1.

    def correlate(x, kernel): x (H, W), kernel (p, q). Returns (H - p + 1, W - q + 1). Loops are welcome.
    """
    p, q = kernel.shape
    out = np.zeros((x.shape[0] - p + 1, x.shape[1] - q + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (x[i : i + p, j : j + q] * kernel).sum()
    return out


def picture_cases(rng):
    p, q = rng.integers(1, 4, size=2)
    x = rng.integers(0, 6, size=(p + rng.integers(0, 4), q + rng.integers(0, 4)))
    return x.astype(float), rng.integers(-2, 4, size=(p, q)).astype(float)


def misses_the_end(x, kernel):
    out = correlate(x, kernel)
    return out[: x.shape[0] - kernel.shape[0], : x.shape[1] - kernel.shape[1]]


def padded_with_zeros(x, kernel):
    p, q = kernel.shape
    return correlate(np.pad(x, (((p - 1) // 2, p // 2), ((q - 1) // 2, q // 2))), kernel)


# --- count_parameters -------------------------------------------------------------------------------------------------


def count_parameters(kernel_height, kernel_width, channels, filters, use_bias):
    """How many numbers does a Conv2D layer learn?

    def count_parameters(kernel_height, kernel_width, channels, filters, use_bias): ints, and True or False.
    Returns an int.
    """
    return (kernel_height * kernel_width * channels + bool(use_bias)) * filters


def parameter_cases(rng):
    return *(int(rng.integers(1, 6)) for _ in range(4)), bool(rng.integers(0, 2))


# --- edge_kernel ------------------------------------------------------------------------------------------------------

EDGE_KERNEL = """Write a 3x3 kernel that finds the left edges of bright things. Laid on a 3x3 piece of a picture and
summed, it gives 0 where the piece is flat, 0 on a horizontal edge, a number above 0 where the piece is dark on the left
and bright on the right, and a number below 0 where it is bright on the left.

    kernel = [[..., ..., ...], [..., ..., ...], [..., ..., ...]]"""


def edge_response(kernel, piece):
    """What the kernel says about a 3x3 piece of picture, in a word."""
    kernel = np.asarray(kernel, float)
    if kernel.shape != (3, 3):
        return f"a kernel of shape {kernel.shape}"
    total = float((kernel * piece).sum())
    return "0" if abs(total) < 1e-9 else "above 0" if total > 0 else "below 0"


def edge_cases(rng):
    dark, bright = (int(v) for v in np.sort(rng.choice(6, size=2, replace=False)))
    piece = np.full((3, 3), bright)
    kind = rng.integers(0, 4)
    if kind:
        piece[:, 0] = piece[:, 1] = dark
    if kind == 2:
        piece = piece[:, ::-1]
    return ((piece.T if kind == 3 else piece).copy(),)


EDGES = np.array([[-1, 0, 1]] * 3)

EXERCISES = {
    "paper_step": Exercise(
        task=PAPER_STEP,
        solution=[0, 3, 3, 0],
        wrong=(
            ("The kernel was turned round. Keras lays it on as it is: -1 on the left, 1 on the right.", [0, -3, -3, 0]),
            ("That is one row. The kernel has three rows, and their products are all added.", [0, 1, 1, 0]),
            ("Padding is valid: the kernel never hangs over the border, so four numbers remain.", [0, 0, 3, 3, 0, -3]),
        ),
        hints=(
            "Put the kernel on the first three columns. Every row then multiplies 0 0 0.",
            "One step to the right the columns are 0 0 1. One row gives -1*0 + 0*0 + 1*1 = 1.",
            "There are three such rows under the kernel.",
        ),
    ),
    "output_size": Exercise(
        solution=output_size,
        cases=size_cases,
        tolerance=None,
        wrong=(
            ("The bracket is misplaced: n - k comes first, then / s, then + 1.", size_rule(misplaced_bracket)),
            ("valid rounds down: a last step that does not fit any more is left out.", size_rule(rounded_up)),
            (
                "+ 1 is missing in valid: the first window counts before any step.",
                size_rule(lambda n, k, s, d: right_valid(n, k, s, d) - 1),
            ),
            (
                "Dilation is left out: k cells with gaps reach over (k - 1) * d + 1 cells.",
                size_rule(lambda n, k, s, d: (n - k) // s + 1),
            ),
            ("same keeps the length for stride 1 only; else it is n / s, rounded up.", size_rule(same=lambda n, *_: n)),
            ("same rounds up, not down.", size_rule(same=lambda n, k, s, d: n // s)),
            ("padding is ignored: same has a rule of its own, n / s rounded up.", size_rule(same=right_valid)),
        ),
        hints=(
            "How far does a kernel of k cells reach when d - 1 cells are left out between two of them?",
            "valid: the first window needs that many cells. How many steps of s fit into the rest?",
            "same: the kernel size plays no part. One output for every s cells begun.",
        ),
    ),
    "same_padding": Exercise(
        solution=same_padding,
        cases=padding_cases,
        tolerance=None,
        wrong=(
            ("The odd zero goes to the end: before = total // 2, after takes the rest.", swapped),
            ("k // 2 on both sides looks at neither the stride nor an even kernel.", half_kernel),
            ("The stride is left out: with larger steps fewer zeros are needed.", stride_one),
            ("The total must not fall below 0: with k < s there may be nothing to add.", below_zero),
            ("The number of outputs is n / s rounded up, not down.", floor_outputs),
            ("Dilation is left out: k cells with gaps reach over (k - 1) * d + 1 cells.", undilated),
        ),
        hints=(
            "How many outputs does same promise? n / s, rounded up.",
            "The last window starts at (outputs - 1) * s. How far does it reach beyond the n cells?",
            "Split the missing cells in two halves. If their number is odd, which side takes one more?",
        ),
    ),
    "correlate": Exercise(
        solution=correlate,
        cases=picture_cases,
        wrong=(
            (
                "The kernel is turned half round. Conv2D lays it on as it is.",
                lambda x, k: correlate(x, k[::-1, ::-1]),
            ),
            ("The kernel is flipped upside down. Conv2D lays it on as it is.", lambda x, k: correlate(x, k[::-1])),
            ("The kernel is flipped left to right. Conv2D lays it on as it is.", lambda x, k: correlate(x, k[:, ::-1])),
            ("The last row and column are missing: there are H - p + 1 positions, not H - p.", misses_the_end),
            ("The picture is padded. valid keeps the kernel inside.", padded_with_zeros),
            ("Windows are averaged. Conv2D adds up.", lambda x, k: correlate(x, k) / k.size),
        ),
        hints=(
            "How many positions has a kernel of p rows in a picture of H rows? Make an array of zeros of that shape.",
            "The window at i, j is x[i : i + p, j : j + q].",
            "Multiply window and kernel cell by cell and add everything up.",
        ),
    ),
    "count_parameters": Exercise(
        solution=count_parameters,
        cases=parameter_cases,
        tolerance=None,
        wrong=(
            (
                "The channels are left out: a filter has weights for every input channel.",
                lambda p, q, c, f, b: (p * q + b) * f,
            ),
            ("The bias is left out: one number a filter if use_bias is True.", lambda p, q, c, f, b: p * q * c * f),
            ("The bias is counted although use_bias is False.", lambda p, q, c, f, b: (p * q * c + 1) * f),
            ("Every filter has a bias, not only the layer.", lambda p, q, c, f, b: p * q * c * f + b),
            ("A filter has one bias, not one for each channel.", lambda p, q, c, f, b: (p * q + b) * c * f),
            ("The filters are left out: that is the size of one.", lambda p, q, c, f, b: p * q * c + b),
        ),
        hints=(
            "One filter looks at a window with all its channels. How many weights is that?",
            "Each filter adds one number of its own at the end, if there is a bias.",
            "(one filter's weights + its bias) times the number of filters.",
        ),
    ),
    "edge_kernel": Exercise(
        task=EDGE_KERNEL,
        solution=EDGES,
        cases=edge_cases,
        outcome=edge_response,
        wrong=(
            ("Your kernel finds right edges: the sign is turned.", -EDGES),
            ("Your kernel finds horizontal edges: rows and columns are exchanged.", EDGES.T),
            ("Your kernel finds horizontal edges, those that are bright above.", -EDGES.T),
            ("A flat piece does not give 0: the weights must sum to 0.", np.ones((3, 3))),
            ("Every weight is 0, so nothing is found.", np.zeros((3, 3))),
        ),
        hints=(
            "On a flat piece all nine products must cancel. What must the nine weights sum to?",
            "Weights on the left that are negative and weights on the right that are positive take a difference.",
            "Make the three rows alike, so that top and bottom count the same.",
        ),
    ),
}
