"""Exercises of the chapter Conv2D."""

import math

import numpy as np

from .exercise import Exercise

# --- stem -------------------------------------------------------------------------------------------------------------

STEM = """Conv2D(64, 7, strides=2, padding="same") sees photos of (224, 224, 3). How many rows has the output, how many
rows of zeros stand above the photo, how many below, and how many parameters has the layer?

    answer = (rows, above, below, parameters)"""


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


def equal_halves(n, k, s, d):
    return (sum(same_padding(n, k, s, d)) // 2,) * 2


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


# --- forward ----------------------------------------------------------------------------------------------------------


def forward(x, kernel, s):
    """Conv2D for one picture: all channels, all filters, stride s, padding valid, no bias.

    def forward(x, kernel, s): x (H, W, C), kernel (p, q, C, F), stride s along both axes.
    Returns ((H - p) // s + 1, (W - q) // s + 1, F). Loops are welcome.
    """
    p, q, _, filters = kernel.shape
    y = np.zeros(((x.shape[0] - p) // s + 1, (x.shape[1] - q) // s + 1, filters))
    for i, j, f in np.ndindex(y.shape):
        y[i, j, f] = np.sum(x[i * s : i * s + p, j * s : j * s + q] * kernel[..., f])
    return y


def channel_cases(rng):
    p, q, c, f = rng.integers(1, 4, size=4)
    x = rng.integers(0, 6, size=(p + rng.integers(0, 4), q + rng.integers(0, 4), c))
    return x.astype(float), rng.integers(-2, 4, size=(p, q, c, f)).astype(float), int(rng.integers(1, 4))


def windows_too_close(x, kernel, s):
    """The right number of windows, each one cell from the last."""
    rows, columns, _ = forward(x, kernel, s).shape
    return forward(x, kernel, 1)[:rows, :columns]


def misses_the_last(x, kernel, s):
    return forward(x, kernel, s)[:-1, :-1]


# --- input_gradient ---------------------------------------------------------------------------------------------------


def input_gradient(dy, kernel):
    """The way back of Conv2D for one channel and one filter, padding valid, stride 1.

    def input_gradient(dy, kernel): dy (h, w), the gradient of the output; kernel (p, q).
    Returns the gradient of the input, (h + p - 1, w + q - 1).
    """
    (h, w), (p, q) = dy.shape, kernel.shape
    dx = np.zeros((h + p - 1, w + q - 1))
    for i, j in np.ndindex(h, w):
        dx[i : i + p, j : j + q] += dy[i, j] * kernel
    return dx


def gradient_cases(rng):
    h, w, p, q = rng.integers(1, 4, size=4)
    return rng.integers(-2, 4, size=(h, w)).astype(float), rng.integers(-2, 4, size=(p, q)).astype(float)


def last_stamp_wins(dy, kernel):
    (h, w), (p, q) = dy.shape, kernel.shape
    dx = np.zeros((h + p - 1, w + q - 1))
    for i, j in np.ndindex(h, w):
        dx[i : i + p, j : j + q] = dy[i, j] * kernel
    return dx


def averaged_stamps(dy, kernel):
    return input_gradient(dy, kernel) / input_gradient(np.ones_like(dy), np.ones_like(kernel))


EXERCISES = {
    "stem": Exercise(
        task=STEM,
        solution=(112, 2, 3, 9472),
        wrong=(
            ("The odd row of zeros goes below, not above.", (112, 3, 2, 9472)),
            ("3 above and 3 below is k // 2 on both sides. same adds only as many as it needs.", (112, 3, 3, 9472)),
            ("That is the rule for valid. same gives 224 / 2 rows, rounded up.", (109, 0, 0, 9472)),
            ("Zeros for stride 1. With stride 2 the last window starts at row 222.", (224, 3, 3, 9472)),
            ("The biases are missing: one for each of the 64 filters.", (112, 2, 3, 9408)),
            ("Every filter spans all 3 channels.", (112, 2, 3, 3200)),
        ),
        hints=(
            "same promises 224 / 2 rows, rounded up. The size of the kernel plays no part in that.",
            "The last of these windows starts at row (rows - 1) * 2. How far does it reach, and what is missing?",
            "One filter: 7 * 7 * 3 weights and a bias.",
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
                "k weights have k - 1 gaps between them: they reach over (k - 1) * d + 1 cells, not k * d.",
                size_rule(lambda n, k, s, d: (n - k * d) // s + 1),
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
            ("If the total is odd, one zero more goes after: the rest, not the half once more.", equal_halves),
            ("k // 2 on both sides looks at neither the stride nor an even kernel.", half_kernel),
            ("(k - 1) // 2 and k // 2 fit stride 1 and dilation 1 only.", lambda n, k, s, d: ((k - 1) // 2, k // 2)),
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
    "forward": Exercise(
        solution=forward,
        cases=channel_cases,
        wrong=(
            (
                "The kernel is turned half round. Conv2D lays it on as it is.",
                lambda x, k, s: forward(x, k[::-1, ::-1], s),
            ),
            ("The kernel is flipped upside down. Conv2D lays it on as it is.", lambda x, k, s: forward(x, k[::-1], s)),
            (
                "The kernel is flipped left to right. Conv2D lays it on as it is.",
                lambda x, k, s: forward(x, k[:, ::-1], s),
            ),
            ("The stride is left out: the window moves s cells at a time.", lambda x, k, s: forward(x, k, 1)),
            ("The window of the output at i, j starts at i * s, j * s.", windows_too_close),
            ("The last windows are missing: there are (H - p) // s + 1 rows of them.", misses_the_last),
            (
                "Only the first channel is read: every filter adds up all of them.",
                lambda x, k, s: forward(x, k[:, :, :1], s),
            ),
            (
                "Every filter gives the numbers of the first one: the last axis of the kernel tells them apart.",
                lambda x, k, s: forward(x, k[..., :1].repeat(k.shape[3], axis=3), s),
            ),
            (
                "The filters are added up. Each gives a channel of its own: y[i, j, f].",
                lambda x, k, s: forward(x, k, s).sum(-1, keepdims=True).repeat(k.shape[3], axis=2),
            ),
            ("Windows are averaged. Conv2D adds up.", lambda x, k, s: forward(x, k, s) / k[..., 0].size),
        ),
        hints=(
            "How many stops has a kernel of p rows in a picture of H rows, s rows at a time? Make zeros of that shape.",
            "The window of the output at i, j is x[i * s : i * s + p, j * s : j * s + q]: it has all channels.",
            "Window and kernel[..., f] have the same shape. Multiply and add everything up; that is filter f.",
        ),
    ),
    "input_gradient": Exercise(
        solution=input_gradient,
        cases=gradient_cases,
        wrong=(
            (
                "The kernel is turned. A stamp is the kernel as it is; turned, it belongs to the walk over dy.",
                lambda dy, k: input_gradient(dy, k[::-1, ::-1]),
            ),
            ("Stamps overwrite each other. Where windows overlap they add: += for =.", last_stamp_wins),
            ("Overlapping stamps are averaged. They add.", averaged_stamps),
            ("dy is left out: every stamp is the kernel times dy[i, j].", lambda dy, k: input_gradient(dy**0, k)),
        ),
        hints=(
            "A pixel moved by one moves each output whose window holds it, by the weight that lay on it.",
            "Begin with zeros of shape (h + p - 1, w + q - 1) and go through all i, j of dy.",
            "The output at i, j read dx[i : i + p, j : j + q]. Add dy[i, j] * kernel there.",
        ),
    ),
}
