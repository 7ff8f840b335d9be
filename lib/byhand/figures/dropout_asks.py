"""What the figure of dropout asks, the wrong rules it knows, its settings and its code to copy."""

import numpy as np

from .trace import choice
from .windows import array_code, number, size_text

WEIGHTS = {
    "kind": "number",
    "prompt": "How many weights does this layer learn?",
    "answer": 0,
    "why": "None. It has a rate, which you choose, and random numbers.",
}


def asks(p, made, panels):
    if not made.draws:
        return idle_asks(p, made, panels)
    return {"forward": forward_asks, "calls": call_asks, "backward": back_asks}[p["view"]](p, made, panels)


def forward_asks(p, made, panels):
    found, size = [], made.mask[0] * made.mask[1]
    stayed = [i for i, v in enumerate(made.x.ravel()) if v and made.stays(made.count, made.place(i))]
    if stayed:
        found.append(
            {
                "kind": "number",
                "prompt": "The number at the marked place stays. What is it in y?",
                "answer": panels["y"]["data"][stayed[0]],
                "why": "A survivor is divided by 1 − rate, so that it makes up for those that are dropped.",
                "at": ["y", stayed[0]],
            }
        )
    found.append(
        {
            "kind": "number",
            "prompt": f"The mask has shape {size_text(full(made, made.mask))}. "
            "How many random numbers does one call draw?",
            "answer": size,
            "why": f"One for each cell of the mask: {size}.",
            "veil": ["u", "stays", "y"],
        }
    )
    together = [["y", i] for i in range(1, made.x.size) if made.place(i) == made.place(0)]
    if together:
        found.append(
            {
                "kind": "cell",
                "prompt": "y[0, 0] is dropped. Select another cell of y that is then dropped for certain.",
                "answer": together,
                "why": "Where the mask has size 1, one draw serves the whole axis.",
                "hide": ["u", "stays", "y"],
            }
        )
    found.append(
        {
            "kind": "choice",
            "prompt": "The layer is called again in training, with the same x. Which mask does it use?",
            "options": ["the same", "a new one"],
            "answer": 1,
            "why": "Each call draws new numbers, also where the layer has a seed. The seed fixes their order.",
            "hide": [],
        }
    )
    return found


def call_asks(p, made, panels):
    return [
        {
            "kind": "choice",
            "prompt": "To what does the mean come near, with more and more calls?",
            "options": ["x", "x times 1 − rate", "0"],
            "answer": 0,
            "why": "A number stays with chance 1 − rate and is then divided by 1 − rate.",
        },
        {
            "kind": "number",
            "prompt": "Which number stands in the marked cell of the mean?",
            "answer": panels["mean"]["data"][-1],
            "why": f"The sum over all {made.count} calls, divided by {made.count}, zeros included.",
            "at": ["mean", made.x.size * made.count - 1],
            "hide": ["mean"],
        },
    ]


def back_asks(p, made, panels):
    found = [
        {
            "kind": "number",
            "prompt": "A gradient of 1 comes to a number that stayed. What does it give to dX?",
            "answer": panels["scale"]["data"][0],
            "why": "y was x times the scale, so its slope is the scale.",
            "hide": ["scale", "dX"],
        },
        {
            "kind": "choice",
            "prompt": "Which mask does the way back use?",
            "options": ["that of the forward call", "a new one", "none"],
            "answer": 0,
            "why": "The gradient belongs to the function that was computed.",
        },
    ]
    shut = [["dX", i] for i in range(made.x.size) if not made.stays(made.count, made.place(i))]
    if shut:
        found.append(
            {
                "kind": "cell",
                "prompt": "Select a cell of dX that is 0, whatever dY is.",
                "answer": shut,
                "why": "x was dropped there: it had no part in y.",
            }
        )
    return found


def idle_asks(p, made, panels):
    name = {"forward": "y", "calls": "mean", "backward": "dX"}[p["view"]]
    found = [
        {
            "kind": "number",
            "prompt": f"Which number stands in the marked cell of {name}?",
            "answer": panels[name]["data"][-1],
            "why": "With rate 0 nothing happens." if p["training"] else "Outside training the layer changes nothing.",
            "at": [name, len(panels[name]["data"]) - 1],
        },
        WEIGHTS,
    ]
    if p["training"]:
        return found
    return [
        *found,
        {
            "kind": "choice",
            "prompt": "Why does inference not multiply by 1 − rate?",
            "options": ["training has scaled already", "the next layer does it", "the loss does it"],
            "answer": 0,
            "why": "The survivors were divided by 1 − rate in training. That is called inverted dropout.",
        },
    ]


def bugs(p, made):
    square = made.shape[0] == made.shape[1] > 1
    shared = made.share != "cell" and made.shape != made.mask
    if not made.draws:
        return named(
            [
                ("classic", "inference multiplies by 1 − rate", made.rate > 0),
                ("up", "inference divides by 1 − rate", made.rate > 0 and p["view"] != "calls"),
                ("drop", "inference drops, too", made.rate > 0 and p["view"] != "calls"),
            ]
        )
    known = {
        "forward": [
            ("plain", "the survivors are not scaled", True),
            ("rate", "the survivors are divided by the rate", made.rate != 0.5),
            ("down", "the survivors are multiplied by 1 − rate", True),
            ("flip", "the numbers below the rate stay", True),
            ("own", "every number has a draw of its own", shared),
            ("across", "the mask is laid along the other axis", square and made.share in ("row", "column")),
        ],
        "calls": [
            ("same", "every call takes the mask of the first", made.count > 1),
            ("plain", "the survivors are not scaled", True),
            ("stayed", "the mean leaves out the calls that dropped the number", True),
        ],
        "backward": [
            ("anew", "the way back draws a mask of its own", True),
            ("unscaled", "the gradient is not scaled", True),
            ("all", "the gradient passes where x was dropped", True),
            ("across", "the mask is laid along the other axis", square and made.share in ("row", "column")),
        ],
    }
    return named(known[p["view"]])


def named(known):
    return [{"name": name, "label": label} for name, label, there in known if there]


# --- settings ---------------------------------------------------------------------------------------------------------


def controls(p, made):
    several = p["view"] == "calls"
    row, column = ("steps", "channels") if made.sequence else ("samples", "features")
    made_of = [
        choice("view", "view", ["forward", "calls", "backward"], labels=["one call", "many calls", "backward"])
        | {"look": "switch"},
        choice("training", "used in", [True, False], labels=["training", "inference"], look="switch"),
        choice("kind", "layer", ["Dropout", "SpatialDropout1D"]),
        choice("rate", "rate", [0, 0.2, 0.25, 0.5, 0.75, 0.8]),
    ]
    if p["kind"] == "Dropout":
        shapes = [[n if own else 1 for n, own in zip(made.shape, kept)] for kept in ((1, 0), (0, 1), (0, 0))]
        labels = ["None", *(size_text(full(made, shape)) for shape in shapes)]
        made_of.append(choice("share", "noise_shape", ["cell", "row", "column", "all"], labels=labels))
    made_of += [choice("rows", row, [1, 2, 3, 4]), choice("columns", column, [1, 2, 3, 4])]
    if several:
        return [*made_of, choice("calls", "calls", [1, 2, 4, 8])]
    return [*made_of, choice("call", "call", [0, 1, 2, 3, 4, 5, 6, 7])]


def full(made, shape):
    """The shape with the batch of one that a sequence stands in."""
    return [1, *shape] if made.sequence else shape


def call(p, made):
    """The constructor call with what differs from the defaults."""
    noise = ""
    if p["kind"] == "Dropout" and made.share != "cell":
        noise = f", noise_shape={size_text(full(made, made.mask))}"
    return f"{p['kind']}({number(made.rate)}{noise})"


def code(p, made):
    """The present setting to copy, with Keras and with this book's layer."""
    kind, mode = p["kind"], f"training={p['training']}"
    x, back, several = f"x = {array_code(made.full(made.x))}", p["view"] == "backward", p["view"] == "calls"
    seeded = call(p, made)[:-1] + f", seed={made.seed})"
    mean = f"mean = np.mean([layer(x, {mode}) for call in range({made.count})], axis=0)"
    dy = f"dy = {array_code(made.full(made.dY))}"
    own = ["import numpy as np", f"from byhand.layers import {kind}", "", f"layer = {seeded}", x]
    own += [mean] if several else [f"for call in range({made.count}):", f"    y = layer(x, {mode})"]
    if back:
        own += [dy, "dx = layer.backward(dy)"]
    keras = ["import numpy as np", "import tensorflow as tf", f"from tensorflow.keras.layers import {kind}", ""]
    keras += [f"layer = {call(p, made)}", x]
    run = f"layer(x, {mode})"
    if several:
        keras.append(mean)
    elif made.draws:
        stays = np.reshape([made.stays(made.count, k) for k in range(len(made.numbers(1)))], full(made, made.mask))
        keras += ["# The layer draws masks of its own; this is the figure's.", f"stays = {array_code(stays)}"]
        run = f"x * stays / (1 - {number(made.rate)})"
    if back:
        keras += [
            dy,
            "x = tf.Variable(x, dtype=tf.float32)",
            "with tf.GradientTape() as tape:",
            f"    y = {run}",
            "dx = tape.gradient(y, x, tf.constant(dy, tf.float32))",
        ]
    elif not several:
        keras.append(f"y = {run}")
    return {"keras": "\n".join(keras), "numpy": "\n".join(own)}
