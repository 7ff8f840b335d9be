"""Which channel reaches which: full, grouped, depthwise, separable and pointwise convolution at one output position.

Forward     full, grouped    y[f] = sum over taps j and channels c of f's group of x[j, c] * W[j, c, f], plus b[f]
            depthwise        y[c * m + i] = sum over taps j of x[j, c] * D[j, c, i], plus b
            separable        M[c * m + i] as depthwise without bias, then y[f] = sum over q of M[q] * P[q, f], plus b[f]
Backward    the same wires walked from dY to dX; the gradient of a weight is what enters its wire times what comes back

x is the window that this one output position sees. `rules/wiring.js` says the same in the page.
"""

import math

import numpy as np

from ..layers import Conv2D, DepthwiseConv2D, SeparableConv2D
from ..layers.convolution import conv_input_grad
from ..layers.windows import pad, padding_widths
from .copied import layer_code
from .windows import cells, entry, fill, fit, panel, ravel
from .wiring_asks import KINDS, backward_asks, bugs, call, controls, forward_asks, kind

WIRES = True
LARGEST = 150  # weights, or twice the cells of x; more would be a wall of numbers
COUNTS = ["kernels", "biases", "together", "products"]
POSITION = ["row", "column"]


def read(layer, x):
    """(params, data) of a Conv2D, DepthwiseConv2D or SeparableConv2D and x (N, height, width, C).

    The figure shows the output in the middle of the first sample: the window it sees is its x.
    """
    name = type(layer).__name__
    x = np.asarray(x, float)
    if x.ndim != 4:
        raise ValueError(f"the wiring of {name} takes x with 4 axes (batch, height, width, channels); got {x.shape}")
    if layer.data_format != "channels_last":
        raise ValueError("the wiring is drawn for data_format='channels_last'")
    if getattr(layer.activation, "__name__", layer.activation) not in (None, "linear"):
        raise ValueError("the wiring is drawn without an activation")
    size, strides, dilation = layer.kernel_size, layer.strides, layer.dilation_rate
    out = layer.compute_output_shape(x.shape)[1:3]
    at = [n // 2 for n in out]
    widths = padding_widths(x.shape[1:3], size, strides, layer.padding, dilation)
    rows, columns = ([o * s + j * d for j in range(k)] for o, s, d, k in zip(at, strides, dilation, size))
    window = pad(x[:1], widths)[0][np.ix_(rows, columns)]
    params = {
        "kind": {"DepthwiseConv2D": "depthwise", "SeparableConv2D": "separable"}.get(name, "full"),
        "channels": x.shape[-1],
        "filters": getattr(layer, "filters", x.shape[-1]),
        "groups": 2,
        "depth_multiplier": getattr(layer, "depth_multiplier", 1),
        "kernel_size": list(size),
        "out": list(out),
        "at": at,
        "use_bias": bool(layer.use_bias),
        "view": "forward",
    }
    if name == "Conv2D" and layer.groups > 1:
        params |= {"kind": "grouped", "groups": layer.groups}
    elif name == "Conv2D" and max(size) == 1:
        params["kind"] = "pointwise"
    names = {"Conv2D": "W", "DepthwiseConv2D": "D"}
    weights = ["D", "P"] if name == "SeparableConv2D" else [names[name]]
    data = {"x": entry(window)} | {key: entry(w) for key, w in zip([*weights, "b"], layer.get_weights())}
    return params, data


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    sentence = refusal(params)
    if sentence:
        raise ValueError(sentence)
    make = backward if params["view"] == "backward" else forward
    return {
        "figure": "wiring",
        "title": call(params),
        "params": params,
        "edits": edits or {},
        "controls": controls(params),
        "data": data,
        **make(params, Plan(params), data | (edits or {}), bug),
        "receipt": f"Numbers from the {kind(params)} of this book, equal to Keras within 1e-5.",
    }


class Step:
    """One step from channels to channels: the panels it reads, weighs with and makes, and its wires.

    wires    {(channel in, channel out): (the weight's last two coordinates)}
    """

    def __init__(self, source, weight, target, size, channels, out, groups, multiplier=0):
        self.source, self.weight, self.target, self.size = source, weight, target, size
        self.channels, self.out, self.groups = channels, out, groups
        self.shape = [*size, channels // groups, out] if not multiplier else [*size, channels, multiplier]
        if multiplier:
            self.wires = {(c, c * multiplier + i): (c, i) for c in range(channels) for i in range(multiplier)}
        else:
            own, each = channels // groups, out // groups
            self.wires = {(f // each * own + c, f): (c, f) for f in range(out) for c in range(own)}

    def grouped(self, channel, channels):
        """{"group": number} of one of the channels at either end; nothing where all belong together."""
        return {"group": channel * self.groups // channels} if self.groups > 1 else {}


class Plan:
    """The steps of one setting, and the shapes at its two ends."""

    def __init__(self, p):
        c, f, m = p["channels"], p["filters"], p["depth_multiplier"]
        self.size = [1, 1] if p["kind"] == "pointwise" else p["kernel_size"]
        self.groups = p["groups"] if p["kind"] == "grouped" else 1
        deep = p["kind"] in ("depthwise", "separable")
        self.out = c * m if p["kind"] == "depthwise" else f
        self.middle = c * m if p["kind"] == "separable" else 0
        if p["kind"] == "separable":
            first = Step("x", "D", "M", self.size, c, self.middle, c, m)
            self.steps = [first, Step("M", "P", "y", [1, 1], self.middle, f, 1)]
        else:
            weight = "D" if deep else "W"
            self.steps = [Step("x", weight, "y", self.size, c, self.out, c if deep else self.groups, m if deep else 0)]
        self.x = [*self.size, c]


def divides(p):
    return p["channels"] % p["groups"] == 0 == p["filters"] % p["groups"]


def refusal(p):
    """The sentence that says why these settings make no figure, or None. Keras refuses the first as well."""
    c, f, g = (p[name] for name in ("channels", "filters", "groups"))
    if p["kind"] == "grouped" and not divides(p):
        return f"{g} groups need channels and filters that {g} divides; here are {c} and {f}. Keras refuses it as well."
    plan = Plan(p)
    weights = sum(math.prod(step.shape) for step in plan.steps)
    if weights > LARGEST or 2 * math.prod(plan.x) > LARGEST:
        return f"{weights} weights are too many to read. Take a smaller kernel, or fewer channels."
    return None


def arrays(p, plan, given):
    """(x, [weights of each step], b) as arrays of the present sizes; b is None without a bias."""
    b = fit(given.get("b"), [plan.out]) if p["use_bias"] else None
    return fit(given["x"], plan.x), [fit(given.get(s.weight), s.shape) for s in plan.steps], b


def layer_of(p, plan, weights, b):
    """The NumPy layer with these settings and weights, in float64, built for one window."""
    if p["kind"] == "depthwise":
        layer = DepthwiseConv2D(
            plan.size, depth_multiplier=p["depth_multiplier"], use_bias=p["use_bias"], dtype="float64"
        )
    elif p["kind"] == "separable":
        layer = SeparableConv2D(
            p["filters"], plan.size, depth_multiplier=p["depth_multiplier"], use_bias=p["use_bias"], dtype="float64"
        )
    else:
        layer = Conv2D(p["filters"], plan.size, groups=plan.groups, use_bias=p["use_bias"], dtype="float64")
    layer.build((1, *plan.x))
    layer.set_weights(weights if b is None else [*weights, b])
    return layer


def numbered(n):
    return [str(k) for k in range(n)]


def row_of(label, numbers, role, **more):
    """A panel with one cell for each channel."""
    numbers = np.ravel(numbers)
    return panel(label, ["channel"], numbers, role, names={"0": numbered(len(numbers))}, **more)


def given_panels(p, plan, x, weights, b):
    """The window, the weights of each step and the bias."""
    label = {"D": "depthwise kernel", "P": "pointwise kernel"} if plan.middle else {}
    last = {"W": ["channel", "filter"], "D": ["channel", "multiplier"], "P": ["channel", "filter"]}
    row, column = p["at"]
    seen = f"window seen from row {row} and column {column}"
    panels = {"x": panel(seen, [*POSITION, "channel"], x, "input", edit=True)}
    for step, w in zip(plan.steps, weights):
        look = {}
        if step.size == [1, 1] and step.weight != "D":
            look = {"grid": [2, 3], "names": {"2": numbered(w.shape[2]), "3": numbered(w.shape[3])}}
        axes = [*POSITION, *last[step.weight]]
        panels[step.weight] = panel(label.get(step.weight, "kernel"), axes, w, "weight", edit=True, **look)
    if b is not None:
        panels["b"] = row_of("bias", b, "weight", edit=True)
    return panels


def forward(p, plan, given, bug):
    x, weights, b = arrays(p, plan, given)
    panels = given_panels(p, plan, x, weights, b)
    layer = layer_of(p, plan, weights, b)
    y = layer(x[None])[0]
    if plan.middle:
        panels["M"] = row_of("after the depthwise step", layer.middle, "middle")
    panels["y"] = row_of("output there", y, "result")
    frames = [frame for n in range(len(plan.steps)) for frame in step_frames(p, plan, n, bug)]
    panels["cost"], counting = cost(p, bug)
    frames += counting
    fill(panels, counting)
    if bug:
        fill(panels, frames)
    middle = [["M"]] if plan.middle else []
    return {
        "panels": panels,
        "wires": ["M", "y"],
        "layout": [
            ["x"],
            *middle,
            ["y"],
            [*(s.weight for s in plan.steps), *(["b"] if b is not None else [])],
            ["cost"],
        ],
        "frames": frames,
        "asks": forward_asks(p, plan, panels),
        "bugs": bugs(p, plan),
        "code": layer_code(call(p), x[None], [*weights, b]),
    }


def reached(step, bug):
    """The wires of a step, {(channel in, channel out): weight}, as the rule with this bug would lay them."""
    own, each = step.channels // step.groups, step.out // step.groups
    if bug == "next" and step.weight == "W":
        return {((c + own) % step.channels, f): w for (c, f), w in step.wires.items()}
    if bug == "dealt" and step.weight == "W":
        return {(w[0] * step.groups + f // each, f): w for (_, f), w in step.wires.items()}
    if bug == "alone" and step.weight == "W":
        return {(f % step.channels, f): (f % step.channels, f) for f in range(step.out)}
    if bug == "order" and step.weight == "D":
        return {(c, i * step.channels + c): (c, i) for c, i in step.wires.values()}
    if bug == "mixed" and step.weight == "D":
        m = step.shape[-1]
        return {(c, q): (c, q % m) for q in range(step.out) for c in range(step.channels)}
    return step.wires


def step_frames(p, plan, n, bug):
    """The frames of step n: each makes one channel from the channels that are wired to it."""
    step, frames = plan.steps[n], []
    wires, last = reached(step, bug), n == len(plan.steps) - 1
    for f in range(step.out):
        into = [(c, w) for (c, out), w in wires.items() if out == f]
        terms = [
            [step.source, ravel((*tap, c), [*step.size, step.channels]), step.weight, ravel((*tap, *w), step.shape)]
            for c, w in into
            for tap in cells(step.size)
        ]
        if p["use_bias"]:
            if last and bug != "forgotten":
                terms += [["b", f]] * (len(into) if bug == "each" else 1)
            if not last and bug == "twice":
                terms.append(["b", f % plan.out])
        frame = {"to": [step.target, f], "op": "dot", "terms": terms, "phase": step.target}
        frames.append(frame | step.grouped(f, step.out))
    return frames


def cost(p, bug):
    """(panel, frames): the weights and multiplications of every kind that these settings allow, one kind a row."""
    rows, frames = [name for name in KINDS if name != "grouped" or divides(p)], []
    for row, name in enumerate(rows):
        plan, columns = Plan(p | {"kind": name}), len(COUNTS)
        shapes, biases = [step.shape for step in plan.steps], plan.out
        if name == p["kind"] and bug == "undivided":
            shapes = [[*plan.size, p["channels"], plan.out]]
        if name == p["kind"] and bug == "both":
            biases += plan.middle
        made = [
            (shapes, {}),
            ([[biases]], {}) if p["use_bias"] else ([], {"note": "no bias"}),
            ([["cost", row * columns], ["cost", row * columns + 1]], {}),
            ([[*shape, *p["out"]] for shape in shapes], {}),
        ]
        for column, (terms, more) in enumerate(made):
            op = "sum" if len(terms) > 1 else "dot"
            to = ["cost", row * columns + column]
            frames.append({"to": to, "op": op, "terms": terms, "phase": "cost", **more})
    height, width = p["out"]
    label = f"weights of every kind, and products for an output of {height} by {width}"
    names = {"0": rows, "1": COUNTS}
    return panel(label, ["kind", "count"], np.zeros((len(rows), len(COUNTS))), "result", names=names), frames


# --- the way back -----------------------------------------------------------------------------------------------------


def backward(p, plan, given, bug):
    x, weights, b = arrays(p, plan, given)
    panels = given_panels(p, plan, x, weights, b)
    layer = layer_of(p, plan, weights, b)
    layer(x[None])
    dy = fit(at_position(given.get("dY"), p["at"]), [plan.out])
    dx = layer.backward(dy[None, None, None])[0]
    grads = dict(zip([*(s.weight for s in plan.steps), "b"], layer.get_gradients()))
    shown = {"dY": row_of("gradient of y", dy, "input", edit=True)}
    if plan.middle:
        dmiddle = conv_input_grad(dy[None, None, None], weights[1], layer.middle.shape)[0]
        shown["dM"] = row_of("gradient of M", dmiddle, "gradient")
    shown["dX"] = panel("gradient of x", [*POSITION, "channel"], dx, "gradient")
    shown |= {key: panels[key] for key in (*(s.weight for s in plan.steps), "x")}
    if plan.middle:
        shown["M"] = row_of("after the depthwise step", layer.middle, "middle")
    for name in grads:
        look = {key: panels[name][key] for key in ("grid", "names") if key in panels[name]}
        shown[f"d{name}"] = panel(f"gradient of {name}", panels[name]["axes"], grads[name], "gradient", **look)
    frames = backward_frames(p, plan, bug)
    if bug:
        fill(shown, frames)
    middle = [["dM"]] if plan.middle else []
    inputs = ["x", "M"] if plan.middle else ["x"]
    return {
        "panels": shown,
        "wires": ["dM", "dX"],
        "layout": [["dY"], *middle, ["dX"], [s.weight for s in plan.steps], inputs, [f"d{name}" for name in grads]],
        "frames": frames,
        "asks": backward_asks(p, plan, shown),
        "bugs": bugs(p, plan),
        "code": layer_code(call(p), x[None], [*weights, b], dy[None, None, None]),
    }


def at_position(given, at):
    """Of a gradient of the whole output, as explain() gives it, the position that is drawn."""
    if not given or len(given["shape"]) == 1:
        return given
    _, columns, channels = given["shape"]
    first = (at[0] * columns + at[1]) * channels
    return {"shape": [channels], "data": given["data"][first : first + channels]}


def backward_frames(p, plan, bug):
    frames, gradient = [], {"y": "dY", "M": "dM", "x": "dX"}
    for step in reversed(plan.steps):
        wires = reached(step, bug)
        for tap in cells(step.size):
            for c in range(step.channels):
                sent = [(f, w) for (channel, f), w in wires.items() if channel == c]
                terms = [[gradient[step.target], f, step.weight, ravel((*tap, *w), step.shape)] for f, w in sent]
                terms = terms[-1:] if bug == "last" else terms
                mean = {"op": "mean", "n": max(len(terms), 1)} if bug == "mean" else {"op": "dot"}
                to = [gradient[step.source], ravel((*tap, c), [*step.size, step.channels])]
                frames.append({"to": to, "terms": terms, "phase": to[0], **mean, **step.grouped(c, step.channels)})
    for step in plan.steps:
        wires, name = reached(step, bug), f"d{step.weight}"
        for place in cells(step.shape):
            terms = [
                [step.source, ravel((*place[:2], c), [*step.size, step.channels]), gradient[step.target], f]
                for (c, f), weight in wires.items()
                if weight == place[2:]
            ]
            frames.append({"to": [name, ravel(place, step.shape)], "op": "dot", "terms": terms, "phase": name})
    if p["use_bias"]:
        for f in range(plan.out):
            frames.append({"to": ["db", f], "op": "sum", "terms": [["dY", f]], "phase": "db"})
    return frames
