"""The trace of LocallyConnected1D beside Conv1D, forward and backward. `rules/local.js` says the same in the page.

Unshared    y[o, f] = sum over taps j and channels c of x[o * s + j, c] * W[o, j, c, f], plus b[o, f]
Shared      the same with one kernel and one bias for all positions, W[0] and b[0]: Conv1D
dW, db      a shared weight sums its gradient over all positions, an unshared one has a single term
"""

import numpy as np

from ..layers import Conv1D, LocallyConnected1D
from .local_asks import backward_asks, backward_bugs, call, code, controls, forward_asks, forward_bugs, refusal
from .windows import cells, entry, fill, fit, panel, ravel

LARGEST = 12  # cells along one axis; more would be a wall of numbers
AXES = ["position", "tap", "channel", "filter"]
COUNTED = {"0": ["to learn", "products"], "1": ["shared", "unshared"]}


def read(layer, x):
    """(params, data) of a built LocallyConnected1D and an input (N, steps, C); the figure shows the first sample."""
    x = np.asarray(x, float)
    activation = getattr(layer.activation, "__name__", layer.activation)
    if activation not in (None, "linear") or layer.data_format != "channels_last":
        raise ValueError("the figure draws no activation and data_format='channels_last'")
    (size, channels), (k,), filters = x.shape[1:], layer.kernel_size, layer.filters
    if max(size, channels, filters) > LARGEST:
        raise ValueError(
            f"the figure shows at most {LARGEST} cells along an axis; got x {x.shape} and {filters} filters"
        )
    params = {
        "weights": "unshared",
        "size": size,
        "channels": channels,
        "filters": filters,
        "kernel_size": k,
        "strides": layer.strides[0],
        "use_bias": bool(layer.use_bias),
        "view": "forward",
    }
    data = {"x": entry(x[0]), "W": entry(layer.kernel.reshape(-1, k, channels, filters))}
    if layer.use_bias:
        data["b"] = entry(layer.bias)
    return params, data


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    sentence = refusal(params)
    if sentence:
        raise ValueError(sentence)
    made = Numbers(params, data | (edits or {}))
    view = backward if params["view"] == "backward" else forward
    return {
        "figure": "local",
        "title": call(params),
        "params": params,
        "edits": edits or {},
        "controls": controls(),
        "data": data,
        **view(params, made, bug),
        "receipt": "Numbers from the LocallyConnected1D of this book, tested against its formula: Keras 3 has none."
        if params["weights"] == "unshared"
        else "Numbers from the Conv1D of this book, equal to Keras within 1e-5.",
    }


class Numbers:
    """The arrays of one setting, the positions, and of which row of the weights each position takes its own."""

    def __init__(self, p, given):
        self.positions = range((p["size"] - p["kernel_size"]) // p["strides"] + 1)
        self.out = len(self.positions)
        self.rows = self.out if p["weights"] == "unshared" else 1
        self.x = fit(given["x"], [p["size"], p["channels"]])
        self.w = fit(given["W"], [self.rows, p["kernel_size"], p["channels"], p["filters"]])
        self.b = fit(given.get("b"), [self.rows, p["filters"]]) if p["use_bias"] else None
        self.dy = fit(given.get("dY"), [self.out, p["filters"]])

    def row(self, o):
        return o if self.rows > 1 else 0


def layer_of(p, made):
    """The NumPy layer with these settings and weights, in float64."""
    make = LocallyConnected1D if p["weights"] == "unshared" else Conv1D
    layer = make(p["filters"], p["kernel_size"], p["strides"], use_bias=p["use_bias"], dtype="float64")
    layer.build((1, *made.x.shape))
    layer.set_weights([a.reshape(own.shape) for a, own in zip((made.w, made.b), layer.get_weights())])
    return layer


def panels_of(made):
    """The panels both views share."""
    each = "each" if made.rows > 1 else "for all"
    shared = {
        "x": panel("input", ["step", "channel"], made.x, "input", edit=True, grid=[1, 0]),
        "W": panel(f"one kernel {each}", AXES, made.w, "weight", edit=True),
    }
    if made.b is not None:
        shared["b"] = panel(f"one bias {each}", ["position", "filter"], made.b, "weight", edit=True)
    return shared


def forward(p, made, bug):
    panels = panels_of(made)
    y = layer_of(p, made)(made.x[None])[0]
    panels["y"] = panel("output", ["position", "filter"], y, "result", grid=[1, 0])
    frames = [
        {"to": ["y", ravel((o, f), y.shape)], "op": "dot", "terms": forward_terms(p, made, o, f, bug)}
        for o in made.positions
        for f in range(p["filters"])
    ]
    counts = count_frames(p, made)
    panels["n"] = panel("numbers to learn, products", ["what", "weights"], np.zeros((2, 2)), "result", names=COUNTED)
    fill(panels, counts)
    if bug:
        fill(panels, frames)
    return {
        "panels": panels,
        "layout": [["x"], ["∗", "W", *(["+", "b"] if made.b is not None else []), "=", "y"], ["n"]],
        "frames": frames + counts,
        "asks": forward_asks(p, made),
        "bugs": forward_bugs(p, made),
        "code": code(p, made),
    }


def forward_terms(p, made, o, f, bug):
    """The products behind y[o, f], then the bias."""
    k, row = p["kernel_size"], 0 if bug == "share" else made.row(o)
    start = 0 if bug == "still" else o * p["strides"]
    terms = []
    for j in range(k):
        tap = k - 1 - j if bug == "flip" else j
        for c in range(1 if bug == "channel" else p["channels"]):
            terms.append(["x", ravel((start + j, c), made.x.shape), "W", ravel((row, tap, c, f), made.w.shape)])
    return terms + ([["b", ravel((made.row(o), f), made.b.shape)]] if made.b is not None and bug != "bias" else [])


def count_frames(p, made):
    """Numbers to learn and products to make, shared and unshared, as factors."""
    kernel = [p["kernel_size"], p["channels"], p["filters"]]
    frames = []
    for place, rows in enumerate(([], [made.out])):
        terms = [[*rows, *kernel]] + ([[*rows, p["filters"]]] if p["use_bias"] else [])
        note = "positions × " * len(rows) + "taps × channels × filters" + (", and the biases" if p["use_bias"] else "")
        frames.append({"to": ["n", place], "op": "sum", "terms": terms, "note": note, "phase": "n"})
    for place in (2, 3):
        note = "positions × taps × channels × filters"
        frames.append({"to": ["n", place], "op": "sum", "terms": [[made.out, *kernel]], "note": note, "phase": "n"})
    return frames


def backward(p, made, bug):
    shared = panels_of(made)
    layer = layer_of(p, made)
    layer(made.x[None])
    dx = layer.backward(made.dy[None])[0]
    panels = {
        "dY": panel("gradient of y", ["position", "filter"], made.dy, "input", edit=True, grid=[1, 0]),
        "W": {k: v for k, v in shared["W"].items() if k != "edit"},
        "dX": panel("gradient of x", ["step", "channel"], dx, "gradient", grid=[1, 0]),
        "x": {k: v for k, v in shared["x"].items() if k != "edit"},
        "dW": panel("gradient of W", AXES, layer.grads["kernel"].reshape(made.w.shape), "gradient"),
    }
    if made.b is not None:
        bias = layer.grads["bias"].reshape(made.b.shape)
        panels["db"] = panel("gradient of b", ["position", "filter"], bias, "gradient")
    frames = backward_frames(p, made, bug)
    if bug:
        fill(panels, frames)
    return {
        "panels": panels,
        "layout": [["dY", "∗", "W", "=", "dX"], ["x", "∗ dY =", "dW", *(["db"] if made.b is not None else [])]],
        "frames": frames,
        "asks": backward_asks(p, made),
        "bugs": backward_bugs(p, made),
        "code": code(p, made, back=True),
    }


def backward_frames(p, made, bug):
    k, stride, filters = p["kernel_size"], p["strides"], range(p["filters"])
    frames = []
    for i, c in cells(made.x.shape):
        terms = []
        for o in made.positions:
            tap = i - o * stride
            if 0 <= tap < k:
                tap = k - 1 - tap if bug == "flip" else tap
                for f in filters:
                    weight = ravel((made.row(o), tap, c, f), made.w.shape)
                    terms.append(["dY", ravel((o, f), made.dy.shape), "W", weight])
        frames.append({"to": ["dX", ravel((i, c), made.x.shape)], "op": "dot", "terms": terms, "phase": "dX"})
    for at, (row, j, c, f) in enumerate(cells(made.w.shape)):
        used = made.positions if made.rows == 1 or bug == "sum" else [row]
        terms = [
            ["x", ravel((o * stride + j, c), made.x.shape), "dY", ravel((o, f), made.dy.shape)]
            for o in used
            if o or bug != "first"
        ]
        frame = {"to": ["dW", at], "op": "dot", "terms": terms, "phase": "dW"}
        frames.append(frame | ({"op": "mean", "n": made.out} if bug == "mean" else {}))
    for at, (row, f) in enumerate(cells(made.b.shape) if made.b is not None else []):
        terms = [["dY", ravel((o, f), made.dy.shape)] for o in (made.positions if made.rows == 1 else [row])]
        frames.append({"to": ["db", at], "op": "sum", "terms": terms, "phase": "db"})
    return frames
