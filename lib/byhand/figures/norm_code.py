"""What the figure of normalisation gives to copy, and its title."""

import numpy as np

from .windows import array_code


def arguments(p):
    """The constructor's arguments that differ from the defaults, as texts."""
    said = []
    if p["kind"] == "GroupNormalization":
        said.append(str(p["groups"]))
    elif p["axis"] != [-1]:
        said.append(f"axis={p['axis'][0] if len(p['axis']) == 1 else p['axis']}")
    if p["kind"] == "BatchNormalization" and p["momentum"] != 0.99:
        said.append(f"momentum={p['momentum']}")
    if p["epsilon"] != (0.000001 if p["kind"] == "RMSNormalization" else 0.001):
        said.append(f"epsilon={np.format_float_positional(p['epsilon'], trim='-')}")
    return ", ".join(said)


def call(p):
    mode = ", training=True" if p["training"] else ""
    mode = mode if p["kind"] == "BatchNormalization" and p["view"] != "moving" else ""
    return f"{p['kind']}({arguments(p)})(x{mode})"


def code(p, plan, given):
    """The present setting to copy, with Keras and with this book's layer."""
    back, over_batches = p["view"] == "backward", p["view"] == "moving"
    mode = f", training={p['training']}" if plan.batch_norm else ""
    weights = ["scale"] if plan.rms else ["gamma", "beta"]
    if plan.batch_norm:
        weights += ["moving mean", "moving variance"]
    own = p | {"axis": [-1]} if over_batches else p
    x = given["new x"][None] if over_batches else given["x"]
    lines = [
        f"layer = {p['kind']}({arguments(own)})",
        f"x = {array_code(x)}",
        "layer.build(x.shape)",
        f"layer.set_weights([{', '.join(array_code(given[name]) for name in weights)}])",
    ]
    if over_batches:
        lines += [
            f"means = {array_code(given['batch mean'])}",
            f"variances = {array_code(given['batch variance'])}",
            "for mean, variance in zip(means, variances):",
            "    layer(np.stack([mean - variance**0.5, mean + variance**0.5]), training=True)",
        ]
        mode = ""
    forward = f"y = layer(x{mode})"
    imports = f"import {p['kind']}\n"
    keras = [f"import numpy as np\nfrom keras.layers {imports}", *lines, forward]
    by_hand = [f"import numpy as np\nfrom byhand.layers {imports}", *lines, forward]
    if back:
        dy = f"dy = {array_code(given['dY'])}"
        by_hand += [dy, "dx = layer.backward(dy)", "dweights = layer.get_gradients()"]
        keras = [
            f"import numpy as np\nimport tensorflow as tf\nfrom tensorflow.keras.layers {imports}",
            *lines,
            dy,
            "x = tf.Variable(x, dtype=tf.float32)",
            "with tf.GradientTape() as tape:",
            f"    {forward}",
            "dx, *dweights = tape.gradient(y, [x, *layer.trainable_weights], tf.constant(dy, tf.float32))",
        ]
    return {"keras": "\n".join(keras), "numpy": "\n".join(by_hand)}
