"""Exercises of the chapter Conv1D."""

import numpy as np

from .exercise import Exercise

# --- week -------------------------------------------------------------------------------------------------------------

WEEK = """The week 20 22 24 25 28 27 26 meets the kernel 1 1 2, without bias and with stride 1. Which numbers come out
with padding valid, with same and with causal?

    answer = ([...], [...], [...])     (valid, same, causal)"""

VALID = [90, 96, 105, 107, 107]
TURNED = [86, 93, 101, 105, 109]


# --- lengths ----------------------------------------------------------------------------------------------------------

LENGTHS = """How many steps come out?

    steps in  kernel  stride  padding  dilation
          16       4       1  valid           1
          17       4       2  valid           1
           8       3       3  same            1
          11       4       4  causal          1
          12       3       1  valid           4

    answer = (..., ..., ..., ..., ...)"""


# --- kernels ----------------------------------------------------------------------------------------------------------


def kernels(k):
    """A kernel that smooths and a kernel that finds rises, both of k weights.

    def kernels(k): k an even number. Returns (smooth, rise), two arrays (k,). smooth gives the mean of the k steps
    under it. rise gives the mean of the later half of them minus the mean of the earlier half.
    """
    later = np.arange(k) >= k // 2
    return np.full(k, 1 / k), np.where(later, 2 / k, -2 / k)


def even_sizes(rng):
    return (2 * int(rng.integers(1, 6)),)


def alternating(k):
    return kernels(k)[0], np.where(np.arange(k) % 2, 2 / k, -2 / k)


# --- causal -----------------------------------------------------------------------------------------------------------


def causal(x, kernel, d):
    """A causal Conv1D for one channel and one filter: dilation d, stride 1, no bias.

    def causal(x, kernel, d): x (n,), kernel (k,). Returns (n,). The last weight lies on the present step, the one
    before it on the step d earlier, and so on; before the first step there are zeros.
    """
    k, n = len(kernel), len(x)
    padded = np.concatenate([np.zeros((k - 1) * d), x])
    return np.array([np.sum(padded[t : t + (k - 1) * d + 1 : d] * kernel) for t in range(n)])


def causal_cases(rng):
    k, d = (int(n) for n in rng.integers(1, 4, size=2))
    n = max((k - 1) * d, 1) + int(rng.integers(0, 5))
    return rng.integers(0, 6, size=n).astype(float), rng.integers(-2, 4, size=k).astype(float), d


def ahead(x, kernel, d):
    """Zeros after the last step: a window begins at its own step."""
    return causal(x[::-1], kernel[::-1], d)[::-1]


def both_sides(x, kernel, d):
    zeros = (len(kernel) - 1) * d
    padded = np.concatenate([np.zeros(zeros // 2), x, np.zeros(zeros - zeros // 2)])
    return causal(padded, kernel, d)[zeros:]


def cut_short(x, kernel, d):
    """valid: only where the whole window has steps under it."""
    return causal(x, kernel, d)[(len(kernel) - 1) * d :]


def from_the_end(x, kernel, d):
    """A loop that goes back beyond the first step: in Python that is the end of x."""
    k = len(kernel)
    return np.array([sum(kernel[j] * x[t - (k - 1 - j) * d] for j in range(k)) for t in range(len(x))])


# --- receptive_field --------------------------------------------------------------------------------------------------


def receptive_field(kernel_sizes, dilations):
    """From the first step of the input that one output of a stack sees to the last: how many steps is that?

    def receptive_field(kernel_sizes, dilations): two lists, one number for each Conv1D of the stack; stride 1.
    Steps in between that the dilation leaves out count as well. Returns an int. For three layers of 2 weights with
    dilations 1, 2 and 4 it is 8; for one such layer with dilation 4 it is 5.
    """
    return 1 + sum((k - 1) * d for k, d in zip(kernel_sizes, dilations))


def steps_read(kernel_sizes, dilations):
    """How many steps are read, those that the dilation leaves out not counted."""
    read = {0}
    for k, d in zip(kernel_sizes, dilations):
        read = {step + j * d for step in read for j in range(k)}
    return len(read)


def stack_cases(rng):
    layers = int(rng.integers(1, 6))
    return [int(k) for k in rng.integers(1, 5, size=layers)], [int(d) for d in rng.integers(1, 9, size=layers)]


EXERCISES = {
    "week": Exercise(
        task=WEEK,
        solution=(VALID, [64, *VALID, 53], [40, 64, *VALID]),
        tolerance=None,
        wrong=(
            ("The kernel is turned. Conv1D lays it on as it is.", (TURNED, [42, *TURNED, 80], [20, 42, *TURNED])),
            ("causal is padded at the wrong end: its two zeros stand before the first day.",
             (VALID, [64, *VALID, 53], [*VALID, 53, 26])),
            ("same and causal are exchanged: same puts one zero on each side, causal two in front.",
             (VALID, [40, 64, *VALID], [64, *VALID, 53])),
            ("valid has no padding: three days fit under the kernel five times.",
             ([64, *VALID, 53], [64, *VALID, 53], [40, 64, *VALID])),
            ("Each number is divided by the sum of the weights. Conv1D adds up and leaves it at that.",
             ([v / 4 for v in VALID], [v / 4 for v in (64, *VALID, 53)], [v / 4 for v in (40, 64, *VALID)])),
        ),
        hints=(
            "The first window of valid: 1 * 20 + 1 * 22 + 2 * 24.",
            "All three share these five numbers. same has one more on each side, causal two more in front.",
            "The first number of causal has zeros under the first two weights and 20 under the last.",
        ),
    ),
    "lengths": Exercise(
        task=LENGTHS,
        solution=(13, 7, 3, 3, 4),
        tolerance=None,
        wrong=(
            ("valid rounds down: a last step that does not fit any more is left out.", (13, 8, 3, 3, 4)),
            ("The bracket is misplaced: n - k comes first, then / s, then + 1.", (13, 16, 3, 3, 4)),
            ("+ 1 is missing in valid: the first window counts before any step.", (12, 6, 3, 3, 3)),
            ("same and causal keep the length at stride 1 only; else it is n / s, rounded up.", (13, 7, 8, 11, 4)),
            ("same and causal round up, not down.", (13, 7, 2, 2, 4)),
            ("causal is not valid: with its zeros in front, n / s rounded up windows fit.", (13, 7, 3, 2, 4)),
            ("Dilation is left out: 3 weights, each 4 steps from the next, span 9 steps.", (13, 7, 3, 3, 10)),
            ("3 weights have 2 gaps between them, each of 4 steps: they span 2 * 4 + 1 steps.", (13, 7, 3, 3, 1)),
            ("The last weight takes a step too: 3 weights with dilation 4 span 2 * 4 + 1.", (13, 7, 3, 3, 5)),
        ),
        hints=(
            "How many steps does the kernel span? With dilation d it is (k - 1) * d + 1.",
            "valid: the first window needs that many. How many strides fit into the rest?",
            "same and causal: one number for every s steps begun.",
        ),
    ),
    "kernels": Exercise(
        solution=kernels,
        cases=even_sizes,
        wrong=(
            ("smooth adds up to k, so it amplifies: a mean has the weight 1 / k on each step.",
             lambda k: (np.ones(k), kernels(k)[1])),
            ("rise finds falls: the later steps lie under the last weights, and those are positive.",
             lambda k: (kernels(k)[0], -kernels(k)[1])),
            ("rise subtracts sums, not means: each half has k / 2 steps.",
             lambda k: (kernels(k)[0], kernels(k)[1] * k / 2)),
            ("rise divides by k; each half has only k / 2 steps.", lambda k: (kernels(k)[0], kernels(k)[1] / 2)),
            ("The two kernels are exchanged: smooth comes first.", lambda k: kernels(k)[::-1]),
            ("The signs of rise alternate. The earlier half is negative as a whole, the later half positive.",
             alternating),
            (
                "rise compares the first step with the last alone. Each half counts as a whole.",
                lambda k: (kernels(k)[0], np.where(np.arange(k) == 0, -1, np.arange(k) == k - 1)),
            ),
            ("smooth divides by k - 1; there are k steps.", lambda k: (np.full(k, 1 / max(k - 1, 1)), kernels(k)[1])),
            ("That is smooth alone. Give back two kernels: return smooth, rise.", lambda k: kernels(k)[0]),
        ),
        hints=(
            "On a level row smooth must give the level back and rise must give 0. What do their weights add up to?",
            "A mean of k numbers gives each of them the weight 1 / k.",
            "rise has k // 2 weights of -2 / k, then k // 2 of 2 / k.",
        ),
    ),
    "causal": Exercise(
        solution=causal,
        cases=causal_cases,
        wrong=(
            ("The zeros stand at the end, so a step sees the future. They belong before the first step.", ahead),
            ("The zeros stand on both sides, as same does it. All of them belong before the first step.", both_sides),
            ("The kernel is turned: its last weight lies on the present step.",
             lambda x, k, d: causal(x, k[::-1], d)),
            ("np.convolve turns the kernel, and it knows no dilation.", lambda x, k, d: causal(x, k[::-1], 1)),
            ("An index below 0 reads from the end of x. Before the first step there are zeros.", from_the_end),
            ("Dilation is left out: neighbouring weights lie d steps apart.", lambda x, k, d: causal(x, k, 1)),
            ("d is the distance between two weights, not the number of steps left out.",
             lambda x, k, d: causal(x, k, d + 1)),
            ("The first steps are missing: causal gives as many numbers as there are steps.", cut_short),
            ("The window ends one step too early: its last weight lies on the present step.",
             lambda x, k, d: causal(np.concatenate([[0.0], x[:-1]]), k, d)),
        ),
        hints=(
            "How far back does the first weight reach? That many zeros go before x.",
            "Along the padded row the window of step t begins at t.",
            "padded[t : t + (k - 1) * d + 1 : d] has the k steps under the kernel.",
        ),
    ),
    "receptive_field": Exercise(
        solution=receptive_field,
        cases=stack_cases,
        tolerance=None,
        wrong=(
            ("The spans are added up. Each layer begins where the one before ended: it adds its span less 1.",
             lambda ks, ds: sum((k - 1) * d + 1 for k, d in zip(ks, ds))),
            ("1 is missing: the present step counts too.", lambda ks, ds: receptive_field(ks, ds) - 1),
            ("Dilation is left out.", lambda ks, ds: receptive_field(ks, [1] * len(ks))),
            ("k weights have k - 1 gaps between them, each of d steps.",
             lambda ks, ds: 1 + sum(k * d for k, d in zip(ks, ds))),
            (
                "k weights have k - 1 gaps between them, each of d steps; and the present step adds 1.",
                lambda ks, ds: sum(k * d for k, d in zip(ks, ds)),
            ),
            ("Only the last layer is counted.", lambda ks, ds: receptive_field(ks[-1:], ds[-1:])),
            ("The spans are multiplied; the reach of the layers adds up.",
             lambda ks, ds: int(np.prod([(k - 1) * d + 1 for k, d in zip(ks, ds)]))),
            ("These are the steps that are read. Count from the first to the last, with the gaps.", steps_read),
            ("That is how many weights the stack has. How far apart do they lie?", lambda ks, ds: sum(ks)),
            ("That is how many ways lead back, a weight of each layer on the way. How far back do they lead?",
             lambda ks, ds: int(np.prod(ks))),
        ),
        hints=(
            "One layer of k weights with dilation d: how far is it from the first weight to the last?",
            "The next layer adds its own reach to that.",
            "1 + the sum of (k - 1) * d over all layers.",
        ),
    ),
}  # fmt: skip
