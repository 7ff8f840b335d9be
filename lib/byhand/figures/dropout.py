"""The trace of Dropout and SpatialDropout1D: one call, several calls with their running mean, and the way back.

Forward     stays = 1 where the random number u is at least the rate, else 0;  scale = 1 / (1 - rate)
            y = x stays scale in training;  y = x otherwise.  A mask smaller than x serves whole rows or columns
Calls       the same x through several calls, each with new numbers u, and the mean of the outputs so far
Backward    dX = dY stays scale, with the mask of the forward call

The numbers u are what the layer's generator gives for its seed, in one row: a call takes as many as its mask has cells.
So the page, which cannot draw them, has them for every setting. `rules/dropout.js` says the same there.
"""

import numpy as np

from .. import layers
from .dropout_asks import asks, bugs, call, code, controls
from .windows import cells, entry, fill, fit, panel, ravel

WHOLE_BATCH = True
LARGEST = 4  # rows and columns
CALLS = 8
FULL = {"cell": (True, True), "row": (True, False), "column": (False, True), "all": (False, False)}


def read(layer, x):
    """(params, data) of a dropout and x (samples, features), or (1, steps, channels) of which a longer batch is cut."""
    kind, x = type(layer).__name__, np.asarray(x, float)
    if x.ndim not in (2, 3):
        raise ValueError(f"the figure of {kind} takes x with 2 axes, or 3 (batch, steps, channels); got {x.shape}")
    if max(x.shape[-2:]) > LARGEST:
        raise ValueError(f"the figure shows at most {LARGEST} rows and columns; got x {x.shape}")
    if layer.rate == 1:
        raise ValueError("with rate 1 nothing stays that could be drawn; take a rate below 1")
    shown = x[0] if x.ndim == 3 else x
    full = tuple(m == n for m, n in zip(layer.mask_shape(x.shape)[-2:], shown.shape))
    params = {
        "kind": kind,
        "rate": layer.rate,
        "share": next(name for name, known in FULL.items() if known == full),
        "rows": shown.shape[0],
        "columns": shown.shape[1],
        "sequence": x.ndim == 3,
        "training": True,
        "call": 0,
        "calls": 4,
        "view": "forward",
    }
    seed = layer.seed if isinstance(layer.seed, int) else 0
    numbers = np.random.default_rng(seed).random((CALLS + 1) * LARGEST**2)
    return params, {"x": entry(shown), "u": entry(numbers), "seed": entry([seed])}


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    made = Numbers(params, data | (edits or {}))
    panels = {"forward": forward, "calls": several, "backward": backward}[params["view"]](params, made)
    frames = {"forward": forward_frames, "calls": call_frames, "backward": back_frames}[params["view"]](
        params, made, bug
    )
    if bug:
        fill(panels, frames)
    return {
        "figure": "dropout",
        "title": call(params, made),
        "params": params,
        "edits": edits or {},
        "controls": controls(params, made),
        "data": data,
        "panels": panels,
        "layout": layout(params, made),
        "frames": frames,
        "asks": asks(params, made, panels),
        "bugs": bugs(params, made),
        "code": code(params, made),
        "receipt": f"Numbers from the {params['kind']} of this book with seed {made.seed}, equal to Keras within 1e-5 "
        "where both are given the same mask.",
    }


class Numbers:
    """The arrays in the present sizes, and the layer that has run on x as often as is asked, in float64."""

    def __init__(self, p, given):
        self.sequence = p["sequence"] or p["kind"] == "SpatialDropout1D"
        self.share = "column" if p["kind"] == "SpatialDropout1D" else p["share"]
        self.shape = [p["rows"], p["columns"]]
        self.mask = [n if full else 1 for n, full in zip(self.shape, FULL[self.share])]
        self.x, self.dY = (fit(flat(given.get(name)), self.shape) for name in ("x", "dY"))
        self.rate, self.seed, self.u = p["rate"], given["seed"]["data"][0], given["u"]["data"]
        self.draws = p["training"] and self.rate > 0
        self.kept = round(1 - self.rate, 10)
        self.count = p["calls"] if p["view"] == "calls" else p["call"] + 1
        layer = self.layer(p)
        x = self.full(self.x)
        self.outputs = [layer(x, training=p["training"]).reshape(self.shape) for _ in range(self.count)]
        self.dX = layer.backward(self.full(self.dY)).reshape(self.shape)

    def layer(self, p):
        made = {"seed": self.seed, "dtype": "float64"}
        if p["kind"] == "Dropout" and self.share != "cell":
            made["noise_shape"] = [1] * self.sequence + self.mask
        return getattr(layers, p["kind"])(self.rate, **made)

    def full(self, array):
        """As the layer takes it: a sequence is a batch of one."""
        return array[None] if self.sequence else array

    def stays(self, n, k):
        """1 if the number at place k of the mask stays in call n, else 0."""
        return int(self.numbers(n)[k] >= self.rate)

    def numbers(self, n):
        """The random numbers of call n, counted from 1."""
        size = self.mask[0] * self.mask[1]
        return self.u[(n - 1) * size : n * size]

    def place(self, i):
        """The place in the mask that decides about cell i."""
        r, c = divmod(i, self.shape[1])
        return ravel((min(r, self.mask[0] - 1), min(c, self.mask[1] - 1)), self.mask)


def flat(given):
    """The first sample of a batch of sequences."""
    return given and {"shape": given["shape"][-2:], "data": given["data"]}


def axes(made):
    return ["step", "channel"] if made.sequence else ["sample", "feature"]


def mask_of(made, n):
    return np.reshape([made.stays(n, k) for k in range(len(made.numbers(n)))], made.mask)


def given_panel(made):
    return {"x": panel("input", axes(made), made.x, "input", edit=True)}


def mask_panels(made, role):
    return {
        "stays": panel("mask", axes(made), mask_of(made, made.count), role),
        "scale": panel("for survivors", ["number"], [1 / made.kept], role),
    }


# --- one call ---------------------------------------------------------------------------------------------------------


def forward(p, made):
    panels = given_panel(made)
    if made.draws:
        u = np.reshape(made.numbers(made.count), made.mask)
        panels |= {"u": panel("random numbers", axes(made), u, "state"), **mask_panels(made, "middle")}
    return panels | {"y": panel("output", axes(made), made.outputs[-1], "result")}


def forward_frames(p, made, bug):
    frames = mask_frames(made, bug) if made.draws else []
    for i in range(len(made.x.ravel())):
        frames.append({"to": ["y", i], **passed(made, "x", i, bug), "phase": "y"})
    return frames


def mask_frames(made, bug):
    frames = []
    for k in range(len(made.numbers(made.count))):
        stays = made.stays(made.count, k)
        note = {} if bug else {"note": "u is not below the rate" if stays else "u is below the rate"}
        value = 1 - stays if bug == "flip" else stays
        frames.append(
            {"to": ["stays", k], "op": "copy", "terms": [[value]], "phase": "mask", **note, "see": [["u", k]]}
        )
    return [*frames, scale_frame(made, bug)]


def scale_frame(made, bug):
    frame = {"to": ["scale", 0], "op": "mean", "terms": [[1]], "n": made.kept, "phase": "mask"}
    if bug == "plain":
        return {**frame, "n": 1}
    if bug == "rate":
        return {**frame, "n": made.rate}
    return {"to": ["scale", 0], "op": "copy", "terms": [[made.kept]], "phase": "mask"} if bug == "down" else frame


def passed(made, name, i, bug):
    """What becomes of cell i of x or dY: the operation and its terms."""
    k = made.place(i)
    if not made.draws:
        if bug == "classic":
            return {"op": "dot", "terms": [[name, i, made.kept]]}
        if bug == "up":
            return {"op": "mean", "terms": [[name, i]], "n": made.kept}
        if bug == "drop":
            return {"op": "mean", "terms": [[name, i, made.stays(made.count, k)]], "n": made.kept}
        return {"op": "copy", "terms": [[name, i]]}
    if bug == "across":
        k = sum(index if m > 1 else 0 for index, m in zip(reversed(divmod(i, made.shape[1])), made.mask))
    stays = ["stays", k]
    if bug == "own":
        stays = [int(made.u[i] >= made.rate)]
    elif bug == "anew":
        stays = [made.stays(made.count + 1, k)]
    elif bug == "all":
        stays = []
    return {"op": "dot", "terms": [[name, i, *stays, *([] if bug == "unscaled" else ["scale", 0])]]}


# --- several calls ----------------------------------------------------------------------------------------------------


def several(p, made):
    panels = given_panel(made)
    names = [*axes(made), "call"]
    if made.draws:
        masks = np.stack([mask_of(made, n + 1) for n in range(made.count)], -1)
        panels["stays"] = panel("masks", names, masks, "middle")
        panels["scale"] = panel("for survivors", ["number"], [1 / made.kept], "middle")
    panels["y"] = panel("outputs", names, np.stack(made.outputs, -1), "result")
    so_far = np.cumsum(made.outputs, axis=0) / np.arange(1, made.count + 1)[:, None, None]
    panels["mean"] = panel("mean so far", names, np.moveaxis(so_far, 0, -1), "result")
    return panels


def call_frames(p, made, bug):
    n, cells_of_mask, frames = made.count, made.mask[0] * made.mask[1], []
    if made.draws:
        frames.append(scale_frame(made, bug))
    for t in range(n):
        for k in range(cells_of_mask if made.draws else 0):
            value = made.stays(1 if bug == "same" else t + 1, k)
            frames.append({"to": ["stays", k * n + t], "op": "copy", "terms": [[value]], "phase": "mask"})
        for i in range(made.x.size):
            k = made.place(i)
            terms = [["x", i, "stays", k * n + t, "scale", 0]] if made.draws else [["x", i]]
            how = {"op": "dot" if made.draws else "copy", "terms": terms}
            how = passed(made, "x", i, bug) if bug == "classic" else how
            frames.append({"to": ["y", i * n + t], **how, "phase": "y"})
        for i in range(made.x.size):
            stayed = sum(made.stays(past + 1, made.place(i)) for past in range(t + 1))
            over = max(stayed, 1) if bug == "stayed" else t + 1
            terms = [["y", i * n + past] for past in range(t + 1)]
            frames.append({"to": ["mean", i * n + t], "op": "mean", "terms": terms, "n": over, "phase": "mean"})
    return frames


# --- backward ---------------------------------------------------------------------------------------------------------


def backward(p, made):
    panels = {"dY": panel("gradient of y", axes(made), made.dY, "input", edit=True)}
    if made.draws:
        panels |= mask_panels(made, "state")
    return panels | {"dX": panel("gradient of x", axes(made), made.dX, "gradient")}


def back_frames(p, made, bug):
    return [
        {"to": ["dX", ravel(at, made.shape)], **passed(made, "dY", ravel(at, made.shape), bug), "phase": "dX"}
        for at in cells(made.shape)
    ]


def layout(p, made):
    if p["view"] == "calls":
        return [["x", "scale"], ["stays"], ["y"], ["mean"]] if made.draws else [["x"], ["y"], ["mean"]]
    given, result = ("dY", "dX") if p["view"] == "backward" else ("x", "y")
    if not made.draws:
        return [[given, "=", result]]
    rows = [[given, "·", "stays", "·", "scale", "=", result]]
    return rows if p["view"] == "backward" else [["u", "≥ rate → stays"], *rows]
