"""What the figure of Dense asks, the wrong rules it knows, its settings and its code to copy."""

from .trace import choice
from .windows import array_code, cells, number, ravel


def forward_asks(p, made):
    batch, features, units = p["batch"], p["features"], p["units"]
    bias = units if p["use_bias"] else 0
    s, u = batch - 1, units - 1
    relu = ", and 0 if that is negative" if p["activation"] == "relu" else ""
    asks = [
        {
            "kind": "number",
            "prompt": "Which number stands in the marked cell of y?",
            "answer": number(made.y[s, u]),
            "why": f"Row {s} of x times column {u} of W" + (f", plus b[{u}]" if bias else "") + f"{relu}.",
            "at": ["y", ravel((s, u), made.y.shape)],
        },
        {
            "kind": "shape",
            "prompt": f"x has {features} features and the layer {units} units. What is the shape of W in Keras?",
            "answer": [features, units],
            "why": "A row for each feature, a column for each unit: x W, with x in front.",
            "veil": ["W", "z", "y"] if relu else ["W", "y"],
        },
        {
            "kind": "number",
            "prompt": f"The batch grows to {2 * batch} samples. How many numbers has the layer to learn then?",
            "answer": features * units + bias,
            "why": f"{features} × {units} weights" + (f" and {units} biases" if bias else "") + ", for any batch.",
        },
        {
            "kind": "choice",
            "prompt": "W[0, 0] changes, and nothing else. Which numbers of y can change with it?",
            "options": ["those of sample 0, in every unit", "those of unit 0, in every sample", "all of them"],
            "answer": 1,
            "why": "Column 0 of W makes column 0 of y. Every sample passes it.",
        },
    ]
    return asks if units > 1 else asks[:3]


def back_asks(p, made):
    features, units = p["features"], p["units"]
    last = features - 1
    shape = made.W.shape
    dw = made.layer.grads["kernel"]
    asks = [
        {
            "kind": "cell",
            "prompt": f"Suppose feature {last} is 0 in every sample. Select a cell of dW that is 0 then, "
            "whatever dY is.",
            "answer": [["dW", ravel((last, u), shape)] for u in range(units)],
            "why": f"Row {last} of dW: each of its products has x[sample, {last}] as a factor.",
        },
        {
            "kind": "number",
            "prompt": "Which number stands in the marked cell of dW?",
            "answer": number(dw[0, units - 1]),
            "why": f"Feature 0 of each sample times the gradient of unit {units - 1}, added up over the samples.",
            "at": ["dW", units - 1],
        },
        {
            "kind": "choice",
            "prompt": "Every sample is put in a second time, with the same dY. What becomes of dW?",
            "options": ["it stays", "it halves", "it doubles"],
            "answer": 2,
            "why": "dW adds up over the samples. If a mean is wanted, the loss divides, and dY is smaller.",
        },
    ]
    if p["activation"] == "relu":
        shut = [["dz", k] for k, cell in enumerate(cells(made.z.shape)) if not made.z[cell] > 0]
        if shut:
            asks.append(
                {
                    "kind": "cell",
                    "prompt": "Through which cells of dz can no gradient pass? Select one.",
                    "answer": shut,
                    "why": "z is not above 0 there: ReLU is flat, and its slope is 0.",
                }
            )
    return asks


def forward_bugs(p):
    relu, square = p["activation"] == "relu", p["features"] == p["units"] > 1
    return named(
        [
            ("transpose", "W is read with rows and columns exchanged", square),
            ("row", "the bias goes by the sample instead of the unit", p["use_bias"] and p["batch"] <= p["units"]),
            ("bias", "the bias is forgotten", p["use_bias"]),
            ("first", "every sample reads the first row of x", p["batch"] > 1),
            ("last", "the last feature is left out of the sum", p["features"] > 1),
            ("after", "the bias is added behind ReLU", relu and p["use_bias"]),
            ("linear", "ReLU is forgotten", relu),
        ]
    )


def back_bugs(p):
    relu, square, many = p["activation"] == "relu", p["features"] == p["units"] > 1, p["batch"] > 1
    return named(
        [
            ("open", "ReLU is forgotten on the way back", relu),
            ("dy", "ReLU asks whether dY is above 0, instead of z", relu),
            ("mean", "dW is averaged over the batch instead of summed", many),
            ("exchanged", "dW has rows and columns exchanged", square),
            ("pairs", "dW takes the first row of x for every sample", many),
            ("square", "dX reads W without transposing it", square),
            ("unit", "dX leaves out the last unit", p["units"] > 1),
            ("sample", "db takes the first sample alone", many and p["use_bias"]),
        ]
    )


def named(known):
    return [{"name": name, "label": label} for name, label, there in known if there]


def controls():
    return [
        choice("view", "direction", ["forward", "backward"], look="switch"),
        choice("batch", "samples", [1, 2, 3]),
        choice("features", "features", [1, 2, 3, 4]),
        choice("units", "units", [1, 2, 3, 4]),
        choice("activation", "activation", ["none", "relu"]),
        {"name": "use_bias", "label": "bias", "kind": "flag"},
    ]


def call(p):
    """The constructor call with what differs from the defaults."""
    relu = ', activation="relu"' if p["activation"] == "relu" else ""
    return f"Dense({p['units']}{relu}{'' if p['use_bias'] else ', use_bias=False'})"


def code(p, made):
    """The present setting to copy, with Keras and with this book's layer."""
    back = p["view"] == "backward"
    weights = [w for w in (made.W, made.b) if w is not None]
    layer = [
        f"layer = {call(p)}",
        f"x = {array_code(made.x)}",
        "layer.build(x.shape)",
        f"layer.set_weights([{', '.join(map(array_code, weights))}])",
    ]
    start = ["import numpy as np"]
    own = [*start, "from byhand.layers import Dense", "", *layer, "y = layer(x)"]
    if not back:
        keras = [*start, "from keras.layers import Dense", "", *layer, "y = layer(x)"]
        return {"keras": "\n".join(keras), "numpy": "\n".join(own)}
    dy = f"dy = {array_code(made.dY)}"
    tape = [
        dy,
        "x = tf.Variable(x, dtype=tf.float32)",
        "with tf.GradientTape() as tape:",
        "    y = layer(x)",
        "dx, *dweights = tape.gradient(y, [x, *layer.trainable_weights], tf.constant(dy, tf.float32))",
    ]
    keras = [*start, "import tensorflow as tf", "from tensorflow.keras.layers import Dense", "", *layer, *tape]
    own += [dy, "dx = layer.backward(dy)", "dweights = layer.get_gradients()"]
    return {"keras": "\n".join(keras), "numpy": "\n".join(own)}
