"""The trace of Conv1D, Conv2D and Conv3D, forward and backward. `rules/conv.js` says the same in the page.

Forward     y[o, f] = sum over taps j and channels c of xp[o * s + j * d, c] * W[j, c, f], plus b[f]
dX          the same walk over dY, spread by the stride and padded, with the flipped kernel: a full correlation
dW, db      dW[j, c, f] = sum over positions o of xp[o * s + j * d, c] * dY[o, f];  db[f] = sum of dY[., f]
"""

import numpy as np

from ..layers import Conv1D, Conv2D, Conv3D
from ..layers.windows import output_length, padding_widths
from .conv_asks import (
    AXES,
    KERNEL,
    backward_asks,
    backward_bugs,
    call,
    clip_asks,
    controls,
    forward_asks,
    forward_bugs,
    kind,
    odd_shift,
    refusal,
)
from .copied import layer_code
from .windows import cells, entry, fill, fit, padded, panel, ravel, window

WINDOWS = True
ACTIVATIONS = (None, "linear", "relu", "sigmoid", "tanh")
LARGEST = 12  # cells along one axis; more would be a wall of numbers
GRID = {1: [1, 0], 2: None, 3: [1, 2]}  # axes of the rows and columns; the frames of a clip stand beside each other


def read(layer, x):
    """(params, data) of a built Conv layer and an input (N, *space, C); the figure shows the first sample."""
    kind, rank = type(layer).__name__, layer.kernel.ndim - 2
    x = np.asarray(x, float)
    if x.ndim != rank + 2:
        raise ValueError(f"the figure of {kind} takes x with {rank + 2} axes; got shape {x.shape}")
    *size, channels, filters = layer.kernel.shape
    activation = getattr(layer.activation, "__name__", layer.activation)
    if activation not in ACTIVATIONS:
        raise ValueError(f"the figure draws relu, sigmoid, tanh or no activation; got {activation!r}")
    if layer.groups != 1:
        more = "; explain(layer, x, figure='wiring') draws groups" if kind == "Conv2D" else ""
        raise ValueError(f"the figure draws groups=1{more}")
    if layer.data_format != "channels_last":
        raise ValueError("the figure draws data_format='channels_last'")
    space = x.shape[1 : rank + 1]
    if max(*space, channels, filters) > LARGEST:
        raise ValueError(
            f"the figure shows at most {LARGEST} cells along an axis; got x {x.shape} and {filters} filters"
        )
    params = {
        "rank": rank,
        "size": list(space),
        "channels": channels,
        "filters": filters,
        "kernel_size": list(size),
        "strides": list(layer.strides),
        "padding": layer.padding,
        "dilation_rate": list(layer.dilation_rate),
        "activation": None if activation == "linear" else activation,
        "use_bias": bool(layer.use_bias),
        "view": "forward",
    }
    data = {"x": entry(x[0]), "W": entry(layer.kernel)}
    if layer.use_bias:
        data["b"] = entry(layer.bias)
    return params, data


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    sentence = refusal(params)
    if sentence:
        raise ValueError(sentence)
    given = data | (edits or {})
    geometry = Geometry(params)
    make = backward if params["view"] == "backward" else forward
    return {
        "figure": "conv",
        "title": call(params),
        "params": params,
        "edits": edits or {},
        "controls": controls(params),
        "data": data,
        **make(params, geometry, given, bug),
        "receipt": f"Numbers from the {kind(params)} of this book, equal to Keras within 1e-5.",
    }


class Geometry:
    """Lengths and padding of one setting; `space` is what the padded input measures."""

    def __init__(self, p):
        self.size, self.kernel, self.strides, self.dilation = (
            p["size"],
            p["kernel_size"],
            p["strides"],
            p["dilation_rate"],
        )
        self.pad = [list(w) for w in padding_widths(self.size, self.kernel, self.strides, p["padding"], self.dilation)]
        self.space = [n + sum(w) for n, w in zip(self.size, self.pad)]
        self.out = [
            output_length(n, k, s, p["padding"], d)
            for n, k, s, d in zip(self.size, self.kernel, self.strides, self.dilation)
        ]
        self.x, self.y = [*self.size, p["channels"]], [*self.out, p["filters"]]
        self.xp, self.w = [*self.space, p["channels"]], [*self.kernel, p["channels"], p["filters"]]


def arrays(p, g, given):
    """(x, W, b) as arrays of the present sizes; b is None without a bias."""
    b = fit(given.get("b"), [p["filters"]]) if p["use_bias"] else None
    return fit(given["x"], g.x), fit(given["W"], g.w), b


def layer_of(p, g, w, b):
    """The NumPy layer with these settings and weights, in float64."""
    make = (Conv1D, Conv2D, Conv3D)[p["rank"] - 1]
    layer = make(
        p["filters"],
        p["kernel_size"],
        p["strides"],
        padding=p["padding"],
        dilation_rate=p["dilation_rate"],
        activation=p["activation"],
        use_bias=p["use_bias"],
        dtype="float64",
    )
    layer.build((1, *g.x))
    layer.set_weights([w] if b is None else [w, b])
    return layer


def panels_of(p, g, x, w, b):
    """The panels both views share."""
    axes, grid = AXES[p["rank"]], GRID[p["rank"]]
    pad = [*g.pad, [0, 0]]
    inside = axes[: p["rank"] + 1]
    shared = {
        "x": panel("input", inside, padded(x, pad), "input", edit=True, pad=pad, padtext="0", grid=grid),
        "W": panel("kernel", KERNEL[p["rank"]], w, "weight", edit=True, grid=grid),
    }
    if b is not None:
        shared["b"] = panel("bias", ["filter"], b, "weight", edit=True)
    return shared, [*axes[: p["rank"]], "filter"], grid


def forward(p, g, given, bug):
    x, w, b = arrays(p, g, given)
    panels, axes, grid = panels_of(p, g, x, w, b)
    y = layer_of(p, g, w, b)(x[None])[0]
    panels["y"] = panel("output", axes, y, "result", grid=grid)
    frames = [
        {"to": ["y", ravel((*o, f), g.y)], "op": p["activation"] or "dot", "terms": forward_terms(p, g, o, f, bug)}
        for o in cells(g.out)
        for f in range(p["filters"])
    ]
    if bug:
        fill(panels, frames)
    signs = [f"→ {p['activation']} →"] if p["activation"] else ["="]
    bias = ["+", "b"] if b is not None else []
    return {
        "panels": panels,
        "layout": [["x", "∗", "W", *bias, *signs, "y"]],
        "frames": frames,
        "asks": forward_asks(p, g) + (clip_asks(p, g, w) if p["rank"] == 3 else []),
        "bugs": forward_bugs(p, g),
        "code": layer_code(call(p), x[None], [w, b]),
    }


def forward_terms(p, g, o, f, bug):
    """The products behind y[o, f], then the bias. A bug changes which cells meet, never how many."""
    strides, dilation = g.strides, g.dilation
    if bug == "stride":
        strides = [max(s - 1, 1) for s in strides]
    if bug == "dilation":
        dilation = [1] * p["rank"]
    terms = []
    for tap, cell in window(o, g.kernel, strides, dilation):
        if bug == "flip":
            tap = tuple(k - 1 - j for j, k in zip(tap, g.kernel))
        if bug == "swap":
            tap = tap[::-1]
        if bug == "time":
            tap = (g.kernel[0] - 1 - tap[0], *tap[1:])
        if bug == "flat" and tap[0] or bug == "short" and tap == tuple(k - 1 for k in g.kernel):
            continue
        if bug == "late":
            cell = (*cell[:-1], cell[-1] + 1)
        if bug == "pad":
            cell = tuple(i + shift for i, shift in zip(cell, odd_shift(p, g)))
        if any(not 0 <= i < n for i, n in zip(cell, g.space)):
            continue  # on the wrong side the window reaches past the padding: nothing to read there
        for c in range(p["channels"]):
            if not (bug == "channel" and c):
                terms.append(["x", ravel((*cell, c), g.xp), "W", ravel((*tap, c, f), g.w)])
    return terms + ([["b", f]] if p["use_bias"] and bug != "bias" else [])


def backward(p, g, given, bug):
    x, w, b = arrays(p, g, given)
    panels, axes, grid = panels_of(p, g, x, w, b)
    dy = fit(given.get("dY"), g.y)
    layer = layer_of(p, g, w, b)
    layer(x[None])
    dx = layer.backward(dy[None])[0]
    flipped = w[(slice(None, None, -1),) * p["rank"]]
    spread, pad, zeros = spread_gradient(p, g, dy)
    gradients = {
        "dY": panel(
            "gradient of y", axes, spread, "input", edit=True, pad=pad, padtext="0", zeros=zeros or None, grid=grid
        ),
        "W↻": panel("kernel, flipped", KERNEL[p["rank"]], flipped, "weight", grid=grid),
        "dX": panel("gradient of x", AXES[p["rank"]][: p["rank"] + 1], dx, "gradient", grid=grid),
        "x": {k: v for k, v in panels["x"].items() if k != "edit"},
        "dW": panel("gradient of W", KERNEL[p["rank"]], layer.grads["kernel"], "gradient", grid=grid),
    }
    if b is not None:
        gradients["db"] = panel("gradient of b", ["filter"], layer.grads["bias"], "gradient")
    frames = backward_frames(p, g, gradients, bug)
    if bug:
        fill(gradients, frames)
    return {
        "panels": gradients,
        "layout": [["dY", "∗", "W↻", "=", "dX"], ["x", "∗ dY =", "dW", *(["Σ dY =", "db"] if b is not None else [])]],
        "frames": frames,
        "asks": backward_asks(p, g),
        "bugs": backward_bugs(g),
        "code": layer_code(call(p), x[None], [w, b], dy[None]),
    }


def spread_gradient(p, g, dy):
    """dY with stride - 1 zeros between its cells and padding such that the flipped kernel walks over all of x.

    Returns (array, pad, flat places of the zeros between)."""
    wide = [(n - 1) * s + 1 for n, s in zip(g.out, g.strides)]
    pad = []
    for n, k, d, (before, _), long in zip(g.size, g.kernel, g.dilation, g.pad, wide):
        reach = (k - 1) * d
        front = reach - before
        pad.append([front, n + reach - front - long])
    pad.append([0, 0])
    between = np.zeros([*wide, p["filters"]])
    here = np.zeros(between.shape, bool)
    at = tuple(slice(None, None, s) for s in g.strides)
    between[at], here[at] = dy, True
    inserted = padded(~here, pad, False)
    return padded(between, pad), pad, [int(i) for i in np.flatnonzero(inserted)]


def backward_frames(p, g, panels, bug):
    shape, pad = panels["dY"]["shape"], panels["dY"]["pad"]
    blank = set(panels["dY"].get("zeros", []))
    ones, frames = [1] * p["rank"], []

    def is_data(cell):
        inside = all(b <= i < n - a for i, n, (b, a) in zip(cell, shape, pad))
        return inside and ravel((*cell, 0), shape) not in blank

    for i in cells(g.size):
        taps = [(tap, cell) for tap, cell in window(i, g.kernel, ones, g.dilation) if is_data(cell)]
        for c in range(p["channels"]):
            terms = []
            for tap, cell in taps:
                if bug == "flip":
                    tap = tuple(k - 1 - j for j, k in zip(tap, g.kernel))
                for f in range(p["filters"]):
                    terms.append(["dY", ravel((*cell, f), shape), "W↻", ravel((*tap, c, f), g.w)])
            frames.append({"to": ["dX", ravel((*i, c), g.x)], "op": "dot", "terms": terms, "phase": "dX"})

    def place(o, f):
        return ravel((*(b + j * s for j, s, (b, _) in zip(o, g.strides, pad)), f), shape)

    positions = list(cells(g.out))
    for tap in cells(g.kernel):
        reads = [(o, [j * s + t * d for j, s, t, d in zip(o, g.strides, tap, g.dilation)]) for o in positions]
        if bug == "first":
            reads = reads[1:]
        for c in range(p["channels"]):
            for f in range(p["filters"]):
                terms = [["x", ravel((*cell, c), g.xp), "dY", place(o, f)] for o, cell in reads]
                frame = {"to": ["dW", ravel((*tap, c, f), g.w)], "op": "dot", "terms": terms, "phase": "dW"}
                frames.append(frame | ({"op": "mean", "n": len(positions)} if bug == "mean" else {}))
    if p["use_bias"]:
        for f in range(p["filters"]):
            terms = [["dY", place(o, f)] for o in positions]
            frames.append({"to": ["db", f], "op": "sum", "terms": terms, "phase": "db"})
    return frames
