"""The trace of an activation: curve and slope at a few numbers, the way back, products of slopes through depth.

Forward     z = x + b,  y = f(z),  s = f'(z): what a small change of z is multiplied by on its way to y
Backward    dX = dY s,  db = sum of dX
Depth       h[0] = x + b,  h[k + 1] = f(h[k]),  s[k] = f'(h[k]),  P[k] = P[k - 1] s[k]: the slope of the whole chain

`rules/activations.js` says the same in the page.
"""

import functools
import math

import numpy as np

from ..layers import ELU, Activation, LeakyReLU, ReLU, activations
from .activations_asks import asks, bugs, call, code, controls
from .trace import OPERATIONS
from .windows import entry, fill, fit, number, panel

CURVE = True
LARGEST = 6
TOO_LARGE = 1e12
LOW, HIGH, SAMPLES = -8, 8, 161
NAMES = [f.__name__ for f in activations.FUNCTIONS if f.__name__ not in
         ("threshold", "softmax", "log_softmax", "sparsemax", "glu")]  # fmt: skip


def apply(name, v, frame):
    return float(activations.BY_NAME[name](np.float64(math.fsum(v)), **frame.get("with", {})))


def slope(name, v, frame):
    z, given = np.float64(math.fsum(v)), frame.get("with", {})
    function = activations.BY_NAME[name]
    return float(activations.backward(function, np.float64(1), z, function(z, **given), **given))


def operation(name):
    """relu has settings here; the operation of that name has none."""
    return "ReLU" if name == "relu" else name


for _name in NAMES:
    OPERATIONS.setdefault(operation(_name), functools.partial(apply, _name))
    OPERATIONS[f"slope of {operation(_name)}"] = functools.partial(slope, _name)


def read(layer, x):
    """(params, data) of an activation layer and x, (N, features) or (N,); the figure shows the first sample."""
    x = np.asarray(x, float)
    shown = x[0] if x.ndim == 2 else x
    if shown.ndim != 1:
        raise ValueError(f"the figure of activations takes x with 2 axes (samples, features); got shape {x.shape}")
    if not 0 < shown.size <= LARGEST:
        raise ValueError(f"the figure shows 1 to {LARGEST} numbers; got x {x.shape}")
    inner, given = layer.activation, {}
    if isinstance(inner, functools.partial):
        inner, given = inner.func, inner.keywords
    name = getattr(inner, "__name__", str(inner))
    if isinstance(layer, ELU):
        given = {"alpha": layer.alpha}
    if name not in NAMES:
        hint = "; explain(Softmax(), x) draws softmax" if name == "softmax" else ""
        raise ValueError(f"the figure draws functions of one number; got {name}{hint}")
    defaults = {"elu": 1.0, "leaky_relu": 0.2}
    alpha = given.get("alpha", given.get("negative_slope", defaults.get(name, 0.2)))
    relu = given if name == "relu" else {}
    params = {
        "function": name,
        "alpha": number(alpha if name != "relu" else 0.2),
        "negative_slope": number(relu.get("negative_slope", 0)),
        "max_value": None if relu.get("max_value") is None else number(relu["max_value"]),
        "threshold": number(relu.get("threshold", 0)),
        "approximate": bool(given.get("approximate", False)),
        "bias": 0,
        "depth": 4,
        "view": "forward",
    }
    return params, {"x": entry(shown)}


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    given = data | (edits or {})
    with np.errstate(over="ignore", invalid="ignore"):
        of = numbers(params, given)
    if not all((np.abs(array) < TOO_LARGE).all() for array in of.values()):
        raise ValueError(f"{params['function']} makes numbers too large to show. Take smaller ones, or fewer layers.")
    panels, layout = drawn(params, of)
    frames = made(params, of, bug)
    if bug:
        fill(panels, frames)
    return {
        "figure": "activations",
        "title": call(params),
        "params": params,
        "edits": edits or {},
        "controls": controls(params, NAMES),
        "data": data,
        "panels": panels,
        "layout": layout,
        "frames": frames,
        "asks": asks(params, of),
        "bugs": bugs(params, len(of["x"])),
        "code": code(params, of),
        "curve": curve(params, len(of["x"])),
        "receipt": "Numbers from the layer of this book, equal to Keras within 1e-5.",
    }


def layer_of(p):
    """The layer of these settings in float64."""
    name = p["function"]
    if name == "relu":
        return ReLU(p["max_value"], p["negative_slope"], p["threshold"], dtype="float64")
    if name in ("leaky_relu", "elu"):
        return {"leaky_relu": LeakyReLU, "elu": ELU}[name](p["alpha"], dtype="float64")
    function = activations.get(name)
    if p["approximate"] and name == "gelu":
        function = functools.partial(function, approximate=True)
    return Activation(function, dtype="float64")


def arguments(p):
    """What the function itself takes besides z."""
    if p["function"] == "relu":
        return {name: p[name] for name in ("negative_slope", "max_value", "threshold")}
    own = {
        "leaky_relu": {"negative_slope": p["alpha"]},
        "elu": {"alpha": p["alpha"]},
        "gelu": {"approximate": p["approximate"]},
    }
    return own.get(p["function"], {})


def numbers(p, given):
    """Every number of the view by panel name, from the layer."""
    layer = layer_of(p)
    x = np.array(given["x"]["data"], float)
    of = {"x": x, "b": np.array([p["bias"]], float), "z": x + p["bias"]}

    def through(z):
        y = layer(z)
        return y, layer.backward(np.ones_like(z))

    if p["view"] == "depth":
        h, s = [of["z"]], []
        for _ in range(p["depth"]):
            y, slopes = through(h[-1])
            h.append(y)
            s.append(slopes)
        return of | {"h": np.array(h), "s": np.array(s), "P": np.cumprod(s, axis=0)}
    of["y"], of["s"] = through(of["z"])
    if p["view"] == "backward":
        of["dY"] = fit(given.get("dY"), list(x.shape))
        of["dX"] = layer.backward(of["dY"])
        of["db"] = of["dX"].sum(keepdims=True)
    return of


def drawn(p, of):
    """The panels and their layout."""
    one = ["place"]
    panels = {
        "x": panel("input", one, of["x"], "input", edit=True),
        "b": panel("bias", one, of["b"], "weight"),
    }
    if p["view"] == "depth":
        deep = ["layer", "place"]
        names = [str(k + 1) for k in range(p["depth"])]
        panels |= {
            "h": panel("x + b, then f again and again", deep, of["h"], "middle", names={"0": ["0", *names]}),
            "s": panel("slope of each layer", deep, of["s"], "middle", names={"0": names}),
            "P": panel("product of the slopes", deep, of["P"], "result", names={"0": names}, look="heat"),
        }
        return panels, [["x", "+", "b"], ["h", "s", "P"]]
    panels |= {
        "z": panel("before f", one, of["z"], "middle"),
        "y": panel("f of z", one, of["y"], "result"),
        "s": panel("slope of f at z", one, of["s"], "result"),
    }
    start = ["x", "+", "b", "=", "z"]
    if p["view"] == "forward":
        return panels, [start, ["y", "s"]]
    panels |= {
        "dY": panel("gradient of y", one, of["dY"], "input", edit=True),
        "dX": panel("gradient of x", one, of["dX"], "gradient"),
        "db": panel("gradient of b", one, of["db"], "gradient"),
    }
    return panels, [start, ["y"], ["dY", "×", "s", "=", "dX", "Σ →", "db"]]


def made(p, of, bug):
    """The steps, one a number."""
    n, f, frames = len(of["x"]), operation(p["function"]), []

    def add(name, i, op, terms, **more):
        frames.append({"to": [name, i], "op": op, "terms": terms, "phase": name, **more})

    def value_of(name, i, cell):
        v = of["z"][i] if bug in ("sides", "abs") else 0  # those two are not among the bugs of depth
        if bug == "sides":
            leak = p["alpha"] if p["function"] == "leaky_relu" else p["negative_slope"]
            add(name, i, "sum", [cell] if v <= 0 else [[*cell, leak]])
        else:
            add(name, i, f, [[*cell, -1] if v < 0 else cell], **{"with": arguments(p)})

    def slope_of(name, i, cell):
        if bug == "one":
            add(name, i, "sum", [[1]])
        else:
            add(name, i, f"slope of {f}", [cell], **{"with": arguments(p)})

    start = "h" if p["view"] == "depth" else "z"
    for i in range(n):
        add(start, i, "sum", [["x", i]] if bug == "bias" else [["x", i], ["b", 0]])
    if p["view"] == "depth":
        for k in range(p["depth"]):
            row = range(k * n, (k + 1) * n)
            for i in row:
                slope_of("s", i, ["h", i % n if bug == "first" else i])
            for i in row:
                value_of("h", i + n, ["h", i])
            for i in row:
                before = [["P", i - n]] if k else []
                if bug == "plus":
                    add("P", i, "sum", [*before, ["s", i]])
                else:
                    add("P", i, "dot" if k else "copy", [["P", i - n, "s", i] if k else ["s", i]])
        return frames
    for i in range(n):
        value_of("y", i, ["z", i])
    for i in range(n):
        slope_of("s", i, {"at_y": ["y", i], "at_dy": ["dY", i]}.get(bug, ["z", i]))
    if p["view"] == "backward":
        for i in range(n):
            add("dX", i, "dot", [["dY", i, "s", i]])
        add("db", 0, "sum", [["dX", i] for i in (range(1) if bug == "alone" else range(n))])
    return frames


def curve(p, n):
    """What the picture shows: f and its slope at even steps, and the cells of each point (z, slope, y, further)."""
    layer = layer_of(p)
    z = np.linspace(LOW, HIGH, SAMPLES)
    y = layer(z)
    places = range(p["depth"] * n if p["view"] == "depth" else n)
    if p["view"] == "depth":
        points = [[["h", i], ["s", i], ["h", i + n], ["P", i]] + ([["x", i]] if i < n else []) for i in places]
    else:
        points = [[[name, i] for name in ("z", "s", "y", "x", "dY", "dX")] for i in places]
    return {"low": LOW, "high": HIGH, "y": entry(y)["data"], "slope": entry(layer.backward(np.ones_like(z)))["data"],
            "points": points}  # fmt: skip
