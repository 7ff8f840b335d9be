"""The simplest recurrent layer: a Dense layer that also reads its own last output.

Source: Elman 1990, "Finding structure in time"; https://keras.io/api/layers/recurrent_layers/simple_rnn/
"""

from dataclasses import dataclass

import numpy as np

from . import activations
from .product_cell import ProductCell
from .recurrent import RNN


@dataclass(slots=True)
class SimpleRNNStep:
    """One step: z and h (B, u), the h before it, and after backward dh."""

    z: np.ndarray
    h: np.ndarray
    h_old: np.ndarray
    dh: np.ndarray = None


class SimpleRNNCell(ProductCell):
    """One step: x (B, features), state h (B, u) -> h = activation(x W + h U + b), [h].

    Weights: kernel (features, u), recurrent_kernel (u, u), bias (u).
    Raises ValueError for units below 1, TypeError for arguments of a wrong type.
    """

    def __init__(self, units, activation="tanh", use_bias=True, kernel_initializer="glorot_uniform",
                 recurrent_initializer="orthogonal", bias_initializer="zeros", kernel_regularizer=None,
                 recurrent_regularizer=None, bias_regularizer=None, kernel_constraint=None, recurrent_constraint=None,
                 bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, seed=None,
                 **kwargs):  # fmt: skip
        super().__init__(
            units, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint,
            dropout=dropout, recurrent_dropout=recurrent_dropout, seed=seed, **kwargs)  # fmt: skip

    def drops(self, rate):
        return rate > 0

    def step(self, z, h_old):
        z = z + self.recur(h_old)  # z is x W + b already; this adds h U
        h = self.activation(z)
        return h, [h], SimpleRNNStep(z, h, h_old)

    def step_back(self, dy, dstates, kept):
        kept.dh = dy + dstates[0]
        dz = activations.backward(self.activation, kept.dh, kept.z, kept.h)
        return dz, [self.recur_back(dz)]


class SimpleRNN(RNN):
    """x (B, T, features) -> the last h (B, u), or with return_sequences every h (B, T, u); see RNN for the rest.

    h = activation(x W + h U + b). After a call: steps, a list of SimpleRNNStep; after backward each also has dh.
    """

    def __init__(self, units, activation="tanh", use_bias=True, kernel_initializer="glorot_uniform",
                 recurrent_initializer="orthogonal", bias_initializer="zeros", kernel_regularizer=None,
                 recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
                 recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0,
                 return_sequences=False, return_state=False, go_backwards=False, stateful=False, unroll=False,
                 seed=None, **kwargs):  # fmt: skip
        cell = SimpleRNNCell(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, dtype=kwargs.get("dtype"))  # fmt: skip
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful, unroll,
                         activity_regularizer=activity_regularizer, **kwargs)  # fmt: skip
        self.units = cell.units
