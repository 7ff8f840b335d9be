"""The trace of Conv1D and Conv2D, forward and backward. `rules/conv.js` says the same in the page.

Forward     y[o, f] = sum over taps j and channels c of xp[o * s + j * d, c] * W[j, c, f], plus b[f]
dX          the same walk over dY, spread by the stride and padded, with the flipped kernel: a full correlation
dW, db      dW[j, c, f] = sum over positions o of xp[o * s + j * d, c] * dY[o, f];  db[f] = sum of dY[., f]
"""

import numpy as np

from ..layers import Conv1D, Conv2D
from ..layers.windows import output_length, padding_widths
from .windows import array_code, cells, entry, fill, fit, padded, panel, ravel, short, size_text, window

ACTIVATIONS = (None, "linear", "relu", "sigmoid", "tanh")
LARGEST = 12  # cells along one axis; more would be a wall of numbers
AXES = {1: ["step", "channel", "filter"], 2: ["row", "column", "channel", "filter"]}


def read(layer, x):
    """(params, data) of a built Conv1D or Conv2D and an input (N, *space, C); the figure shows the first sample."""
    kind, rank = type(layer).__name__, layer.kernel.ndim - 2
    x = np.asarray(x, float)
    if x.ndim != rank + 2:
        raise ValueError(f"the figure of {kind} takes x with {rank + 2} axes; got shape {x.shape}")
    *size, channels, filters = layer.kernel.shape
    activation = getattr(layer.activation, "__name__", layer.activation)
    if activation not in ACTIVATIONS:
        raise ValueError(f"the figure draws relu, sigmoid, tanh or no activation; got {activation!r}")
    if layer.groups != 1 or layer.data_format != "channels_last":
        raise ValueError("the figure draws groups=1 and data_format='channels_last'")
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


def refusal(p):
    """The sentence that says why these settings make no figure, or None. Keras refuses the first two as well."""
    if max(p["strides"]) > 1 and max(p["dilation_rate"]) > 1:
        return "Keras refuses strides and dilation above 1 at the same time. Set one of them back to 1."
    if p["padding"] == "valid":
        for n, k, d in zip(p["size"], p["kernel_size"], p["dilation_rate"]):
            span = (k - 1) * d + 1
            if span > n:
                far = f" with dilation {d} spans {span} cells and" if d > 1 else ""
                return f"A kernel of {k}{far} does not fit into {n} cells without padding. Take a smaller one, or same."
    if p["padding"] == "causal" and p["rank"] > 1:
        return "Causal padding is for Conv1D: only time has a before and an after."
    if p["view"] == "backward" and p["activation"]:
        return "The backward view is drawn without an activation."
    return None


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
    make = Conv1D if p["rank"] == 1 else Conv2D
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
    axes, grid = AXES[p["rank"]], [1, 0] if p["rank"] == 1 else None
    pad = [*g.pad, [0, 0]]
    inside = axes[: p["rank"] + 1]
    shared = {
        "x": panel("input", inside, padded(x, pad), "input", edit=True, pad=pad, padtext="0", grid=grid),
        "W": panel("kernel", axes, w, "weight", edit=True, grid=grid),
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
        "asks": forward_asks(p, g),
        "bugs": forward_bugs(p, g),
        "code": code(p, x, w, b),
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
        if bug == "pad":
            cell = tuple(i + shift for i, shift in zip(cell, odd_shift(p, g)))
        if any(i >= n for i, n in zip(cell, g.space)):
            continue  # on the wrong side the window reaches past the padding: nothing to read there
        for c in range(p["channels"]):
            if not (bug == "channel" and c):
                terms.append(["x", ravel((*cell, c), g.xp), "W", ravel((*tap, c, f), g.w)])
    return terms + ([["b", f]] if p["use_bias"] and bug != "bias" else [])


def odd_shift(p, g):
    """How far each axis moves when its padding is put on the wrong side."""
    if p["padding"] == "causal":
        return [before for before, _ in g.pad]
    return [after - before for before, after in g.pad]


def forward_bugs(p, g):
    sided = p["padding"] != "valid" and any(odd_shift(p, g))
    causal = "all the padding stands after the last step, so a step sees the future"
    odd = "the odd row or column of padding stands before the first cell instead of after the last"
    taps = max(g.kernel) > 1
    known = [
        ("flip", "the kernel is flipped", taps),
        ("pad", causal if p["padding"] == "causal" else odd, sided),
        ("bias", "the bias is forgotten", p["use_bias"]),
        ("stride", "the window moves one cell too few at every step", max(g.strides) > 1),
        ("dilation", "the dilation is ignored", taps and max(g.dilation) > 1),
        ("channel", "only the first channel is summed", p["channels"] > 1),
    ]
    return [{"name": name, "label": label} for name, label, there in known if there]


def length_rule(n, k, s, d, padding):
    """How one output length comes about, as a formula with numbers."""
    if padding != "valid":
        return f"ceil({n} / {s}) = {-(-n // s)}"
    span = (k - 1) * d + 1
    return f"floor(({n} − {span}) / {s}) + 1 = {(n - span) // s + 1}"


def forward_asks(p, g):
    axes, asks = AXES[p["rank"]], []
    lengths = ", ".join(
        f"{axis}s: {length_rule(*one, p['padding'])}"
        for axis, *one in zip(axes, g.size, g.kernel, g.strides, g.dilation)
    )
    asks.append(
        {
            "kind": "shape",
            "prompt": f"x has shape {size_text(g.x)}. Which shape has y for one sample, channels last?",
            "answer": g.y,
            "why": f"{lengths}; the last axis counts the filters, {p['filters']}.",
        }
    )
    if p["padding"] == "causal":
        asks.append(
            {
                "kind": "choice",
                "prompt": f"padding='causal' adds {g.pad[0][0]} zeros to x. Where do they stand?",
                "options": ["all before the first step", "all after the last step", "half on each side"],
                "answer": 0,
                "why": "A window then ends at its own step and never sees a later one.",
                "veil": ["x", "y"],
            }
        )
    odd = [a for a in range(p["rank"]) if p["padding"] == "same" and sum(g.pad[a]) % 2]
    if odd:
        a = odd[0]
        before, after = ("left", "right") if p["rank"] == 1 or a == 1 else ("top", "bottom")
        asks.append(
            {
                "kind": "choice",
                "prompt": f"padding='same' needs {sum(g.pad[a])} more {axes[a]}s of zeros here, an odd number. "
                "On which side does Keras put the odd one?",
                "options": [before, after, "half a cell on each side"],
                "answer": 1,
                "why": f"Keras puts {g.pad[a][0]} on the {before} and {g.pad[a][1]} on the {after}.",
                "veil": ["x", "y"],
            }
        )
    touching = [
        ["y", ravel((*o, f), g.y)]
        for o in cells(g.out)
        for f in range(p["filters"])
        if any(outside(cell, g) for _, cell in window(o, g.kernel, g.strides, g.dilation))
    ]
    if touching and len(touching) < len(list(cells(g.y))):
        asks.append(
            {
                "kind": "cell",
                "prompt": "Select a cell of y whose window reaches into the padding.",
                "answer": touching,
                "why": "Its window covers at least one hatched cell.",
            }
        )
    return asks


def outside(cell, g):
    """Whether a cell of the padded input is padding."""
    return any(not before <= i < before + n for i, n, (before, _) in zip(cell, g.size, g.pad))


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
        "W↻": panel("kernel, flipped", AXES[p["rank"]], flipped, "weight", grid=grid),
        "dX": panel("gradient of x", AXES[p["rank"]][: p["rank"] + 1], dx, "gradient", grid=grid),
        "x": {k: v for k, v in panels["x"].items() if k != "edit"},
        "dW": panel("gradient of W", AXES[p["rank"]], layer.grads["kernel"], "gradient", grid=grid),
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
        "bugs": [
            {"name": name, "label": label}
            for name, label, there in [
                ("flip", "the kernel is not flipped on the way back", max(g.kernel) > 1),
                ("mean", "dW is averaged over the windows instead of summed", len(list(cells(g.out))) > 1),
                ("first", "dW leaves out the first window", True),
            ]
            if there
        ],
        "code": code(p, x, w, b, dy),
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


def backward_asks(p, g):
    corner = size_text([0] * p["rank"])
    meets = sum(
        all(i == before for i, (before, _) in zip(cell, g.pad))
        for o in cells(g.out)
        for _, cell in window(o, g.kernel, g.strides, g.dilation)
    )
    return [
        {
            "kind": "shape",
            "prompt": "Which shape has dW, the gradient of the kernel?",
            "answer": g.w,
            "why": "A gradient always has the shape of what it belongs to: one number for each weight.",
            "veil": ["dX", "dW", "db", "W↻"],
        },
        {
            "kind": "number",
            "prompt": f"From how many cells of dY does the first pixel x{corner} get its gradient, for each channel "
            "and filter?",
            "answer": meets,
            "why": f"It was inside {meets} window{'' if meets == 1 else 's'} on the way forward, and each sends one "
            "back.",
            "at": ["dX", 0],
        },
    ]


def kind(p):
    return f"Conv{p['rank']}D"


def call(p):
    """The constructor call with what differs from Keras' defaults."""
    text = f"{p['filters']}, {short(p['kernel_size'])}"
    if max(p["strides"]) > 1:
        text += f", strides={short(p['strides'])}"
    if p["padding"] != "valid":
        text += f', padding="{p["padding"]}"'
    if max(p["dilation_rate"]) > 1:
        text += f", dilation_rate={short(p['dilation_rate'])}"
    if p["activation"]:
        text += f', activation="{p["activation"]}"'
    if not p["use_bias"]:
        text += ", use_bias=False"
    return f"{kind(p)}({text})"


def code(p, x, w, b, dy=None):
    """The present setting to copy: the same lines with Keras' layer and with this book's."""
    weights = array_code(w) + (", " + array_code(b) if b is not None else "")
    lines = [
        f"layer = {call(p)}",
        f"x = {array_code(x[None])}",
        "layer.build(x.shape)",
        f"layer.set_weights([{weights}])",
    ]
    keras, by_hand = ["y = layer(x)"], ["y = layer(x)"]
    if dy is not None:
        lines.append(f"dy = {array_code(dy[None])}")
        keras = [
            "x = tf.Variable(x, dtype=tf.float32)",
            "with tf.GradientTape() as tape:",
            "    y = layer(x)",
            "dx, *dweights = tape.gradient(y, [x, *layer.trainable_weights], tf.constant(dy, tf.float32))",
        ]
        by_hand += ["dx = layer.backward(dy)", "dweights = layer.get_gradients()"]
    tensorflow = "import tensorflow as tf\n" if dy is not None else ""
    head = f"import numpy as np\n{tensorflow}from {{}} import {kind(p)}\n\n"
    body = "\n".join(lines) + "\n"
    return {
        "keras": head.format("tensorflow.keras.layers" if dy is not None else "keras.layers") + body + "\n".join(keras),
        "numpy": head.replace("import tensorflow as tf\n", "").format("byhand.layers") + body + "\n".join(by_hand),
    }


def controls(p):
    def choice(name, label, options, **more):
        return {"name": name, "label": label, "kind": "choice", "options": options, **more}

    rank, axes = p["rank"], AXES[p["rank"]]
    each = [[[n] * rank for n in range(1, top + 1)] for top in (3, 2)]
    lengths = [4, 5, 6, 7, 8]
    made = [choice("view", "direction", ["forward", "backward"], look="switch")]
    for a in range(rank):
        made.append(choice(f"size.{a}", f"input {axes[a]}s", lengths))
    for a in range(rank):
        made.append(choice(f"kernel_size.{a}", f"kernel {axes[a]}s", [1, 2, 3, 4, 5]))
    made.append(choice("strides", "strides", each[0], labels=["1", "2", "3"]))
    made.append(choice("padding", "padding", ["valid", "same"] + (["causal"] if rank == 1 else [])))
    made.append(choice("dilation_rate", "dilation", each[1], labels=["1", "2"]))
    made.append(choice("channels", "channels", [1, 2, 3]))
    made.append(choice("filters", "filters", [1, 2]))
    return made
