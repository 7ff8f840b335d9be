"""From whole numbers to vectors: Embedding looks rows up in a table.

Source: https://keras.io/api/layers/core_layers/embedding/ ; Bengio et al. 2003
"""

import numpy as np

from . import arguments, initializers
from .base import Layer
from .constants import through_float32


class Embedding(Layer):
    """y = E[ids]: whole numbers (...) in 0 .. input_dim - 1 -> y (..., output_dim), with the table E as `embeddings`.

    The same as one-hot rows times E, without the zeros. Back: dE[i] = the sum of dy wherever the id is i; the ids
    themselves have no gradient (None). mask_zero: id 0 is padding, and compute_mask says so to the layers that follow;
    its row is an ordinary one. weights: the table to start from.
    ValueError for ids that are not whole or not in the table: Keras takes -1 for the last row, which hides mistakes.
    """

    def __init__(self, input_dim, output_dim, embeddings_initializer="uniform", embeddings_regularizer=None,
                 embeddings_constraint=None, mask_zero=False, weights=None, lora_rank=None, lora_alpha=None,
                 quantization_config=None, **options):  # fmt: skip
        super().__init__(**options)
        self.refuse("low-rank fine-tuning is left to Keras", lora_rank=lora_rank, lora_alpha=lora_alpha)
        self.refuse("weights stay floating-point numbers", quantization_config=quantization_config)
        self.input_dim = arguments.whole("Embedding", "input_dim", input_dim)
        self.output_dim = arguments.whole("Embedding", "output_dim", output_dim)
        self.of_table = initializers.get(embeddings_initializer), embeddings_regularizer, embeddings_constraint
        self.mask_zero = self.supports_masking = arguments.flag("Embedding", "mask_zero", mask_zero)
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, list) and len(weights) == 1 else [weights])

    def cast(self, inputs):
        try:
            ids = np.asarray(inputs)
        except ValueError as error:
            raise ValueError("Embedding takes rows of equal length: pad the shorter ones, say with 0") from error
        if ids.dtype.kind == "f" and np.all(ids == np.floor(ids)) and np.all(np.isfinite(ids)):
            ids = ids.astype(np.int64)
        if ids.dtype.kind not in "iu":
            raise ValueError(f"Embedding takes whole numbers, the ids of rows; got {ids.dtype} {str(ids)[:60]}")
        return ids if ids.dtype in (np.int32, np.int64) else ids.astype(np.int64)

    def build(self, input_shape=None):
        if not self.built:
            initializer, regularizer, constraint = self.of_table
            shape = (self.input_dim, self.output_dim)
            self.add_weight("embeddings", shape, initializer, True, regularizer, constraint)

    def call(self, ids):
        if ids.size and not 0 <= ids.min() <= ids.max() < self.input_dim:
            raise ValueError(
                f"Embedding has rows 0 to {self.input_dim - 1}; got ids from {ids.min()} to {ids.max()}. "
                "input_dim must be larger than the largest id"
            )
        self.ids = ids
        return self.embeddings[ids]

    def backward(self, dy):
        dE = np.zeros_like(self.embeddings)
        # Number by number in the flat table: np.add.at is five times slower for whole rows.
        places = self.ids.reshape(-1, 1) * self.output_dim + np.arange(self.output_dim)
        np.add.at(dE.reshape(-1), places.ravel(), dy.ravel())
        self.grads = {"embeddings": dE}
        return None

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.output_dim)

    def compute_mask(self, inputs, mask=None):
        return self.cast(inputs) != 0 if self.mask_zero else None


class Masking(Layer):
    """y = x, with 0 for every step at which all features equal mask_value: x (B, T, features) -> the same shape.

    compute_mask (B, T) is False at those steps, and recurrent layers then pass over them. Back: nothing flows there.
    As in Keras, mask_value counts as float32 in float64 layers too: there 0.1 is not the float64 0.1.
    """

    supports_masking = True

    def __init__(self, mask_value=0.0, **options):
        super().__init__(**options)
        if not np.isscalar(mask_value) or isinstance(mask_value, str):
            raise ValueError(f"Masking: mask_value is a number; got {mask_value!r}")
        self.mask_value = mask_value

    def compute_mask(self, inputs, mask=None):
        return np.any(self.cast(inputs) != self.dtype.type(through_float32(self.mask_value)), axis=-1)

    def call(self, x):
        self.seen = self.compute_mask(x)[..., None]
        return np.where(self.seen, x, self.dtype.type(0))

    def backward(self, dy):
        return np.where(self.seen, dy, self.dtype.type(0))
