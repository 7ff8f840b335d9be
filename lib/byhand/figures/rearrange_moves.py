"""Where each number of an output comes from: the moves of Flatten, Reshape, Permute, RepeatVector, padding and others.

A move is [layer, setting], plain JSON: ["Reshape", [2, 3]], ["Permute", [2, 1]], ["RepeatVector", 3],
["Flatten", "channels_last"], ["ZeroPadding2D", [[1, 1], [0, 2]]] (before and after, axis by axis),
["UpSampling2D", [2, 2]].
Shapes are those of one sample. `rules/rearrange.js` says the same in the page.
"""

import math

from .. import layers
from .windows import cells, ravel, short, size_text

SPACE = {"ZeroPadding": "padding", "Cropping": "cropping", "UpSampling": "size"}
MOST = 64  # cells in one panel; more would be a wall of numbers


def family(kind):
    """ "ZeroPadding" for ZeroPadding2D."""
    return kind[:-2] if kind[-1] == "D" else kind


def call(move):
    """The constructor call, as Keras takes it."""
    kind, setting = move
    if kind == "Flatten":
        return "Flatten()" if setting == "channels_last" else 'Flatten(data_format="channels_first")'
    if kind == "RepeatVector":
        return f"RepeatVector({setting})"
    if family(kind) == "UpSampling":
        return f"{kind}({short(setting)})"
    if family(kind) in SPACE:
        if len({n for pair in setting for n in pair}) == 1:
            return f"{kind}({setting[0][0]})"
        pairs = [size_text(pair) for pair in setting]
        return f"{kind}({pairs[0] if len(pairs) == 1 else size_text(pairs)})"
    return f"{kind}({size_text(setting)})"


def layer_of(move, dtype="float64"):
    """The NumPy layer of a move."""
    kind, setting = move
    if family(kind) == "UpSampling" and len(setting) == 1:
        setting = setting[0]
    elif family(kind) in ("ZeroPadding", "Cropping"):
        setting = tuple(map(tuple, setting))
        setting = setting[0] if len(setting) == 1 else setting
    elif isinstance(setting, list):
        setting = tuple(setting)
    return getattr(layers, kind)(setting, dtype=dtype)


def move_of(layer):
    """The move of a layer."""
    kind = type(layer).__name__
    if kind == "Flatten":
        return [kind, layer.data_format]
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise ValueError("the figure draws data_format='channels_last' of this layer")
    if getattr(layer, "interpolation", "nearest") != "nearest":
        raise ValueError(f"the figure draws interpolation='nearest'; got {layer.interpolation!r}")
    named = {"Reshape": "target_shape", "Permute": "dims", "RepeatVector": "n"} | SPACE
    setting = getattr(layer, named[family(kind)])
    return [kind, lists(setting)]


def lists(value):
    return list(map(lists, value)) if isinstance(value, tuple) else value


def refusal(move, shape):
    """Why this move does not fit an input of this shape, as a sentence; None if it does."""
    kind, setting = move
    rank, size = len(shape), math.prod(shape)
    said = f"x {size_text(shape)}"
    if kind == "Reshape":
        known = math.prod(n for n in setting if n != -1)
        if size % known if -1 in setting else size != known:
            return f"{said} holds {size} numbers, which do not fill {size_text(setting)}."
    elif kind == "Permute" and len(setting) != rank:
        return f"{call(move)} takes an input with {len(setting)} axes besides the batch; {said} has {rank}."
    elif kind == "RepeatVector" and rank != 1:
        return f"RepeatVector takes a vector, one axis besides the batch; {said} has {rank}."
    elif family(kind) in SPACE:
        if rank != len(setting) + 1:
            takes = "(steps, channels)" if len(setting) == 1 else "(rows, columns, channels)"
            return f"{kind} takes {takes}; {said} has {rank} {'axis' if rank == 1 else 'axes'}."
        if family(kind) == "Cropping" and any(n <= sum(pair) for n, pair in zip(shape, setting)):
            return f"{call(move)} leaves nothing of {said}."
    if math.prod(shape_of(move, shape)) > MOST:
        return f"The output would have more than {MOST} numbers, too many to draw."
    return None


def shape_of(move, shape):
    """The shape of the output."""
    kind, setting = move
    if kind == "Flatten":
        return [math.prod(shape)]
    if kind == "Reshape":
        known = math.prod(n for n in setting if n != -1)
        return [math.prod(shape) // known if n == -1 else n for n in setting]
    if kind == "Permute":
        return [shape[d - 1] for d in setting]
    if kind == "RepeatVector":
        return [setting, *shape]
    change = {
        "ZeroPadding": lambda n, pair: n + sum(pair),
        "Cropping": lambda n, pair: n - sum(pair),
        "UpSampling": lambda n, factor: n * factor,
    }[family(kind)]
    return [*(change(n, s) for n, s in zip(shape, setting)), shape[-1]]


def order(shape, axes):
    """The flat places of an array of this shape, read with its axes in another order, row by row."""
    return [
        ravel([index[axes.index(a)] for a in range(len(shape))], shape) for index in cells([shape[a] for a in axes])
    ]


def bent(move, shape, bug):
    """For each place of the output, row by row, the place in x that the wrong rule takes; None for a zero."""
    kind, setting = move
    rank, size, target = len(shape), math.prod(shape), shape_of(move, shape)
    straight, turned = list(range(rank)), list(range(rank))[::-1]
    if bug == "written":
        return [order(target, list(range(len(target)))[::-1]).index(k) for k in range(size)]
    if bug == "columns":
        read, written = order(shape, turned), order(target, list(range(len(target)))[::-1])
        return [read[written.index(k)] for k in range(size)]
    if bug == "kept":
        return order(shape, straight)
    axes = {
        "read": turned,
        "reversed": turned,
        "front": [rank - 1, *straight[:-1]],
        "zero": [d % rank for d in setting] if kind == "Permute" else straight,
        "inverse": [setting.index(d + 1) for d in straight] if kind == "Permute" else straight,
    }
    if bug in axes:
        return order(shape, axes[bug])
    if bug == "each":
        return [k // setting for k in range(size * setting)]
    if bug == "few":
        return [k % size if k < size * (setting - 1) else None for k in range(size * setting)]
    if bug == "shifted":
        return [(k + k // size) % size for k in range(size * setting)]
    return [spaced(move, shape, index, bug) for index in cells(target)]


def spaced(move, shape, index, bug):
    """The same for one index of an output whose space was padded, cropped or grown."""
    kind, setting = move
    at = list(index)
    for a, s in enumerate(setting):
        if family(kind) == "UpSampling":
            at[a] = index[a] % shape[a] if bug == "tiled" else index[a] // s
            if bug == "zeros" and index[a] % s:
                return None
            continue
        before = {"before": sum(s), "after": 0}.get(bug, s[0])
        at[a] = index[a] + before if family(kind) == "Cropping" else index[a] - before
        if bug == "edge":
            at[a] = min(max(at[a], 0), shape[a] - 1)
        if not 0 <= at[a] < shape[a]:
            return None
    return ravel(at, shape)
