"""Exercises of the chapter Conv2D."""

import math

import numpy as np

from .exercise import Exercise

# --- stem -------------------------------------------------------------------------------------------------------------

STEM = """Conv2D(64, 7, strides=2, padding="same") sees photos of (224, 224, 3). How many rows has the output, how many rows
of zeros stand above the photo, how many below, and how many parameters has the layer?

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


def picture_cases(rng):
    p, q, c, f = rng.integers(1, 4, size=4)
    x = rng.integers(0, 6, size=(p + rng.integers(0, 4), q + rng.integers(0, 4), c))
    return x.astype(float), rng.integers(-2, 4, size=(p, q, c, f)).astype(float), int(rng.integers(1, 4))


def misses_the_end(x, kernel, s):
    rows, columns = ((n - k) // s for n, k in zip(x.shape, kernel.shape))
    return forward(x, kernel, s)[:rows, :columns]


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


# --- as_matrix --------------------------------------------------------------------------------------------------------


def as_matrix(kernel, height, width):
    """The matrix that does what one kernel does: matrix @ x.ravel() is the output, raveled.

    def as_matrix(kernel, height, width): kernel (p, q), for pictures of height x width, padding valid, stride 1.
    Returns ((height - p + 1) * (width - q + 1), height * width): one row for each output, one column for each pixel.
    """
    p, q = kernel.shape
    rows, columns = height - p + 1, width - q + 1
    matrix = np.zeros((rows * columns, height * width))
    for i, j in np.ndindex(rows, columns):
        for a, b in np.ndindex(p, q):
            matrix[i * columns + j, (i + a) * width + j + b] = kernel[a, b]
    return matrix


def matrix_cases(rng):
    p, q = (int(n) for n in rng.integers(1, 4, size=2))
    kernel = rng.integers(1, 6, size=(p, q)).astype(float)
    return kernel, p + int(rng.integers(0, 3)), q + int(rng.integers(0, 3))


def no_line_break(kernel, height, width):
    """Counts the pixels in rows as long as those of the output."""
    p, q = kernel.shape
    rows, columns = height - p + 1, width - q + 1
    matrix = np.zeros((rows * columns, height * width))
    for i, j in np.ndindex(rows, columns):
        for a, b in np.ndindex(p, q):
            matrix[i * columns + j, (i + a) * columns + j + b] = kernel[a, b]
    return matrix


def every_pixel_next(kernel, height, width):
    """Moves the first row on by one pixel for each output, over the ends of the picture's rows."""
    right = as_matrix(kernel, height, width)
    return np.array([np.roll(right[0], i) for i in range(len(right))])


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
            "The last of these windows starts at row (rows - 1) * 2. To which row does it reach, and how many are missing?",
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
    "forward": Exercise(
        solution=forward,
        cases=picture_cases,
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
            ("The last windows are missing: there are (H - p) // s + 1 rows of them.", misses_the_end),
            (
                "Only the first channel is read: every filter adds up all of them.",
                lambda x, k, s: forward(x, k[:, :, :1], s),
            ),
            (
                "Every filter gives the numbers of the first one: the last axis of the kernel tells them apart.",
                lambda x, k, s: forward(x, k[..., :1].repeat(k.shape[3], axis=3), s),
            ),
            ("Windows are averaged. Conv2D adds up.", lambda x, k, s: forward(x, k, s) / k[..., 0].size),
        ),
        hints=(
            "How many stops has a kernel of p rows in a picture of H rows, s rows at a time? Begin with zeros of that shape.",
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
    "as_matrix": Exercise(
        solution=as_matrix,
        cases=matrix_cases,
        wrong=(
            ("The matrix is transposed: one row for each output.", lambda k, h, w: as_matrix(k, h, w).T),
            ("The kernel is turned half round.", lambda k, h, w: as_matrix(k[::-1, ::-1], h, w)),
            ("The pixel in row r and column c is number r * width + c, with the width of the picture.", no_line_break),
            ("From one row of outputs to the next the window goes to the start of the next row.", every_pixel_next),
        ),
        hints=(
            "Output i, j is row i * (width - q + 1) + j of the matrix.",
            "It reads the pixels i + a, j + b. Which column is that, if the picture is raveled row by row?",
            "Or: column n is the raveled answer to a picture in which only pixel n is 1.",
        ),
    ),
}
