"""The trace of batch, layer, group and root-mean-square normalisation. `rules/norm.js` says the same in the page.

Cells that share one mean and one variance are a group: one letter, one colour. Within each group
Forward     d = x - mean; variance = mean of d^2; s = 1 / sqrt(variance + epsilon); xhat = d s; y = gamma xhat + beta
Inference   batch normalisation takes the moving mean and variance in their place
Moving      after each batch: moving = momentum * moving + (1 - momentum) * of the batch
Backward    dxhat = dY gamma; a = mean of dxhat; b = mean of dxhat xhat; dX = s (dxhat - a - xhat b)
"""

import math

import numpy as np

from .. import layers
from .groups import letter
from .norm_asks import asks, bugs, controls
from .norm_code import call, code
from .norm_frames import back_frames, forward_frames, moving_frames, names
from .norm_plan import SPACE, Plan, broad, means, numbers, refusal, statistics
from .windows import entry, fill, number, panel

GROUPS = WHOLE_BATCH = True
LARGEST = (5, 6, 4)  # samples, places in space, channels; more would be a wall of numbers


def read(layer, x):
    """(params, data) of a built normalisation and x (N, C), (N, T, C) or (N, H, W, C)."""
    kind, x = type(layer).__name__, np.asarray(x, float)
    if x.ndim not in SPACE:
        raise ValueError(f"the figure takes x with 2 to 4 axes, the batch first; got shape {x.shape}")
    sizes = len(x), math.prod(x.shape[1:-1]), x.shape[-1]
    if any(n > most for n, most in zip(sizes, LARGEST)):
        most = "{} samples of {} places and {} channels".format(*LARGEST)
        raise ValueError(f"the figure shows at most {most}; got shape {x.shape}")
    if not (getattr(layer, "center", True) and getattr(layer, "scale", True) is not False):
        raise ValueError("the figure draws gamma and beta: leave center and scale as they are")
    if layer.epsilon < 1e-6:
        raise ValueError(f"the figure takes an epsilon from 0.000001 on; got {layer.epsilon}")
    own = sorted(layer.own_axes)
    if 0 in own:
        raise ValueError("the figure leaves the batch axis, 0, to the batch")
    batch_norm = kind == "BatchNormalization"
    params = {
        "kind": kind,
        "batch": len(x),
        "space": list(x.shape[1:-1]),
        "channels": x.shape[-1],
        "axis": [a - x.ndim for a in own],
        "groups": getattr(layer, "groups", 1),
        "epsilon": number(layer.epsilon),
        "training": True,
        "momentum": number(layer.momentum) if batch_norm else 0.99,
        "batches": 3,
        "view": "forward",
    }
    data = {"x": entry(x)} | {name: entry(w) for name, w in zip(("gamma", "beta"), layer.get_weights())}
    if kind == "RMSNormalization":
        data["scale"] = data.pop("gamma")
    if batch_norm:
        data |= {"moving mean": entry(layer.moving_mean), "moving variance": entry(layer.moving_variance)}
    return params, data


def trace(params, data, edits=None, bug=None):
    """The trace of these settings; see `byhand.figures.trace`."""
    sentence = refusal(params)
    if sentence:
        raise ValueError(sentence)
    plan = Plan(params)
    given = numbers(params, plan, data | (edits or {}))
    made = {"forward": forward, "moving": moving, "backward": backward}[params["view"]](params, plan, given, bug)
    return {
        "figure": "norm",
        "title": call(params),
        "params": params,
        "edits": edits or {},
        "controls": controls(params),
        "data": data,
        **made,
        "asks": asks(params, plan, made["panels"]),
        "bugs": bugs(params, plan),
        "code": code(params, plan, given),
        "receipt": f"Numbers from the {params['kind']} of this book, equal to Keras within 1e-5.",
    }


def layer_of(p, plan, given):
    """The NumPy layer with these settings and weights, in float64."""
    options = {"groups": p["groups"]} if p["kind"] == "GroupNormalization" else {}
    if plan.batch_norm:
        options["momentum"] = p["momentum"]
    axis = p["axis"][0] if len(p["axis"]) == 1 else p["axis"]
    layer = getattr(layers, p["kind"])(axis=axis, epsilon=p["epsilon"], dtype="float64", **options)
    layer.build(tuple(plan.shape))
    weights = ("scale",) if plan.rms else ("gamma", "beta", "moving mean", "moving variance")
    layer.set_weights([given[name] for name in weights if name in given])
    return layer


# --- panels -----------------------------------------------------------------------------------------------------------


def whole(plan, label, array, role, **more):
    """A panel of the shape of x: samples beside each other where they have rows of their own."""
    grid = {2: [0, 1], 3: [1, 2], 4: [1, 2]}[len(plan.shape)]
    return panel(label, plan.axes, np.reshape(array, plan.shape), role, grid=grid, groups=plan.groups, **more)


def letters(plan):
    return [letter(g) for g in range(plan.count)]


def each(plan, label, values, role, **more):
    """A panel with one number for each group."""
    return panel(
        label, ["group"], np.ravel(values), role, names={"0": letters(plan)}, groups=[*range(plan.count)], **more
    )


def learned(plan, given, edit=True):
    """gamma and beta, or scale: panels without groups, since they go by `axis` and not by group."""
    known = [(name, given[name]) for name in ("gamma", "beta", "scale") if name in given]
    return {
        name: panel("learned", plan.own_axes, array, "weight", edit=edit or None)
        for name, array in known
    }  # fmt: skip


def forward(p, plan, given, bug):
    layer, x = layer_of(p, plan, given), given["x"]
    mean, variance = names(plan)
    y = layer(x, **mode(p, plan))
    d = x if plan.rms else x - broad(plan, given["moving mean"] if plan.moves else means(plan, x))
    panels = {"x": whole(plan, "input" + (", a row each sample" if x.ndim == 2 else ""), x, "input", edit=True)}
    if plan.moves:
        panels["moving mean"] = each(plan, "kept from training", given["moving mean"], "weight", edit=True)
        panels["moving variance"] = each(plan, "kept from training", given["moving variance"], "weight")
    else:
        if mean:
            panels[mean] = each(plan, "one a group", means(plan, x), "middle")
        panels[variance] = each(plan, "one a group", means(plan, d * d), "middle")
    panels["s"] = each(plan, "inverse root of it", first(plan, layer.s), "middle")
    if mean:
        panels["d"] = whole(plan, "x − mean", d, "middle")
    panels["xhat"] = whole(plan, "standardised", layer.xhat, "middle")
    panels |= learned(plan, given)
    panels["y"] = whole(plan, "output", y, "result")
    frames = forward_frames(p, plan, bug)
    hidden = hidden_panels(plan, given, bug)
    if bug:
        fill(panels | hidden, frames)
    weights = [name for name in ("gamma", "beta", "scale") if name in panels]
    top = [name for name in ("x", mean, variance, "s") if name]
    below = [*(["d"] if mean else []), "xhat", *weights, "y"]
    return {"panels": panels | hidden, "layout": [top, below], "frames": frames}


def hidden_panels(plan, given, bug):
    """Statistics that are not drawn but read by a wrong rule: those of the other mode."""
    if bug not in ("moving", "batch"):
        return {}
    if bug == "moving":
        kept = {name: given[name] for name in ("moving mean", "moving variance")}
    else:
        kept = statistics(plan, given["x"])
    return {name: each(plan, "not drawn", array, "middle") for name, array in kept.items()}


def mode(p, plan):
    return {"training": p["training"]} if plan.batch_norm else {}


def first(plan, array):
    """The value of each group, from an array that broadcasts against x."""
    flat = np.broadcast_to(array, plan.shape).ravel()
    return [flat[members[0]] for members in plan.members]


def moving(p, plan, given, bug):
    """The same channels over several batches. A batch with these statistics: mean - deviation and mean + deviation."""
    table = Plan(p | {"batch": 2, "space": [], "channels": plan.count, "axis": [-1], "training": True})
    layer = layer_of(p | {"axis": [-1]}, table, given)
    states = {"mean": [], "variance": []}
    for mean, variance in zip(given["batch mean"], given["batch variance"]):
        layer(np.stack([mean - np.sqrt(variance), mean + np.sqrt(variance)]), training=True)
        states["mean"].append(layer.moving_mean.copy())
        states["variance"].append(layer.moving_variance.copy())
    y = layer(given["new x"][None])[0]
    times = [str(t + 1) for t in range(p["batches"])]

    def line(label, array, role, **more):
        titles = {"0": times, "1": letters(plan)}
        groups = [g for _ in times for g in range(plan.count)]
        return panel(label, ["batch", "group"], np.array(array), role, grid=[1, 0], names=titles, groups=groups, **more)

    panels = {
        "batch mean": line("of each batch", given["batch mean"], "input", edit=True),
        "batch variance": line("of each batch", given["batch variance"], "input"),
        "moving mean": each(plan, "before the first batch", given["moving mean"], "weight", edit=True),
        "mean after": line("each batch: the moving mean", states["mean"], "state"),
        "moving variance": each(plan, "before the first batch", given["moving variance"], "weight"),
        "variance after": line("each batch: the moving one", states["variance"], "state"),
        "new x": each(plan, "one new sample", given["new x"], "input", edit=True),
        **learned(plan, given),
        "s": each(plan, "inverse root of the last variance", first(table, layer.s), "middle"),
        "y": each(plan, "output in inference", y, "result"),
    }
    frames = moving_frames(p, plan, bug)
    if bug:
        fill(panels, frames)
    after = ["moving mean", "mean after", "moving variance", "variance after"]
    layout = [["batch mean", "batch variance"], after, ["new x", "gamma", "beta", "s", "y"]]
    return {"panels": panels, "layout": layout, "frames": frames}


def backward(p, plan, given, bug):
    layer, dy = layer_of(p, plan, given), given["dY"]
    layer(given["x"], **mode(p, plan))
    dx = layer.backward(dy)
    scale = "scale" if plan.rms else "gamma"
    dxhat = dy * layer.gamma.reshape(layer.broadcast) if not plan.rms else dy * layer.scale
    panels = {
        "dY": whole(plan, "gradient of y", dy, "input", edit=True),
        "xhat": whole(plan, "standardised x", layer.xhat, "middle"),
        "s": each(plan, "inverse root of the variance", first(plan, layer.s), "middle"),
        scale: learned(plan, given, edit=False)[scale],
        "dxhat": whole(plan, "gradient of xhat", dxhat, "gradient"),
    }
    shares = [] if plan.moves else ["b"] if plan.rms else ["a", "b"]
    for name, label, of in (("a", "mean of dxhat", dxhat), ("b", "mean of dxhat xhat", dxhat * layer.xhat)):
        if name in shares:
            panels[name] = each(plan, label, means(plan, of), "middle")
    panels["dX"] = whole(plan, "gradient of x", dx, "gradient")
    learn = ["dscale"] if plan.rms else ["dgamma", "dbeta"]
    for name in learn:
        panels[name] = panel(f"gradient of {name[1:]}", plan.own_axes, layer.grads[name[1:]], "gradient")
    frames = back_frames(p, plan, bug)
    if bug:
        fill(panels, frames)
    layout = [["dY", scale, "s", "xhat"], ["dxhat", *shares], ["dX", *learn]]
    return {"panels": panels, "layout": layout, "frames": frames}
