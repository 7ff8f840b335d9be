"""What every layer shares: a call that builds, weights by Keras' names, gradients, plain errors."""

import inspect
import re

import numpy as np

from . import initializers

DTYPES = ("float32", "float64")


class Layer:
    """y = layer(x) remembers what the way back needs; dx = layer.backward(dy) also fills layer.grads.

    A subclass writes `build(input_shape)` with calls of `add_weight`, `call(x)`, `backward(dy)` and
    `compute_output_shape(input_shape)`. Weights are attributes by Keras' names; they change in place and are never
    rebound, so the attribute, `weights` and an optimizer always see the same array. Several inputs are a list.
    """

    def __init__(self, *, trainable=True, dtype=None, name=None, **unknown):
        kind = type(self).__name__
        if unknown:
            raise TypeError(f"{kind} has no argument {', '.join(map(repr, unknown))}")
        dtype = "float32" if dtype is None else np.dtype(dtype).name
        if dtype not in DTYPES:
            raise ValueError(f"{kind}: dtype is one of {', '.join(DTYPES)}; got {dtype!r}")
        self.name = name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind).lower()
        self.dtype, self.trainable, self.built = np.dtype(dtype), trainable, False
        self.own_weights, self.frozen, self.grads = {}, set(), {}
        self.regularizers, self.constraints = {}, {}

    def __init_subclass__(cls):
        super().__init_subclass__()
        cls.takes_training = "training" in inspect.signature(cls.call).parameters

    # --- forward and backward -------------------------------------------------------------------------------------

    def __call__(self, inputs, *, training=False, **options):
        inputs = self.cast(inputs)
        if not self.built:
            self.build([x.shape for x in inputs] if isinstance(inputs, list) else inputs.shape)
            self.built = True
        if self.takes_training:
            options["training"] = training
        return self.call(inputs, **options)

    def cast(self, inputs):
        """Inputs as arrays of the layer's dtype; a list or tuple of arrays stays a list."""
        if isinstance(inputs, list | tuple) and any(isinstance(x, np.ndarray) for x in inputs):
            return [np.asarray(x, self.dtype) for x in inputs]
        return np.asarray(inputs, self.dtype)

    def build(self, input_shape):
        """Create the weights for inputs of this shape. Layers without weights need none."""

    def call(self, x):
        raise TypeError(f"{type(self).__name__} does not say how to call it")

    def backward(self, dy):
        raise TypeError(f"{type(self).__name__} has no way back")

    def compute_output_shape(self, input_shape):
        """Shape of the output for inputs of this shape; None stays for sizes not yet known."""
        return tuple(input_shape)

    # --- weights --------------------------------------------------------------------------------------------------

    def add_weight(self, name, shape, initializer, trainable=True, regularizer=None, constraint=None):
        """Create the weight `name`; the order of these calls is the order of get_weights()."""
        start = initializers.get(initializer)(tuple(shape), initializers.generator())
        weight = np.array(start, self.dtype)
        if weight.shape != tuple(shape):
            raise ValueError(f"{type(self).__name__}.{name} needs shape {tuple(shape)}; its initializer gave {weight.shape}")
        self.own_weights[name] = weight
        setattr(self, name, weight)
        if not trainable:
            self.frozen.add(name)
        if regularizer is not None:
            self.regularizers[name] = regularizer
        if constraint is not None:
            self.constraints[name] = constraint

    @property
    def weights(self):
        """All weights by name, in Keras' order."""
        return self.own_weights

    @property
    def trainable_weights(self):
        """The weights an optimizer may change, by name, in Keras' order."""
        if not self.trainable:
            return {}
        return {name: w for name, w in self.weights.items() if name not in self.frozen}

    def get_weights(self):
        """Copies of the weights, in the order of Keras' get_weights()."""
        return [w.copy() for w in self.weights.values()]

    def set_weights(self, values):
        """Write `values`, in the order of Keras' get_weights(), into the weights.

        Raises ValueError before anything is written if number or shapes do not fit."""
        kind, values = type(self).__name__, [np.asarray(v) for v in values]
        if not self.built:
            raise ValueError(f"{kind} has no weights yet: call it once, or build(input_shape)")
        if len(values) != len(self.weights):
            raise ValueError(f"{kind} has {len(self.weights)} weights {list(self.weights)}; got {len(values)} arrays")
        for (name, w), v in zip(self.weights.items(), values):
            if v.shape != w.shape:
                raise ValueError(f"{kind}.{name} has shape {w.shape}; got {v.shape}")
        for w, v in zip(self.weights.values(), values):
            w[...] = v

    def get_gradients(self):
        """Gradients of the last backward(), in the order of the trainable weights."""
        return [self.grads[name] for name in self.trainable_weights]

    def count_params(self):
        """How many numbers the weights hold."""
        if not self.built:
            raise ValueError(f"{type(self).__name__} has no weights yet: call it once, or build(input_shape)")
        return sum(w.size for w in self.weights.values())
