"""The trace of max and average pooling in one and two dimensions. `rules/pool.js` says the same in the page.

Forward     y[o, c] = the largest, or the mean, of x[o * s + j, c] over the real cells of window o
Backward    max: dX[i, c] = sum of dY[o, c] over the windows that x[i, c] won; of equal cells the first wins
            average: each real cell of window o gets dY[o, c] / n[o], and overlapping windows add up
"""

import math

import numpy as np

from .. import layers
from ..layers.windows import output_length, padding_widths
from .copied import layer_code
from .pool_asks import back_asks, call, controls, forward_asks, kind
from .windows import cells, entry, fill, fit, padded, panel, ravel, window

WINDOWS = True
LARGEST = 12  # cells along one axis; more would be a wall of numbers
KINDS = {f"{mode}Pooling{rank}D": (mode, rank) for mode in ("Max", "Average") for rank in (1, 2)}


def read(layer, x):
    """(params, data) of a max or average pooling layer and x (N, *space, C); the figure shows the first sample."""
    name = type(layer).__name__
    if name not in KINDS:
        raise ValueError(f"the figure draws {', '.join(KINDS)}; got {name}")
    mode, rank = KINDS[name]
    x = np.asarray(x, float)
    if x.ndim != rank + 2:
        raise ValueError(f"the figure of {name} takes x with {rank + 2} axes; got shape {x.shape}")
    if layer.data_format != "channels_last":
        raise ValueError("the figure draws data_format='channels_last'")
    if max(x.shape[1:]) > LARGEST:
        raise ValueError(f"the figure shows at most {LARGEST} cells along an axis; got x {x.shape}")
    params = {
        "kind": mode.lower(),
        "rank": rank,
        "size": list(x.shape[1:-1]),
        "channels": x.shape[-1],
        "pool_size": list(layer.pool_size),
        "strides": None if layer.strides == layer.pool_size else list(layer.strides),
        "padding": layer.padding,
        "view": "forward",
    }
    return params, {"x": entry(x[0])}


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    for n, k in zip(params["size"], params["pool_size"]):
        if params["padding"] == "valid" and k > n:
            raise ValueError(
                f"A window of {k} does not fit into {n} cells without padding. Take a smaller one, or same."
            )
    g, given = Geometry(params), data | (edits or {})
    x = fit(given.get("x"), g.x)
    make = backward if params["view"] == "backward" else forward
    return {
        "figure": "pool",
        "title": call(params),
        "params": params,
        "edits": edits or {},
        "controls": controls(params),
        "data": data,
        **make(params, g, x, given, bug),
        "receipt": f"Numbers from the {kind(params)} of this book, equal to Keras within 1e-5.",
    }


class Geometry:
    """Lengths, padding and windows of one setting."""

    def __init__(self, p):
        self.size, self.pool, self.channels = p["size"], p["pool_size"], p["channels"]
        self.strides = p["strides"] or self.pool
        one = [1] * p["rank"]
        self.pad = [list(w) for w in padding_widths(self.size, self.pool, self.strides, p["padding"], one)]
        fits = zip(self.size, self.pool, self.strides)
        self.out = [output_length(n, k, s, p["padding"]) for n, k, s in fits]
        self.space = [n + sum(w) for n, w in zip(self.size, self.pad)]
        self.x, self.y, self.xp = ([*space, self.channels] for space in (self.size, self.out, self.space))

    def inside(self, cell):
        """Whether a cell of the padded input is one of the input's own."""
        return all(before <= i < before + n for i, n, (before, _) in zip(cell, self.size, self.pad))

    def window(self, o, bug=None):
        """The cells of the padded input that window `o` covers, in row-major order."""
        shift = self.wrong_shift() if bug == "shift" else [0] * len(self.size)
        moved = [[i + d for i, d in zip(cell, shift)] for _, cell in window(o, self.pool, self.strides, [1] * len(o))]
        return [cell for cell in moved if all(0 <= i < n for i, n in zip(cell, self.space))]

    def real(self, o, bug=None):
        """The cells of window `o` that are not padding."""
        return [cell for cell in self.window(o, bug) if self.inside(cell)]

    def wrong_shift(self):
        """How far the windows move when the odd padding, or without padding the rest, is on the wrong side."""

        def rest(n, k, s, out):
            return n - (out - 1) * s - k

        if any(map(sum, self.pad)):
            return [before - after for before, after in self.pad]
        return [max(rest(*one), 0) for one in zip(self.size, self.pool, self.strides, self.out)]


def panels_of(p, g, x):
    """(x panel, axes, grid)"""
    axes = [*(["step"] if p["rank"] == 1 else ["row", "column"]), "channel"]
    grid, pad = [1, 0] if p["rank"] == 1 else None, [*g.pad, [0, 0]]
    text = "-inf" if p["kind"] == "max" else "–"
    shown = panel("input", axes, padded(x, pad), "input", edit=True, pad=pad, padtext=text, grid=grid)
    return shown, axes, grid


def run(p, x, dy=None):
    """(y, dX or None) of the NumPy layer with these settings, in float64."""
    layer = getattr(layers, kind(p))(p["pool_size"], p["strides"], p["padding"], dtype="float64")
    y = layer(x[None])[0]
    return y, None if dy is None else layer.backward(dy[None])[0]


def counts(g):
    """By how much the sum of each window is to be divided."""
    return np.reshape([len(g.real(o)) for o in cells(g.out)], g.out)


def forward(p, g, x, given, bug):
    shown, axes, grid = panels_of(p, g, x)
    panels = {"x": shown, "y": panel("output", axes, run(p, x)[0], "result", grid=grid)}
    row = ["x", "max →", "y"]
    if p["kind"] == "average":
        panels["n"] = panel("cells counted", axes[:-1], counts(g), "middle")
        row = ["x", "mean →", "y", "n"]
    frames = [forward_frame(p, g, x, o, c, bug) for o in cells(g.out) for c in range(p["channels"])]
    if bug:
        fill(panels, frames)
    return {
        "panels": panels,
        "layout": [row],
        "frames": frames,
        "asks": forward_asks(p, g, x),
        "bugs": forward_bugs(p, g),
        "code": layer_code(call(p), x[None]),
    }


def forward_frame(p, g, x, o, c, bug):
    covered, real = g.window(o, bug), g.real(o, bug)
    frame = {"to": ["y", ravel((*o, c), g.y)]}
    if p["kind"] == "average":
        n = {"divide": math.prod(g.pool), "sum": 1}.get(bug, len(real))
        frame |= {"op": "mean", "n": n}
    else:
        frame |= {"op": "max"}
    read_cells = covered if bug == "zeros" else real[1:] or real if bug == "first" else real
    frame["terms"] = [["x", ravel((*cell, c), g.xp)] for cell in read_cells]
    if not bug:
        frame |= note(p, g, o, c, x)
    see = [["x", ravel((*cell, c), g.xp)] for cell in covered if cell not in read_cells]
    see += [["n", ravel(o, g.out)]] if p["kind"] == "average" else []
    return frame | ({"see": see} if see else {})


def note(p, g, o, c, x):
    """What is worth saying about this window: its padding, or equal largest cells."""
    hatched, winners = len(g.window(o)) - len(g.real(o)), len(winning(g, x, o, c, "both"))
    said = []
    if hatched:
        what = "is" if hatched == 1 else "are"
        many = "cell" if hatched == 1 else "cells"
        tail = "minus infinity" if p["kind"] == "max" else "not counted"
        said.append(f"{hatched} {many} of the window {what} padding: {tail}")
    if p["kind"] == "max" and winners > 1:
        said.append(f"{winners} cells are largest; on the way back the first one wins")
    return {"note": "; ".join(said)} if said else {}


def winning(g, x, o, c, bug=None):
    """The cells of window `o` that win channel c: the first largest one; with a bug the last, or all of them."""
    real = g.real(o)
    values = [x[(*(i - before for i, (before, _) in zip(cell, g.pad)), c)] for cell in real]
    equal = [cell for cell, value in zip(real, values) if value == max(values)]
    return equal if bug == "both" else equal[-1:] if bug == "last" else equal[:1]


def forward_bugs(p, g):
    inside = any(map(sum, g.pad))
    side = "the odd padding stands in front" if inside else "the cells left over are cut off in front, not behind"
    known = [
        ("divide", "padding is counted in the divisor", p["kind"] == "average" and inside),
        ("zeros", "padding counts as 0", p["kind"] == "max" and inside),
        ("shift", side, any(g.wrong_shift())),
        ("sum", "the sum is not divided", p["kind"] == "average"),
        ("first", "each window leaves out its first cell", p["kind"] == "max" and math.prod(g.pool) > 1),
    ]
    return [{"name": name, "label": label} for name, label, there in known if there]


# --- the way back -----------------------------------------------------------------------------------------------------


def backward(p, g, x, given, bug):
    shown, axes, grid = panels_of(p, g, x)
    counted = entry(np.arange(1, math.prod(g.y) + 1).reshape(g.y))  # each its own number: one sees where it goes
    dy = fit(given.get("dY", counted), g.y)
    average = p["kind"] == "average"
    panels = {"x": {k: v for k, v in shown.items() if k != "edit"} if average else shown}
    panels["dY"] = panel("gradient of y", axes, dy, "input", edit=True, grid=grid)
    frames, row = [], ["x", "dY", "→", "dX"]
    if average:
        n = counts(g)
        panels["n"] = panel("cells counted", axes[:-1], n, "middle")
        panels["share"] = panel("share of each cell", axes, dy / n[..., None], "middle", grid=grid)
        places = [(o, c, ravel((*o, c), g.y)) for o in cells(g.out) for c in range(p["channels"])]
        frames = [
            {
                "to": ["share", k],
                "op": "mean",
                "terms": [["dY", k]],
                "n": math.prod(g.pool) if bug == "divide" else int(n[o]),
                "phase": "divide",
                "see": [["n", ravel(o, g.out)]],
            }
            for o, c, k in places
        ]
        row = ["dY", "÷", "n", "=", "share", "→", "dX"]
    panels["dX"] = panel("gradient of x", axes, run(p, x, dy)[1], "gradient", grid=grid)
    frames += gradient_frames(p, g, x, bug)
    if bug:
        fill(panels, frames)
    routing = [
        ("last", "the last of equal cells wins", not average),
        ("both", "each of the equal cells gets the whole gradient", not average),
        ("all", "every cell of a window gets the whole gradient", not average and math.prod(g.pool) > 1),
        ("divide", "padding is counted in the divisor", average and any(map(sum, g.pad))),
        ("overwrite", "where windows overlap, the last gradient replaces the others", True),
    ]
    return {
        "panels": panels,
        "layout": [row],
        "frames": frames,
        "asks": back_asks(p, g, x, panels, frames),
        "bugs": [{"name": name, "label": label} for name, label, there in routing if there],
        "code": layer_code(call(p), x[None], dy=dy[None]),
    }


def gradient_frames(p, g, x, bug):
    """One frame for each cell of dX: what comes back from the windows it won, or shared."""
    source = "share" if p["kind"] == "average" else "dY"
    came = {k: [] for k in cells(g.x)}
    for o in cells(g.out):
        for c in range(p["channels"]):
            for cell in g.real(o) if p["kind"] == "average" or bug == "all" else winning(g, x, o, c, bug):
                k = (*(i - before for i, (before, _) in zip(cell, g.pad)), c)
                came[k].append([source, ravel((*o, c), g.y)])
    frames = []
    for k, terms in came.items():
        if bug == "overwrite":
            terms = terms[-1:]
        frames.append({"to": ["dX", ravel(k, g.x)], "op": "sum", "terms": terms, "phase": "add up"})
        if p["kind"] == "max":
            own = (*(i + before for i, (before, _) in zip(k, g.pad)), k[-1])
            frames[-1]["see"] = [["x", ravel(own, g.xp)]]
        if not terms:
            said = "no window covers this cell" if p["kind"] == "average" else "it won no window"
            frames[-1]["note"] = said
    return frames
