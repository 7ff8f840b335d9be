"""A dense layer whose sum is spelled out by an equation: any axes of the input against any axes of the kernel.

Source: https://keras.io/api/layers/core_layers/einsum_dense/
"""

import re

import numpy as np

from . import activations, initializers
from .base import Layer


class EinsumDense(Layer):
    """y = f(einsum(equation, x, kernel) + bias); "abc,cd->abd" is Dense, "abc,cde->abde" gives it several heads.

    equation: letters of x, of the kernel and of y, "..." for axes that stay as they are (first or last).
    output_shape: the sizes of y behind the batch axis and without those of "..."; None where x gives the size.
    bias_axes: the letters of y that have a bias of their own. Back: the same equation, read towards x and the kernel.
    ValueError for equations and shapes that do not fit.
    """

    def __init__(self, equation, output_shape, activation=None, bias_axes=None, kernel_initializer="glorot_uniform",
                 bias_initializer="zeros", kernel_regularizer=None, bias_regularizer=None, kernel_constraint=None,
                 bias_constraint=None, lora_rank=None, lora_alpha=None, gptq_unpacked_column_size=None,
                 quantization_config=None, **options):  # fmt: skip
        super().__init__(**options)
        self.refuse("low-rank fine-tuning is left to Keras", lora_rank=lora_rank, lora_alpha=lora_alpha)
        self.refuse("weights stay floating-point numbers", quantization_config=quantization_config,
                    gptq_unpacked_column_size=gptq_unpacked_column_size)  # fmt: skip
        self.equation, self.bias_axes, self.activation = equation, bias_axes, activations.get(activation)
        self.output_sizes = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.of_kernel = initializers.get(kernel_initializer), kernel_regularizer, kernel_constraint
        self.of_bias = initializers.get(bias_initializer), bias_regularizer, bias_constraint
        letters = "([a-zA-Z]+)"
        for pattern in (
            f"{letters},{letters}->{letters}",
            rf"\.\.\.{letters},{letters}->\.\.\.{letters}",
            rf"{letters}\.\.\.,{letters}->{letters}\.\.\.",
        ):
            if found := re.fullmatch(pattern, equation):
                self.of_x, self.of_kernel_axes, self.of_y = found.groups()
                return
        raise ValueError(
            f"EinsumDense: equations read 'ab,bc->ac', '...ab,bc->...ac' or 'ab...,bc->ac...'; got {equation!r}"
        )

    def sizes(self, input_shape):
        """The size of every letter. The batch axis is the first of x and of y, a letter or among the '...'."""
        shape, leading = tuple(input_shape), self.equation.startswith("...")
        extra = len(shape) - len(self.of_x)
        if extra < 0 or (extra > 0) != ("..." in self.equation):
            raise ValueError(f"EinsumDense: {self.equation!r} does not fit an input of shape {shape}")
        size = dict(zip(self.of_x, shape[extra:] if leading else shape))
        wanted = zip(self.of_y if leading else self.of_y[1:], self.output_sizes, strict=False)
        if len(self.output_sizes) != len(self.of_y) - (not leading):
            raise ValueError(f"EinsumDense: output_shape {self.output_sizes} does not fit {self.equation!r}")
        for letter, n in wanted:
            if size.get(letter, n) != n and n is not None and size[letter] is not None:
                raise ValueError(
                    f"EinsumDense: axis {letter!r} has size {size[letter]} in the input, {n} in output_shape"
                )
            size[letter] = n if size.get(letter) is None else size[letter]
        unknown = set(self.of_kernel_axes + self.of_y) - set(size)
        if unknown or any(size[letter] is None for letter in self.of_kernel_axes):
            raise ValueError(f"EinsumDense: {self.equation!r} leaves a size of the kernel open for input shape {shape}")
        return size

    def build(self, input_shape):
        size, self.rank = self.sizes(input_shape), len(input_shape)
        initializer, regularizer, constraint = self.of_kernel
        if isinstance(initializer, initializers.VarianceScaling) and initializer.input_axes is None:
            given = [i for i, letter in enumerate(self.of_kernel_axes) if letter not in self.of_y]
            made = [i for i, letter in enumerate(self.of_kernel_axes) if letter in self.of_y]
            initializer = initializers.VarianceScaling(
                initializer.scale, initializer.mode, initializer.distribution, initializer.seed, given, made
            )
        self.add_weight("kernel", [size[i] for i in self.of_kernel_axes], initializer, True, regularizer, constraint)
        self.bias = None
        if self.bias_axes:
            if not set(self.bias_axes) <= set(self.of_y):
                raise ValueError(f"EinsumDense: bias_axes {self.bias_axes!r} are letters of the output {self.of_y!r}")
            behind = self.of_y[min(map(self.of_y.index, self.bias_axes)) :]
            shape = [size[i] if i in self.bias_axes else 1 for i in behind]
            shape += [1] * (self.rank - len(self.of_x)) * self.equation.endswith("...")
            initializer, regularizer, constraint = self.of_bias
            self.add_weight("bias", shape, initializer, True, regularizer, constraint)

    def call(self, x):
        size = self.sizes(x.shape)
        if [size[i] for i in self.of_kernel_axes] != list(self.kernel.shape):
            raise ValueError(f"EinsumDense was built for a kernel {self.kernel.shape}; got shape {x.shape}")
        self.x = x
        self.z = einsum(self.equation, x, self.kernel)
        self.z = self.z if self.bias is None else self.z + self.bias
        self.y = self.activation(self.z)
        return self.y

    def backward(self, dy):
        dz = activations.backward(self.activation, dy, self.z, self.y)
        x, rest = self.equation.split(",")
        kernel, y = rest.split("->")
        self.grads = {"kernel": einsum(f"{y},{x}->{kernel}", dz, self.x)}
        if self.bias is not None:
            summed = dz.sum(axis=tuple(range(dz.ndim - self.bias.ndim)))
            ones = tuple(i for i, n in enumerate(self.bias.shape) if n == 1)
            self.grads["bias"] = summed.sum(axis=ones, keepdims=True)
        # A letter of x alone was summed over: every place along it gets the same gradient.
        alone = [i for i in self.of_x if i not in kernel + y]
        remaining = re.sub("|".join(alone), "", x) if alone else x
        found = einsum(f"{y},{kernel}->{remaining}", dz, self.kernel)
        start = self.rank - len(self.of_x) if x.startswith("...") else 0
        for i in alone:
            found = np.expand_dims(found, start + self.of_x.index(i))
        return found if not alone else np.broadcast_to(found, self.x.shape).copy()

    def compute_output_shape(self, input_shape):
        size, shape = self.sizes(input_shape), tuple(input_shape)
        letters, extra = [size[i] for i in self.of_y], len(shape) - len(self.of_x)
        if self.equation.startswith("..."):
            return (*shape[:extra], *letters)
        return (*letters, *shape[len(self.of_x) :])


def einsum(equation, a, b):
    """np.einsum, for more than a few numbers as a matrix product: then it is worth the detour. With "..." it sums over
    unnamed axes only on that road."""
    of_a, of_b, of_y = re.split(",|->", equation)
    # NumPy multiplies the last by the first: in this order y needs no turning round afterwards.
    return np.einsum(f"{of_b},{of_a}->{of_y}", b, a, optimize=a.size > 1000 or "..." in equation)
