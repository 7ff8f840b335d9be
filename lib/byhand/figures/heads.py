"""Three heads on one feature map with a blob that moves: GlobalAveragePooling2D, GlobalMaxPooling2D and Flatten.

Behind each stands a Dense of two classes without bias; the two pools share its weights V, Flatten has its own, F.

Forward     p[GAP, c] = mean of x[:, :, c],  p[GMP, c] = its largest number,  s[head] = p[head] V,  s[Flatten] = x F
            CAM[i, j, k] = sum over c of x[i, j, c] V[c, k]: whose mean is s[GAP, k]
Backward    dp = V ds; GAP gives each cell dp / cells, GMP gives the winner dp (equal winners share), Flatten F ds

x is data in the blob alone; around it the map is empty. `rules/heads.js` says the same in the page.
"""

import math

import numpy as np

from ..layers import Dense, Flatten, GlobalAveragePooling2D, GlobalMaxPooling2D
from .heads_asks import TITLE, asks, back_asks, code, controls
from .heads_frames import back_bugs, back_frames, forward_bugs, forward_frames
from .windows import cells, entry, fill, fit, padded, panel, pattern

WINDOWS = True
NO_DY = "the figure of three heads takes no dy; its backward view begins at the scores, edit ds there"
LARGEST = 6  # rows and columns; Flatten has a weight for every cell and class
HEADS = ["GAP", "GMP", "Flatten"]
CLASSES = ["class 0", "class 1"]
FORWARD = [["x", "→", "p", "→", "s"], ["V", "CAM", "mean →", "mean(CAM)"], ["F", "moved"]]
BACK = [["ds", "V", "→", "dp"], ["x", "dX(GMP)"], ["dX(GAP)", "dX(Flatten)"], ["F"]]
V = [[3, -1], [-2, 4], [1, 1]]  # each of the first two channels speaks for a class of its own


def read(layer, x):
    """(params, data) of a global pool and x (N, rows, columns, channels); the figure shows the first sample."""
    name, x = type(layer).__name__, np.asarray(x, float)
    if x.ndim != 4:
        raise ValueError(f"the figure of {name} takes x with 4 axes (batch, rows, columns, channels); got {x.shape}")
    if layer.data_format != "channels_last":
        raise ValueError("the figure draws data_format='channels_last'")
    if max(x.shape[1:3]) > LARGEST or x.shape[3] > len(V):
        raise ValueError(f"the figure shows at most {LARGEST} rows and columns and {len(V)} channels; got x {x.shape}")
    held = np.argwhere(x[0].any(-1))
    first, last = (held.min(0), held.max(0)) if len(held) else (np.zeros(2, int), np.zeros(2, int))
    blob = x[0, first[0] : last[0] + 1, first[1] : last[1] + 1]
    params = {
        "size": list(x.shape[1:3]),
        "blob": list(blob.shape[:2]),
        "place": [int(n) for n in first],
        "channels": x.shape[3],
        "view": "forward",
    }
    return params, {"x": entry(blob), "V": entry(V)}


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    for n, k, first, axis in zip(params["size"], params["blob"], params["place"], ("row", "column")):
        if first + k > n:
            raise ValueError(
                f"A blob of {k} {axis}s does not fit at {axis} {first} of {n}. Move it first, or take a smaller one."
            )
    given = data | (edits or {})
    of = numbers(params, given)
    backward = params["view"] == "backward"
    panels = (back_panels if backward else forward_panels)(params, of)
    frames = (back_frames if backward else forward_frames)(params, of["x"], bug)
    if bug:
        fill(panels, frames)
    return {
        "figure": "heads",
        "title": TITLE,
        "params": params,
        "edits": edits or {},
        "controls": controls(params),
        "data": data,
        "panels": panels,
        "layout": BACK if backward else FORWARD,
        "frames": frames,
        "asks": back_asks(params, of, panels) if backward else asks(params, panels),
        "bugs": back_bugs(params, of["x"]) if backward else forward_bugs(params, of["x"]),
        "code": code(params, of),
        "receipt": "Numbers from the three layers of this book, equal to Keras within 1e-5.",
    }


# --- numbers from the layers ------------------------------------------------------------------------------------------


def numbers(p, given):
    """Every number of both passes by panel name, from the layers in float64."""
    shape = [*p["size"], p["channels"]]
    every = math.prod(p["size"])
    blob = grown(given["x"], [*p["blob"], p["channels"]])
    of = {
        "x": placed(p, blob, p["place"]),
        "V": fit(given["V"], [p["channels"], 2]),
        "F": weights(given.get("F"), [*shape, 2]),
        "ds": fit(given.get("ds", {"shape": [2], "data": [every, 0]}), [2]),  # so that the shares are whole
    }
    pools = GlobalAveragePooling2D(dtype="float64"), GlobalMaxPooling2D(dtype="float64")
    shared, flat, own = dense(of["V"]), Flatten(dtype="float64"), dense(of["F"].reshape(-1, 2))
    pooled = np.concatenate([pool(of["x"][None]) for pool in pools])
    of |= {
        "p": pooled,
        "s": np.concatenate([shared(pooled), own(flat(of["x"][None]))]),
        "CAM": shared(of["x"]),
        "moved": np.array([own(flat(placed(p, blob, at)[None]))[0] for at in cells(places(p))]),
    }
    of["mean(CAM)"] = pools[0](of["CAM"][None])[0]
    pools[0](of["x"][None])
    shared(pooled[:1])
    of["dp"] = shared.backward(of["ds"][None])[0]
    own(flat(of["x"][None]))
    back = [pool.backward(of["dp"][None])[0] for pool in pools]
    back.append(flat.backward(own.backward(of["ds"][None]))[0])
    return of | {f"dX({head})": dx for head, dx in zip(HEADS, back)}


def dense(kernel):
    layer = Dense(2, use_bias=False, dtype="float64")
    layer.build((None, len(kernel)))
    layer.built = True
    layer.set_weights([kernel])
    return layer


def places(p):
    """How many places the blob has, down and across."""
    return [n - k + 1 for n, k in zip(p["size"], p["blob"])]


def placed(p, blob, at):
    """The map with the blob at this place."""
    return padded(blob, around(p, at))


def around(p, at):
    """How many empty cells stand before and after the blob along each axis."""
    return [[first, n - k - first] for n, k, first in zip(p["size"], p["blob"], at)] + [[0, 0]]


def grown(blob, shape):
    """The blob cut to `shape`, or grown to it: its edge is repeated, a further channel is the first turned round.

    So growing never makes a number larger than those that were there.
    """
    rows, columns, channels = blob["shape"]
    old, made = np.reshape(blob["data"], blob["shape"]), np.zeros(shape)
    for i, j, c in cells(shape):
        there = min(j, columns - 1)
        made[i, j, c] = old[min(i, rows - 1), there if c < channels else columns - 1 - there, c if c < channels else 0]
    return made


def weights(given, shape):
    """`fit` by a pattern that tells the channels and the classes apart, and a step along the diagonal."""
    made = fit(given, shape)
    if not given:
        for i, j, c, k in cells(shape):
            made[i, j, c, k] = pattern((i, 2 * j, 0, c + 2 * k))
    return made


# --- panels -----------------------------------------------------------------------------------------------------------

MAP = ["row", "column"]


def channel_names(p):
    return [f"channel {c}" for c in range(p["channels"])]


def input_panels(p, of):
    return {
        "x": panel(
            "feature maps",
            [*MAP, "channel"],
            of["x"],
            "input",
            edit=True,
            pad=around(p, p["place"]),
            ground="empty",
            look="heat",
        ),
        "V": panel(
            "weights behind GAP and GMP",
            ["channel", "class"],
            of["V"],
            "weight",
            edit=True,
            names={"0": channel_names(p), "1": CLASSES},
        ),
        "F": panel("weights behind Flatten", [*MAP, "channel", "class"], of["F"], "weight", edit=True),
    }


def forward_panels(p, of):
    moved = of["moved"].reshape(*places(p), 2)
    return input_panels(p, of) | {
        "p": panel(
            "pooled by GAP and by GMP",
            ["head", "channel"],
            of["p"],
            "middle",
            names={"0": HEADS[:2], "1": channel_names(p)},
        ),
        "s": panel("scores: GAP, GMP, Flatten", ["head", "class"], of["s"], "result", names={"0": HEADS, "1": CLASSES}),
        "CAM": panel("class activation map", [*MAP, "class"], of["CAM"], "result", look="heat"),
        "mean(CAM)": panel("its mean", ["class"], of["mean(CAM)"], "middle", names={"0": CLASSES}),
        "moved": panel("s[Flatten] for every place of the blob", [*MAP, "class"], moved, "result", look="heat"),
    }


def back_panels(p, of):
    gradients = {
        f"dX({head})": panel(
            f"gradient of x through {head}", [*MAP, "channel"], of[f"dX({head})"], "gradient", look="heat"
        )
        for head in HEADS
    }
    return input_panels(p, of) | {
        "ds": panel("gradient of the scores", ["class"], of["ds"], "gradient", edit=True, names={"0": CLASSES}),
        "dp": panel("gradient of the pooled numbers", ["channel"], of["dp"], "middle", names={"0": channel_names(p)}),
        **gradients,
    }
