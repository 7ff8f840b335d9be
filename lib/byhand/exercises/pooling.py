"""Exercises of the chapter on pooling windows."""

import math

import numpy as np

from .exercise import Exercise

# --- paper_negative ---------------------------------------------------------------------------------------------------

PAPER_NEGATIVE = """MaxPooling1D(3, padding="same") runs over -5 -2 -6 -4 -3 -8 -9. Which numbers come out?

    answer = [..., ...]     (as many as you need)"""


# --- output_size ------------------------------------------------------------------------------------------------------


def output_size(n, pool_size, strides, padding):
    """How many windows does pooling make along one axis?

    def output_size(n, pool_size, strides, padding): n cells of input, strides an int or None as in Keras, padding
    "valid" or "same". Returns an int. The window always fits into the input.
    """
    s = pool_size if strides is None else strides
    return math.ceil(n / s) if padding == "same" else (n - pool_size) // s + 1


def size_cases(rng):
    p = int(rng.integers(1, 5))
    strides = None if rng.integers(0, 2) else int(rng.integers(1, 4))
    return p + int(rng.integers(0, 8)), p, strides, str(rng.choice(["valid", "same"]))


def none_is_one(n, p, s, padding):
    return output_size(n, p, s or 1, padding)


def always_down(n, p, s, padding):
    return n // (s or p)


def always_up(n, p, s, padding):
    return math.ceil(n / (s or p))


def strides_ignored(n, p, s, padding):
    return output_size(n, p, None, padding)


def padding_ignored(n, p, s, padding):
    return output_size(n, p, s, "valid")


def first_not_counted(n, p, s, padding):
    return output_size(n, p, s, padding) - (padding == "valid")


def same_keeps(n, p, s, padding):
    return n if padding == "same" else output_size(n, p, s, padding)


# --- max_pool ---------------------------------------------------------------------------------------------------------


def max_pool(x, p, s):
    """Max pooling of one signal with padding valid.

    def max_pool(x, p, s): x (n,), pool size p, stride s. Returns ((n - p) // s + 1,): the largest number of every
    window.
    """
    return np.array([x[i : i + p].max() for i in range(0, len(x) - p + 1, s)])


def pool_cases(rng):
    p = int(rng.integers(1, 4))
    return rng.integers(-9, 10, size=p + int(rng.integers(0, 6))).astype(float), p, int(rng.integers(1, 4))


def from_zero(x, p, s):
    return np.maximum(max_pool(x, p, s), 0)


def by_size(x, p, s):
    return np.abs(np.array([max(x[i : i + p], key=abs) for i in range(0, len(x) - p + 1, s)]))


def step_is_size(x, p, s):
    return max_pool(x, p, p)


def misses_the_last(x, p, s):
    return np.array([x[i : i + p].max() for i in range(0, len(x) - p, s)])


def cut_off_at_end(x, p, s):
    return np.array([x[i : i + p].max() for i in range(0, len(x), s)])


# --- average_pool_same ------------------------------------------------------------------------------------------------


def average_pool_same(x, p, s):
    """Average pooling of one signal with padding same.

    def average_pool_same(x, p, s): x (n,), pool size p, stride s. Returns (n / s rounded up,). "same" pads as in a
    convolution, but the padding is not counted: a window at the border is divided by the number of real cells in it.
    """
    n, outputs = len(x), math.ceil(len(x) / s)
    before = max((outputs - 1) * s + p - n, 0) // 2
    starts = [o * s - before for o in range(outputs)]
    return np.array([x[max(i, 0) : min(i + p, n)].mean() for i in starts])


def average_cases(rng):
    p, s = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    # A stride above the pool size would put windows beyond the signal.
    return rng.integers(0, 13, size=int(rng.integers(1, 8))).astype(float), p, min(s, p)


def padding_counted(x, p, s):
    n, outputs = len(x), math.ceil(len(x) / s)
    before = max((outputs - 1) * s + p - n, 0) // 2
    return np.array([x[max(o * s - before, 0) : min(o * s - before + p, n)].sum() / p for o in range(outputs)])


def padded_at_the_wrong_side(x, p, s):
    n, outputs = len(x), math.ceil(len(x) / s)
    total = max((outputs - 1) * s + p - n, 0)
    before = total - total // 2
    return np.array([x[max(o * s - before, 0) : min(o * s - before + p, n)].mean() for o in range(outputs)])


def edge_repeated(x, p, s):
    n, outputs = len(x), math.ceil(len(x) / s)
    total = max((outputs - 1) * s + p - n, 0)
    wide = np.pad(x, (total // 2, total - total // 2), mode="edge")
    return np.array([wide[o * s : o * s + p].mean() for o in range(outputs)])


def all_padding_behind(x, p, s):
    return np.array([x[i : i + p].mean() for i in range(0, len(x), s)])


def unpadded(x, p, s):
    return np.array([x[i : i + p].mean() for i in range(0, len(x) - p + 1, s)])


def largest(x, p, s):
    n, outputs = len(x), math.ceil(len(x) / s)
    before = max((outputs - 1) * s + p - n, 0) // 2
    return np.array([x[max(o * s - before, 0) : min(o * s - before + p, n)].max() for o in range(outputs)])


# --- route_gradient ---------------------------------------------------------------------------------------------------


def route_gradient(x, dy, p, s):
    """The way back through max pooling (padding valid): which input gets the gradient?

    def route_gradient(x, dy, p, s): x (n,), dy ((n - p) // s + 1,) the gradient of the outputs, pool size p, stride s.
    Returns dx (n,): dy[o] goes to the largest input of window o, to the first one on a tie. Overlapping windows add up.
    """
    dx = np.zeros(len(x))
    for o, gradient in enumerate(dy):
        winner = o * s + np.argmax(x[o * s : o * s + p])
        dx[winner] += gradient
    return dx


def route_cases(rng):
    p, s = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    # Few different numbers, so that ties come often.
    x = rng.integers(0, 4, size=p + int(rng.integers(0, 6))).astype(float)
    return x, rng.integers(1, 9, size=(len(x) - p) // s + 1).astype(float), p, s


def route_by(shares, add=True):
    """An answer to route_gradient where shares(window) says how much of dy each cell of the window gets."""

    def answer(x, dy, p, s):
        dx = np.zeros(len(x))
        for o, gradient in enumerate(dy):
            window = slice(o * s, o * s + p)
            share = shares(x[window]) * gradient
            dx[window] = dx[window] + share if add else np.where(share != 0, share, dx[window])
        return dx

    return answer


def inside_the_window(x, dy, p, s):
    dx = np.zeros(len(x))
    for o, gradient in enumerate(dy):
        dx[np.argmax(x[o * s : o * s + p])] += gradient
    return dx


def windows_one_apart(x, dy, p, s):
    dx = np.zeros(len(x))
    for o, gradient in enumerate(dy):
        dx[o + np.argmax(x[o : o + p])] += gradient
    return dx


def first_largest(window):
    return np.eye(len(window))[window.argmax()]


def all_largest(window):
    return (window == window.max()).astype(float)


def equal_shares(window):
    return np.ones(len(window)) / len(window)


def last_largest(window):
    return first_largest(window[::-1])[::-1]


EXERCISES = {
    "paper_negative": Exercise(
        task=PAPER_NEGATIVE,
        solution=[-2, -3, -8],
        wrong=(
            ("The padding of max pooling is minus infinity, not 0, and never wins.", [0, -3, 0]),
            ("same makes 7 / 3 windows, rounded up. These are the windows of valid.", [-2, -3]),
            ("Of two padding cells one stands before and one after the numbers, not both after.", [-2, -3, -9]),
            ("Of two padding cells one stands before and one after the numbers, not both before.", [-5, -2, -3]),
            ("Windows step by the pool size when strides is not given.", [-2, -2, -2, -3, -3, -3, -8]),
            ("The largest of negative numbers is the one nearest to 0.", [-5, -6, -9]),
        ),
        hints=(
            "strides is not given, so windows step by 3. same makes 7 / 3 of them, rounded up.",
            "Three windows cover 9 cells, and there are 7 numbers. Where do the other two cells stand?",
            "Could a padding cell ever be the largest of its window?",
        ),
    ),
    "output_size": Exercise(
        solution=output_size,
        cases=size_cases,
        tolerance=None,
        wrong=(
            ("strides=None means pool_size, not 1.", none_is_one),
            ("n // s holds only if windows do not overlap and nothing is padded.", always_down),
            ("valid drops a window that does not fit; only same rounds up.", always_up),
            ("strides is left out: it is pool_size only when it is None.", strides_ignored),
            ("padding is ignored: same gives n / s, rounded up.", padding_ignored),
            ("same keeps the length for stride 1 only.", same_keeps),
            ("+ 1 is missing in valid: the first window counts before any step.", first_not_counted),
        ),
        hints=(
            "Settle the stride first: None stands for pool_size.",
            "valid is the rule of the convolution: (n - pool_size) // s + 1.",
            "same is the rule of the convolution as well.",
        ),
    ),
    "max_pool": Exercise(
        solution=max_pool,
        cases=pool_cases,
        wrong=(
            ("A window of negative numbers has a negative maximum: do not start from 0.", from_zero),
            ("The largest number is asked for, not the one farthest from 0.", by_size),
            ("Windows start s cells apart, not p.", step_is_size),
            ("The last window is cut off at the end: valid takes whole windows only.", cut_off_at_end),
            (
                "A window may end with the last cell: starts run up to n - p, and range stops before its end.",
                misses_the_last,
            ),
            ("That is the mean of each window.", unpadded),
            ("That is the smallest number of each window.", lambda x, p, s: -max_pool(-x, p, s)),
        ),
        hints=(
            "Where do the windows start? At 0, s, 2 * s, ... as long as p cells fit.",
            "range(0, n - p + 1, s) counts these starts.",
            "x[i : i + p].max() is the largest number of the window that starts at i.",
        ),
    ),
    "average_pool_same": Exercise(
        solution=average_pool_same,
        cases=average_cases,
        wrong=(
            ("Padding is counted: at the border divide by the real cells in the window, not by p.", padding_counted),
            ("The odd padding cell goes to the end, not to the beginning.", padded_at_the_wrong_side),
            ("The padding repeats the edge of the signal. It has no value and is not counted.", edge_repeated),
            ("The windows start before the signal: half of the padding stands there.", all_padding_behind),
            ("Nothing is padded: same gives n / s outputs, rounded up.", unpadded),
            ("That is the largest number of each window.", largest),
        ),
        hints=(
            "Find the padding before the signal as in a convolution: total // 2.",
            "Window o starts at o * s - before. That may lie before cell 0; the window may end behind the last cell.",
            "Cut the window at both ends of the signal, then take the mean of what is left.",
        ),
    ),
    "route_gradient": Exercise(
        solution=route_gradient,
        cases=route_cases,
        wrong=(
            (
                "Every cell of a window gets a share: that is average pooling.",
                route_by(equal_shares),
            ),
            (
                "On a tie only the first largest input gets the gradient, not all of them.",
                route_by(all_largest),
            ),
            ("On a tie the first largest input gets the gradient, not the last.", route_by(last_largest)),
            ("Where windows overlap gradients add up: +=, not =.", route_by(first_largest, add=False)),
            ("On a tie the gradient is not split.", route_by(lambda w: all_largest(w) / all_largest(w).sum())),
            ("argmax counts from the start of the window: its place in x is o * s further on.", inside_the_window),
            ("Window o starts at cell o * s, not at o.", windows_one_apart),
            ("Every cell of a window gets the whole gradient.", route_by(lambda w: np.ones(len(w)))),
        ),
        hints=(
            "Start with zeros, as many as x has numbers.",
            "np.argmax(window) gives the place of the first largest number inside the window.",
            "Counted from the start of x that place is o * s further on. Add dy[o] there.",
        ),
    ),
}
