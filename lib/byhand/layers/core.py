"""The plain layers: Dense, Identity, Lambda, and the input's shape.

Source: https://keras.io/api/layers/core_layers/
"""

import inspect
import math

import numpy as np

from . import activations, arguments, initializers
from .base import Layer
from .symbols import Call, Symbolic


class Dense(Layer):
    """y = f(x W + b): x (B, ..., features) -> y (B, ..., units), with W (features, units) and b (units,).

    Back: dz = f'(z) dy, dW = x^T dz, db = sum dz, dx = dz W^T, where all axes before the last count as rows.
    ValueError if x has fewer than two axes or another number of features than at the first call.
    """

    supports_masking = True

    def __init__(self, units, activation=None, use_bias=True, kernel_initializer="glorot_uniform",
                 bias_initializer="zeros", kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, bias_constraint=None, lora_rank=None, lora_alpha=None,
                 quantization_config=None, **options):  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **options)
        self.refuse("low-rank fine-tuning is left to Keras", lora_rank=lora_rank, lora_alpha=lora_alpha)
        self.refuse("weights stay floating-point numbers", quantization_config=quantization_config)
        self.units = arguments.whole(type(self).__name__, "units", units)
        self.activation, self.use_bias = activations.get(activation), use_bias
        self.of_kernel = initializers.get(kernel_initializer), kernel_regularizer, kernel_constraint
        self.of_bias = initializers.get(bias_initializer), bias_regularizer, bias_constraint

    def build(self, input_shape):
        features = self.check_input(input_shape)[-1]
        initializer, regularizer, constraint = self.of_kernel
        self.add_weight("kernel", (features, self.units), initializer, True, regularizer, constraint)
        self.bias = None
        if self.use_bias:
            initializer, regularizer, constraint = self.of_bias
            self.add_weight("bias", (self.units,), initializer, True, regularizer, constraint)

    def check_input(self, shape):
        if isinstance(shape, list) or len(shape) < 2 or shape[-1] is None:
            raise ValueError(f"Dense takes (batch, ..., features); got shape {shape}")
        if self.built and shape[-1] != len(self.kernel):
            raise ValueError(f"Dense was built for {len(self.kernel)} features; got shape {shape}")
        return shape

    def call(self, x):
        self.check_input(x.shape)
        self.x = x
        z = as_rows(x) @ self.kernel
        if self.use_bias:
            z += self.bias
        self.z = z.reshape(*x.shape[:-1], self.units)
        self.y = self.activation(self.z)
        return self.y

    def backward(self, dy):
        dz = as_rows(activations.backward(self.activation, dy, self.z, self.y))
        self.grads = {"kernel": as_rows(self.x).T @ dz}
        if self.use_bias:
            self.grads["bias"] = np.ones(len(dz), dz.dtype) @ dz
        if self.skip_input_gradient:
            return None
        return (dz @ self.kernel.T).reshape(self.x.shape)

    def compute_output_shape(self, input_shape):
        return activations.output_shape(self.activation, (*self.check_input(input_shape)[:-1], self.units))


def as_rows(a):
    """a (B, ..., n) as a matrix (B ..., n); a view."""
    return a.reshape(math.prod(a.shape[:-1]), a.shape[-1])


class Identity(Layer):
    """y = x, for one input or a list of them."""

    supports_masking = several_inputs = True

    def call(self, x):
        return x

    def backward(self, dy):
        return dy

    def compute_output_shape(self, input_shape):
        return input_shape


class Lambda(Layer):
    """y = function(x, **arguments) for any function on arrays; it gets training and mask if it names them.

    Backward needs the function's derivative, registered once: activations.derivative(function) above a
    (dy, x, y, **arguments) -> dx. output_shape: without the batch axis, or a function of the input shape; otherwise
    found by trying. mask: the mask of the output, or a function of (x, mask).
    """

    several_inputs = True

    def __init__(self, function, output_shape=None, mask=None, arguments=None, **options):
        super().__init__(**options)
        if not callable(function):
            raise TypeError(f"Lambda takes a function; got {function!r}")
        self.function, self.output_shape, self.mask, self.arguments = function, output_shape, mask, arguments or {}
        self.supports_masking = mask is not None
        named = inspect.signature(function).parameters
        self.wants = {"training": "training" in named, "mask": "mask" in named}

    def call(self, x, mask=None, training=None):
        given = {"training": training, "mask": mask}
        self.given = {**self.arguments, **{name: given[name] for name, wanted in self.wants.items() if wanted}}
        self.x = x
        self.y = self.function(x, **self.given)
        return self.y

    def backward(self, dy):
        return activations.backward(self.function, dy, self.x, self.y, **self.given)

    def compute_output_shape(self, input_shape):
        if callable(self.output_shape):
            return tuple(self.output_shape(input_shape))
        if self.output_shape is not None:
            batch = input_shape[0][0] if isinstance(input_shape, list) else input_shape[0]
            return (batch, *np.atleast_1d(self.output_shape).tolist())
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        if any(n is None for shape in shapes for n in shape[1:]):
            raise ValueError(f"Lambda cannot try its function on shape {input_shape}; give it output_shape")
        unknown = shapes[0][0] is None
        zeros = [np.zeros((1 if unknown else shape[0], *shape[1:]), self.dtype) for shape in shapes]
        y = self.call(zeros if isinstance(input_shape, list) else zeros[0])
        return (None, *y.shape[1:]) if unknown else y.shape

    def compute_mask(self, inputs, mask=None):
        return self.mask(inputs, mask) if callable(self.mask) else self.mask


class InputLayer(Layer, Symbolic):
    """Where data comes in: checks that x fits `shape` (without the batch axis) and passes it on.

    None in a shape stands for any size. dtype may be an integer type, for ids. ValueError for x of another shape.
    """

    supports_masking = True

    def __init__(self, shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None,
                 input_tensor=None, optional=False, name=None, **options):  # fmt: skip
        super().__init__(name=name, **options)
        self.refuse(
            "inputs are plain arrays", sparse=sparse, ragged=ragged, input_tensor=input_tensor, optional=optional
        )
        if (shape is None) == (batch_shape is None):
            raise ValueError(
                f"{self.name}: give either shape or batch_shape; got shape={shape}, batch_shape={batch_shape}"
            )
        if batch_size is not None and batch_shape is not None:
            raise ValueError(f"{self.name}: batch_shape already holds the batch size; got batch_size={batch_size} too")
        given = batch_shape if shape is None else shape
        if not isinstance(given, tuple | list):
            raise ValueError(f"{self.name}: a shape is a tuple such as ({given},); got {given!r}")
        sizes = tuple(given) if shape is None else (batch_size, *given)
        self.batch_shape = tuple(n if n is None else arguments.whole(self.name, "each size", n, 0) for n in sizes)
        self.dtype, self.built = np.dtype(dtype or "float32"), True
        self.symbol = Call(self, [], False, {}).give(self.batch_shape)

    def call(self, x):
        fits = len(x.shape) == len(self.batch_shape) and all(
            wanted in (None, n) for wanted, n in zip(self.batch_shape, x.shape)
        )
        if not fits:
            raise ValueError(
                f"{self.name} takes arrays of shape {self.batch_shape}, None being any size; got {x.shape}"
            )
        return x

    def backward(self, dy):
        return dy

    def compute_output_shape(self, input_shape=None):
        return self.batch_shape


def Input(shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None, name=None, tensor=None,
          optional=False):  # fmt: skip
    """The InputLayer for arrays of `shape`, which leaves out the batch axis.

    The first layer of a Sequential; or what other layers are called on, to be joined to a graph by Model."""
    return InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name)
