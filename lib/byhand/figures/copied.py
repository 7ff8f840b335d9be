"""The present setting of a figure as code to copy: the same lines with Keras' layer and with this book's."""

from .windows import array_code


def layer_code(call, x, weights=(), dy=None):
    """{"keras": text, "numpy": text} for `call`, such as 'Dense(2)', on x (batch, ...); weights None are left out.

    With dy, in the shape of the output, the lines end with the gradients.
    """
    kind, weights = call.partition("(")[0], [w for w in weights if w is not None]
    lines = [f"layer = {call}", f"x = {array_code(x)}"]
    if weights:
        lines += ["layer.build(x.shape)", f"layer.set_weights([{', '.join(map(array_code, weights))}])"]
    tensorflow, source, keras, by_hand = [], "keras.layers", ["y = layer(x)"], ["y = layer(x)"]
    if dy is not None:
        found, sources = ("dx, *dweights", "[x, *layer.trainable_weights]") if weights else ("dx", "x")
        tensorflow, source = ["import tensorflow as tf"], "tensorflow.keras.layers"
        lines.append(f"dy = {array_code(dy)}")
        keras = [
            "x = tf.Variable(x, dtype=tf.float32)",
            "with tf.GradientTape() as tape:",
            "    y = layer(x)",
            f"{found} = tape.gradient(y, {sources}, tf.constant(dy, tf.float32))",
        ]
        by_hand += ["dx = layer.backward(dy)", *(["dweights = layer.get_gradients()"] if weights else [])]
    return {
        "keras": "\n".join(["import numpy as np", *tensorflow, f"from {source} import {kind}", "", *lines, *keras]),
        "numpy": "\n".join(["import numpy as np", f"from byhand.layers import {kind}", "", *lines, *by_hand]),
    }
