"""Exercises of the chapter on cheaper convolutions."""

import numpy as np

from .exercise import Exercise

# --- paper_counts -----------------------------------------------------------------------------------------------------

PAPER_COUNTS = """An input has 16 channels. How many weights have these layers, biases included?

    Conv2D(8, 3)
    Conv2D(8, 3, groups=4)
    DepthwiseConv2D(3, depth_multiplier=2)
    SeparableConv2D(8, 3, depth_multiplier=2)

    answer = [..., ..., ..., ...]"""


# --- separable --------------------------------------------------------------------------------------------------------


def separable(x, D, P):
    """A separable convolution of one image: valid, stride 1, no bias.

    def separable(x, D, P): x (H, W, C), depthwise kernel D (p, q, C, m), pointwise kernel P (C * m, F). First each
    channel c gives m maps, which become the channels c * m to c * m + m - 1 of the middle. Then P mixes them.
    Returns (H - p + 1, W - q + 1, F).
    """
    return channels_apart(x, D) @ P


def channels_apart(x, D):
    """The middle of a separable convolution, (H - p + 1, W - q + 1, C * m)."""
    (height, width, channels), (p, q, _, m) = x.shape, D.shape
    middle = np.zeros((height - p + 1, width - q + 1, channels * m))
    for i, j in np.ndindex(middle.shape[:2]):
        window = x[i : i + p, j : j + q]
        middle[i, j] = np.sum(window[..., None] * D, axis=(0, 1)).ravel()
    return middle


def separable_cases(rng):
    p, q, c, m, f = (int(n) for n in rng.integers(1, 4, size=5))
    x = rng.integers(-2, 4, size=(p + int(rng.integers(0, 3)), q + int(rng.integers(0, 3)), c))
    return x.astype(float), whole(rng, p, q, c, m), whole(rng, c * m, f)


def whole(rng, *shape):
    return rng.integers(-2, 3, size=shape).astype(float)


def multiplier_first(x, D, P):
    m = D.shape[-1]
    middle = channels_apart(x, D)
    return middle.reshape(*middle.shape[:-1], -1, m).swapaxes(-1, -2).reshape(middle.shape) @ P


def channels_summed(x, D, P):
    middle = channels_apart(x, D)
    c, m = D.shape[2:]
    summed = middle.reshape(*middle.shape[:-1], c, m).sum(axis=-2)
    return np.tile(summed, c) @ P


def turned_kernel(x, D, P):
    return separable(x, D[::-1, ::-1], P)


def first_copy_only(x, D, P):
    return separable(x, D[..., :1], P[:: D.shape[-1]])


def relu_between(x, D, P):
    return np.maximum(channels_apart(x, D), 0) @ P


# --- as_groups --------------------------------------------------------------------------------------------------------


def as_groups(D):
    """The kernel with which Conv2D(C * m, ..., groups=C) does what a depthwise layer does.

    def as_groups(D): depthwise kernel D (p, q, C, m). Returns (p, q, 1, C * m): each group has one channel and m
    filters, and the filters of channel c are c * m to c * m + m - 1.
    """
    return D.reshape(*D.shape[:2], 1, -1)


def groups_cases(rng):
    return (rng.permutation(np.arange(1.0, 200))[: (n := rng.integers(1, 4, size=4)).prod()].reshape(n),)


def every_first_copy(D):
    return D.swapaxes(-1, -2).reshape(*D.shape[:2], 1, -1)


def with_zeros(D):
    p, q, c, m = D.shape
    full = np.zeros((p, q, c, c * m))
    for k in range(c):
        full[:, :, k, k * m : k * m + m] = D[:, :, k]
    return full


def axes_exchanged(D):
    return D.swapaxes(0, 1).reshape(D.shape[1], D.shape[0], 1, -1)


# --- one_kernel -------------------------------------------------------------------------------------------------------


def one_kernel(D, P):
    """The kernel of the plain Conv2D that gives the same output as a separable convolution.

    def one_kernel(D, P): depthwise kernel D (p, q, C, m), pointwise kernel P (C * m, F). Returns W (p, q, C, F): from
    channel c to filter f lead m ways, one through each of the middle channels c * m to c * m + m - 1.
    """
    c, m = D.shape[2:]
    return np.einsum("pqcm,cmf->pqcf", D, P.reshape(c, m, -1))


def kernel_cases(rng):
    p, q, c, m, f = (int(n) for n in rng.integers(1, 4, size=5))
    return whole(rng, p, q, c, m), whole(rng, c * m, f)


def copies_apart(D, P):
    c, m = D.shape[2:]
    return np.einsum("pqcm,mcf->pqcf", D, P.reshape(m, c, -1))


def first_way_only(D, P):
    return np.einsum("pqc,cf->pqcf", D[..., 0], P[:: D.shape[-1]])


def last_way_only(D, P):
    m = D.shape[-1]
    return np.einsum("pqc,cf->pqcf", D[..., -1], P[m - 1 :: m])


def all_channels_in_each(D, P):
    c, m = D.shape[2:]
    ways = np.einsum("pqcm,cmf->pqf", D, P.reshape(c, m, -1))
    return np.repeat(ways[:, :, None], c, axis=2)


def averaged(D, P):
    return one_kernel(D, P) / D.shape[-1]


# --- cheaper_from -----------------------------------------------------------------------------------------------------


def cheaper_from(k, m):
    """From how many filters on has a separable layer fewer weights than a plain one, biases left out?

    def cheaper_from(k, m): kernel k by k, depth multiplier m. Returns the smallest number of filters F, an int, with
    which SeparableConv2D(F, k, depth_multiplier=m) has fewer weights than Conv2D(F, k); 0 if there is no such F.
    The number of channels does not matter.
    """
    if k * k <= m:
        return 0
    return k * k * m // (k * k - m) + 1


def cheaper_cases(rng):
    return int(rng.integers(1, 8)), int(rng.integers(1, 8))


def equal_is_fewer(k, m):
    return 0 if k * k <= m else -(-k * k * m // (k * k - m))


def no_multiplier(k, m):
    return cheaper_from(k, 1)


def kernel_not_squared(k, m):
    return 0 if k <= m else k * m // (k - m) + 1


def last_dearer(k, m):
    return max(cheaper_from(k, m) - 1, 0)


def never_nought(k, m):
    return cheaper_from(k, m) or 1


def none_for_none(k, m):
    return cheaper_from(k, m) or None


def only_equal_is_none(k, m):
    return k * k * m // (k * k - m) + 1 if k * k != m else 0


def divided_by_nought(k, m):
    return k * k * m // (k * k - m) + 1


def divided_by_nought_and_floored(k, m):
    return int(k * k * m / (k * k - m)) + 1


EXERCISES = {
    "paper_counts": Exercise(
        task=PAPER_COUNTS,
        solution=[1160, 296, 320, 552],
        tolerance=None,
        wrong=(
            ("The biases are missing: one for every channel of the output.", [1152, 288, 288, 544]),
            ("A group reads 16 / 4 = 4 channels, so the second kernel is (3, 3, 4, 8).", [1160, 1160, 320, 552]),
            (
                "The separable layer has one bias for each filter, 8. The depthwise step has none of its own.",
                [1160, 296, 320, 584],
            ),
            (
                "With depth_multiplier=2 every channel has two kernels, and the middle has 32 channels.",
                [1160, 296, 160, 280],
            ),
            (
                "The depthwise layer has 16 * 2 outputs, and a bias for each of them, not one for each channel.",
                [1160, 296, 304, 552],
            ),
            ("The pointwise step reads all 32 middle channels: 32 * 8.", [1160, 296, 320, 424]),
            ("That is one group. There are 4 of them, with 2 filters each.", [1160, 74, 320, 552]),
            ("With groups, too, each of the 8 filters has a bias of its own.", [1160, 292, 320, 552]),
            ("The depthwise layer has a bias for each output, and 16 channels times 2 are 32.", [1160, 296, 290, 552]),
        ),
        hints=(
            "A kernel is (height, width, channels that one output reads, outputs). Each output has a bias.",
            "Groups divide the third number: 16 / 4. A depthwise kernel is (3, 3, 16, 2), with 32 outputs.",
            "Separable: a depthwise kernel (3, 3, 16, 2), a pointwise kernel (1, 1, 32, 8) and 8 biases.",
        ),
    ),
    "separable": Exercise(
        solution=separable,
        cases=separable_cases,
        wrong=(
            ("The middle channels stand in the wrong order: channel c gives c * m to c * m + m - 1.", multiplier_first),
            ("The depthwise step adds the channels up. It keeps them apart; only P mixes.", channels_summed),
            ("The kernel is turned round. Keras lays it down as it is.", turned_kernel),
            ("Only the first of the m kernels of each channel is used.", first_copy_only),
            ("There is a ReLU between the two steps. In a separable layer nothing stands there.", relu_between),
            ("The second step is missing: P has to mix the middle.", lambda x, D, P: channels_apart(x, D)),
        ),
        hints=(
            "Two steps: first an array of shape (rows, columns, C * m), then a matrix product with P.",
            "window[..., None] * D has shape (p, q, C, m). Add up the first two axes.",
            "What is left is (C, m). ravel() puts it into the order that P expects.",
        ),
    ),
    "as_groups": Exercise(
        solution=as_groups,
        cases=groups_cases,
        wrong=(
            (
                "The filters stand in the wrong order: first come the m of channel 0, then the m of channel 1.",
                every_first_copy,
            ),
            ("That is the kernel for groups=1, mostly zeros. With groups=C a filter sees one channel.", with_zeros),
            ("The depthwise kernel as it is. Keras wants (p, q, channels of a group, filters).", lambda D: D),
            ("Rows and columns of the kernels are exchanged.", axes_exchanged),
        ),
        hints=(
            "How many channels has a group? That is the third number of the shape.",
            "Filter c * m + i is D[:, :, c, i].",
            "In memory the numbers stand in this order already: one reshape does it.",
        ),
    ),
    "one_kernel": Exercise(
        solution=one_kernel,
        cases=kernel_cases,
        wrong=(
            ("The rows of P are read in the wrong order: row c * m + i belongs to copy i of channel c.", copies_apart),
            ("Only the first of the m ways from c to f is counted. All of them add up.", first_way_only),
            ("The channels are added up. W has a kernel for each channel and filter.", all_channels_in_each),
            ("The m ways are averaged. They add up.", averaged),
            ("Only the last of the m ways is left: = throws away what += would add to.", last_way_only),
        ),
        hints=(
            "One way from channel c to filter f: the kernel D[:, :, c, i] times the number P[c * m + i, f].",
            "Add the ways: W[:, :, c, f] is a sum over i.",
            'With P.reshape(C, m, F) it is one line: np.einsum("pqcm,cmf->pqcf", ...).',
        ),
    ),
    "cheaper_from": Exercise(
        solution=cheaper_from,
        cases=cheaper_cases,
        tolerance=None,
        wrong=(
            ("With that many filters both may have the same number of weights. Fewer is asked.", equal_is_fewer),
            ("The depth multiplier is left out: both steps grow with m.", no_multiplier),
            ("The kernel has k * k weights, not k.", kernel_not_squared),
            ("That is the last F with which the separable layer is not cheaper. The next one is asked.", last_dearer),
            ("If the kernel has no more weights than m, no number of filters helps: 0.", never_nought),
            ("Where there is no such F, give back 0, not None.", none_for_none),
            ("With k * k below m there is no such F either: 0.", only_equal_is_none),
            ("With k * k = m nothing is left to divide by, and no number of filters helps: 0.", divided_by_nought),
            (
                "Look first whether k * k is above m. If it is not, no number of filters helps: 0.",
                divided_by_nought_and_floored,
            ),
        ),
        hints=(
            "Write both numbers down: k * k * C * F, and k * k * C * m + C * m * F. C stands in every term.",
            "Fewer means k * k * m + m * F < k * k * F, so F * (k * k - m) > k * k * m.",
            "If k * k - m is not above 0, there is no F. Else divide, round down, and add 1.",
        ),
    ),
}
