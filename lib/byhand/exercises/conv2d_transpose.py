"""Exercises of the chapter on transposed convolution."""

import numpy as np

from .exercise import Exercise

# --- paper_sizes ------------------------------------------------------------------------------------------------------

PAPER_SIZES = """Three cells go into a transposed convolution with kernel size 3 and stride 2. How many come out in
Keras (a) with padding valid, (b) with padding same, (c) with padding same and output_padding=0?

    answer = [..., ..., ...]"""


# --- output_size ------------------------------------------------------------------------------------------------------


def output_size(n, k, s, padding, output_padding):
    """How long is the output of a transposed convolution in Keras along one axis (dilation 1)?

    def output_size(n, k, s, padding, output_padding): n cells of input, kernel size k, stride s, padding "valid" or
    "same", output_padding None or an int below s. Returns an int.
    """
    if output_padding is None:
        return n * s if padding == "same" else n * s + max(k - s, 0)
    crop = 2 * (k // 2) if padding == "same" else 0
    return (n - 1) * s + k + output_padding - crop


def size_cases(rng):
    n, k, s = (int(rng.integers(1, 6)) for _ in range(3))
    n = max(n, k)  # keeps every length above 0
    output_padding = None if rng.integers(0, 2) else int(rng.integers(0, s))
    return n, k, s, str(rng.choice(["valid", "same"])), output_padding


def none_is_zero(n, k, s, padding, output_padding):
    return output_size(n, k, s, padding, output_padding or 0)


def no_output_padding(n, k, s, padding, output_padding):
    return output_size(n, k, s, padding, None)


def forward_size(n, k, s, padding, output_padding):
    return -(-n // s) if padding == "same" else (n - k) // s + 1


def same_keeps(n, k, s, padding, output_padding):
    return n if padding == "same" else output_size(n, k, s, padding, output_padding)


def negative_overlap(n, k, s, padding, output_padding):
    if padding == "valid" and output_padding is None:
        return n * s + k - s
    return output_size(n, k, s, padding, output_padding)


def never_cropped(n, k, s, padding, output_padding):
    return output_size(n, k, s, padding if output_padding is None else "valid", output_padding)


def one_less_than_the_kernel(n, k, s, padding, output_padding):
    if padding == "same" and output_padding is not None:
        return (n - 1) * s + 1 + output_padding
    return output_size(n, k, s, padding, output_padding)


def padding_on_top(n, k, s, padding, output_padding):
    return output_size(n, k, s, padding, None) + (output_padding or 0)


# --- stamp ------------------------------------------------------------------------------------------------------------


def stamp(x, kernel, s):
    """A transposed convolution by stamping: one channel, one axis, padding valid, no bias.

    def stamp(x, kernel, s): x (n,), kernel (k,), stride s with s <= k. Returns ((n - 1) * s + k,): every x[i] puts
    x[i] * kernel down, starting at cell i * s, and where stamps overlap they add up.
    """
    out = np.zeros((len(x) - 1) * s + len(kernel))
    for i, value in enumerate(x):
        out[i * s : i * s + len(kernel)] += value * kernel
    return out


def stamp_cases(rng):
    k = int(rng.integers(1, 5))
    x = rng.integers(1, 6, size=int(rng.integers(1, 5))).astype(float)
    return x, rng.integers(-2, 5, size=k).astype(float), int(rng.integers(1, k + 1))


def overwritten(x, kernel, s):
    out = np.zeros((len(x) - 1) * s + len(kernel))
    for i, value in enumerate(x):
        out[i * s : i * s + len(kernel)] = value * kernel
    return out


def unscaled(x, kernel, s):
    return stamp(np.ones(len(x)), kernel, s)


def convolved(x, kernel, s):
    return np.convolve(x, kernel)


def step_one(x, kernel, s):
    out = np.zeros((len(x) - 1) * s + len(kernel))
    out[: len(x) + len(kernel) - 1] = stamp(x, kernel, 1)
    return out


# --- same_cut ---------------------------------------------------------------------------------------------------------


def same_cut(n, k, s, output_padding):
    """How many cells of the stamped canvas does Keras cut off with padding same?

    def same_cut(n, k, s, output_padding): n cells of input, kernel size k, stride s with s <= k, output_padding None or
    an int below s. The canvas has (n - 1) * s + k cells. Returns two ints: (cut off in front, cut off behind).
    """
    total = (n - 1) * s + k - output_size(n, k, s, "same", output_padding)
    return total // 2, total - total // 2


def cut_cases(rng):
    k, n = int(rng.integers(1, 7)), int(rng.integers(2, 6))
    s = int(rng.integers(1, k + 1))
    # An even kernel with output_padding=0 has no convolution of which it is the transpose: TensorFlow refuses it.
    extra = int(rng.integers(1 - k % 2, s)) if s > 1 - k % 2 and rng.integers(0, 2) else None
    return n, k, s, extra


def odd_in_front(n, k, s, output_padding):
    return same_cut(n, k, s, output_padding)[::-1]


def all_behind(n, k, s, output_padding):
    return 0, sum(same_cut(n, k, s, output_padding))


def half_kernel(n, k, s, output_padding):
    return k // 2, k // 2 - (output_padding or 0)


def half_kernel_both(n, k, s, output_padding):
    return k // 2, k // 2


def stride_one(n, k, s, output_padding):
    return (k - 1) // 2, k // 2


def equal_halves(n, k, s, output_padding):
    return (sum(same_cut(n, k, s, output_padding)) // 2,) * 2


def padding_of_the_input(n, k, s, output_padding):
    total = max((-(-n // s) - 1) * s + k - n, 0)
    return total // 2, total - total // 2


def cut_to_multiple(n, k, s, output_padding):
    return same_cut(n, k, s, None)


# --- even_out ---------------------------------------------------------------------------------------------------------


def even_out(kernel, s):
    """Remove the checkerboard: rescale the weights so that ones give ones, away from the border.

    def even_out(kernel, s): kernel (k,) of positive numbers, stride s with s <= k. Returns (k,): every s-th weight
    belongs to one family, whose weights meet on the same places; all weights of a family are divided by one number.
    """
    even = np.array(kernel, float)
    for first in range(s):
        even[first::s] /= even[first::s].sum()
    return even


def even_cases(rng):
    k = int(rng.integers(1, 7))
    return rng.integers(1, 6, size=k).astype(float), int(rng.integers(1, k + 1))


def by_count(kernel, s):
    return np.array([w / len(kernel[j % s :: s]) for j, w in enumerate(kernel)])


def by_block(kernel, s):
    return np.concatenate([kernel[i : i + s] / kernel[i : i + s].sum() for i in range(0, len(kernel), s)])


def while_dividing(kernel, s):
    even = kernel.copy()
    for j in range(len(even)):
        even[j] /= even[j % s :: s].sum()
    return even


def all_equal(kernel, s):
    return even_out(np.ones(len(kernel)), s)


EXERCISES = {
    "paper_sizes": Exercise(
        task=PAPER_SIZES,
        solution=[7, 6, 5],
        wrong=(
            ("same does not keep the length here: without output_padding it gives n * s.", [7, 3, 5]),
            ("With output_padding=None, same gives n * s = 6. The crop rule holds only if it is given.", [7, 5, 5]),
            ("valid counts the last stamp in full: the stamps start at 0, 2, 4 and are 3 wide.", [6, 6, 5]),
            ("That is the forward convolution, which makes the input shorter.", [1, 2, 2]),
            ("The stamps overlap: they start 2 cells apart and are 3 wide.", [9, 6, 5]),
            ("The stride is left out: the stamps start at 0, 2 and 4, not at 0, 1 and 2.", [5, 6, 5]),
            ("output_padding=0 is not the same as None: it makes Keras crop k // 2 on both sides.", [7, 6, 6]),
        ),
        hints=(
            "valid: the stamps start at 0, 2 and 4. Where does the last one end?",
            "same without output_padding: every input cell makes exactly s output cells.",
            "same with output_padding=0: take the length of (a) and crop k // 2 on each side.",
        ),
    ),
    "output_size": Exercise(
        solution=output_size,
        cases=size_cases,
        tolerance=None,
        wrong=(
            (
                "output_padding=None is not 0: it has a rule of its own, n * s or n * s + max(k - s, 0).",
                none_is_zero,
            ),
            ("output_padding is left out. If it is given, the length is (n - 1) * s + k + it.", no_output_padding),
            ("That is the forward convolution, which makes the input shorter.", forward_size),
            ("same does not mean the length of the input; without output_padding it is n * s.", same_keeps),
            ("valid is never shorter than n * s: take max(k - s, 0).", negative_overlap),
            ("With output_padding given, same crops k // 2 on both sides.", never_cropped),
            (
                "With output_padding given, same crops 2 * (k // 2). For an even k that is k, not k - 1.",
                one_less_than_the_kernel,
            ),
            (
                "A given output_padding is not added to the length of None: it has a rule of its own, "
                "(n - 1) * s + k + it, less 2 * (k // 2) with same.",
                padding_on_top,
            ),
        ),
        hints=(
            "There are two rules: one for output_padding=None, one for a number.",
            "None: same gives n * s. valid gives n * s, and k - s more if the stamp is wider than the step.",
            "A number: stamps reach over (n - 1) * s + k cells, then output_padding more; same crops 2 * (k // 2).",
        ),
    ),
    "stamp": Exercise(
        solution=stamp,
        cases=stamp_cases,
        wrong=(
            ("Later stamps overwrite earlier ones. Where they overlap they add up: +=.", overwritten),
            ("The kernel is turned round. A stamp lays it down as it is.", lambda x, k, s: stamp(x, k[::-1], s)),
            ("The stride is left out: the stamp of x[i] starts at cell i * s.", step_one),
            ("That is np.convolve(x, kernel), the stamps one cell apart. They are s apart.", convolved),
            ("Every stamp is the bare kernel. It is multiplied by x[i] first.", unscaled),
            ("The input is read backwards.", lambda x, k, s: stamp(x[::-1], k, s)),
        ),
        hints=(
            "Make an array of zeros of the full length first.",
            "The stamp of x[i] covers out[i * s : i * s + k].",
            "Add x[i] * kernel to what already stands there.",
        ),
    ),
    "same_cut": Exercise(
        solution=same_cut,
        cases=cut_cases,
        tolerance=None,
        wrong=(
            ("The halves are right, but the odd cell is cut off behind, not in front.", odd_in_front),
            ("Everything is cut off behind. Keras halves it; only the odd cell goes behind.", all_behind),
            (
                "That is PyTorch's rule for padding=k // 2: always k // 2 in front. Keras halves what is too much.",
                half_kernel,
            ),
            ("output_padding is left out. If it is given, it changes the length that must remain.", cut_to_multiple),
            ("k // 2 on both sides looks at neither the stride nor output_padding.", half_kernel_both),
            ("(k - 1) // 2 and k // 2 fit stride 1 only: larger steps leave less to cut off.", stride_one),
            ("If what is too much is odd, one cell more goes behind: the rest, not the half once more.", equal_halves),
            (
                "That is what a convolution pads around n cells. Here it is the convolution that makes n cells of the "
                "output.",
                padding_of_the_input,
            ),
        ),
        hints=(
            "First the length that must remain: n * s for None, else (n - 1) * s + k + output_padding - 2 * (k // 2).",
            "What is too much is the canvas, (n - 1) * s + k, less that length.",
            "Half of it, rounded down, goes in front; the rest behind.",
        ),
    ),
    "even_out": Exercise(
        solution=even_out,
        cases=even_cases,
        wrong=(
            ("All weights were divided by their sum: the families must each add to 1.", lambda w, s: w / w.sum()),
            (
                "The brightness is right on average, but the families still differ: each must add to 1.",
                lambda w, s: w / w.sum() * s,
            ),
            ("Dividing by the number of stamps is enough only if all weights are equal.", by_count),
            ("Neighbours were taken together. The weights that meet on one place are s apart.", by_block),
            ("Take the sum of a family before its first weight is changed.", while_dividing),
            ("All weights of a family became equal. Only their sum should change.", all_equal),
        ),
        hints=(
            "Stamp ones with stride 2 and write down which weights reach an even place, and which an odd one.",
            "kernel[first::s] are the weights of one family; first goes from 0 to s - 1.",
            "Divide each family by its sum.",
        ),
    ),
}
