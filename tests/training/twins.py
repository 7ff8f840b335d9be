"""The same network by hand and in Keras: same layers, same initial weights, same batches."""

import contextlib

import keras
import numpy as np

from byhand import layers, training


@contextlib.contextmanager
def keras_in(dtype):
    """Keras with this dtype for layers, losses, metrics and learning rates; `dtype=` alone leaves the loss in
    float32."""
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])


class Kit:
    """Networks and layers of one side, every layer in one dtype."""

    def __init__(self, networks, kinds, dtype):
        self.Sequential, self.Model = networks.Sequential, networks.Model
        self.kinds, self.dtype = kinds, dtype

    def __getattr__(self, kind):
        made = getattr(self.kinds, kind)
        return lambda *given, **options: made(*given, dtype=options.pop("dtype", self.dtype), **options)


def pair(make, dtype="float64", seed=0):
    """(network by hand, its Keras twin) with equal random weights."""
    keras.backend.clear_session()
    ours = make(Kit(training, layers, dtype))
    theirs = make(Kit(keras, keras.layers, dtype))
    rng = np.random.default_rng(seed)
    for name, w in ours.weights.items():
        spread = 1 / np.sqrt(max(1, np.prod(w.shape[:-1]))) if w.ndim > 1 else 0.1
        w[...] = rng.normal(scale=spread, size=w.shape) + (name.endswith(("gamma", "variance")))
        if name.endswith("variance"):
            w[...] = np.abs(w)
    theirs.set_weights(ours.get_weights())
    return ours, theirs
