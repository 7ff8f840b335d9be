"""What a layer is held against: its Keras twin, and the slope of its own outputs."""

import numpy as np

from byhand import layers
from byhand.compare import TOLERANCE, both_ways, first_difference, keras_twin

from .tensorflow_errors import tensorflow_error


def outputs_of(layer, x, **call):
    """layer(x), or layer(query, value ...) if x is the list of its arguments."""
    return layer(*x, **call) if layer.several_arguments else layer(x, **call)


def shuffled(layer, x, seed=0, **call):
    """`layer`, built for x and with random weights: a zero bias hides mistakes."""
    outputs_of(layer, x, **call)
    rng = np.random.default_rng(seed)
    for name, w in layer.weights.items():
        w[...] = rng.normal(size=w.shape)
        if name.endswith("variance"):
            w[...] = np.abs(w) + 0.5
    return layer


def cast(x, dtype):
    """A copy of x, an array or a list of them, in this dtype."""
    return [np.array(a, dtype) for a in x] if isinstance(x, list) else np.array(x, dtype)


def differs_from_keras(kind, x, dtype="float32", call=None, seed=0, **arguments):
    """None if the layer called `kind` equals its Keras twin on x, output and every gradient; else what differs.

    Where TensorFlow is listed as wrong, the slope of the outputs decides instead.
    """
    call = call or {}
    layer = shuffled(getattr(layers, kind)(dtype=dtype, **arguments), x, seed, **call)
    if tensorflow_error(layer, x):
        return differences_check(getattr(layers, kind)(dtype="float64", **arguments), x, seed, **call)
    twin = keras_twin(type(layer), dtype, **arguments)
    return first_difference(both_ways(layer, twin, cast(x, dtype), seed=seed, **call), TOLERANCE[dtype])


def differences_check(layer, x, seed=0, step=1e-6, **call):
    """None if the gradients of a float64 layer are the slope of its outputs along one random direction; else why not.

    The direction goes through all inputs and trainable weights at once, so two further calls test every gradient;
    penalties count as outputs.
    """
    assert layer.dtype == np.float64
    x = cast(x, np.float64)
    shuffled(layer, x, seed, **call)
    rng = np.random.default_rng(seed + 1)
    y = outputs_of(layer, x, **call)
    upstream = [rng.normal(size=part.shape) for part in (y if isinstance(y, tuple) else [y])]
    dx = layer.backward(upstream if isinstance(y, tuple) else upstream[0])
    layer.add_penalties()
    several = isinstance(x, list)
    gradients = [*(dx if several else [dx]), *layer.get_gradients()]
    numbers = [*(x if several else [x]), *layer.trainable_weights.values()]
    directions = [rng.normal(size=n.shape) for n in numbers]

    def outputs(e):
        for n, v in zip(numbers, directions):
            n += e * v
        y = outputs_of(layer, x, **call)
        y = sum((u * part).sum() for u, part in zip(upstream, y if isinstance(y, tuple) else [y])) + sum(layer.losses)
        for n, v in zip(numbers, directions):
            n -= e * v
        return y

    slope = (outputs(step) - outputs(-step)) / (2 * step)
    expected = sum((v * g).sum() for v, g in zip(directions, gradients))
    scale = sum(np.abs(v * g).sum() for v, g in zip(directions, gradients)) + sum(np.abs(u).sum() for u in upstream)
    if abs(slope - expected) > 1e-6 * max(1.0, scale):
        return f"{type(layer).__name__}: slope {slope:.9g}, gradients say {expected:.9g}"
    return None


def keras_refuses(kind, x=None, **arguments):
    """Whether Keras raises for these arguments, at the latest when it is called on x."""
    import keras

    try:
        layer = getattr(keras.layers, kind)(**arguments)
        if x is not None:
            layer(x)
            layer.compute_output_shape([a.shape for a in x] if isinstance(x, list) else x.shape)
    except Exception:  # Keras and TensorFlow refuse with many classes of error
        return True
    return False
