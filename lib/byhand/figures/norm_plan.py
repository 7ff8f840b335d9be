"""Who is normalised with whom, the numbers that are given, and the settings that the figure refuses."""

import numpy as np

from .windows import cells, ravel

SPACE = {2: ["sample", "feature"], 3: ["sample", "step", "channel"], 4: ["sample", "row", "column", "channel"]}


def refusal(p):
    """The sentence that says why these settings make no figure, or None."""
    rank, axis = 2 + len(p["space"]), p["axis"]
    if p["kind"] != "BatchNormalization" and p["view"] == "moving":
        return f"{p['kind']} keeps no moving statistics: each sample has its own, in training and afterwards."
    if -axis[0] >= rank:
        return f"x has {rank} axes here, and axis {axis[0]} would be the batch or none. Take another axis."
    if p["kind"] == "BatchNormalization" and len(axis) > 1:
        return (
            "BatchNormalization takes one axis: the one that keeps its own statistics. Keras refuses several as well."
        )
    if p["kind"] == "GroupNormalization":
        if axis != [-1]:
            return "The figure of GroupNormalization has the channels last: take axis -1."
        if p["channels"] % p["groups"]:
            return f"{p['groups']} groups do not divide {p['channels']} channels. Keras refuses it as well."
    if p["kind"] == "RMSNormalization" and axis[-1] != -1:
        return "RMSNormalization takes the last axis, or the last several."
    return None


class Plan:
    """Who shares statistics with whom, and which gamma belongs to whom. Cells are counted flat."""

    def __init__(self, p):
        self.shape = [p["batch"], *p["space"], p["channels"]]
        self.axes = SPACE[len(self.shape)]
        rank = len(self.shape)
        own = [a + rank for a in p["axis"]]
        kind, size = p["kind"], p["channels"] // p["groups"]
        self.rms, self.batch_norm = kind == "RMSNormalization", kind == "BatchNormalization"
        self.own = [self.shape[a] for a in own]  # the shape of gamma
        self.own_axes = [self.axes[a] for a in own]
        kept = own if self.batch_norm else [a for a in range(rank) if a not in own]
        if kind == "GroupNormalization":
            self.groups = [index[0] * p["groups"] + index[-1] // size for index in cells(self.shape)]
        else:
            self.groups = self.along(kept)
        self.places = self.along(own)
        self.count = max(self.groups) + 1
        self.members = inverted(self.groups)
        crossed = inverted(self.along([0] if self.batch_norm else [rank - 1]))
        self.crossed = crossed if len(crossed) == self.count and crossed != self.members else None
        self.moves = self.batch_norm and not p["training"]

    def along(self, axes):
        """For each cell the flat place of its coordinates along these axes."""
        sizes = [self.shape[a] for a in axes]
        return [ravel([index[a] for a in axes], sizes) for index in cells(self.shape)]


def inverted(groups):
    """The cells of each group."""
    return [[i for i, g in enumerate(groups) if g == group] for group in range(max(groups) + 1)]


def spread(index):
    """The whole number that stands at a place for which nobody gave one: uneven, so that no group is all alike."""
    k = sum(i * prime for i, prime in zip(index, (2, 3, 5, 7))) + 1
    return k * k % 11 - 3


def filled(given, shape, rest):
    """The numbers of `given` cut to `shape`; where there is none, rest(index)."""
    old = given["shape"] if given and len(given["shape"]) == len(shape) else [0] * len(shape)
    made = [
        given["data"][ravel(index, old)] if all(i < n for i, n in zip(index, old)) else rest(index)
        for index in cells(shape)
    ]
    return np.array(made, float).reshape(shape)


def numbers(p, plan, given):
    """Every array that is given, by panel name, in the present sizes."""
    scale = "scale" if plan.rms else "gamma"
    x = filled(given.get("x"), plan.shape, spread)
    made = {"x": x, "dY": filled(given.get("dY"), plan.shape, spread), scale: ones(given.get(scale), plan.own)}
    if not plan.rms:
        made["beta"] = filled(given.get("beta"), plan.own, lambda _: 0)
    if not plan.batch_norm:
        return made
    now = statistics(plan, x)
    first = [x.ravel()[members[0]] for members in plan.members]
    made["moving mean"] = filled(given.get("moving mean"), plan.own, lambda _: 0)
    made["moving variance"] = ones(given.get("moving variance"), plan.own)
    for name, values in now.items():
        made[f"batch {name}"] = np.tile(values, (p["batches"], 1))
    if "batch mean" in given:
        made["batch mean"] = filled(
            given["batch mean"], [p["batches"], plan.count], lambda index: now["mean"][index[1]]
        )
    made["new x"] = filled(given.get("new x"), plan.own, lambda index: first[index[0]])
    return made


def ones(given, shape):
    return filled(given, shape, lambda _: 1)


def statistics(plan, x):
    """Mean and variance of each group of x."""
    mean = means(plan, x)
    return {"mean": mean, "variance": means(plan, (x - broad(plan, mean)) ** 2)}


def means(plan, array):
    """The mean of each group."""
    return [array.ravel()[members].mean() for members in plan.members]


def broad(plan, values):
    """One value for each group, laid out as x is."""
    return np.ravel(values)[plan.groups].reshape(plan.shape)
