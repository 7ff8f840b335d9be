"""The LSTM taken apart: every z, every gate, the cell and the output of every step, and the gradient's way back.

Time runs downwards in every panel, so one line of the page is one step. The numbers come from byhand.layers.LSTM in
float64; `rules/lstm.js` says the same in the page.

A gate is forced by a switch: an input of its own that is 1 from the step on, with a weight of 64 or -64 into that gate.
sigmoid(64) is exactly 1 in float64, so the layer itself computes the forced numbers and their gradients.
"""

import numpy as np

from ..layers import LSTM
from ..layers.activations import sigmoid, tanh
from .lstm_asks import asks, back_asks, code, controls
from .windows import entry, fill, fit, panel

GATES = ["i", "f", "c", "o"]
FORCE = 64
PLACES = {"order": {"i": 0, "o": 1, "f": 2, "g": 3}, "swap": {"f": 0, "i": 1, "g": 2, "o": 3}}
BUGS = {
    "forward": [
        ("order", "the columns are read in the order i, o, f, c"),
        ("swap", "input gate and forget gate are swapped"),
        ("bias", "the forget gate's bias is left out"),
        ("plain", "tanh is missing on the way out"),
        ("late", "h reads the cell before it is renewed"),
        ("squash", "the candidate goes through sigmoid in place of tanh"),
    ],
    "backward": [
        ("cut", "the gradient does not go back through U"),
        ("slope", "the slope of tanh is left out on the way into the cell"),
        ("step", "c is multiplied on its way back by the forget gate of the wrong step"),
    ],
}


def read(layer, x):
    """(params, data) of an LSTM and an input (N, T, features); the figure shows the first sequence."""
    x = np.asarray(x, float)
    if x.ndim != 3:
        raise ValueError(f"the figure of LSTM takes x with 3 axes (batch, time, features); got shape {x.shape}")
    x = x[0]
    cell = layer.cell
    if cell.activation is not tanh or cell.recurrent_activation is not sigmoid or not cell.use_bias:
        raise ValueError("the figure draws an LSTM with tanh, sigmoid and a bias; this layer has others")
    if layer.go_backwards:
        raise ValueError("the figure reads from the first step to the last; turn the sequence round and use x[:, ::-1]")
    (steps, features), units = x.shape, layer.units
    if 4 * units * max(steps, units, features) > 150:
        raise ValueError(
            f"{steps} steps and {units} units are too many to read; take a layer and a sequence with fewer"
        )
    if not layer.built:
        layer(x[None])
    data = {"x": x, "W": layer.kernel.reshape(features, 4, units), "b": layer.bias.reshape(4, units)}
    data |= {"U": layer.recurrent_kernel.reshape(units, 4, units)}
    data |= {"h0": np.zeros(units), "c0": np.zeros(units), "dy": np.ones(units)}
    params = {"steps": steps, "features": features, "units": units}
    params |= {"force_i": "free", "force_f": "free", "force_o": "free", "force_from": 2, "view": "forward"}
    return params, {name: entry(v) for name, v in data.items()}


def trace(params, data, edits=None, bug=None):
    """The trace of an LSTM with these settings; see figures/trace.py."""
    edits = edits or {}
    t, c, u = (params[k] for k in ("steps", "features", "units"))
    shapes = {"x": (t, c), "W": (c, 4, u), "U": (u, 4, u), "b": (4, u), "h0": (u,), "c0": (u,), "dy": (u,)}
    given = {name: quarters((data | edits).get(name), shape) for name, shape in shapes.items()}
    backward = params["view"] == "backward"
    panels = weights(given) | made(given, layer_numbers(given, params), backward)
    frames = back_frames(params, bug) if backward else forward_frames(params, bug)
    if bug:
        fill(panels, frames)
    return {
        "figure": "lstm",
        "title": f"LSTM({u}) on {t} steps of {c} {'feature' if c == 1 else 'features'}",
        "params": params,
        "edits": edits,
        "controls": controls(),
        "data": data,
        "panels": panels,
        "layout": layout(backward),
        "frames": frames,
        "asks": back_asks(params, panels) if backward else asks(params, panels),
        "bugs": [{"name": name, "label": label} for name, label in BUGS[params["view"]]],
        "code": code(given, params),
        "receipt": "The numbers are those of byhand.layers.LSTM in float64, the layer that this page compares with Keras.",
    }


def quarters(given, shape):
    """`fit` whose filled up numbers are quarters: whole ones would drive the gates to 0 and 1."""
    return fit(given and given | {"data": [4 * v for v in given["data"]]}, shape) / 4


# --- numbers from the layer -------------------------------------------------------------------------------------------


def forced(params):
    """{place of the gate among i, f, c, o: (forced value, first step)}"""
    named = {0: "force_i", 1: "force_f", 3: "force_o"}
    return {k: (params[name], params["force_from"]) for k, name in named.items() if params[name] != "free"}


def layer_numbers(given, params):
    """Every number of the forward and the backward pass by panel name, from one call of the layer and its backward.

    Besides the switches of forced gates each step gets an input of its own that is 1 there and has weight 0. It changes
    nothing, and its weights' gradient is that step's dz.
    """
    (t, c), u = given["x"].shape, params["units"]
    on, extra = np.zeros((t, 1)), np.zeros((1, 4, u))
    for gate, (value, first) in forced(params).items():
        on[first - 1 :] = 1
        extra[0, gate] = FORCE if value else -FORCE
    layer = LSTM(u, return_sequences=True, dtype="float64")
    x = np.concatenate([given["x"], on, np.eye(t)], axis=1)[None]
    layer.build(x.shape)
    layer.built = True
    W = np.concatenate([given["W"], extra, np.zeros((t, 4, u))]).reshape(c + 1 + t, 4 * u)
    layer.set_weights([W, given["U"].reshape(u, 4 * u), given["b"].ravel()])
    layer(x, initial_state=[given["h0"][None], given["c0"][None]])
    upstream = np.zeros((1, t, u))
    upstream[0, -1] = given["dy"]
    dx = layer.backward(upstream)
    of = {
        name: np.stack([getattr(s, name)[0] for s in layer.steps]) for name in "z i f g o c h squashed_c dc dh".split()
    }
    of["z"] = of["z"] - on[:, :, None] * extra
    slopes = [of[g] * (1 - of[g]) for g in "ifo"]
    slopes.insert(2, 1 - of["g"] ** 2)
    return of | {
        "tanh(c)": of["squashed_c"],
        "dz": layer.grads["kernel"][c + 1 :].reshape(t, 4, u),
        "dx": dx[0, :, :c],
        "slope": np.stack(slopes, axis=1),
        "slope(c)": 1 - of["squashed_c"] ** 2,
    }


# --- panels -----------------------------------------------------------------------------------------------------------


def weights(given):
    gate = {"names": {"gate": GATES}}
    return {
        "x": panel("input", ["time", "feature"], given["x"], "input", edit=True),
        "W": panel("kernel", ["feature", "gate", "unit"], given["W"], "weight", edit=True, grid=[0, 2], **gate),
        "U": panel(
            "recurrent kernel", ["unit before", "gate", "unit"], given["U"], "weight", edit=True, grid=[0, 2], **gate
        ),
        "b": panel("bias", ["gate", "unit"], given["b"], "weight", edit=True, grid=[None, 1], **gate),
        "h0": panel("first h", ["unit"], given["h0"], "input", edit=True),
        "c0": panel("first c", ["unit"], given["c0"], "input", edit=True),
    }


def made(given, of, backward):
    step, gate = ["time", "unit"], {"grid": [0, 2], "names": {"gate": GATES}}
    panels = {
        "z": panel("z = xW + hU + b", ["time", "gate", "unit"], of["z"], "middle", **gate),
        "i": panel("input gate", step, of["i"], "middle", look="bar"),
        "f": panel("forget gate", step, of["f"], "middle", look="bar"),
        "g": panel("candidate", step, of["g"], "middle", look="heat"),
        "o": panel("output gate", step, of["o"], "middle", look="bar"),
        "c": panel("cell", step, of["c"], "state", look="heat"),
        "tanh(c)": panel("tanh of c", step, of["tanh(c)"], "middle", look="heat"),
        "h": panel("output", step, of["h"], "result", look="heat"),
    }
    if not backward:
        return panels
    return panels | {
        "dy": panel("gradient of the last h", ["unit"], given["dy"], "gradient", edit=True),
        "slope": panel("slope of each gate", ["time", "gate", "unit"], of["slope"], "middle", **gate),
        "slope(c)": panel("slope of tanh at c", step, of["slope(c)"], "middle"),
        "dh": panel("gradient of h", step, of["dh"], "gradient", look="heat"),
        "dc": panel("gradient of c", step, of["dc"], "gradient", look="heat"),
        "dz": panel("gradient of z", ["time", "gate", "unit"], of["dz"], "gradient", **gate),
        "dx": panel("gradient of x", ["time", "feature"], of["dx"], "gradient", look="heat"),
    }


def layout(backward):
    if backward:
        return [["f", "o", "c", "dh", "dc"], ["i", "g", "dz", "dx"], ["W", "U", "dy"]]
    return [["x", "W", "U", "b"], ["z", "i", "f", "g", "o"], ["c0", "c", "tanh(c)", "h", "h0"]]


# --- frames -----------------------------------------------------------------------------------------------------------


def old(name, t, j, u):
    """The cell of state `name` that step t finds: the first state before step 0."""
    return [name, (t - 1) * u + j] if t else [name + "0", j]


def forward_frames(params, bug):
    T, C, u = (params[k] for k in ("steps", "features", "units"))
    place = PLACES.get(bug, {"i": 0, "f": 1, "g": 2, "o": 3})
    hold, frames = forced(params), []

    def add(name, index, op, terms, phase, **more):
        frames.append({"to": [name, index], "op": op, "terms": terms, "phase": f"step {t + 1}: {phase}", **more})

    for t in range(T):
        for k in range(4 * u):
            terms = [["x", t * C + a, "W", a * 4 * u + k] for a in range(C)]
            terms += [[*old("h", t, a, u), "U", a * 4 * u + k] for a in range(u)]
            skip = bug == "bias" and k // u == 1
            add("z", t * 4 * u + k, "dot", terms if skip else [*terms, ["b", k]], "z")
        for gate in "ifgo":
            for j in range(u):
                k = place[gate]
                terms = [["z", t * 4 * u + k * u + j]]
                value, first = hold.get("if_o".find(gate), (None, T + 1))
                if t + 1 >= first:
                    add(gate, t * u + j, "set", [], "gates", value=value, note="forced by you")
                else:
                    add(gate, t * u + j, "tanh" if gate == "g" and bug != "squash" else "sigmoid", terms, "gates")
        for j in range(u):
            at = t * u + j
            add("c", at, "sum", [["f", at, *old("c", t, j, u)], ["i", at, "g", at]], "cell")
        for j in range(u):
            at = t * u + j
            add(
                "tanh(c)",
                at,
                "copy" if bug == "plain" else "tanh",
                [old("c", t, j, u) if bug == "late" else ["c", at]],
                "output",
            )
        for j in range(u):
            at = t * u + j
            add("h", at, "dot", [["o", at, "tanh(c)", at]], "output")
    return frames


def back_frames(params, bug):
    T, C, u = (params[k] for k in ("steps", "features", "units"))
    hold, frames = forced(params), []

    def add(name, index, terms, phase, op="dot", **more):
        frames.append({"to": [name, index], "op": op, "terms": terms, "phase": f"step {t + 1}: {phase}", **more})

    for t in reversed(range(T)):
        last, z = t == T - 1, t * 4 * u
        for j in range(u):
            through = [["dz", z + 4 * u + k, "U", j * 4 * u + k] for k in range(4 * u)]
            add("dh", t * u + j, [["dy", j]] if last else [] if bug == "cut" else through, "into h")
        for j in range(u):
            at = t * u + j
            terms = [["dh", at, "o", at] + ([] if bug == "slope" else ["slope(c)", at])]
            if not last:
                terms.append(["dc", at + u, "f", at if bug == "step" else at + u])
            add("dc", at, terms, "into c")
        for k in range(4 * u):
            gate, at = k // u, t * u + k % u
            value, first = hold.get(gate, (None, T + 1))
            partner = [
                ["dc", at, "g", at],
                ["dc", at, *old("c", t, k % u, u)],
                ["dc", at, "i", at],
                ["dh", at, "tanh(c)", at],
            ]
            if t + 1 >= first:
                add("dz", z + k, [], "into z", "set", value=0, note="a forced gate does not listen to z")
            else:
                add("dz", z + k, [[*partner[gate], "slope", z + k]], "into z")
        for a in range(C):
            add("dx", t * C + a, [["dz", z + k, "W", a * 4 * u + k] for k in range(4 * u)], "into x")
    return frames
