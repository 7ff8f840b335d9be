"""What every layer shares: a call that builds, weights by Keras' names, gradients, plain errors."""

import functools
import inspect

import numpy as np

from . import constraints, given, initializers, regularizers
from .lookup import snake_case
from .symbols import connect, numbers, symbolic

DTYPES = ("float32", "float64")


class Layer:
    """y = layer(x) remembers what the way back needs; dx = layer.backward(dy) also fills layer.grads.

    A subclass writes `build(input_shape)` with calls of `add_weight`, `call(x)`, `backward(dy)` and
    `compute_output_shape(input_shape)`. Weights are attributes by Keras' names; they change in place and are never
    rebound, so the attribute, `weights` and an optimizer always see the same array. Several inputs are a list, where
    `several_inputs` says that the layer takes one.

    Penalties: `losses` lists them. That of `activity_regularizer`, taken on the output and divided by the batch size,
    is part of what backward differentiates; those on weights are added to `grads` by `add_penalties()`.
    Masks: a layer whose `call` takes `mask` gets it as layer(x, mask=...); `compute_mask` says which mask goes on.
    """

    supports_masking = takes_training = takes_mask = False
    several_inputs = False  # True: takes a list of arrays
    takes_words = False  # True: text comes in, so no gradient goes back
    several_arguments = False  # True: called as layer(query, value), not layer([query, value])
    returned, one_output, inside = (None, None), True, False  # kept by the wrappers in given.py

    def __init__(self, *, activity_regularizer=None, trainable=True, dtype=None, autocast=True, name=None, **unknown):
        kind = type(self).__name__
        if unknown:
            raise TypeError(f"{kind} has no argument {', '.join(map(repr, unknown))}")
        if autocast is not True:
            raise ValueError(f"{kind}: autocast is not supported by hand; inputs always become the layer's dtype")
        dtype = "float32" if dtype is None else np.dtype(dtype).name
        if dtype not in DTYPES:
            raise ValueError(f"{kind}: dtype is one of {', '.join(DTYPES)}; got {dtype!r}")
        self.name, self.number = name or snake_case(kind), next(numbers)  # networks number layers as they were made
        self.dtype, self.trainable, self.built = np.dtype(dtype), trainable, False
        self.own_weights, self.frozen, self.grads = {}, set(), {}
        self.regularizers, self.constraints, self.sublayers = {}, {}, {}
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.regularized = None  # the outputs of the last call, if activity_regularizer asks for them
        self.skip_input_gradient = False  # True lets the first layer of a network return None and save that work

    def __init_subclass__(cls):
        super().__init_subclass__()
        parameters = inspect.signature(cls.call).parameters
        cls.takes_training, cls.takes_mask = "training" in parameters, "mask" in parameters
        if "build" in vars(cls):
            cls.build = marks_built(cls.build)
        if "call" in vars(cls):
            cls.call = given.remembers_output(cls.call)
        if "backward" in vars(cls):
            cls.backward = given.checks_gradient(cls.backward)

    def refuse(self, why, **arguments):
        """Raise ValueError for the first of `arguments` that is given: neither None nor False."""
        for name, value in arguments.items():
            if value is not None and value is not False:
                raise ValueError(f"{type(self).__name__}: {name}={value!r} is not supported by hand; {why}")

    # --- forward and backward -------------------------------------------------------------------------------------

    def __call__(self, inputs, *, training=False, **options):
        if symbolic(inputs):
            return connect(self, inputs, options)
        inputs = self.cast(inputs)
        if not self.built:
            self.build([x.shape for x in inputs] if isinstance(inputs, list) else inputs.shape)
            self.built = True
        if self.takes_training:
            options["training"] = training
        if not self.takes_mask and options.pop("mask", None) is not None:
            raise TypeError(f"{type(self).__name__} takes no mask")
        outputs = self.call(inputs, **options)
        if self.activity_regularizer is not None:
            self.regularized = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
        return outputs

    def cast(self, inputs):
        """Inputs as arrays of the layer's dtype; a list or tuple of arrays becomes a list of them."""
        kind = type(self).__name__
        if not isinstance(inputs, list | tuple) or not any(isinstance(x, np.ndarray) for x in inputs):
            return given.array(kind, inputs, self.dtype)
        if not self.several_inputs:
            raise ValueError(f"{kind} takes one array; got a list of {len(inputs)}. Join them first, or take one")
        return [given.array(kind, x, self.dtype) for x in inputs]

    def build(self, input_shape):
        """Create the weights for inputs of this shape. Layers without weights need none."""
        self.built = True

    def call(self, x):
        raise TypeError(f"{type(self).__name__} does not say how to call it")

    def backward(self, dy):
        raise TypeError(f"{type(self).__name__} has no way back")

    def compute_output_shape(self, input_shape):
        """Shape of the output for inputs of this shape; None stays for sizes not yet known."""
        return tuple(input_shape)

    def compute_mask(self, inputs, mask=None):
        """The mask of the output, given that of the input: the same one, or None if masks are not supported."""
        return mask if self.supports_masking else None

    # --- weights --------------------------------------------------------------------------------------------------

    def add_weight(self, name, shape, initializer, trainable=True, regularizer=None, constraint=None):
        """Create the weight `name`; the order of these calls is the order of get_weights().

        Regularizer and constraint may be names ("l2", "max_norm") or objects."""
        start = initializers.get(initializer)(tuple(shape), initializers.generator())
        weight = np.array(start, self.dtype)
        if weight.shape != tuple(shape):
            kind = type(self).__name__
            raise ValueError(f"{kind}.{name} needs shape {tuple(shape)}; its initializer gave {weight.shape}")
        self.own_weights[name] = weight
        setattr(self, name, weight)
        if not trainable:
            self.frozen.add(name)
        if regularizer is not None:
            self.regularizers[name] = regularizers.get(regularizer)
        if constraint is not None:
            self.constraints[name] = constraints.get(constraint)

    def adopt(self, prefix, layer):
        """Count the weights of a built inner layer among this one's, as "prefix/name".

        Call it in build, after the layer's own weights; `gather` brings the gradients over after backward."""
        self.sublayers[prefix] = layer
        for name, weight in layer.weights.items():
            self.own_weights[f"{prefix}/{name}"] = weight
        self.frozen |= {f"{prefix}/{name}" for name in layer.weights if name not in layer.trainable_weights}
        self.regularizers.update({f"{prefix}/{name}": r for name, r in layer.regularizers.items()})
        self.constraints.update({f"{prefix}/{name}": c for name, c in layer.constraints.items()})

    def gather(self):
        """The gradients of all adopted layers, under the names their weights have here."""
        return {f"{prefix}/{name}": g for prefix, layer in self.sublayers.items() for name, g in layer.grads.items()}

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
        kind = type(self).__name__
        if not np.iterable(values):
            raise TypeError(f"{kind}.set_weights takes a list of arrays, as get_weights() gives it; got {values!r:.60}")
        values = [np.asarray(v) for v in values]
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

    # --- penalties and constraints --------------------------------------------------------------------------------

    @property
    def losses(self):
        """The penalties of the weights and of the last output, as numbers to be added to the loss."""
        trainable = self.trainable_weights
        return [
            *self.activity_losses(),
            *(r(trainable[name]) for name, r in self.regularizers.items() if name in trainable),
        ]

    def activity_losses(self):
        inner = [loss for layer in self.sublayers.values() for loss in layer.activity_losses()]
        return [self.activity_regularizer(y) / max(1, len(y)) for y in self.regularized or []] + inner

    def add_penalties(self):
        """Add the gradient of the weights' penalties to `grads`: once, after backward."""
        for name, w in self.trainable_weights.items():
            if name in self.regularizers:
                self.grads[name] = self.grads[name] + self.regularizers[name].gradient(w)

    def apply_constraints(self):
        """Bring the weights back into what their constraints allow: after every update."""
        for name, constraint in self.constraints.items():
            self.weights[name][...] = constraint(self.weights[name])

    def count_params(self):
        """How many numbers the weights hold."""
        if not self.built:
            raise ValueError(f"{type(self).__name__} has no weights yet: call it once, or build(input_shape)")
        return sum(w.size for w in self.weights.values())


def marks_built(build):
    """A build after which the layer knows that it is built, whoever called it."""

    @functools.wraps(build)
    def whole(self, *args, **kwargs):
        build(self, *args, **kwargs)
        self.built = True

    return whole
