"""What the figure of a stack of Conv1D refuses and asks, the bugs it knows, its controls and its code to copy."""

from .trace import choice
from .windows import array_code, size_text


def refusal(p, g):
    """The sentence that says why these settings make no figure, or None."""
    for n, length in enumerate(g.lengths[1:]):
        if length < 1:
            return (
                f"Without padding nothing is left: layer {n + 1} spans {g.reaches[n] + 1} steps and gets "
                f"{g.lengths[n]}. Take more steps or a smaller dilation."
            )
    if p["at"] >= p["steps"]:
        return f"There is no step {p['at']} among {p['steps']} steps. Change an earlier one."
    return None


def asks(p, g, moves, seen):
    if p["view"] == "backward":
        return backward_asks(p, moves)
    return leak_asks(p, moves) if p["view"] == "leak" else forward_asks(p, g, moves, seen)


def forward_asks(p, g, moves, seen):
    parts = " + ".join(f"{k - 1}×{d}" for k, d in zip(g.sizes, g.rates))
    out = g.lengths[-1]
    mark = max(out - 2, 0)
    back = sum(g.before)
    first = seen[mark][0]
    front = f"{mark} − {back} = {mark - back}"
    if mark < back:
        front += f", which is padding. Of the steps behind its lines x[{first}] is the first"
    middle = p["steps"] // 2
    made = [
        {
            "kind": "number",
            "prompt": "How long is the receptive field of a cell of y: from the first step of x that it sees to the "
            "last, where no edge cuts it short?",
            "answer": g.field,
            "why": f"1 + {parts} = {g.field}: every layer adds (kernel − 1) × dilation.",
            "hide": [],
        },
        {
            "kind": "number",
            "prompt": f"Which is the earliest step of x that y[{mark}] sees? Give its index.",
            "answer": first,
            "why": f"The layers together reach {back} step{'' if back == 1 else 's'} to the front: {front}.",
            "at": ["y", mark],
            "hide": [],
        },
        {
            "kind": "choice",
            "prompt": f"x[{middle}] is changed. Can a cell of y with a smaller index move?",
            "options": ["no", "yes"],
            "answer": int(any(o < middle for o in moves[middle])),
            "why": {
                "causal": "A causal window ends at its own step: nothing that comes later is read.",
                "same": "Padding of same stands on both sides: a window also reads what comes later.",
                "valid": "Without padding y[o] begins at x[o] and reads on from there.",
            }[p["padding"]],
            "hide": [],
        },
        {
            "kind": "number",
            "prompt": f"The stack has {sum(g.sizes)} weights. How many would one layer without dilation need "
            "to see as far?",
            "answer": g.field,
            "why": f"One for each step of its receptive field, {g.field}.",
            "hide": [],
        },
    ]
    if p["padding"] == "valid":
        made.insert(
            0,
            {
                "kind": "shape",
                "prompt": f"x has shape {size_text([p['steps'], 1])}. What is the shape of y for one sample?",
                "answer": [out, 1],
                "why": f"Every layer takes away (kernel − 1) × dilation: {p['steps']} − {g.field - 1} = {out} steps.",
            },
        )
    return made


def leak_asks(p, moves):
    found, at = moves[p["at"]], p["at"]
    run = len(found) > 2 and found[-1] - found[0] + 1 == len(found)
    said = f"y[{found[0]}] to y[{found[-1]}]" if run else ", ".join(f"y[{o}]" for o in found) or "none of them"
    made = [
        {
            "kind": "number",
            "prompt": f"1 is added to x[{at}]. How many cells of y move?",
            "answer": len(found),
            "why": f"It moves {said}.",
        }
    ]
    if found:
        made.append(
            {
                "kind": "cell",
                "prompt": f"1 is added to x[{at}]. Select the first cell of y that moves.",
                "answer": [["Δy", found[0]]],
                "why": {
                    "causal": "No earlier one: nothing leaks back in time.",
                    "same": "It comes before the change where a window reads ahead.",
                    "valid": "A window begins at its own index and reads on from there.",
                }[p["padding"]],
            }
        )
    return made


def backward_asks(p, moves):
    middle = p["steps"] // 2
    heard = len(moves[middle])
    made = [
        {
            "kind": "number",
            "prompt": f"From how many cells of dY does dX[{middle}] get its gradient?",
            "answer": heard,
            "why": f"From those that x[{middle}] moved on the way forward, {heard}.",
            "at": ["dX", middle],
        },
    ]
    if p["layers"] > 1:
        made.append(
            {
                "kind": "choice",
                "prompt": "Which kernel does the gradient meet first on its way back?",
                "options": ["that of the first layer", "that of the last layer"],
                "answer": 1,
                "why": "The way back begins at y, and the last layer made y.",
                "hide": [],
            }
        )
    return made


def bugs(p, g):
    widest = g.rates.index(max(g.rates)) + 1
    taps = max(g.sizes) > 1
    known = [
        ("same", "the padding stands on both sides, so a step sees the future", p["padding"] == "causal" and taps),
        ("dilation", f"layer {widest} forgets its dilation", taps and max(g.rates) > 1),
        ("order", "the dilations are given out in reverse order", taps and g.rates != g.rates[::-1]),
        ("late", "layer 1 reads one step too early", True),
        ("flip", "the kernels are flipped", taps),
    ]
    return [{"name": name, "label": label} for name, label, there in known if there]


def controls(p):
    made = [
        choice("view", "view", ["forward", "leak", "backward"], labels=["forward", "leak test", "backward"],
               look="switch"),
        choice("layers", "layers", [1, 2, 3, 4]),
        choice("steps", "steps", [8, 12, 16]),
        choice("kernel_size", "kernel", [[2] * 4, [3] * 4], labels=["2", "3"]),
        choice("padding", "padding", ["causal", "same", "valid"]),
        *(choice(f"dilation_rate.{n}", f"dilation {n + 1}", [1, 2, 3, 4, 8]) for n in range(p["layers"])),
    ]  # fmt: skip
    if p["view"] == "leak":
        made.append(choice("at", "changed step", list(range(p["steps"]))))
    return made


def layer_text(p, n):
    """The constructor call of layer n with what differs from Keras' defaults, but for the bias."""
    text = f"1, {p['kernel_size'][n]}"
    if p["padding"] != "valid":
        text += f', padding="{p["padding"]}"'
    if p["dilation_rate"][n] > 1:
        text += f", dilation_rate={p['dilation_rate'][n]}"
    return text


def call(p):
    count = f"{p['layers']} layer{'s' if p['layers'] > 1 else ''}"
    rates = ", ".join(map(str, p["dilation_rate"][: p["layers"]]))
    return f"{count} of Conv1D, {p['padding']}, dilation {rates}"


def code(p, given, kernels):
    """The present setting to copy: the same lines with Keras' layers and with this book's."""
    view = p["view"]
    lines = [
        "model = Sequential([",
        *(f"    Conv1D({layer_text(p, n)}, use_bias=False)," for n in range(p["layers"])),
        "])",
        f"x = {array_code(given['x'][None])}",
        "model.build(x.shape)",
        f"model.set_weights([{', '.join(map(array_code, kernels))}])",
    ]
    if view == "leak":
        lines.append(f"change = {array_code(given['Δx'][None])}")
    last = {"forward": ["y = model(x)"], "leak": ["y = model(x + change) - model(x)"]}
    keras = by_hand = last.get(view, [])
    if view == "backward":
        lines.append(f"dy = {array_code(given['dY'][None])}")
        keras = [
            "x = tf.Variable(x, dtype=tf.float32)",
            "with tf.GradientTape() as tape:",
            "    y = model(x)",
            "dx = tape.gradient(y, x, tf.constant(dy, tf.float32))",
        ]
        by_hand = ["y = model(x)", "dx = model.backward(dy)"]
    framework = "tensorflow.keras" if view == "backward" else "keras"
    own = ["from byhand.layers import Conv1D", "from byhand.training import Sequential"]
    theirs = [f"from {framework} import Sequential", f"from {framework}.layers import Conv1D"]
    head = ["import numpy as np"]
    tensorflow = ["import tensorflow as tf"] if view == "backward" else []
    return {
        "keras": "\n".join([*head, *tensorflow, *theirs, "", *lines, *keras]),
        "numpy": "\n".join([*head, *own, "", *lines, *by_hand]),
    }
