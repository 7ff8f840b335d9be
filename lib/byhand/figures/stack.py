"""The trace of a stack of Conv1D layers, one channel each: what one output sees. `rules/stack.js` says the same.

Forward     h[o] = sum over taps j of g[o + j * d - before] * W[j] for each layer, g what the layer before made
Leak test   the same walk with a change of one step of x instead of x. A stack without activation and bias is linear:
            what comes out is exactly how far y moves
Backward    dg[i] = sum over taps j of dh[i + before - j * d] * W[j]: every output sends back along the same lines
"""

import numpy as np

from ..layers import Conv1D
from ..layers.windows import output_length, padding_widths
from .stack_asks import asks, bugs, call, code, controls, refusal
from .windows import entry, fill, fit, panel

WINDOWS = WIRES = True
MOST_LAYERS, LONGEST = 4, 16
VIEWS = {  # the first letters of its panels, in words
    "forward": ("", "input", "output"),
    "leak": ("Δ", "change of the input", "change of the output"),
    "backward": ("d", "gradient of the input", "gradient of the output"),
}


def read(model, x):
    """(params, data) of a Sequential of one to four Conv1D and an input (N, steps, 1)."""
    layers, x = model.layers, np.asarray(x, float)
    kinds = [type(layer).__name__ for layer in layers]
    if set(kinds) != {"Conv1D"} or len(layers) > MOST_LAYERS:
        raise ValueError(f"the figure of a Sequential draws one to four Conv1D; got {', '.join(kinds)}")
    if x.ndim != 3 or x.shape[2] != 1 or x.shape[1] > LONGEST:
        raise ValueError(f"the figure of a stack takes x (N, steps, 1) with at most {LONGEST} steps; got {x.shape}")
    for layer in layers:
        check(layer, layers[0].padding)
    sizes = [layer.kernel_size[0] for layer in layers]
    rates = [layer.dilation_rate[0] for layer in layers]
    while len(rates) < MOST_LAYERS:  # layers that the reader may add
        sizes.append(sizes[-1])
        rates.append(2 * rates[-1])
    params = {
        "layers": len(layers),
        "steps": x.shape[1],
        "kernel_size": sizes,
        "dilation_rate": rates,
        "padding": layers[0].padding,
        "at": x.shape[1] // 2,
        "view": "forward",
    }
    return params, {"x": entry(x[0])} | {f"W{n}": entry(layer.kernel) for n, layer in enumerate(layers, 1)}


def check(layer, padding):
    """ValueError if the figure cannot draw this layer of the stack."""
    if layer.kernel.shape[1:] != (1, 1) or layer.data_format != "channels_last":
        raise ValueError("the figure of a stack draws layers of one filter on one channel, channels last")
    if layer.strides != (1,) or layer.padding != padding:
        raise ValueError("the figure of a stack draws layers with strides=1 and one padding for all")
    if getattr(layer.activation, "__name__", "linear") != "linear" or (layer.use_bias and layer.bias.any()):
        raise ValueError("the figure of a stack draws layers without activation and with no bias but zero")


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    g = Geometry(params)
    sentence = refusal(params, g)
    if sentence:
        raise ValueError(sentence)
    given = data | (edits or {})
    layers = layers_of(params, g, given)
    links = [links_of(params, g, n, bug) for n in range(params["layers"])]
    make = backward if params["view"] == "backward" else forward
    panels, frames = make(params, g, given, layers, links, bug)
    weights = {
        f"W{n}": panel(f"kernel of layer {n}", ["tap", "channel", "filter"], layer.kernel, "weight", edit=True,
                       grid=[1, 0])
        for n, layer in enumerate(layers, 1)
    }  # fmt: skip
    if bug:
        fill(panels | weights, frames)
    return {
        "figure": "stack",
        "title": call(params),
        "params": params,
        "edits": edits or {},
        "controls": controls(params),
        "data": data,
        "panels": panels | weights,
        "layout": [*([name] for name in panels), list(weights)],
        "frames": frames,
        "asks": asks(params, g, reach(params, layers), seen(params, g)),
        "bugs": bugs(params, g),
        "code": code(params, given_of(params, g, given), [layer.kernel for layer in layers]),
        "wires": True,
        **({"lit": ["Δx", params["at"]]} if params["view"] == "leak" else {}),
        "receipt": "Numbers from the Conv1D layers of this book, each equal to Keras within 1e-5.",
    }


class Geometry:
    """What every layer measures: lengths[n] steps go into layer n; before[n] zeros stand in front of them."""

    def __init__(self, p):
        self.sizes, self.rates = p["kernel_size"][: p["layers"]], p["dilation_rate"][: p["layers"]]
        self.reaches = [(k - 1) * d for k, d in zip(self.sizes, self.rates)]
        self.lengths, self.before = [p["steps"]], []
        for k, d in zip(self.sizes, self.rates):
            n = self.lengths[-1]
            self.before.append(padding_widths([n], [k], [1], p["padding"], [d])[0][0])
            self.lengths.append(output_length(n, k, 1, p["padding"], d))
        self.field = 1 + sum(self.reaches)


def links_of(p, g, n, bug=None):
    """[(o, tap, i)] of layer n: its output o reads its input i through this tap. Padding is left out."""
    size, rate, before = g.sizes[n], g.rates[n], g.before[n]
    if bug == "order":
        rate = g.rates[-1 - n]
    if bug == "dilation" and n == g.rates.index(max(g.rates)):
        rate = 1
    if bug in ("order", "dilation", "same"):
        reach = (size - 1) * rate
        before = {"valid": 0, "causal": reach, "same": reach // 2}[p["padding"] if bug != "same" else "same"]
    if bug == "late" and n == 0:
        before += 1
    return [
        (o, size - 1 - j if bug == "flip" else j, o + j * rate - before)
        for o in range(g.lengths[n + 1])
        for j in range(size)
        if 0 <= o + j * rate - before < g.lengths[n]
    ]


def layers_of(p, g, given):
    """The NumPy layers of this stack, in float64."""
    made = []
    for n, (k, d) in enumerate(zip(g.sizes, g.rates)):
        layer = Conv1D(1, k, padding=p["padding"], dilation_rate=d, use_bias=False, dtype="float64")
        layer.build((1, g.lengths[n], 1))
        layer.set_weights([fit(given.get(f"W{n + 1}"), [k, 1, 1])])
        made.append(layer)
    return made


def given_of(p, g, given):
    """What the view starts from: x, a change of one step of it, or dY."""
    if p["view"] == "backward":
        return {"x": fit(given["x"], [p["steps"], 1]), "dY": fit(given.get("dY"), [g.lengths[-1], 1])}
    change = np.zeros((p["steps"], 1))
    change[p["at"]] = 1
    return {"x": fit(given["x"], [p["steps"], 1]), "Δx": change}


def names_of(p):
    """The panels of the present view from x to y."""
    first = VIEWS[p["view"]][0]
    big = {"d": ("X", "Y")}.get(first, ("x", "y"))
    return [first + big[0], *(f"{first}h{n}" for n in range(1, p["layers"])), first + big[1]]


def row(p, n, array, **more):
    """The panel of what goes into layer n."""
    last = p["layers"]
    label = VIEWS[p["view"]][1 if n == 0 else 2] if n in (0, last) else f"after layer {n}"
    role = more.pop("role", "input" if n == 0 else "result" if n == last else "middle")
    look = None if p["view"] == "forward" else "heat"
    return panel(label, ["step", "channel"], array, role, grid=[1, 0], look=look, **more)


def forward(p, g, given, layers, links, bug):
    start = given_of(p, g, given)["Δx" if p["view"] == "leak" else "x"]
    names, arrays = names_of(p), [start]
    for layer in layers:
        arrays.append(layer(arrays[-1][None])[0])
    panels = {name: row(p, n, a, edit=True if name == "x" else None) for n, (name, a) in enumerate(zip(names, arrays))}
    frames, spans = [], {i: (i, i) for i in range(p["steps"])}
    for n, linked in enumerate(links):
        spans = spans_of(linked, spans)
        for o in range(g.lengths[n + 1]):
            met = [(j, i) for made, j, i in linked if made == o]
            terms = [[names[n], i, f"W{n + 1}", j] for j, i in met]
            frames.append({"to": [names[n + 1], o], "op": "dot", "terms": terms})
            said = note(p, n, g.sizes[n] - len(met), spans.get(o), names[0])
            frames[-1] |= {"note": said} if said else {}
    return panels, frames


def spans_of(linked, spans):
    """{o: (first, last)}: from where to where the output o of a layer sees x, if its inputs see `spans`."""
    seen = {}
    for o, _, i in linked:
        if i in spans:
            seen.setdefault(o, []).extend(spans[i])
    return {o: (min(steps), max(steps)) for o, steps in seen.items()}


def note(p, n, missing, span, x):
    """What a frame of layer n says of taps that read no cell and, at the end of a stack, of the steps it sees."""
    said = [f"{missing} tap{'s' if missing > 1 else ''} in the padding"] if missing else []
    if span and p["layers"] > 1 and n == p["layers"] - 1:
        said.append(f"sees {x}[{span[0]}] to {x}[{span[1]}]")
    return "; ".join(said)


def backward(p, g, given, layers, links, bug):
    names, arrays = names_of(p), [given_of(p, g, given)["dY"]]
    x = fit(given["x"], [p["steps"], 1])[None]
    for layer in layers:
        x = layer(x)
    for layer in reversed(layers):
        arrays.insert(0, layer.backward(arrays[0][None])[0])
    roles = ["gradient", *["middle"] * (p["layers"] - 1), "input"]
    panels = {
        name: row(p, n, a, role=role, edit=True if name == "dY" else None)
        for n, (name, a, role) in enumerate(zip(names, arrays, roles))
    }
    frames = []
    for n in reversed(range(p["layers"])):
        for i in range(g.lengths[n]):
            met = [(o, j) for o, j, read in links[n] if read == i]
            frames.append(
                {"to": [names[n], i], "op": "dot", "terms": [[names[n + 1], o, f"W{n + 1}", j] for o, j in met]}
            )
    return panels, frames


def seen(p, g):
    """{o: (first, last)}: from where to where the output o of the whole stack sees x."""
    spans = {i: (i, i) for i in range(p["steps"])}
    for n in range(p["layers"]):
        spans = spans_of(links_of(p, g, n), spans)
    return spans


def reach(p, layers):
    """reach[i] = the outputs y[o] that move when x[i] is changed: the sum over all paths is not 0."""
    moves = np.eye(p["steps"])[..., None]
    for layer in layers:
        moves = layer(moves)
    return [[int(o) for o in np.flatnonzero(abs(line) > 1e-9)] for line in moves[..., 0]]
