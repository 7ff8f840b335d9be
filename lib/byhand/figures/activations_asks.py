"""What the figure of activations asks, the wrong rules it knows, its settings and its code to copy."""

import numpy as np

from .trace import choice
from .windows import array_code, number

# The slope far to the left and far to the right; relu and leaky_relu have settings.
ENDS = {
    "linear": (1, 1), "relu6": (0, 0), "elu": (0, 1), "selu": (0, 1), "celu": (0, 1), "gelu": (0, 1), "silu": (0, 1),
    "mish": (0, 1), "softplus": (0, 1), "squareplus": (0, 1), "sparse_plus": (0, 1), "sigmoid": (0, 0),
    "log_sigmoid": (1, 0), "hard_sigmoid": (0, 0), "hard_silu": (0, 1), "sparse_sigmoid": (0, 0), "tanh": (0, 0),
    "hard_tanh": (0, 0), "softsign": (0, 0), "exponential": (0, 1), "tanh_shrink": (1, 1), "soft_shrink": (1, 1),
    "hard_shrink": (1, 1),
}  # fmt: skip
STRAIGHT = ("linear", "relu", "leaky_relu", "relu6", "hard_tanh", "soft_shrink", "hard_shrink")  # worked in the head


def ends(p):
    """Whether the slope is other than 0 far to the left, and far to the right."""
    if p["function"] == "relu":
        return p["negative_slope"] != 0, p["max_value"] is None
    if p["function"] == "leaky_relu":
        return p["alpha"] != 0, True
    left, right = ENDS[p["function"]]
    return left != 0, right != 0


def smallest(values):
    """The flat places of what is nearest to 0."""
    size = np.abs(values).ravel()
    return [i for i, v in enumerate(size) if v <= size.min() + 1e-9]


def asks(p, of):
    return {"forward": forward_asks, "backward": back_asks, "depth": depth_asks}[p["view"]](p, of)


def forward_asks(p, of):
    last = len(of["x"]) - 1
    s = of["s"][0]
    found = [
        {
            "kind": "cell",
            "prompt": "At which of these numbers is the curve flattest? Select it in s.",
            "answer": [["s", i] for i in smallest(of["s"])],
            "why": "The slope there is nearest to 0.",
            "hide": ["y", "s"],
        },
        {
            "kind": "choice",
            "prompt": "Where does this function saturate: on which side does its slope go to 0?",
            "options": ["on the left alone", "on the right alone", "on both sides", "on neither side"],
            "answer": [[2, 0], [1, 3]][ends(p)[0]][ends(p)[1]],
            "why": "Where the curve runs level, a change of z no longer changes y.",
        },
        {
            "kind": "choice",
            "prompt": "What is the marked slope?",
            "options": ["above 0", "0", "below 0"],
            "answer": 0 if s > 1e-12 else 2 if s < -1e-12 else 1,
            "why": "The tangent rises, lies level or falls there.",
            "at": ["s", 0],
            "hide": ["y", "s"],
        },
    ]
    if p["function"] in STRAIGHT:
        found.append(
            {
                "kind": "number",
                "prompt": "Which number stands in the marked cell of y?",
                "answer": number(of["y"][last]),
                "why": "The function is made of straight pieces; ask on which of them z lies.",
                "at": ["y", last],
                "hide": ["y", "s"],
            }
        )
    return found


def back_asks(p, of):
    last = len(of["x"]) - 1
    shut = [["dX", i] for i, v in enumerate(of["s"]) if v == 0]
    found = [
        {
            "kind": "number",
            "prompt": "Which number stands in the marked cell of dX?",
            "answer": number(of["dX"][last]),
            "why": "The gradient of y times the slope at that place: the chain rule.",
            "at": ["dX", last],
            "hide": ["dX", "db"],
        },
        {
            "kind": "choice",
            "prompt": "Every number of dY is doubled. What becomes of s?",
            "options": ["it stays", "it doubles", "it halves"],
            "answer": 0,
            "why": "The slope depends on z alone. dX doubles.",
        },
        {
            "kind": "choice",
            "prompt": "x[0] changes, and nothing else. Which numbers of y can change with it?",
            "options": ["y[0] alone", "all of them"],
            "answer": 0,
            "why": "The function is applied to each number by itself. Softmax is the exception.",
        },
    ]
    if shut:
        found.append(
            {
                "kind": "cell",
                "prompt": "Where can no gradient pass, whatever dY is? Select the place in dX.",
                "answer": shut,
                "why": "The slope there is 0, and 0 times anything is 0.",
                "hide": ["s", "dX", "db"],
            }
        )
    return found


def depth_asks(p, of):
    n, deep = len(of["x"]), min(p["depth"], 2)
    row = np.abs(of["P"][deep - 1])
    at = (deep - 1) * n + next(i for i, v in enumerate(row) if v >= row.max() - 1e-9)  # worth an answer
    last = (p["depth"] - 1) * n
    return [
        {
            "kind": "number",
            "prompt": f"Which number stands in the marked cell: the product of the first {deep} slopes?",
            "answer": number(of["P"].ravel()[at]),
            "why": "The slope of a chain of functions is the product of their slopes.",
            "at": ["P", at],
            "hide": ["P"],
        },
        {
            "kind": "choice",
            "prompt": "The slope of sigmoid is at most 1/4. What is the most that 3 layers of it can pass on?",
            "options": ["1/12", "1/64", "3/4"],
            "answer": 1,
            "why": "1/4 × 1/4 × 1/4 = 1/64.",
        },
        {
            "kind": "cell",
            "prompt": "Through which place does the least gradient come? Select it in the last row of P.",
            "answer": [["P", last + i] for i in smallest(of["P"][-1])],
            "why": "Its product of slopes is nearest to 0.",
            "hide": ["P"],
        },
    ]


def bugs(p, n):
    name, back, deep = p["function"], p["view"] == "backward", p["view"] == "depth"
    plain = p["threshold"] == 0 and p["max_value"] is None
    sided = name == "leaky_relu" or (name == "relu" and plain)
    known = [
        ("at_y", "the slope is taken at y instead of z", not deep),
        ("at_dy", "the slope is taken at dY instead of z", back),
        ("first", "every layer takes its slope at the first h", deep),
        ("plus", "the slopes are added instead of multiplied", deep),
        ("one", "every slope is 1, as if there were no activation", True),
        ("sides", "the two sides of 0 are exchanged", sided and not deep),
        ("abs", "the sign of z is dropped", not sided and not deep),
        ("bias", "the bias is forgotten", p["bias"] != 0),
        ("alone", "db takes the first place alone", back and n > 1),
    ]
    return [{"name": name, "label": label} for name, label, there in known if there]


def controls(p, names):
    def slider(name, label, low, high, step):
        return {"name": name, "label": label, "kind": "range", "min": low, "max": high, "step": step}

    found = [
        choice("view", "view", ["forward", "backward", "depth"], look="switch"),
        choice("function", "function", list(names)),
        slider("bias", "bias", -5, 5, 0.25),
    ]
    if p["function"] in ("leaky_relu", "elu"):
        label = "negative_slope" if p["function"] == "leaky_relu" else "alpha"
        found.append(slider("alpha", label, 0, 2, 0.1))
    if p["function"] == "relu":
        found += [
            slider("negative_slope", "negative_slope", 0, 1, 0.1),
            choice("max_value", "max_value", [None, 1, 2, 6], labels=["None", "1", "2", "6"]),
            choice("threshold", "threshold", [0, 1, 2]),
        ]
    if p["function"] == "gelu":
        found.append({"name": "approximate", "label": "approximate", "kind": "flag"})
    if p["view"] == "depth":
        found.append(slider("depth", "depth", 1, 10, 1))
    return found


def call(p):
    """The layer with what differs from the defaults; it is also the figure's title."""
    name = p["function"]
    if name == "relu":
        defaults = {"max_value": None, "negative_slope": 0, "threshold": 0}
        return f"ReLU({', '.join(f'{key}={p[key]}' for key, default in defaults.items() if p[key] != default)})"
    if name == "leaky_relu":
        return f"LeakyReLU(negative_slope={p['alpha']})"
    if name == "elu":
        return f"ELU(alpha={p['alpha']})"
    if name == "gelu" and p["approximate"]:
        return "Activation(partial(gelu, approximate=True))"
    return f'Activation("{name}")'


def code(p, of):
    """The present setting to copy, with Keras and with this book's layer; in the view of depth its first layer."""
    made = call(p)
    kind = made.split("(")[0]
    partial = ["from functools import partial"] if "partial" in made else []
    gelu = {"keras": ["from keras.activations import gelu"], "own": ["from byhand.layers.activations import gelu"]}
    more = gelu if partial else {"keras": [], "own": []}
    body = [f"layer = {made}", f"x = {array_code(of['x'])}", f"b = {number(p['bias'])}", "y = layer(x + b)"]
    own = ["import numpy as np", *partial, f"from byhand.layers import {kind}", *more["own"], "", *body]
    keras = ["import numpy as np", *partial, f"from keras.layers import {kind}", *more["keras"], "", *body]
    if p["view"] == "backward":
        dy = f"dy = {array_code(of['dY'])}"
        own += [dy, "dx = layer.backward(dy)"]
        tape = [
            dy,
            "x = tf.Variable(x, dtype=tf.float32)",
            "with tf.GradientTape() as tape:",
            "    y = layer(x + b)",
            "dx = tape.gradient(y, x, tf.constant(dy, tf.float32))",
        ]
        start = [
            "import numpy as np",
            *partial,
            "import tensorflow as tf",
            f"from tensorflow.keras.layers import {kind}",
        ]
        start += ["from tensorflow.keras.activations import gelu"] if partial else []
        keras = [*start, "", *body[:-1], *tape]
    return {"keras": "\n".join(keras), "numpy": "\n".join(own)}
