"""The trace of Conv1DTranspose and Conv2DTranspose, told twice. `rules/transpose.js` says the same in the page.

Stamp       each x[i] stamps x[i] W onto a canvas, at i * s; where stamps overlap they add up; the ends are cut off
Gather      y[o] = sum over taps j of z[o + j] W↻[j], z being x with s - 1 zeros between its cells and padding around
Backward    dX[i] = sum over j of dY[i * s + j] W[j]: a convolution with strides, dY padded by what was cut off
"""

import math

import numpy as np

from ..layers import Conv1DTranspose, Conv2DTranspose
from ..layers.convolution_transpose import transposed_length, transposed_padding
from .copied import layer_code
from .transpose_asks import AXES, back_asks, call, controls, forward_asks, kind, length_rule
from .windows import cells, entry, fill, fit, padded, panel, ravel

WINDOWS = True
LARGEST = 14  # cells along one axis of the picture; more would be a wall of numbers


def read(layer, x):
    """(params, data) of a transposed convolution with one channel and one filter and of x (N, *space, 1)."""
    rank = layer.kernel.ndim - 2
    x = np.asarray(x, float)
    if x.ndim != rank + 2:
        raise ValueError(f"the figure of {type(layer).__name__} takes x with {rank + 2} axes; got shape {x.shape}")
    if layer.kernel.shape[-2:] != (1, 1):
        raise ValueError(
            f"the figure draws one channel and one filter; got a kernel {layer.kernel.shape}. "
            "Each further channel adds stamps of its own to the same canvas"
        )
    if getattr(layer.activation, "__name__", "linear") != "linear":
        raise ValueError("the figure draws a transposed convolution without an activation")
    if max(layer.dilation_rate) > 1 or layer.data_format != "channels_last":
        raise ValueError("the figure draws dilation_rate=1 and data_format='channels_last'")
    params = {
        "rank": rank,
        "size": list(x.shape[1:-1]),
        "kernel_size": list(layer.kernel_size),
        "strides": list(layer.strides),
        "padding": layer.padding,
        "output_padding": None if layer.output_padding is None else list(layer.output_padding),
        "use_bias": bool(layer.use_bias),
        "view": "forward",
    }
    data = {"x": entry(x[0, ..., 0]), "W": entry(layer.kernel[..., 0, 0])}
    return params, data | ({"b": entry(layer.bias)} if layer.use_bias else {})


def refusal(p):
    """The sentence that says why these settings make no figure, or None."""
    extra = p["output_padding"]
    if extra and any(e >= s for e, s in zip(extra, p["strides"])):
        return "Keras refuses an output_padding that is not below the stride. Take a larger stride, or less of it."
    if extra and p["padding"] == "same" and any(k % 2 == 0 and e == 0 for k, e in zip(p["kernel_size"], extra)):
        return (
            "With same, an even kernel and output_padding 0 the output is one cell short of a whole stride, "
            "and TensorFlow stops with an error. Take None, or 1."
        )
    g = Geometry(p)
    if max(*g.spread, *g.canvas) > (LARGEST if p["rank"] == 2 else 24):
        return "That makes more cells than one can read. Take a smaller input, kernel or stride."
    return None


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    sentence = refusal(params)
    if sentence:
        raise ValueError(sentence)
    g, given = Geometry(params, bug), data | (edits or {})
    make = backward if params["view"] == "backward" else forward
    return {
        "figure": "transpose",
        "title": call(params),
        "params": params,
        "edits": edits or {},
        "controls": controls(params),
        "data": data,
        **make(params, g, given, bug),
        "receipt": f"Numbers from the {kind(params)} of this book, equal to Keras within 1e-5.",
    }


class Geometry:
    """Lengths of one setting: `begin` cells are cut off in front of the canvas, `pad` is put around the spread x."""

    def __init__(self, p, bug=None):
        self.size, self.kernel, self.strides = p["size"], p["kernel_size"], p["strides"]
        extra = p["output_padding"] or [None] * p["rank"]
        each = list(zip(self.size, self.kernel, self.strides))
        self.full = [(n - 1) * s + k for n, k, s in each]
        self.out = [transposed_length(n, k, s, p["padding"], e) for (n, k, s), e in zip(each, extra)]
        self.right = [transposed_padding(n, long, k, s, p["padding"])[0] for (n, k, s), long in zip(each, self.out)]
        self.canvas = [max(f, b + n) for f, b, n in zip(self.full, self.right, self.out)]
        self.begin = [wrong_begin(p, a, b, bug, self) for a, b in enumerate(self.right)]
        self.spread = [n + k - 1 for n, k in zip(self.out, self.kernel)]
        self.pad = [[k - 1 - b, n - 1 + b - (m - 1) * s] for b, n, (m, k, s) in zip(self.right, self.out, each)]

    def stamps_on(self, o):
        """[(input cell, kernel cell)] of the stamps that reach output cell `o`, in the order of the input."""
        place = [i + b for i, b in zip(o, self.begin)]
        taps = ((i, [q - m * s for q, m, s in zip(place, i, self.strides)]) for i in cells(self.size))
        return [(i, tap) for i, tap in taps if all(0 <= j < k for j, k in zip(tap, self.kernel))]

    def gathered(self, o):
        """[(cell of the spread x, kernel cell, whether a number of x stands there)] of the window at `o`."""
        found = []
        for tap in cells(self.kernel):
            at = [i + j + b - right for i, j, b, right in zip(o, tap, self.begin, self.right)]
            if any(not 0 <= i < n for i, n in zip(at, self.spread)):
                continue  # with a bug only: there z would be zero
            steps = [i - before for i, (before, _) in zip(at, self.pad)]
            real = all(0 <= q < n * s and q % s == 0 for q, n, s in zip(steps, self.size, self.strides))
            found.append((at, tap, real))
        return found


def wrong_begin(p, a, right, bug, g):
    """Where the cut begins along axis `a` when it is made on the wrong side, or output_padding is put there."""
    if bug == "crop":
        return max(g.full[a] - g.out[a], 0) - right if p["padding"] == "same" else right
    if bug == "extra" and p["output_padding"]:
        return g.kernel[a] // 2 if p["padding"] == "same" else -p["output_padding"][a]
    return right


def run(p, x, w, b=None, dy=None, **other):
    """(y, dX, grads) of the NumPy layer with these settings, in float64; channel and filter taken off."""
    make = Conv1DTranspose if p["rank"] == 1 else Conv2DTranspose
    options = {"strides": p["strides"], "padding": p["padding"], "output_padding": p["output_padding"]} | other
    layer = make(1, p["kernel_size"], use_bias=b is not None, dtype="float64", **options)
    batch = x[None, ..., None]
    layer.build(batch.shape)
    layer.set_weights([w[..., None, None]] + ([] if b is None else [b]))
    y = layer(batch)[0, ..., 0]
    if dy is None:
        return y, None, None
    return y, layer.backward(dy[None, ..., None])[0, ..., 0], layer.grads


def arrays(p, given):
    b = fit(given.get("b"), [1]) if p["use_bias"] else None
    return fit(given.get("x"), p["size"]), fit(given.get("W"), p["kernel_size"]), b


def forward(p, g, given, bug):
    x, w, b = arrays(p, given)
    axes, every = AXES[p["rank"]], (slice(None, None, -1),) * p["rank"]
    y = run(p, x, w, b)[0]
    hits = run(p, np.ones(g.size), np.ones(g.kernel))[0]
    z, zeros = spread(g, x)
    rule = " by ".join(dict.fromkeys(length_rule(p, g, a) for a in range(p["rank"])))
    panels = {
        "x": panel("input", axes, x, "input", edit=True),
        "W": panel("kernel", axes, w, "weight", edit=True),
        "y": panel(f"output, length {rule}", axes, y, "result"),
        "hits": panel("stamps on each cell", axes, hits, "middle", look="heat"),
        "z": panel("x, zeros inserted", axes, z, "middle", pad=g.pad, padtext="0", zeros=zeros or None),
        "W↻": panel("kernel, flipped", axes, w[every], "weight"),
        "y′": panel("output, gathered", axes, y, "result"),
    }
    if b is not None:
        panels["b"] = panel("bias", ["filter"], b, "weight", edit=True)
    stamping = []
    if p["rank"] == 1:
        panels["stamps"], stamping = stamps(p, g, x, w, bug)
    frames = stamping + [frame for o in cells(g.out) for frame in output_frames(p, g, o, bug)]
    if bug:
        fill(panels, frames)
    plus = ["+", "b"] if b is not None else []
    if p["rank"] == 1:
        first = [["x", "W", *plus[1:]], ["stamps"], ["y"]]
    else:
        first = [["x", "stamps", "W", *plus, "=", "y"]]
    return {
        "panels": panels,
        "layout": [*first, ["z", "∗", "W↻", *plus, "=", "y′", "hits"]],
        "frames": frames,
        "asks": forward_asks(p, g, panels),
        "bugs": forward_bugs(p, g),
        "code": layer_code(call(p), x[None, ..., None], [w[..., None, None], b]),
    }


def spread(g, x):
    """(x with zeros between its cells and padding around, flat places of the zeros between)"""
    wide = [(n - 1) * s + 1 for n, s in zip(g.size, g.strides)]
    between, here = np.zeros(wide), np.zeros(wide, bool)
    at = tuple(slice(None, None, s) for s in g.strides)
    between[at], here[at] = x, True
    z, inserted = padded(between, g.pad), padded(~here, g.pad, False)
    return z, [int(k) for k in np.flatnonzero(inserted)]


def stamps(p, g, x, w, bug):
    """(panel, frames) of one line for each input cell: its scaled kernel, laid where it lands on the canvas."""
    (n,), (k,), (s,), (canvas,) = g.size, g.kernel, g.strides, g.canvas
    laid = np.zeros((n, canvas))
    for i in range(n):
        alone = np.where(np.arange(n) == i, x, 0)
        laid[i, : g.full[0]] = run(p, alone, w, padding="valid", output_padding=None)[0][: g.full[0]]
    empty = [i * canvas + q for i in range(n) for q in range(canvas) if not 0 <= q - i * s < k]
    place = [q - g.right[0] for q in range(canvas)]
    columns = [f"y[{o}]" if 0 <= o < g.out[0] else "cut" for o in place]
    names = {"0": [f"x[{i}]" for i in range(n)], "1": columns}
    shown = panel("each x times the kernel", ["stamp", "place"], laid, "middle", zeros=empty or None, names=names)
    frames = []
    for i in range(n):
        for j in range(k):
            tap = k - 1 - j if bug == "flip" else j
            frames.append(
                {"to": ["stamps", i * canvas + i * s + j], "op": "dot", "terms": [["x", i, "W", tap]], "phase": "stamp"}
            )
    return shown, frames


def output_frames(p, g, o, bug):
    """The two frames of one output cell: added up from stamps, and gathered from the spread x."""
    at, found, terms = ravel(o, g.out), g.stamps_on(o), []
    bias = [["b", 0]] if p["use_bias"] else []
    for i, tap in found:
        if bug == "flip":
            tap = [k - 1 - j for j, k in zip(tap, g.kernel)]
        product = ["x", ravel(i, g.size), "W", ravel(tap, g.kernel)]
        terms.append(["stamps", i[0] * g.canvas[0] + o[0] + g.begin[0]] if p["rank"] == 1 else product)
    gathered = [(cell, tap, real) for cell, tap, real in g.gathered(o)]
    if bug == "overwrite":
        terms, gathered = terms[-1:], [one for one in gathered if one[2]][-1:]
    if bug == "flip":
        gathered = [(cell, [k - 1 - j for j, k in zip(tap, g.kernel)], real) for cell, tap, real in gathered]
    window = [["z", ravel(cell, g.spread), "W↻", ravel(tap, g.kernel)] for cell, tap, _ in gathered]
    add = {"to": ["y", at], "op": "sum" if p["rank"] == 1 else "dot", "terms": terms + bias, "phase": "add"}
    gather = {"to": ["y′", at], "op": "dot", "terms": window + bias, "phase": "gather"}
    add["see"], gather["see"] = [["y′", at], ["hits", at]], [["y", at], ["hits", at]]
    if not found:
        add["note"] = "no stamp reaches this cell"
    return [add, gather]


def forward_bugs(p, g):
    same, extra = p["padding"] == "same", p["output_padding"]
    side = "output_padding adds its cells behind, as PyTorch does" if same else "output_padding adds its cells in front"
    odd = any((f - n) % 2 for f, n in zip(g.full, g.out))
    known = [
        ("flip", "the kernel is flipped before it is stamped", True),
        ("overwrite", "where stamps overlap, the last one replaces the others", True),
        ("crop", "the odd cell is cut off in front, not behind", same and odd),
        ("extra", side, bool(extra) and max(extra) > 0),
    ]
    return [{"name": name, "label": label} for name, label, there in known if there]


# --- the way back -----------------------------------------------------------------------------------------------------


def backward(p, g, given, bug):
    x, w, b = arrays(p, given)
    dy = given.get("dY")
    dy = fit(dy and dy | {"shape": dy["shape"][: p["rank"]]}, g.out)  # explain() gives it with its filter axis
    axes = AXES[p["rank"]]
    _, dx, grads = run(p, x, w, b, dy)
    pad = [[first, whole - first - n] for first, whole, n in zip(g.right, g.canvas, g.out)]
    panels = {
        "dY": panel("gradient of y", axes, padded(dy, pad), "input", edit=True, pad=pad, padtext="0"),
        "W": panel("kernel", axes, w, "weight", edit=True),
        "dX": panel("gradient of x", axes, dx, "gradient"),
        "x": panel("input", axes, x, "input", edit=True),
        "dW": panel("gradient of W", axes, grads["kernel"][..., 0, 0], "gradient"),
    }
    below = ["x", "∗ dY =", "dW"]
    if b is not None:
        panels["db"] = panel("gradient of b", ["filter"], grads["bias"], "gradient")
        below += ["Σ dY =", "db"]
    frames = backward_frames(p, g, bug)
    if bug:
        fill(panels, frames)
    known = [
        ("flip", "the kernel is flipped on the way back", True),
        ("stride", "the kernel moves one cell at a time over dY, not by the stride", max(g.strides) > 1),
        ("mean", "dW is averaged over the input cells, not summed", True),
    ]
    return {
        "panels": panels,
        "layout": [["dY", "∗", "W", "=", "dX"], below],
        "frames": frames,
        "asks": back_asks(p, g, panels, frames),
        "bugs": [{"name": name, "label": label} for name, label, there in known if there],
        "code": layer_code(call(p), x[None, ..., None], [w[..., None, None], b], dy[None, ..., None]),
    }


def backward_frames(p, g, bug):
    frames = []

    def reads(i, tap, strides):
        return ["dY", ravel([m * s + j for m, j, s in zip(i, tap, strides)], g.canvas)]

    for i in cells(g.size):
        strides = [1] * p["rank"] if bug == "stride" else g.strides
        terms = []
        for tap in cells(g.kernel):
            weight = [k - 1 - j for j, k in zip(tap, g.kernel)] if bug == "flip" else tap
            terms.append([*reads(i, tap, strides), "W", ravel(weight, g.kernel)])
        frames.append({"to": ["dX", ravel(i, g.size)], "op": "dot", "terms": terms, "phase": "dX"})
    mean = {"op": "mean", "n": math.prod(g.size)} if bug == "mean" else {"op": "dot"}
    for tap in cells(g.kernel):
        terms = [["x", ravel(i, g.size), *reads(i, tap, g.strides)] for i in cells(g.size)]
        frames.append({"to": ["dW", ravel(tap, g.kernel)], "terms": terms, "phase": "dW", **mean})
    if p["use_bias"]:
        own = [ravel([i + b for i, b in zip(o, g.begin)], g.canvas) for o in cells(g.out)]
        frames.append({"to": ["db", 0], "op": "sum", "terms": [["dY", k] for k in own], "phase": "db"})
    return frames
