"""How a weight starts: Keras' initializers by Keras' names.

Formulas: https://keras.io/api/layers/initializers/ ; Glorot and Bengio 2010; He et al. 2015; Saxe et al. 2014.
"""

import numpy as np

_generator = np.random.default_rng(0)


def set_random_seed(seed):
    """Start the generator behind every initializer (and dropout mask) again from `seed`."""
    global _generator
    _generator = np.random.default_rng(seed)


def generator():
    """The generator every layer draws from unless it was given a seed of its own."""
    return _generator


def fans(shape):
    """(inputs of one unit, outputs of one unit) of a kernel (*window, in, out)."""
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    window = int(np.prod(shape[:-2]))
    return window * shape[-2], window * shape[-1]


def zeros(shape, rng):
    return np.zeros(shape)


def ones(shape, rng):
    return np.ones(shape)


def glorot_uniform(shape, rng):
    """U(-a, a) with a = sqrt(6 / (fan_in + fan_out)): keeps the size of a signal through linear layers."""
    limit = np.sqrt(6 / max(1, sum(fans(shape))))
    return rng.uniform(-limit, limit, shape)


def orthogonal(shape, rng):
    """A matrix whose rows (or columns, whichever are fewer) are orthonormal, by QR."""
    rows, columns = int(np.prod(shape[:-1])), shape[-1]
    q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diag(r))
    return (q if rows >= columns else q.T).reshape(shape)


BY_NAME = {f.__name__: f for f in (zeros, ones, glorot_uniform, orthogonal)}


def get(identifier):
    """The initializer called `identifier`, or `identifier` itself if it is callable as f(shape, rng)."""
    if identifier is None:
        return zeros
    if callable(identifier):
        return identifier
    if identifier not in BY_NAME:
        raise ValueError(f"no initializer is called {identifier!r}; known: {', '.join(BY_NAME)}")
    return BY_NAME[identifier]
