"""The trace of the layers that make one array of two, forward and backward. `rules/merge.js` says the same in the page.

Forward     Add, Subtract, Average, Multiply, Maximum, Minimum: cell by cell; sizes of 1 behind the batch axis are
            stretched, and missing axes stand behind the batch axis.
            Concatenate: each cell is a copy. Dot: y[n, i, j] = sum over k of a[n, i, k] b[n, j, k]
Backward    every term of the way forward turned around: where y[o] has a term a[i] f, da[i] has a term dY[o] f.
            Maximum and Minimum: the winner's term alone; where both are equal, a wins.
"""

import numpy as np

from .. import layers
from .merge_asks import asks, bugs, call, code, controls
from .merge_plan import ELEMENTWISE, Plan, refusal, taken_for_bias
from .windows import cells, entry, fill, fit, panel, pattern

WHOLE_BATCH = True
LARGEST = 5  # cells along an axis; more would be a wall of numbers
AXES = {1: ["sample"], 2: ["sample", "feature"], 3: ["sample", "step", "feature"]}
SIGNS = {"Add": "+", "Subtract": "−", "Multiply": "×", "Concatenate": "|", "Dot": "·"}


def read(layer, x):
    """(params, data) of a merge layer and a list of two arrays of at most 3 axes, the batch first."""
    if not isinstance(x, list) or len(x) != 2:
        raise ValueError("the figure of a merge layer takes a list of two arrays")
    a, b = (np.asarray(v, float) for v in x)
    if max(a.ndim, b.ndim) > 3 or max(*a.shape, *b.shape) > LARGEST:
        raise ValueError(f"the figure shows at most 3 axes of {LARGEST} cells; got shapes {a.shape} and {b.shape}")
    axes = getattr(layer, "axes", 1)
    params = {
        "layer": type(layer).__name__,
        "a": list(a.shape),
        "b": list(b.shape),
        "axis": getattr(layer, "axis", -1),
        "axes": axes if isinstance(axes, int) else list(axes),
        "normalize": getattr(layer, "normalize", False),
        "view": "forward",
    }
    return params, {"a": entry(a), "b": entry(b)}


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    sentence = refusal(params)
    if sentence:
        raise ValueError(sentence)
    made = Numbers(params, data | (edits or {}))
    view = backward if params["view"] == "backward" else forward
    return {
        "figure": "merge",
        "title": call(params),
        "params": params,
        "edits": edits or {},
        "controls": controls(),
        "data": data,
        **view(params, made, bug),
        "asks": asks(params, made),
        "bugs": bugs(params, made.plan),
        "code": code(params, made),
        "receipt": f"Numbers from the {params['layer']} of this book, equal to Keras within 1e-5"
        f"{' if b comes first' if taken_for_bias(params) else ''}.",
    }


class Numbers:
    """The arrays that are given, in the present shapes, and the layer that has run on them in float64."""

    def __init__(self, p, given):
        self.plan = Plan(p)
        self.a = fit(given.get("a"), p["a"])
        self.b = mirrored(given.get("b"), p["b"], 2)
        self.layer = layer_of(p)
        self.y = self.layer([self.a, self.b])
        self.dY = mirrored(given.get("dY"), list(self.y.shape), 1)
        self.flat = {"a": self.a.ravel(), "b": self.b.ravel()}


def mirrored(given, shape, most):
    """As `fit`, but filled up with `most` less the pattern: b and dY must not be a once more."""
    made, old = fit(given, shape), given["shape"] if given else []
    for k in cells(shape):
        if len(old) != len(shape) or any(i >= n for i, n in zip(k, old)):
            made[k] = most - pattern(k)
    return made


def layer_of(p):
    """The NumPy layer of these settings."""
    options = {"dtype": "float64"}
    if p["layer"] == "Concatenate":
        options["axis"] = p["axis"]
    if p["layer"] == "Dot":
        axes = p["axes"]
        options |= {"axes": axes if isinstance(axes, int) else tuple(axes), "normalize": p["normalize"]}
    return getattr(layers, p["layer"])(**options)


def drawn(label, array, role, **more):
    """A panel in which the samples of three axes are blocks beside each other."""
    return panel(label, AXES[array.ndim], array, role, grid=[1, 2] if array.ndim == 3 else None, **more)


# --- forward ----------------------------------------------------------------------------------------------------------


def forward(p, made, bug):
    panels = {
        "a": drawn("first input", made.a, "input", edit=True),
        "b": drawn("second input", made.b, "input", edit=True),
    }
    sign = SIGNS.get(p["layer"], "and")
    layout = [["a", sign, "b", "=", "y"]]
    lengths = []
    if p["normalize"] and p["layer"] == "Dot":
        layout = [["a", "ra"], [sign, "b", "rb"], ["=", "y"]]
        for name in "ab":
            frames = length_frames(made, name)
            kept = [k for k in range(len(p[name])) if k != made.plan.pair[name]]
            values = np.reshape([made_of(made, frame) for frame in frames], [p[name][k] for k in kept])
            axes = [AXES[len(p[name])][k] for k in kept]
            panels[f"r{name}"] = panel(f"1 / length of each vector of {name}", axes, values, "middle")
            lengths += frames
    panels["y"] = drawn("output", made.y, "result")
    frames = lengths + forward_frames(p, made, bug)
    if bug:
        fill(panels, frames)
    return {"panels": panels, "layout": layout, "frames": frames}


def length_frames(made, name):
    """One by the length of every vector of an array, along the axis that Dot sums over."""
    frames = []
    for i, places in enumerate(made.plan.vectors(name)):
        frame = {"to": [f"r{name}", i], "op": "1/√", "terms": [[name, k, name, k] for k in places], "phase": f"r{name}"}
        if sum(made.flat[name][k] ** 2 for k in places) < 1e-14:
            note = "a length near 0"
            frame |= {"op": "set", "terms": [], "value": 10000000, "note": note}
        frames.append(frame)
    return frames


def made_of(made, frame):
    """What a frame of `length_frames` makes."""
    if frame["op"] == "set":
        return frame["value"]
    name = frame["to"][0][1]
    return 1 / np.sqrt(sum(made.flat[name][term[1]] ** 2 for term in frame["terms"]))


def forward_frames(p, made, bug=None):
    """One frame for each cell of the result."""
    frames, seen = [], set()
    for o, terms in enumerate(made.plan.terms(bug)):
        op, terms = operation(p, terms, made.flat, bug)
        frame = {"to": ["y", o], "op": op, "terms": terms, "phase": "y"}
        if op == "mean":
            frame["n"] = len(terms) if p["layer"] == "Dot" else 3 if bug == "features" else 2
        if p["layer"] in ELEMENTWISE:
            again = [name for name, k in made.plan.pairs[o] if (name, k) in seen]
            seen |= set(made.plan.pairs[o])
            if bug == "left" and "b" in again:
                frame["terms"] = [term[:2] for term in terms if term[0] == "a"]
            elif again and not bug:
                frame["note"] = f"{' and '.join(again)} {'are' if len(again) > 1 else 'is'} read again"
        frames.append(frame)
    return frames


def operation(p, terms, flat, bug):
    """(op, terms) with which the cells that a result reads are joined."""
    layer = p["layer"]
    if bug == "added":
        terms = [[*term[:2]] for term in terms] + [[*term[2:4]] for term in terms]
    if bug == "doubled":
        terms = [terms[0], *terms]
    if bug == "size":
        best = max(terms, key=lambda term: abs(flat[term[0]][term[1]]))
        return "copy", [best]
    if layer in ("Maximum", "Minimum"):
        return ("max" if (layer == "Maximum") != (bug == "other") else "min"), terms
    if layer == "Average":
        return ("sum" if bug == "undivided" else "mean"), terms
    if bug == "mean":
        return "mean", terms
    return {"Concatenate": "copy", "Multiply": "dot", "Dot": "dot"}.get(layer, "sum"), terms


# --- backward ---------------------------------------------------------------------------------------------------------


def backward(p, made, bug):
    reads = p["layer"] in ("Multiply", "Maximum", "Minimum", "Dot")
    panels = {"dY": drawn("gradient of y", made.dY, "input", edit=True)}
    if reads:
        panels["a"] = drawn("first input", made.a, "input", edit=True)
        panels["b"] = drawn("second input", made.b, "input", edit=True)
    for name, d in zip("ab", made.layer.backward(made.dY)):
        panels[f"d{name}"] = drawn(f"gradient of {name}", d, "gradient")
    frames = back_frames(p, made, "a", bug) + back_frames(p, made, "b", bug)
    if bug:
        fill(panels, frames)
    return {
        "panels": panels,
        "layout": ([["a", "b"]] if reads else []) + [["dY", "→", "da", "db"]],
        "frames": frames,
    }


def back_frames(p, made, name, bug):
    """One frame for each cell of an array's gradient: every term that read the cell, turned around."""
    layer, flat = p["layer"], made.flat
    found = {i: [] for i in range(len(flat[name]))}
    for o, terms in enumerate(made.plan.terms(bug)):
        if layer in ("Maximum", "Minimum") and bug != "both":
            terms = [terms[winner(layer, flat, terms) ^ (bug == "loser")]]
        for term in terms:
            for k in range(0, len(term), 2):
                if term[k] == name:
                    others = [*term[:k], *term[k + 2 :]] if bug != "own" else term[k : k + 2]
                    factors = [*others] if bug != "bare" else []
                    found[term[k + 1]].append(["dY", o, *factors])
    frames = []
    for i, terms in found.items():
        if bug == "once":
            terms = terms[:1]
        if bug == "alone" and name == "b":
            terms = []
        frame = {"to": [f"d{name}", i], "op": "dot" if layer in ("Multiply", "Dot") else "sum", "terms": terms}
        if (layer == "Average" and bug != "undivided") or bug == "half":
            frame |= {"op": "mean", "n": 2}
        elif bug == "mean" and len(terms) > 1:
            frame |= {"op": "mean", "n": len(terms)}
        if layer in ("Maximum", "Minimum") and not bug and not terms:
            frame["note"] = f"{'b' if name == 'a' else 'a'} wins"
        frames.append({**frame, "phase": f"d{name}"})
    return frames


def winner(layer, flat, terms):
    """0 if a gives the result and takes the gradient, 1 if b does."""
    left, right = (flat[name][k] for name, k in terms)
    return int(right > left if layer == "Maximum" else right < left)
