"""What the rules of the figures share: arrays as panels, numbers to fill up with, the cells a window reads.

`rules/arrays.js` and `rules/windows.js` say the same in the page.
"""

import itertools

import numpy as np

from .trace import OPERATIONS, value


def number(v):
    """A float as short plain JSON: whole numbers without a point, no negative zero."""
    v = float(v)
    return int(v) if v.is_integer() else v


def written(v):
    """A number as it stands in copied code: at most four decimals."""
    return str(number(round(float(v), 4)))


def entry(array):
    """An array as {"shape", "data"}, the form of `data` and `edits`."""
    array = np.asarray(array, float)
    return {"shape": list(array.shape), "data": [number(v) for v in array.ravel()]}


def cells(shape):
    """All indices of an array, in row-major order."""
    return itertools.product(*map(range, shape))


def ravel(index, shape):
    """The flat place of an index."""
    flat = 0
    for i, n in zip(index, shape):
        flat = flat * n + i
    return flat


def pattern(index):
    """The whole number, -1 to 3, that stands at a place for which nobody gave one.

    No step is a multiple of 5, so numbers differ along every axis.
    """
    return sum(i * step for i, step in zip(index, (2, 3, 4, 7, 11))) % 5 - 1


def fit(given, shape):
    """The numbers of `given` cut to `shape`, filled up by the pattern where it is too small.

    Negative numbers in the pattern keep signs in play; without them a forgotten sign would not show.
    """
    old = given["shape"] if given and len(given["shape"]) == len(shape) else [0] * len(shape)
    inside = (all(i < n for i, n in zip(index, old)) for index in cells(shape))
    made = [given["data"][ravel(k, old)] if ok else pattern(k) for k, ok in zip(cells(shape), inside)]
    return np.array(made, float).reshape(shape)


def padded(array, pad, value=0):
    """The array with pad[a] = (before, after) cells of `value` along each axis."""
    return np.pad(array, [tuple(p) for p in pad], constant_values=value)


def panel(label, axes, array, role, **more):
    """One panel of a trace. None among `more` is left out."""
    return {"label": label, "axes": axes, **entry(array), "role": role} | {
        k: v for k, v in more.items() if v is not None
    }


def window(position, size, strides, dilation):
    """[(tap, cell)] of the window at `position`: which kernel cell meets which cell of the padded input."""
    return [(tap, tuple(o * s + j * d for o, s, j, d in zip(position, strides, tap, dilation))) for tap in cells(size)]


def fill(panels, frames):
    """Compute the cells that frames make from the frames alone; what a rule with a bug shows."""
    for frame in frames:
        name, index = frame["to"]
        made = OPERATIONS[frame["op"]]([value({"panels": panels}, t) for t in frame["terms"]], frame)
        panels[name]["data"][index] = number(made)


def size_text(shape):
    """(4, 4, 1) as Python writes it."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def short(values):
    """(3, 3) as 3 where all are equal, as Keras takes it."""
    return str(values[0]) if len(set(values)) == 1 else size_text(values)


def array_code(array):
    """np.array(...) of the numbers and their shape, as text to copy."""
    array = np.asarray(array)
    return f"np.array([{', '.join(map(written, array.ravel()))}], float).reshape{size_text(array.shape)}"
