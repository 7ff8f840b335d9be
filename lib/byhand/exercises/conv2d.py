"""Exercises of the chapter Conv2D."""

import math

import numpy as np

from .exercise import Exercise

# --- paper_step -------------------------------------------------------------------------------------------------------

PAPER_STEP = """A picture has six columns; every row is 0 0 0 1 1 1. The kernel has three rows, each -1 0 1.
Padding is valid, stride 1. Which four numbers stand in each row of the output?

    answer = [..., ..., ..., ...]"""


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
