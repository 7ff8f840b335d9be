"""The steps of the three heads, one frame a number, and the wrong rules that can be switched on."""

import math

import numpy as np

from .windows import cells, ravel


def named(known):
    return [{"name": name, "label": label} for name, label, there in known if there]


def forward_bugs(p, x):
    return named(
        [
            ("sum", "GAP does not divide the sum", True),
            ("nonzero", "GAP divides by the number of cells that are not 0", bool((x == 0).any())),
            ("column", "GAP runs down the first column alone", p["size"][1] > 1),
            ("farthest", "GMP takes the number farthest from 0", bool((x < 0).any())),
            ("transpose", "V is read with channel and class exchanged", p["channels"] == 2),
            ("order", "Flatten reads the map column by column", min(p["size"]) > 1),
            ("other", "the class activation map has the weights of the other class", True),
        ]
    )


def back_bugs(p, x):
    many = math.prod(p["size"]) > 1
    return named(
        [
            ("whole", "GAP gives every cell the whole gradient", many),
            ("nonzero", "GAP shares among the cells that are not 0", bool((x == 0).any())),
            ("spread", "GMP shares among all cells", many),
            ("last", "GMP gives it to the last cell of the map", many),
            ("order", "Flatten reads the map column by column", min(p["size"]) > 1),
        ]
    )


def weight_at(p, i, j, c, k, bug):
    """The place in F of the weight that meets x[i, j, c] for class k."""
    rows, columns = p["size"]
    flat = j * rows + i if bug == "order" else i * columns + j
    return (flat * p["channels"] + c) * 2 + k


def forward_frames(p, x, bug):
    size, channels, frames = p["size"], p["channels"], []
    every, shape = list(cells(size)), [*size, channels]

    def add(name, index, op, terms, phase, **more):
        frames.append({"to": [name, index], "op": op, "terms": terms, "phase": phase, **more})

    def at(i, j, c):
        return ["x", ravel((i, j, c), shape)]

    def kernel(c, k):
        return ["V", k * 2 + c if bug == "transpose" else c * 2 + k]

    for c in range(channels):
        read = [cell for cell in every if cell[1] == 0] if bug == "column" else every
        n = 1 if bug == "sum" else max(np.count_nonzero(x[..., c]), 1) if bug == "nonzero" else len(read)
        add("p", c, "mean", [at(*cell, c) for cell in read], "pool", n=int(n))
    for c in range(channels):
        ties = int((x[..., c] == x[..., c].max()).sum())
        far = max(every, key=lambda cell: abs(x[(*cell, c)]))
        note = {"note": f"{ties} cells are largest; on the way back they share"} if ties > 1 and not bug else {}
        read = [far] if bug == "farthest" else every
        add("p", channels + c, "max", [at(*cell, c) for cell in read], "pool", **note)
    for head in range(2):
        for k in range(2):
            terms = [["p", head * channels + c, *kernel(c, k)] for c in range(channels)]
            add("s", head * 2 + k, "dot", terms, "score")
    for k in range(2):
        terms = [[*at(i, j, c), "F", weight_at(p, i, j, c, k, bug)] for i, j, c in cells(shape)]
        add("s", 4 + k, "dot", terms, "score")
    for i, j in every:
        for k in range(2):
            terms = [[*at(i, j, c), "V", c * 2 + (1 - k if bug == "other" else k)] for c in range(channels)]
            add("CAM", ravel((i, j, k), [*size, 2]), "dot", terms, "map")
    for k in range(2):
        terms = [["CAM", ravel((*cell, k), [*size, 2])] for cell in every]
        note = {} if bug else {"note": f"the same as s[GAP, class {k}]"}
        add("mean(CAM)", k, "mean", terms, "map", n=len(every), **note)
    return frames + moved_frames(p, bug)


def moved_frames(p, bug):
    """What Flatten's head says of the blob at each place: the blob's numbers, met by the weights of that place."""
    (top, left), (rows, columns), channels = p["place"], p["blob"], p["channels"]
    shape, frames = [*p["size"], channels], []
    places = [n - k + 1 for n, k in zip(p["size"], p["blob"])]
    for r, c0 in cells(places):
        for k in range(2):
            terms = [
                ["x", ravel((top + i, left + j, c), shape), "F", weight_at(p, r + i, c0 + j, c, k, bug)]
                for i, j, c in cells([rows, columns, channels])
            ]
            to = ["moved", ravel((r, c0, k), [*places, 2])]
            here = [r, c0] == [top, left] and not bug
            note = {"note": f"here it is: s[Flatten, class {k}]"} if here else {}
            frames.append({"to": to, "op": "dot", "terms": terms, "phase": "move", **note})
    return frames


def back_frames(p, x, bug):
    channels, frames = p["channels"], []
    every, shape = list(cells(p["size"])), [*p["size"], p["channels"]]

    def add(i, j, c, head, op, terms, **more):
        to = [f"dX({head})", ravel((i, j, c), shape)]
        frames.append({"to": to, "op": op, "terms": terms, "phase": "map", **more})

    for c in range(channels):
        terms = [["V", c * 2 + k, "ds", k] for k in range(2)]
        frames.append({"to": ["dp", c], "op": "dot", "terms": terms, "phase": "score"})
    for i, j, c in cells(shape):
        held = x[..., c] != 0
        n = 1 if bug == "whole" else int(held.sum()) if bug == "nonzero" else len(every)
        gets = bug != "nonzero" or held[i, j]
        add(i, j, c, "GAP", *(("mean", [["dp", c]]) if gets else ("sum", [])), **({"n": n} if gets else {}))
    for i, j, c in cells(shape):
        won = x[..., c] == x[..., c].max()
        if bug == "spread":
            won = np.ones_like(won)
        elif bug == "last":
            won = np.zeros_like(won)
            won[-1, -1] = True
        n, see = int(won.sum()), {"see": [["x", ravel((i, j, c), shape)]]}
        if not won[i, j]:
            add(i, j, c, "GMP", "sum", [], **({} if bug else {"note": "it is not the largest"}), **see)
        elif n == 1:
            add(i, j, c, "GMP", "copy", [["dp", c]], **see)
        else:
            add(i, j, c, "GMP", "mean", [["dp", c]], n=n, **see)
    for i, j, c in cells(shape):
        add(i, j, c, "Flatten", "dot", [["F", weight_at(p, i, j, c, k, bug), "ds", k] for k in range(2)])
    return frames
