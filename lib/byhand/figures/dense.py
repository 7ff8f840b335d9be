"""The trace of Dense, forward and backward, cell by cell. `rules/dense.js` says the same in the page.

Forward     z[s, u] = sum over features i of x[s, i] W[i, u], plus b[u];  y = z, or the larger of z and 0 (ReLU)
Backward    dz = dY where z > 0, else 0 (without an activation dz is dY itself)
            dW[i, u] = sum over samples s of x[s, i] dz[s, u];  db[u] = sum over s of dz[s, u]
            dX[s, i] = sum over units u of dz[s, u] W[i, u]
"""

import numpy as np

from ..layers import Dense
from .dense_asks import back_asks, back_bugs, call, code, controls, forward_asks, forward_bugs
from .windows import cells, entry, fill, fit, panel, ravel

WHOLE_BATCH = True
LARGEST = 6  # rows and columns; more would be a wall of numbers


def read(layer, x):
    """(params, data) of a built Dense and x (samples, features); the figure shows the whole batch."""
    x = np.asarray(x, float)
    if x.ndim != 2:
        raise ValueError(f"the figure of Dense takes x with 2 axes (samples, features); got shape {x.shape}")
    activation = getattr(layer.activation, "__name__", layer.activation)
    if activation not in (None, "linear", "relu"):
        raise ValueError(f"the figure of Dense draws relu or no activation; got {activation}")
    if max(*x.shape, layer.units) > LARGEST:
        raise ValueError(
            f"the figure shows at most {LARGEST} samples, features and units; got x {x.shape} and {layer.units} units"
        )
    params = {
        "batch": len(x),
        "features": x.shape[1],
        "units": layer.units,
        "activation": "relu" if activation == "relu" else "none",
        "use_bias": bool(layer.use_bias),
        "view": "forward",
    }
    return params, {"x": entry(x)} | {name: entry(w) for name, w in zip("Wb", layer.get_weights())}


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    made = Numbers(params, data | (edits or {}))
    view = backward if params["view"] == "backward" else forward
    return {
        "figure": "dense",
        "title": call(params),
        "params": params,
        "edits": edits or {},
        "controls": controls(),
        "data": data,
        **view(params, made, bug),
        "receipt": "Numbers from the Dense of this book, equal to Keras within 1e-5.",
    }


class Numbers:
    """The arrays that are given, in the present sizes, and the layer that has run on them in float64."""

    def __init__(self, p, given):
        batch, features, units = p["batch"], p["features"], p["units"]
        self.x = fit(given["x"], [batch, features])
        self.W = fit(given["W"], [features, units])
        self.b = fit(given.get("b"), [units]) if p["use_bias"] else None
        self.dY = fit(given.get("dY"), [batch, units])
        relu = "relu" if p["activation"] == "relu" else None
        self.layer = Dense(units, relu, use_bias=p["use_bias"], dtype="float64")
        self.layer.build(self.x.shape)
        self.layer.set_weights([w for w in (self.W, self.b) if w is not None])
        self.y = self.layer(self.x)
        self.z = self.layer.z


def given_panels(made, drawn=None, grid=None):
    """x and W. On the way back they are drawn with rows and columns exchanged, as the products there read them."""
    return {
        "x": panel(drawn or "input", ["sample", "feature"], made.x, "input", edit=True, grid=grid),
        "W": panel(drawn or "kernel", ["feature", "unit"], made.W, "weight", edit=True, grid=grid),
    }


# --- forward ----------------------------------------------------------------------------------------------------------


def forward(p, made, bug):
    relu = p["activation"] == "relu"
    panels = given_panels(made)
    if p["use_bias"]:
        panels["b"] = panel("bias", ["unit"], made.b, "weight", edit=True)
    if relu:
        panels["z"] = panel("sums", ["sample", "unit"], made.z, "middle")
    panels["y"] = panel("output", ["sample", "unit"], made.y, "result")
    frames = forward_frames(p, made, bug)
    if bug:
        fill(panels, frames)
    bias, behind = ["+", "b"] if p["use_bias"] else [], ["z", "relu →"] if relu else []
    return {
        "panels": panels,
        "layout": [["x", "@", "W", *bias, "=", *behind, "y"]],
        "frames": frames,
        "asks": forward_asks(p, made),
        "bugs": forward_bugs(p),
        "code": code(p, made),
    }


def forward_frames(p, made, bug):
    relu, frames = p["activation"] == "relu", []
    shape = made.y.shape
    for s, u in cells(shape):
        to = ["z" if relu else "y", ravel((s, u), shape)]
        frames.append({"to": to, "op": "dot", "terms": sum_terms(p, made, s, u, bug), "phase": to[0]})
    for at, (s, u) in enumerate(cells(shape) if relu else []):
        op, terms = "relu", [["z", at]]
        if bug == "after":
            op, terms = "sum", [["z", at]] * bool(made.x[s] @ made.W[:, u] > 0) + [["b", u]]
        elif bug == "linear":
            op = "copy"
        frames.append({"to": ["y", at], "op": op, "terms": terms, "phase": "y"})
    return frames


def sum_terms(p, made, s, u, bug):
    """The products behind z[s, u], then the bias."""
    row = 0 if bug == "first" else s
    many = p["features"] - (bug == "last")
    turned = bug == "transpose"
    terms = [
        ["x", ravel((row, i), made.x.shape), "W", ravel((u, i) if turned else (i, u), made.W.shape)]
        for i in range(many)
    ]
    if p["use_bias"] and bug not in ("bias", "after"):
        terms.append(["b", s if bug == "row" else u])
    return terms


# --- backward ---------------------------------------------------------------------------------------------------------


def backward(p, made, bug):
    relu = p["activation"] == "relu"
    dx = made.layer.backward(made.dY)
    panels = given_panels(made, "drawn transposed", [1, 0])
    panels["dY"] = panel("gradient of y", ["sample", "unit"], made.dY, "input", edit=True)
    if relu:
        panels["z"] = panel("sums", ["sample", "unit"], made.z, "state")
        panels["dz"] = panel("gradient of z", ["sample", "unit"], np.where(made.z > 0, made.dY, 0), "middle")
    panels["dW"] = panel("gradient of the kernel", ["feature", "unit"], made.layer.grads["kernel"], "gradient")
    if p["use_bias"]:
        panels["db"] = panel("gradient of the bias", ["unit"], made.layer.grads["bias"], "gradient")
    panels["dX"] = panel("gradient of the input", ["sample", "feature"], dx, "gradient")
    frames = back_frames(p, made, bug)
    if bug:
        fill(panels, frames)
    d = "dz" if relu else "dY"
    layout = [["dY", "where", "z", "> 0:", "dz"]] if relu else []
    layout += [["x", "@", d, "=", "dW"], [d, "@", "W", "=", "dX"]]
    return {
        "panels": panels,
        "layout": [*layout, [f"Σ {d} =", "db"]] if p["use_bias"] else layout,
        "frames": frames,
        "asks": back_asks(p, made),
        "bugs": back_bugs(p),
        "code": code(p, made),
    }


def back_frames(p, made, bug):
    relu, shape = p["activation"] == "relu", made.dY.shape
    d, samples, frames = "dz" if relu else "dY", range(p["batch"]), []

    def at(s, u):
        return [d, ravel((s, u), shape)]

    for i, (z, dy) in enumerate(zip(made.z.ravel(), made.dY.ravel()) if relu else []):
        passes = bug == "open" or (dy if bug == "dy" else z) > 0
        frame = {"to": ["dz", i], "op": "copy" if passes else "sum", "terms": [["dY", i]] * bool(passes), "phase": "dz"}
        note = {} if bug else {"note": "z is above 0" if passes else "z is not above 0"}
        frames.append({**frame, **note, "see": [["z", i]]})
    for k, (i, u) in enumerate(cells(made.W.shape)):
        left, right = (u, i) if bug == "exchanged" else (i, u)
        terms = [["x", ravel((0 if bug == "pairs" else s, left), made.x.shape), *at(s, right)] for s in samples]
        mean = {"op": "mean", "n": p["batch"]} if bug == "mean" else {}
        frames.append({"to": ["dW", k], "op": "dot", "terms": terms, "phase": "dW"} | mean)
    for k, (s, i) in enumerate(cells(made.x.shape)):
        units = range(p["units"] - (bug == "unit"))
        turned = bug == "square"
        terms = [[*at(s, u), "W", ravel((u, i) if turned else (i, u), made.W.shape)] for u in units]
        frames.append({"to": ["dX", k], "op": "dot", "terms": terms, "phase": "dX"})
    for u in range(p["units"] if p["use_bias"] else 0):
        terms = [at(s, u) for s in (samples[:1] if bug == "sample" else samples)]
        frames.append({"to": ["db", u], "op": "sum", "terms": terms, "phase": "db"})
    return frames
