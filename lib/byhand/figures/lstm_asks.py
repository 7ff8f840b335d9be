"""What the LSTM's figure asks, offers as settings and gives to copy."""

from .windows import array_code


def controls():
    gates = [
        {
            "name": f"force_{gate}",
            "label": f"gate {gate}",
            "kind": "choice",
            "options": ["free", 0, 1],
            "labels": [f"{gate} free", f"{gate} = 0", f"{gate} = 1"],
            "look": "switch",
        }
        for gate in "ifo"
    ]
    return [
        {"name": "view", "label": "pass", "kind": "choice", "options": ["forward", "backward"], "look": "switch"},
        {"name": "steps", "label": "steps", "kind": "range", "min": 3, "max": 8, "step": 1},
        {"name": "features", "label": "features", "kind": "range", "min": 1, "max": 2, "step": 1},
        {"name": "units", "label": "units", "kind": "range", "min": 1, "max": 3, "step": 1},
        *gates,
        {"name": "force_from", "label": "force from step", "kind": "range", "min": 1, "max": 8, "step": 1},
    ]


def asks(params, panels):
    """Questions on the way forward."""
    T, C, u = (params[k] for k in ("steps", "features", "units"))
    last = (T - 1) * u
    c = panels["c"]["data"][last]
    return [
        {
            "kind": "number",
            "prompt": "What is z of the input gate, unit 0, at step 1?",
            "answer": panels["z"]["data"][0],
            "at": ["z", 0],
            "why": "x W + h U + b, each with the column of gate i and unit 0.",
        },
        {
            "kind": "choice",
            "prompt": f"Look at c, unit 0, at step {T}. What is h there?",
            "options": ["above 0", "below 0", "exactly 0"],
            "answer": 0 if c > 0 else 1 if c < 0 else 2,
            "at": ["h", last],
            "hide": ["h", "tanh(c)"],
            "why": "h = o · tanh(c). The output gate is never below 0 and tanh keeps the sign, so h has the sign of c.",
        },
        {
            "kind": "choice",
            "prompt": "Which gate decides how much of the old cell is kept?",
            "options": ["the input gate i", "the forget gate f", "the output gate o"],
            "answer": 1,
            "hide": [],
            "why": "c = f · c before + i · g: the old cell is multiplied by f alone. At f = 1 nothing of it is lost.",
        },
        {
            "kind": "choice",
            "prompt": f"Say the forget gate is 0 at step {T}. What is c at step {T} then?",
            "options": [f"c of step {T - 1}", f"i · g of step {T}", "0"],
            "answer": 1,
            "hide": [],
            "why": "f · c before is 0, whatever c was: only what this step writes, i · g, is there. Try it with f = 0.",
        },
        {
            "kind": "choice",
            "prompt": f"Say f is 1 and i is 0 from step 2 on. What is c at step {T} then?",
            "options": ["c of step 1", "0", "1"],
            "answer": 0,
            "hide": [],
            "why": "Each step multiplies c by 1 and adds 0, so c stays as it is. Try it with f = 1 and i = 0.",
        },
        {
            "kind": "number",
            "prompt": "How many weights does this layer have?",
            "answer": 4 * u * (C + u + 1),
            "hide": [],
            "why": f"4 · {u} · ({C} + {u} + 1): four gates of {u}, each with {C} from x, {u} from h and 1 bias.",
        },
    ]


def back_asks(params, panels):
    """Questions on the way back."""
    T, u = params["steps"], params["units"]
    sizes = [abs(v) for v in panels["dc"]["data"]]
    largest = [k for k, size in enumerate(sizes) if size >= max(sizes) * (1 - 1e-9)]
    return [
        {
            "kind": "number",
            "prompt": f"The loss reads the last h. What is the gradient of h, unit 0, at step {T}?",
            "answer": panels["dy"]["data"][0],
            "at": ["dh", (T - 1) * u],
            "why": "No later step reads this h, so its gradient is what the loss sends: dy.",
        },
        {
            "kind": "choice",
            "prompt": "From c of one step straight to c of the step before: what is the gradient multiplied by?",
            "options": ["f", "i", "o", "the slope of tanh"],
            "answer": 0,
            "hide": [],
            "why": "c = f · c before + i · g, so the slope of c for c before is f. No tanh stands in this path.",
        },
        {
            "kind": "choice",
            "prompt": f"Say f is always 1. How much of the gradient of c at step {T} comes straight to c at step 1?",
            "options": ["all of it", f"one part in {T}", "nearly nothing"],
            "answer": 0,
            "hide": [],
            "why": "1 · 1 · 1 stays 1. With f below 1 the product shrinks with each step, back as well as forth.",
        },
        {
            "kind": "cell",
            "prompt": "Which c has the largest gradient, sign aside?",
            "answer": [["dc", k] for k in largest],
            "why": "Each step back multiplies by f; what that step's own h passes in comes on top.",
        },
    ]


def code(given, params):
    """The present setting to copy: the same lines with Keras' layer and with this book's."""
    t, c, u = (params[k] for k in ("steps", "features", "units"))
    columns = [(given["W"], (c, 4 * u)), (given["U"], (u, 4 * u)), (given["b"], (4 * u,))]
    weights = ", ".join(array_code(array.reshape(shape)) for array, shape in columns)
    states = ", ".join(array_code(given[name].reshape(1, u)) for name in ("h0", "c0"))
    forced = [f"# the figure forces gates from step {params['force_from']}; this code does not"]
    lines = [
        *(forced if any(params[f"force_{gate}"] != "free" for gate in "ifo") else []),
        f"layer = LSTM({u}, return_sequences=True)",
        f"x = {array_code(given['x'].reshape(1, t, c))}",
        "layer.build(x.shape)",
        f"layer.set_weights([{weights}])",
        f"states = [{states}]",
    ]
    call = "y = layer(x, initial_state=states)"
    keras, by_hand, tensorflow, source = [call], [call], [], "keras.layers"
    if params["view"] == "backward":
        lines += [f"dy = np.zeros((1, {t}, {u}))", f"dy[0, -1] = {array_code(given['dy'])}"]
        tensorflow, source = ["import tensorflow as tf"], "tensorflow.keras.layers"
        keras = [
            "x = tf.Variable(x, dtype=tf.float32)",
            "with tf.GradientTape() as tape:",
            f"    {call}",
            "dx, *dweights = tape.gradient(y, [x, *layer.trainable_weights], tf.constant(dy, tf.float32))",
        ]
        by_hand = [call, "dx = layer.backward(dy)", "dweights = layer.get_gradients()"]
    return {
        "keras": "\n".join(["import numpy as np", *tensorflow, f"from {source} import LSTM", "", *lines, *keras]),
        "numpy": "\n".join(["import numpy as np", "from byhand.layers import LSTM", "", *lines, *by_hand]),
    }
