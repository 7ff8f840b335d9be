"""What the figure of shared and unshared weights asks, the bugs it knows, its controls and its code to copy."""

from .trace import choice
from .windows import array_code


def refusal(p):
    """The sentence that says why these settings make no figure, or None."""
    if p["kernel_size"] > p["size"]:
        return f"A kernel of {p['kernel_size']} does not fit into {p['size']} steps. Take a smaller one."
    return None


def learned(p, out):
    """How many numbers a layer with `out` positions has to learn."""
    kernel = p["kernel_size"] * p["channels"] * p["filters"]
    rows = out if p["weights"] == "unshared" else 1
    return rows * (kernel + (p["filters"] if p["use_bias"] else 0))


def forward_asks(p, made):
    longer = (2 * p["size"] - p["kernel_size"]) // p["strides"] + 1
    shared = p["weights"] == "shared"
    return [
        {
            "kind": "number",
            "prompt": f"The weights are {p['weights']}. x is made twice as long, {2 * p['size']} steps. "
            "How many numbers has the layer to learn then?",
            "answer": learned(p, longer),
            "why": "As many as before: one kernel serves every position."
            if shared
            else f"There are {longer} positions then, and each has its own.",
        },
        {
            "kind": "number",
            "prompt": "In how many numbers of y is the first weight of W used?",
            "answer": made.out if shared else 1,
            "why": f"One kernel serves all {made.out} positions." if shared else "Only at its own position.",
            "hide": ["y", "n"],
        },
        {
            "kind": "choice",
            "prompt": f"All of x moves {p['strides']} to the right. Away from the ends, what does y do?",
            "options": ["it moves by one place", "it may take other values"],
            "answer": 0 if shared else 1,
            "why": "The same kernel meets the same numbers one place on."
            if shared
            else "One place on, another kernel meets them.",
        },
    ]


def backward_asks(p, made):
    shared = p["weights"] == "shared"
    return [
        {
            "kind": "number",
            "prompt": "From how many products is each number of dW summed?",
            "answer": made.out if shared else 1,
            "why": f"The weight was used at {made.out} positions, and each sends its part."
            if shared
            else "The weight was used at one position alone.",
            "at": ["dW", 0],
        },
        {
            "kind": "shape",
            "prompt": "What is the shape of dW: positions, taps, channels, filters?",
            "answer": list(made.w.shape),
            "why": "A gradient always has the shape of what it belongs to.",
            "veil": ["dX", "dW", "db"],
        },
    ]


def forward_bugs(p, made):
    many = made.out > 1
    known = [
        ("share", "every position uses the kernel of the first", made.rows > 1),
        ("flip", "the kernel is flipped", p["kernel_size"] > 1),
        ("still", "every position reads the first window", many),
        ("bias", "the bias is forgotten", p["use_bias"]),
        ("channel", "only the first channel is summed", p["channels"] > 1),
    ]
    return [{"name": name, "label": label} for name, label, there in known if there]


def backward_bugs(p, made):
    many = made.out > 1
    known = [
        ("sum", "every kernel gets the gradients of all positions, as if it were shared", made.rows > 1),
        ("mean", "dW is averaged over the positions instead of summed", made.rows == 1 and many),
        ("first", "dW leaves out the first position", True),
        ("flip", "the kernel is flipped on the way back", p["kernel_size"] > 1),
    ]
    return [{"name": name, "label": label} for name, label, there in known if there]


def controls():
    return [
        choice("view", "direction", ["forward", "backward"], look="switch"),
        choice("weights", "weights", ["shared", "unshared"], look="switch"),
        choice("size", "input steps", [4, 5, 6, 7, 8]),
        choice("kernel_size", "kernel steps", [1, 2, 3, 4, 5]),
        choice("strides", "strides", [1, 2, 3]),
        choice("channels", "channels", [1, 2]),
        choice("filters", "filters", [1, 2]),
    ]


def kind(p):
    return "LocallyConnected1D" if p["weights"] == "unshared" else "Conv1D"


def call(p):
    """The constructor call with what differs from the defaults."""
    stride = f", strides={p['strides']}" if p["strides"] > 1 else ""
    bias = "" if p["use_bias"] else ", use_bias=False"
    return f"{kind(p)}({p['filters']}, {p['kernel_size']}{stride}{bias})"


def code(p, made, back=False):
    """The present setting to copy, with Keras and with this book's layer."""
    by_hand = layer_code(p, made, "import numpy as np\nfrom byhand.layers")
    if back:
        by_hand += f"\ndy = {array_code(made.dy[None])}\ndx = layer.backward(dy)\ndweights = layer.get_gradients()"
    if p["weights"] == "unshared":
        return {"keras": formula_code(p, made, back), "numpy": by_hand}
    if not back:
        return {"keras": layer_code(p, made, "import numpy as np\nfrom keras.layers"), "numpy": by_hand}
    head = "import numpy as np\nimport tensorflow as tf\nfrom tensorflow.keras.layers"
    keras = layer_code(p, made, head).removesuffix("\ny = layer(x)")
    return {"keras": keras + tape_code(made, "y = layer(x)", "*layer.trainable_weights"), "numpy": by_hand}


def layer_code(p, made, head):
    unshared = p["weights"] == "unshared"
    weights = [made.w.reshape(made.rows, -1, p["filters"]) if unshared else made.w[0]]
    if made.b is not None:
        weights.append(made.b if unshared else made.b[0])
    lines = [
        f"{head} import {kind(p)}",
        "",
        f"layer = {call(p)}",
        f"x = {array_code(made.x[None])}",
        "layer.build(x.shape)",
        f"layer.set_weights([{', '.join(map(array_code, weights))}])",
        "y = layer(x)",
    ]
    return "\n".join(lines)


def formula_code(p, made, back):
    """Keras 3 has no such layer; its tensors can do the sum all the same."""
    module = "tf" if back else "ops"
    lines = [
        "import numpy as np",
        "import tensorflow as tf" if back else "from keras import ops",
        "",
        "# Keras 3 has no LocallyConnected1D: the same sum, a kernel for each position",
        f"x = {array_code(made.x[None])}",
        f"w = {array_code(made.w)}",
    ]
    if made.b is not None:
        lines.append(f"b = {array_code(made.b)}")
    s, k = p["strides"], p["kernel_size"]
    make = [
        f"windows = {module}.stack([x[:, o * {s} : o * {s} + {k}] for o in range({made.out})], axis=1)",
        f'y = {module}.einsum("nokc,okcf->nof", windows, w)' + (" + b" if made.b is not None else ""),
    ]
    if not back:
        return "\n".join(lines + make)
    names = ["w", "b"] if made.b is not None else ["w"]
    lines += [f"{name} = tf.Variable({name}, dtype=tf.float32)" for name in names]
    return "\n".join(lines) + tape_code(made, "\n    ".join(make), ", ".join(names))


def tape_code(made, forward, sources):
    return (
        f"\ndy = {array_code(made.dy[None])}"
        "\nx = tf.Variable(x, dtype=tf.float32)"
        "\nwith tf.GradientTape() as tape:"
        f"\n    {forward}"
        f"\ndx, *dweights = tape.gradient(y, [x, {sources}], tf.constant(dy, tf.float32))"
    )
