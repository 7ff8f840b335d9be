"""The LSTM taken apart: every z, every gate, the cell and the output of every step, and the gradient's way back.

Time runs to the right in every panel, so one column is one step. The numbers come from byhand.layers.LSTM in
float64; `rules/lstm.js` says the same in the page.

A gate is forced by a switch: an input of its own that is 1 from the step on, with a weight of 64 or -64 into that gate.
sigmoid(64) is exactly 1 in float64, so the layer itself computes the forced numbers and their gradients.
"""

import numpy as np

from ..layers import LSTM
from ..layers.activations import sigmoid, tanh
from .lstm_asks import asks, back_asks, code, controls
from .lstm_frames import GATES, back_frames, forced, forward_frames
from .windows import entry, fill, fit, panel

NO_DY = "the figure of LSTM takes no dy; its backward view begins with ones, edit them there"
FORCE = 64
COLUMNS = ["i", "f", "c", "o"]  # as Keras names the blocks of its weights
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
        ("line", "the gradient of c does not go on to the step before"),
        ("gate", "the slope of each gate is left out on the way into z"),
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
    spare = max(units, 3)  # so that units added by a control start from zero and count fully in the loss
    data = {"x": x, "W": layer.kernel.reshape(features, 4, units), "b": layer.bias.reshape(4, units)}
    data |= {"U": layer.recurrent_kernel.reshape(units, 4, units)}
    data |= {"h0": np.zeros(spare), "c0": np.zeros(spare), "dy": np.ones(spare)}
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
    panels = weights(given, params) | made(given, layer_numbers(given, params), params)
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
        "receipt": "Numbers from the LSTM of this book, equal to Keras within 1e-5.",
    }


def quarters(given, shape):
    """`fit` whose filled up numbers are quarters: whole ones would drive the gates to 0 and 1."""
    return fit(given and given | {"data": [4 * v for v in given["data"]]}, shape) / 4


# --- numbers from the layer -------------------------------------------------------------------------------------------


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
    slopes = [1 - of[g] ** 2 if g == "g" else of[g] * (1 - of[g]) for g in GATES]
    return of | {
        "tanh(c)": of["squashed_c"],
        "dz": layer.grads["kernel"][c + 1 :].reshape(t, 4, u),
        "dx": dx[0, :, :c],
        "gates": np.stack([of[g] for g in GATES], axis=1),
        "slope": np.stack(slopes, axis=1),
        "slope(c)": 1 - of["squashed_c"] ** 2,
    }


# --- panels -----------------------------------------------------------------------------------------------------------


def weights(given, params):
    gate = {"names": {"1": COLUMNS}}
    return {
        "x": panel("input", ["time", "feature"], given["x"], "input", edit=True, grid=[1, 0], names=step_names(params)),
        "h0": panel("first h", ["unit"], given["h0"], "input", edit=True),
        "c0": panel("first c", ["unit"], given["c0"], "input", edit=True),
        "W": panel("kernel", ["feature", "gate", "unit"], given["W"], "weight", edit=True, **gate),
        "U": panel("recurrent kernel", ["unit before", "gate", "unit"], given["U"], "weight", edit=True, **gate),
        "b": panel("bias", ["gate", "unit"], given["b"], "weight", edit=True, grid=[1, 0], names={"0": COLUMNS}),
    }


def step_names(params):
    """Steps are counted from 1, so that h0 and c0 stand before the first."""
    return {"0": [str(t + 1) for t in range(params["steps"])]}


def made(given, of, params):
    """What the layer makes. Time runs to the right in every panel."""
    times = step_names(params)

    def strip(label, name, role, look="heat", axis="unit"):
        return panel(label, ["time", axis], of[name], role, look=look, grid=[1, 0], names=times)

    def table(label, name, role, rows, look=None):
        names = times | {"1": rows}
        return panel(label, ["time", "gate", "unit"], of[name], role, look=look, grid=[1, 0], names=names)

    panels = {
        "z": table("xW + hU + b", "z", "middle", COLUMNS),
        "gates": table("σ(z), and tanh(z) for g", "gates", "middle", GATES, "bar"),
        "c": strip("cell", "c", "state"),
        "tanh(c)": strip("squashed cell", "tanh(c)", "middle"),
        "h": strip("output", "h", "result"),
    }
    if params["view"] == "forward":
        return panels
    return panels | {
        "dy": panel("gradient of the last h", ["unit"], given["dy"], "gradient", edit=True),
        "slope": table("slope of each gate", "slope", "middle", GATES),
        "slope(c)": strip("slope of tanh at c", "slope(c)", "middle", None),
        "dh": strip("gradient of h", "dh", "gradient"),
        "dc": strip("gradient of c", "dc", "gradient"),
        "dz": table("gradient of z", "dz", "gradient", COLUMNS, "heat"),
        "dx": strip("gradient of x", "dx", "gradient", axis="feature"),
    }


def layout(backward):
    if backward:
        return [["gates"], ["c", "dc"], ["dy", "dh"], ["dz", "dx"], ["W", "U"]]
    return [["x", "h0", "c0"], ["W", "U", "b"], ["z", "gates"], ["c", "tanh(c)", "h"]]
