"""What the figure of the merge layers asks, the wrong rules it knows, its settings and its code to copy."""

from .merge_plan import ELEMENTWISE, refusal, result_shape, taken_for_bias
from .trace import choice
from .windows import array_code, number, size_text

LAYERS = [*ELEMENTWISE, "Concatenate", "Dot"]
SHAPES = [[2, 3], [2, 1], [2, 2], [1, 3], [3], [2, 2, 3], [2, 1, 3], [2, 3, 2], [2, 2, 2]]
QUESTIONS = {  # prompt, options, the place of the right one, why
    "Add": (
        "What does Add do with dY?",
        ["it gives half of it to each input", "it passes it on to both inputs", "it gives it to the larger input"],
        1,
        "Both inputs count with a factor of 1.",
    ),
    "Subtract": (
        "What does b get of dY?",
        ["dY as it is", "dY times −1", "nothing"],
        1,
        "b stands in the difference with a minus.",
    ),
    "Average": (
        "What does each of the two inputs get of dY?",
        ["all of it", "a part by its size", "half of it"],
        2,
        "Each of two inputs counts with a factor of a half.",
    ),
    "Multiply": (
        "All of b is doubled, and dY stays. What becomes of da?",
        ["it stays", "it doubles", "it halves"],
        1,
        "da is dY times b.",
    ),
    "Maximum": (
        "Where a and b are equal, which of them takes the gradient?",
        ["both, half of it each", "b, the second input", "a, the first input"],
        2,
        "Of equals the first wins, in Keras on TensorFlow as well.",
    ),
    "Concatenate": (
        "What does a get of dY?",
        ["all of it", "its own part", "half of it"],
        1,
        "dY is cut at the joint.",
    ),
    "Dot": (
        "da is made of dY and b. What is db made of?",
        ["dY and a", "dY and b", "dY alone"],
        0,
        "In a product each factor is the slope of the other.",
    ),
}
QUESTIONS["Minimum"] = QUESTIONS["Maximum"]


def asks(p, made):
    return back_asks(p, made) if p["view"] == "backward" else forward_asks(p, made)


def forward_asks(p, made):
    last = len(made.y.ravel()) - 1
    sized = {
        "Concatenate": "The sizes along the axis add up; all others stay.",
        "Dot": "The batch, then what is left of a, then of b, or 1.",
    }
    return [
        {
            "kind": "shape",
            "prompt": "What is the shape of the result?",
            "answer": [*made.y.shape],
            "why": sized.get(p["layer"], "Sizes of 1 behind the batch axis are stretched."),
            "veil": ["ra", "rb", "y"] if p["layer"] == "Dot" and p["normalize"] else ["y"],
        },
        {
            "kind": "number",
            "prompt": "Which number stands in the marked cell of y?",
            "answer": number(made.y.ravel()[last]),
            "why": "Select the cell to see what it is made of.",
            "at": ["y", last],
        },
        *pairs_asked(p),
        {
            "kind": "number",
            "prompt": f"How many numbers has {p['layer']} to learn?",
            "answer": 0,
            "why": "It has no weights at all.",
        },
    ]


def pairs_asked(p):
    """Two further shapes of b in the order of the control: the first that is refused, the first that is not."""
    found, kinds = [], set()
    for shape in SHAPES:
        other, now = p | {"b": shape}, size_text(p["b"])
        sentence = refusal(other)
        if shape == p["b"] or (sentence is None) in kinds:
            continue
        kinds.add(sentence is None)
        found.append(
            {
                "kind": "choice",
                "prompt": f"b gets the shape {size_text(shape)} in place of {now}. Does {call(p)} take the pair?",
                "options": ["yes", "no, Keras refuses it"],
                "answer": 0 if sentence is None else 1,
                "why": sentence or f"The result has shape {size_text(result_shape(other))}.",
            }
        )
    return found


def back_asks(p, made):
    name, d = p["layer"], made.layer.backward(made.dY)[1].ravel()
    last = len(d) - 1
    found = [
        {
            "kind": "number",
            "prompt": "Which number stands in the marked cell of db?",
            "answer": number(d[last]),
            "why": "Every result that read this cell of b sends its gradient back.",
            "at": ["db", last],
        }
    ]
    prompt, options, answer, why = QUESTIONS[name]
    found.append({"kind": "choice", "prompt": prompt, "options": options, "answer": answer, "why": why})
    if name in ELEMENTWISE and made.plan.stretched():
        found.append(
            {
                "kind": "choice",
                "prompt": "A stretched cell was read for several results. What becomes of their gradients?",
                "options": ["the first of them counts", "their mean is taken", "they are added up"],
                "answer": 2,
                "why": "It moves all of these results.",
            }
        )
    return found


# --- wrong rules ------------------------------------------------------------------------------------------------------


def bugs(p, plan):
    known = back_bugs(p, plan) if p["view"] == "backward" else forward_bugs(p, plan)
    return [{"name": name, "label": label} for name, label, there in known if there]


def joining_bugs():
    return [
        ("exchanged", "b stands before a", True),
        ("turns", "a and b stand by turns", True),
        ("flat", "the numbers of a and b follow each other without regard to the axis", True),
    ]


def forward_bugs(p, plan):
    layer, a, b = p["layer"], p["a"], p["b"]
    if layer == "Concatenate":
        return joining_bugs()
    samples = ("first", "every sample reads the first sample of b", b[0] > 1)
    if layer == "Dot":
        many = a[plan.pair["a"]] > 1
        kept = [[p[name][k] for k in plan.rest(name)] for name in "ab"]
        return [
            samples,
            ("last", "the last product is left out", many),
            ("mean", "the products are averaged instead of added up", many),
            ("exchanged", "the rows and columns of the result are exchanged", kept[0] == kept[1] != []),
            ("axes", "the sum runs along the other axis of a", len(a) == 3 and a[1] == a[2]),
            ("lengths", "nothing is divided by the lengths", p["normalize"]),
            ("one", "only a is divided by its length", p["normalize"]),
        ]
    least = "smaller" if layer == "Maximum" else "larger"
    return [
        ("numpy", "the missing axis stands in front, as in NumPy", plan.fits_numpy()),
        samples,
        ("left", "a cell of b is used once, and left out where it is read again", plan.stretched_b()),
        ("reversed", "b is read backwards along its last axis", len(b) > 1 and b[-1] > 1),
        ("doubled", "a is added twice", layer == "Add"),
        ("turned", "a is taken from b", layer == "Subtract"),
        ("undivided", "the sum is not divided", layer == "Average"),
        ("features", "the sum is divided by 3", layer == "Average"),
        ("added", "the numbers are added", layer == "Multiply"),
        ("other", f"the {least} number wins", layer in ("Maximum", "Minimum")),
        ("size", "the number farther from 0 wins", layer in ("Maximum", "Minimum")),
    ]


def back_bugs(p, plan):
    layer = p["layer"]
    if layer == "Concatenate":
        return joining_bugs()
    alone = ("alone", "b gets no gradient", True)
    own = ("own", "each input takes itself as the factor, not the other", layer in ("Multiply", "Dot"))
    first = ("first", "every sample reads the first sample of b, and sends the gradient there", p["b"][0] > 1)
    if layer == "Dot":
        many = p["a"][plan.pair["a"]] > 1
        return [own, alone, first, ("last", "the last product is left out", many)]
    stretched, extreme = plan.stretched(), layer in ("Maximum", "Minimum")
    return [
        ("once", "of several results that read a cell only the first sends its gradient", stretched),
        ("mean", "the gradients of several results are averaged", stretched and layer != "Average"),
        alone,
        first,
        own,
        ("half", "each input gets half", layer in ("Add", "Subtract")),
        ("bare", "the minus is forgotten", layer == "Subtract"),
        ("bare", "the factor is forgotten", layer == "Multiply"),
        ("undivided", "each input gets all of it", layer == "Average"),
        ("both", "both inputs get the gradient", extreme),
        ("loser", "the gradient goes to the loser", extreme),
    ]


# --- settings, code ---------------------------------------------------------------------------------------------------


def controls():
    shapes = {"labels": [size_text(shape) for shape in SHAPES]}
    return [
        choice("view", "direction", ["forward", "backward"], look="switch"),
        choice("layer", "layer", LAYERS),
        choice("a", "shape of a", SHAPES, **shapes),
        choice("b", "shape of b", SHAPES, **shapes),
        choice("axis", "axis (Concatenate)", [-1, 0, 1, 2]),
        choice("axes", "axes (Dot)", [1, 2, [1, 2], [2, 1], -1]),
        {"name": "normalize", "label": "normalize (Dot)", "kind": "flag"},
    ]


def call(p):
    """The constructor call with what differs from the defaults."""
    given = ""
    if p["layer"] == "Concatenate" and p["axis"] != -1:
        given = f"axis={p['axis']}"
    elif p["layer"] == "Dot":
        axes = p["axes"] if isinstance(p["axes"], int) else size_text(p["axes"])
        given = f"axes={axes}{', normalize=True' if p['normalize'] else ''}"
    return f"{p['layer']}({given})"


def code(p, made):
    """The present setting to copy, with Keras and with this book's layer."""
    arrays = [f"a = {array_code(made.a)}", f"b = {array_code(made.b)}"]
    made_by, start = f"layer = {call(p)}", ["import numpy as np"]
    own = [*start, f"from byhand.layers import {p['layer']}", "", *arrays, made_by, "y = layer([a, b])"]
    pair = "([b, a])  # as the second input b would be taken for a bias" if taken_for_bias(p) else "([a, b])"
    if p["view"] != "backward":
        keras = [*start, f"from keras.layers import {p['layer']}", "", *arrays, made_by, f"y = layer{pair}"]
        return {"keras": "\n".join(keras), "numpy": "\n".join(own)}
    dy = f"dy = {array_code(made.dY)}"
    tape = [
        dy,
        "a, b = tf.Variable(a, dtype=tf.float32), tf.Variable(b, dtype=tf.float32)",
        "with tf.GradientTape() as tape:",
        f"    y = {call(p)}{pair}",
        "dx = tape.gradient(y, [a, b], tf.constant(dy, tf.float32))",
    ]
    keras = [*start, "import tensorflow as tf", f"from tensorflow.keras.layers import {p['layer']}", "", *arrays, *tape]
    return {"keras": "\n".join(keras), "numpy": "\n".join([*own, dy, "dx = layer.backward(dy)"])}
