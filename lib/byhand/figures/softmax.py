"""The trace of Softmax: scores become shares, row by row, and how each score moves each share.

Forward     z = x / T,  e = exp(z - largest z of the row),  r = 1 / sum of e,  y = e r
Backward    J[i, j] = (y[i] [i = j] - y[i] y[j]) / T, the slope of y[j] by x[i];  dX[i] = sum over j of J[i, j] dY[j]

The temperature T stands in front of the layer, which has none. The way back shows row 0.
`rules/softmax.js` says the same in the page.
"""

import math

import numpy as np

from ..layers import Softmax
from .softmax_asks import asks, bugs, call, code, controls
from .trace import OPERATIONS
from .windows import cells, entry, fill, fit, panel, ravel

WHOLE_BATCH = True
ROWS, CLASSES = 3, 6
OPERATIONS["exp"] = lambda v, frame: math.exp(math.fsum(v))
OPERATIONS["1/"] = lambda v, frame: 1 / math.fsum(v)


def read(layer, x):
    """(params, data) of a Softmax and x (samples, classes)."""
    x = np.asarray(x, float)
    if x.ndim != 2:
        raise ValueError(f"the figure of Softmax takes x with 2 axes (samples, classes); got shape {x.shape}")
    if layer.axis not in (-1, 1):
        raise ValueError(f"the figure draws axis=-1; got {layer.axis}")
    if len(x) > ROWS or not 0 < x.shape[1] <= CLASSES:
        raise ValueError(f"the figure shows at most {ROWS} samples and {CLASSES} classes; got x {x.shape}")
    return {"classes": x.shape[1], "temperature": 1, "view": "forward"}, {"x": entry(x)}


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    of = numbers(params, data | (edits or {}))
    panels, layout = drawn(params, of)
    frames = made(params, of, bug)
    if bug:
        fill(panels, frames)
    return {
        "figure": "softmax",
        "title": call(params),
        "params": params,
        "edits": edits or {},
        "controls": controls(),
        "data": data,
        "panels": panels,
        "layout": layout,
        "frames": frames,
        "asks": asks(params, of),
        "bugs": bugs(params, len(of["x"])),
        "code": code(params, of),
        "receipt": "Numbers from the Softmax of this book, equal to Keras within 1e-5.",
    }


def numbers(p, given):
    """Every number by panel name: shares and gradients from the layer, the steps between from the formula."""
    x = fit(given["x"], [given["x"]["shape"][0], p["classes"]])
    z = x / p["temperature"]
    m = z.max(axis=1)
    e = np.exp(z - m[:, None])
    layer = Softmax(dtype="float64")
    of = {"x": x, "z": z, "m": m, "e": e, "r": 1 / e.sum(axis=1), "y": layer(z)}
    if p["view"] == "backward":
        of["dY"] = upstream(given.get("dY"), x.shape)
        layer(np.repeat(z[:1], p["classes"], axis=0))
        of["J"] = layer.backward(np.eye(p["classes"])).T / p["temperature"]
        layer(z[:1])
        of["dX"] = layer.backward(of["dY"][None])[0] / p["temperature"]
    return of


def upstream(given, shape):
    """The gradient of sample 0: of the whole batch as it was given, or (classes,) as the reader changed it."""
    one = given and len(given["shape"]) == 1
    return fit(given, [shape[1]]) if one else fit(given, list(shape))[0]


def drawn(p, of):
    """The panels and their layout."""
    both, row = ["sample", "class"], ["sample"]
    panels = {
        "x": panel("scores", both, of["x"], "input", edit=True),
        "z": panel("divided by T", both, of["z"], "middle"),
        "m": panel("largest", row, of["m"], "middle"),
        "e": panel("exp(z − m)", both, of["e"], "middle", look="bar"),
        "r": panel("1 / sum of e", row, of["r"], "middle"),
        "y": panel("shares", both, of["y"], "result", look="bar"),
    }
    layout = [["x", "z", "m"], ["e", "r"], ["y"]]
    if p["view"] == "forward":
        return panels, layout
    panels |= {
        "dY": panel("gradient of y, sample 0", ["class"], of["dY"], "input", edit=True),
        "J": panel("slope of y[0, j] by x[0, i]", ["i", "j"], of["J"], "result", look="heat"),
        "dX": panel("gradient of x, sample 0", ["class"], of["dX"], "gradient"),
    }
    return panels, [*layout, ["J", "dY", "→", "dX"]]


def made(p, of, bug):
    """The steps, one a number."""
    rows, n = of["x"].shape
    cold, frames = 1 / p["temperature"], []

    def add(name, i, op, terms, **more):
        frames.append({"to": [name, i], "op": op, "terms": terms, "phase": name, **more})

    places = list(cells((rows, n)))
    for i in range(rows * n):
        add("z", i, "dot", [["x", i, p["temperature"] if bug == "times" else cold]])
    for s in range(rows):
        add("m", s, "max", [["z", s * n + c] for c in range(n)])
    for i, (s, _) in enumerate(places):
        add("e", i, "exp", [["z", i], ["m", s, -1]])
    for s in range(rows):
        read = [["e", s * n + c] for c in range(n)]
        if bug == "column":
            read = [["e", k * n + s % n] for k in range(rows)]
        elif bug == "all":
            read = [["e", i] for i in range(rows * n)]
        elif bug == "last":
            read = read[:-1]
        add("r", s, "1/", read)
    for i, (s, _) in enumerate(places):
        add("y", i, "dot", [["e", i, "r", s]])
    if p["view"] == "forward":
        return frames
    for i, j in cells((n, n)):
        slope = cold if bug != "cold" else 1
        both = [["y", i, "y", j, slope if bug == "sign" and i != j else -slope]]
        if bug == "alone" and i != j:
            both = []
        if i == j:
            both = [["y", i, slope], *([] if bug == "share" else both)]
        add("J", ravel((i, j), (n, n)), "dot", both)
    for i in range(n):
        add("dX", i, "dot", [["J", i * n + j, "dY", j] for j in ([i] if bug == "diagonal" else range(n))])
    return frames
