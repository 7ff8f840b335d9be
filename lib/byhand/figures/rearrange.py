"""The trace of the layers that only move numbers, forward and backward. `rules/rearrange.js` says the same in the page.

Forward     every place of the output, taken row by row, gets one number of x, or a zero: first in the row of memory, m,
            then in the output's shape, y
Backward    the gradient of the output lies in memory, m; each number of x collects from all places it was copied to
"""

import numpy as np

from .rearrange_asks import LAYERS, SHAPES, asks, back_asks, back_bugs, bugs, code, place
from .rearrange_moves import MOST, bent, call, layer_of, move_of, order, refusal, shape_of
from .trace import choice
from .windows import cells, entry, fill, panel, size_text

GROUPS = True


def read(layer, x):
    """(params, data) of a moving layer and x (batch, ...); the figure shows the first sample."""
    x = np.asarray(x, float)
    if not 2 <= x.ndim <= 4:
        raise ValueError(f"the figure draws samples of 1 to 3 axes, x with a batch axis before them; got {x.shape}")
    if x[0].size > MOST:
        raise ValueError(f"the figure shows at most {MOST} numbers; a sample of x {x.shape} has {x[0].size}")
    params = {"shape": list(x.shape[1:]), "layer": move_of(layer), "letters": "first", "view": "forward"}
    return params, {"x": entry(x[0])}


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    sentence = refusal(params["layer"], params["shape"])
    if sentence:
        raise ValueError(sentence)
    made = Numbers(params, data | (edits or {}), bug)
    view = backward if params["view"] == "backward" else forward
    kind = params["layer"][0]
    return {
        "figure": "rearrange",
        "title": call(params["layer"]),
        "params": params,
        "edits": edits or {},
        "controls": controls(params),
        "data": data,
        **view(params, made, bug),
        "receipt": f"Numbers from the {kind} of this book, equal to Keras to the last bit.",
    }


class Numbers:
    """x and the gradient of y, the layer that has run on them, and from where each place of y takes its number."""

    def __init__(self, p, given, bug):
        self.move, self.shape = p["layer"], p["shape"]
        self.target = shape_of(self.move, self.shape)
        self.x = self.sized(given["x"], self.shape, 0)
        self.dY = self.sized(given.get("dY"), self.target, 1)
        tags = np.arange(1.0, self.x.size + 1).reshape(1, *self.shape)
        self.source = [int(tag) - 1 if tag else None for tag in layer_of(self.move)(tags).ravel()]
        if bug and p["view"] == "forward":
            self.source = bent(self.move, self.shape, bug)
        self.layer = layer_of(self.move)
        self.y = self.layer(self.x[None])[0]
        self.letters = [index[0 if p["letters"] == "first" else -1] for index in cells(self.shape)]

    def sized(self, given, shape, first):
        """The numbers given if they have this shape; else `first` and those after it, so that each has its own."""
        if given and given["shape"] == list(shape):
            return np.array(given["data"], float).reshape(shape)
        return np.arange(first, first + np.prod(shape), dtype=float).reshape(shape)

    def marks(self, source):
        """The letter of each place, by the place in x that it comes from."""
        return [None if s is None else self.letters[s] for s in source]


def drawn(move, shape, target):
    """(axes, grid) of the output: names as far as they can be told, and channels as blocks where they lead."""
    kind, setting = move
    if kind == "RepeatVector":
        return ["copy", "feature"], None
    if kind == "Permute":
        named = [axes_of(shape)[d - 1] for d in setting]
        return named, [1, 2] if setting[0] == 3 else None
    if kind == "Reshape" and len(shape) == len(target) == 3 and target[0] == shape[2] != target[2]:
        return ["channel", "row", "column"], [1, 2]
    return axes_of(target), None


def taken(move, shape):
    """The same of the input: with channels first these lead."""
    if move == ["Flatten", "channels_first"] and len(shape) > 1:
        return (["channel", "step"], None) if len(shape) == 2 else (["channel", "row", "column"], [1, 2])
    return axes_of(shape), None


def axes_of(shape):
    known = [["feature"], ["step", "feature"], ["row", "column", "channel"]]
    return known[len(shape) - 1] if len(shape) < 4 else [f"axis {k + 1}," for k in range(len(shape))]


# --- forward ----------------------------------------------------------------------------------------------------------


def forward(p, made, bug):
    axes, grid = drawn(made.move, made.shape, made.target)
    inner, cut = taken(made.move, made.shape)
    marks = made.marks(made.source)
    row = np.array([0 if s is None else made.x.ravel()[s] for s in made.source], float)
    panels = {
        "x": panel("input", inner, made.x, "input", edit=True, groups=made.letters, grid=cut),
        "m": panel("the output in memory", ["place"], row, "middle", names=counted(row), groups=marks),
        "y": panel("output", axes, made.y, "result", groups=marks, grid=grid),
    }
    frames = []
    for k, s in enumerate(made.source):
        note = "a zero put in" if s is None else f"from {place('x', s, made.shape)}"
        op, terms = ("sum", []) if s is None else ("copy", [["x", s]])
        frames.append({"to": ["m", k], "op": op, "terms": terms, "note": note, "see": [["y", k]], "phase": "m"})
        see = [] if s is None else [["x", s]]
        frames.append({"to": ["y", k], "op": "copy", "terms": [["m", k]], "note": note, "see": see, "phase": "y"})
    if bug:
        fill(panels, frames)
    return {
        "panels": panels,
        "layout": [["x"], ["m"], ["y"]],
        "frames": frames,
        "asks": asks(p, made),
        "bugs": bugs(made.move, made.shape),
        "code": code(p, made),
    }


def counted(row):
    return {"0": [str(k) for k in range(row.size)]}


# --- backward ---------------------------------------------------------------------------------------------------------


def backward(p, made, bug):
    axes, grid = drawn(made.move, made.shape, made.target)
    inner, cut = taken(made.move, made.shape)
    row, marks = made.dY.ravel(), made.marks(made.source)
    dx = made.layer.backward(made.dY[None])[0]
    panels = {
        "dY": panel("gradient of y", axes, made.dY, "input", edit=True, groups=marks, grid=grid),
        "m": panel("dY in memory", ["place"], row, "middle", names=counted(row), groups=marks),
        "dX": panel("gradient of x", inner, dx, "gradient", groups=made.letters, grid=cut),
    }
    sent = collected(made, bug)
    homes = [[["dX", i] for i, found in enumerate(sent) if k in found] for k in range(row.size)]
    frames = [
        {"to": ["m", k], "op": "copy", "terms": [["dY", k]], "see": homes[k], "phase": "m"} for k in range(row.size)
    ]
    for i, found in enumerate(sent):
        see = [["dY", k] for k in found]
        op = "copy" if len(found) == 1 else "sum"
        frame = {"to": ["dX", i], "op": op, "terms": [["m", k] for k in found], "see": see, "phase": "dX"}
        frames.append(frame | {"op": "mean", "n": len(found)} if bug == "mean" else frame)
    if bug:
        fill(panels, frames)
    return {
        "panels": panels,
        "layout": [["dY"], ["m"], ["dX"]],
        "frames": frames,
        "stills": [row.size + 1],  # the first number of dX, and the copies it adds up
        "asks": back_asks(p, made, collected(made, None)),
        "bugs": back_bugs(made.move, made.shape),
        "code": code(p, made),
    }


def collected(made, bug):
    """For each place of x, the places of y that hold a copy of it; with a bug, those the wrong rule collects from."""
    if bug == "kept":
        return [[i] for i in range(made.x.size)]
    if bug == "again":
        return [[k] for k in order(made.target, [d - 1 for d in made.move[1]])]
    bends = bug in ("read", "columns", "after", "before", "edge")
    source = bent(made.move, made.shape, bug) if bends else made.source
    found = [[k for k, s in enumerate(source) if s == i] for i in range(made.x.size)]
    kept = {"first": slice(1), "last": slice(-1, None)}.get(bug, slice(None))
    return [places[kept] for places in found]


# --- settings ---------------------------------------------------------------------------------------------------------


def controls(p):
    here = [] if p["layer"] in LAYERS else [p["layer"]]
    sizes = SHAPES if p["shape"] in SHAPES else [*SHAPES, p["shape"]]

    layers = [*LAYERS, *here]
    return [
        choice("view", "direction", ["forward", "backward"], labels=["forward", "backward"], look="switch"),
        choice("layer", "layer", layers, labels=[call(move) for move in layers]),
        choice("shape", "shape of x", sizes, labels=[size_text(shape) for shape in sizes]),
        choice("letters", "letters by", ["first", "last"], labels=["first axis of x", "last axis of x"]),
    ]
