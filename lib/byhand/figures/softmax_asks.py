"""What the figure of Softmax asks, the wrong rules it knows, its settings and its code to copy."""

from .windows import array_code, number


def asks(p, of):
    return (forward_asks if p["view"] == "forward" else back_asks)(p, of)


def forward_asks(p, of):
    best = of["x"][0].max()
    found = [
        {
            "kind": "number",
            "prompt": "What is the sum of row 0 of y?",
            "answer": 1,
            "why": "They are shares: each e divided by the sum of all.",
        },
        {
            "kind": "cell",
            "prompt": "Which share of sample 0 is the largest? Select it in y.",
            "answer": [["y", i] for i, v in enumerate(of["x"][0]) if v == best],
            "why": "The largest score has the largest share: softmax keeps the order.",
        },
        {
            "kind": "choice",
            "prompt": "Every score of a row grows by 10. What becomes of its shares?",
            "options": ["they stay", "they grow", "they come nearer to each other"],
            "answer": 0,
            "why": "The largest is taken off first, and it has grown by 10, too.",
        },
    ]
    if p["classes"] > 1:
        found.append(
            {
                "kind": "choice",
                "prompt": "The scores of a row differ. T grows. What becomes of the largest share?",
                "options": ["it grows", "it shrinks", "it stays"],
                "answer": 1,
                "why": "Scores divided by a large T are nearly equal, and so are their shares.",
            }
        )
    return found


def back_asks(p, of):
    n = p["classes"]
    found = [
        {
            "kind": "number",
            "prompt": "What is the sum of row 0 of J?",
            "answer": 0,
            "why": "The shares always add up to 1: what one gains, the others lose.",
            "hide": ["J", "dX"],
        },
        {
            "kind": "number",
            "prompt": "Which number stands in the marked cell of J?",
            "answer": number(of["J"][0, 0]),
            "why": "y[0] (1 − y[0]), divided by T: a share moves most when it is near one half.",
            "at": ["J", 0],
            "hide": ["J", "dX"],
        },
        {
            "kind": "choice",
            "prompt": "Every number of dY is the same. What is dX?",
            "options": ["0 throughout", "the same as dY", "dY times the shares"],
            "answer": 0,
            "why": "Each row of J adds up to 0.",
        },
    ]
    if n > 1:
        found.append(
            {
                "kind": "choice",
                "prompt": "Score 0 grows. What does the share of class 1 do?",
                "options": ["it grows", "it shrinks", "it stays"],
                "answer": 1,
                "why": "J[0, 1] = −y[0] y[1] / T is below 0.",
            }
        )
    return found


def bugs(p, rows):
    n, back = p["classes"], p["view"] == "backward"
    known = [
        ("column", "the sum runs down a column of e instead of along the row", rows > 1),
        ("all", "one sum is taken over the whole batch", rows > 1),
        ("last", "the last class is left out of the sum", n > 1),
        ("times", "the scores are multiplied by T instead of divided", p["temperature"] != 1),
        ("alone", "each share is thought to hang on its own score alone", back and n > 1),
        ("sign", "J has the wrong sign off the diagonal", back and n > 1),
        ("share", "J has the share itself on the diagonal", back),
        ("cold", "J forgets to divide by T", back and p["temperature"] != 1),
        ("diagonal", "dX reads the diagonal of J alone", back and n > 1),
    ]
    return [{"name": name, "label": label} for name, label, there in known if there]


def controls():
    view = {"name": "view", "label": "direction", "kind": "choice", "options": ["forward", "backward"]}
    return [
        view | {"look": "switch"},
        {"name": "classes", "label": "classes", "kind": "choice", "options": [1, 2, 3, 4, 5, 6]},
        {"name": "temperature", "label": "temperature", "kind": "range", "min": 0.25, "max": 5, "step": 0.25},
    ]


def call(p):
    return "Softmax()" if p["temperature"] == 1 else f"Softmax()(x / {number(p['temperature'])})"


def code(p, of):
    """The present setting to copy, with Keras and with this book's layer."""
    back = p["view"] == "backward"
    lines = ["layer = Softmax()", f"T = {number(p['temperature'])}"]
    x = f"x = {array_code(of['x'][:1] if back else of['x'])}"
    own = ["import numpy as np", "from byhand.layers import Softmax", "", *lines, x, "y = layer(x / T)"]
    keras = ["import numpy as np", "from keras.layers import Softmax", "", *lines, x, "y = layer(x / T)"]
    if back:
        dy = f"dy = {array_code(of['dY'][None])}"
        own += [dy, "dx = layer.backward(dy) / T"]
        start = ["import numpy as np", "import tensorflow as tf", "from tensorflow.keras.layers import Softmax", ""]
        tape = [
            dy,
            "x = tf.Variable(x, dtype=tf.float32)",
            "with tf.GradientTape() as tape:",
            "    y = layer(x / T)",
            "dx = tape.gradient(y, x, tf.constant(dy, tf.float32))",
        ]
        keras = [*start, *lines, x, *tape]
    return {"keras": "\n".join(keras), "numpy": "\n".join(own)}
