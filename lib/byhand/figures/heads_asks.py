"""What the figure of the three heads asks, offers as settings and gives to copy."""

import math

import numpy as np

from .windows import array_code, cells, ravel

TITLE = "Three heads: GlobalAveragePooling2D, GlobalMaxPooling2D, Flatten"


def controls(p):
    def squares(name, label, sizes):
        options, labels = [[n, n] for n in sizes], [f"{n} × {n}" for n in sizes]
        return {"name": name, "label": label, "kind": "choice", "options": options, "labels": labels}

    def slider(a, label):
        most = max(p["size"][a] - p["blob"][a], 0)
        return {"name": f"place.{a}", "label": label, "kind": "range", "min": 0, "max": most, "step": 1}

    return [
        {"name": "view", "label": "direction", "kind": "choice", "options": ["forward", "backward"], "look": "switch"},
        slider(0, "blob down"),
        slider(1, "blob right"),
        squares("blob", "blob", [1, 2, 3]),
        squares("size", "map", [3, 4, 5]),
        {"name": "channels", "label": "channels", "kind": "choice", "options": [1, 2]},
    ]


def asks(p, panels):
    channels, (rows, columns) = p["channels"], p["size"]
    best = max(panels["CAM"]["data"][::2])
    largest = [["CAM", 2 * i] for i, v in enumerate(panels["CAM"]["data"][::2]) if v == best]
    return [
        {
            "kind": "choice",
            "prompt": "The blob moves by one cell and stays inside. Which heads keep their scores under any weights?",
            "options": ["GAP and GMP", "GAP alone", "GMP alone", "all three"],
            "answer": 0,
            "why": "A mean and a maximum do not ask where. Flatten has other weights at every place.",
        },
        {
            "kind": "number",
            "prompt": "What is the marked pooled number?",
            "at": ["p", 0],
            "answer": panels["p"]["data"][0],
            "why": f"The sum of channel 0, divided by all {rows * columns} cells; empty cells count.",
        },
        {
            "kind": "choice",
            "prompt": "The blob grows, by numbers above 0 and below its largest. Which pooled numbers change?",
            "options": ["both", "GAP's alone", "GMP's alone", "none"],
            "answer": 1,
            "why": "The sum grows and the number of cells does not. The largest number stays what it was.",
        },
        {
            "kind": "number",
            "prompt": "How many weights does Dense with 2 classes and no bias need behind Flatten?",
            "answer": math.prod([rows, columns, channels, 2]),
            "veil": ["F"],
            "why": f"{rows} × {columns} × {channels} numbers, each with 2 weights. Behind GAP or GMP: {channels} × 2.",
        },
        {
            "kind": "cell",
            "prompt": "Which cell of CAM is the largest for class 0?",
            "answer": largest,
            "why": "Where the maps, times the weights of class 0, add up to most. It moves with the blob.",
        },
    ]


def back_asks(p, of, panels):
    last = p["channels"] - 1
    won = of["x"][..., last] == of["x"][..., last].max()
    shape = [*p["size"], p["channels"]]
    winners = [["dX(GMP)", ravel((i, j, last), shape)] for i, j in cells(p["size"]) if won[i, j]]
    n = math.prod(p["size"])
    return [
        {
            "kind": "cell",
            "prompt": "Which cell of x gets the marked gradient through GMP? Select it in dX(GMP).",
            "at": ["dp", last],
            "answer": winners,
            "why": f"The one where the largest number of channel {last} stands."
            + (" Equal winners share." if len(winners) > 1 else ""),
        },
        {
            "kind": "number",
            "prompt": "What gradient does the marked cell get through GAP?",
            "at": ["dX(GAP)", 0],
            "answer": panels["dX(GAP)"]["data"][0],
            "why": f"dp[channel 0] divided by {n}, as every cell of that channel does, empty or not.",
        },
        {
            "kind": "choice",
            "prompt": "A cell is empty and the blob's numbers are above 0. Which heads can send it a gradient?",
            "options": ["none: it is 0", "GMP", "GAP and Flatten", "all three"],
            "answer": 2,
            "why": "GAP shares with every cell and Flatten has a weight for it. GMP sends to winners alone.",
        },
    ]


def code(p, of):
    """The present setting to copy; a Dense without bias is a product with its weights."""
    arrays = [f"x = {array_code(of['x'][None])}", f"V = {array_code(of['V'])}"]
    arrays.append(f"F = {array_code(of['F'].reshape(-1, 2))}")
    layers = "Flatten, GlobalAveragePooling2D, GlobalMaxPooling2D"
    heads = ["average, largest, flat = GlobalAveragePooling2D(), GlobalMaxPooling2D(), Flatten()"]
    if p["view"] == "forward":
        run = ["y = np.concatenate([average(x) @ V, largest(x) @ V, flat(x) @ F])"]
        keras = ["x, V, F = (tf.constant(a, tf.float32) for a in (x, V, F))", *run]
    else:
        arrays.append(f"ds = {array_code(np.array([of['ds']]))}")
        run = [
            "average(x), largest(x), flat(x)",
            "backs = [average.backward(ds @ V.T), largest.backward(ds @ V.T), flat.backward(ds @ F.T)]",
            "dx = np.concatenate(backs)",
        ]
        keras = [
            "x, V, F, ds = (tf.constant(a, tf.float32) for a in (x, V, F, ds))",
            "with tf.GradientTape(persistent=True) as tape:",
            "    tape.watch(x)",
            "    scores = [average(x) @ V, largest(x) @ V, flat(x) @ F]",
            "dx = np.concatenate([tape.gradient(s, x, ds) for s in scores])",
        ]
    start = ["import numpy as np", "import tensorflow as tf", f"from tensorflow.keras.layers import {layers}", ""]
    own = ["import numpy as np", f"from byhand.layers import {layers}", ""]
    return {
        "keras": "\n".join([*start, *arrays, *heads, *keras]),
        "numpy": "\n".join([*own, *arrays, *heads, *run]),
    }
