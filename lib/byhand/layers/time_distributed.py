"""One layer for every step of a sequence, with the same weights and no memory between the steps.

Source: https://keras.io/api/layers/recurrent_layers/time_distributed/
"""

import copy

import numpy as np

from .base import Layer
from .batch_normalization import BatchNormalization


class TimeDistributed(Layer):
    """x (B, T, ...) -> y (B, T, ...): y[:, t] = layer(x[:, t]), the same layer for every t.

    As the steps do not know of each other, they are so many more rows of one batch: x becomes (B T, ...), one call
    serves all steps. Only BatchNormalization in training looks at a whole batch; it takes the steps one by one.
    mask (B, T, ...) goes to the layer, step by step, if it takes one. Weights: the layer's, named "layer/kernel".
    Raises TypeError if `layer` is not a Layer, ValueError for inputs below rank 3, layers with several outputs, and
    stateful layers, whose memory would reach from step to step.
    """

    supports_masking = True

    def __init__(self, layer, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(layer, Layer):
            raise TypeError(f"TimeDistributed takes a layer; got {layer!r}")
        if getattr(layer, "stateful", False):
            raise ValueError("TimeDistributed: a stateful layer is not supported by hand; use stateful=False")
        if getattr(layer, "return_state", False):
            raise ValueError("TimeDistributed takes a layer with one output; use return_state=False")
        self.layer = layer

    def cast(self, inputs):
        return self.layer.cast(inputs)

    def build(self, input_shape):
        self.check_input(input_shape)
        if not self.layer.built:
            self.layer.build((input_shape[0], *input_shape[2:]))
            self.layer.built = True
        self.adopt("layer", self.layer)

    def call(self, x, mask=None, training=False):
        self.check_input([part.shape for part in x] if isinstance(x, list) else x.shape)
        options = {"training": training} if self.layer.takes_training else {}
        mask = self.check_mask(mask, x) if self.layer.takes_mask else None
        self.rows, self.time = x.shape[:2]
        if training and isinstance(self.layer, BatchNormalization):
            return self.step_by_step(x, mask, options)
        self.copies = None
        if mask is not None:
            options["mask"] = fold(mask)
        y = self.layer.call(fold(x), **options)
        return y.reshape(self.rows, self.time, *y.shape[1:])

    def backward(self, dy):
        if self.copies:
            return self.step_by_step_back(dy)
        self.layer.skip_input_gradient = self.skip_input_gradient
        dx = self.layer.backward(fold(dy))
        self.grads = self.gather()
        return None if dx is None else dx.reshape(self.rows, self.time, *dx.shape[1:])

    def step_by_step(self, x, mask, options):
        # A shallow copy shares the weights but remembers its own step.
        self.copies = [copy.copy(self.layer) for _ in range(self.time)]
        masks = [{}] * self.time if mask is None else [{"mask": mask[:, t]} for t in range(self.time)]
        return np.stack([one.call(x[:, t], **masks[t], **options) for t, one in enumerate(self.copies)], axis=1)

    def step_by_step_back(self, dy):
        dx = np.stack([one.backward(dy[:, t]) for t, one in enumerate(self.copies)], axis=1)
        self.layer.grads = {name: sum(one.grads[name] for one in self.copies) for name in self.copies[0].grads}
        self.grads = self.gather()
        return dx

    def compute_output_shape(self, input_shape):
        self.check_input(input_shape)
        batch, time, *rest = input_shape
        batch, *one = self.layer.compute_output_shape((batch, *rest))
        return (batch, time, *one)

    def check_input(self, shape):
        if isinstance(shape, list) or len(shape) < 3:
            raise ValueError(f"TimeDistributed takes one array (batch, time, ...) of rank 3 or more; got shape {shape}")
        if shape[1] == 0:
            raise ValueError(f"TimeDistributed needs at least one step; got shape {shape}")

    def check_mask(self, mask, x):
        mask = None if mask is None else np.asarray(mask)
        if mask is not None and mask.shape[:2] != x.shape[:2]:
            raise ValueError(f"TimeDistributed: mask begins with (batch, time) = {x.shape[:2]}; got shape {mask.shape}")
        return mask


def fold(x):
    """(B, T, ...) as (B T, ...): every step a row of its own."""
    return x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])
