"""The LSTM: a cell state c that gates may keep, add to and show.

Source: Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000; https://keras.io/api/layers/recurrent_layers/lstm/
"""

from dataclasses import dataclass

import numpy as np

from . import arguments
from .activations import backward as slope
from .activations import sigmoid, tanh
from .product_cell import ProductCell, elementwise
from .recurrent import RNN


@dataclass(slots=True)
class LSTMStep:
    """One step: z (B, 4, u) in the order i, f, g, o; gates, c and h (B, u); after backward also dc and dh, (B, u)."""

    z: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    h: np.ndarray
    c_old: np.ndarray
    squashed_c: np.ndarray
    h_old: np.ndarray = None
    dc: np.ndarray = None
    dh: np.ndarray = None


def lstm_step(z, c_old, phi=tanh, sigma=sigmoid):
    """z = xW + hU + b (B, 4u) and the old c (B, u) -> LSTMStep with the gates, the new c and the new h."""
    # Keras' order: i, f, g, o. One call of sigma is faster than three; g's is not used.
    z = z.reshape(*c_old.shape[:-1], 4, c_old.shape[-1])
    s = sigma(z)
    i, f, o = s[..., 0, :], s[..., 1, :], s[..., 3, :]
    g = phi(z[..., 2, :])
    c = f * c_old + i * g
    squashed_c = phi(c)
    h = o * squashed_c
    return LSTMStep(z, i, f, g, o, c, h, c_old, squashed_c)


def lstm_step_back(dh, dc, step, phi=tanh, sigma=sigmoid):
    """Gradients of the new h and c -> dz (B, 4u) and the gradient of the old c."""
    z, i, f, g, o = step.z, step.i, step.f, step.g, step.o
    # c is used twice: by the next step, and by h.
    dc = dc + slope(phi, dh * o, step.c, step.squashed_c)
    dz = np.empty_like(z)
    dz[..., 0, :] = slope(sigma, dc * g, z[..., 0, :], i)
    dz[..., 1, :] = slope(sigma, dc * step.c_old, z[..., 1, :], f)
    dz[..., 2, :] = slope(phi, dc * i, z[..., 2, :], g)
    dz[..., 3, :] = slope(sigma, dh * step.squashed_c, z[..., 3, :], o)
    step.dh, step.dc = dh, dc
    return dz.reshape(*dz.shape[:-2], 4 * dz.shape[-1]), dc * f


class LSTMCell(ProductCell):
    """One step of an LSTM: x (B, features), states h and c (B, u) -> h, [h, c].

    Weights: kernel (features, 4u), recurrent_kernel (u, 4u), bias (4u), their columns in the order i, f, c, o.
    unit_forget_bias starts the forget gate's bias at 1, whatever bias_initializer says of the others.
    activation squashes the candidate and the output, recurrent_activation the three gates.
    Raises ValueError for units below 1, TypeError for arguments of a wrong type.
    """

    gates = 4

    def __init__(self, units, activation="tanh", recurrent_activation="sigmoid", use_bias=True,
                 kernel_initializer="glorot_uniform", recurrent_initializer="orthogonal", bias_initializer="zeros",
                 unit_forget_bias=True, kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None,
                 kernel_constraint=None, recurrent_constraint=None, bias_constraint=None,
                 dropout=0.0, recurrent_dropout=0.0, seed=None, **kwargs):  # fmt: skip
        super().__init__(
            units, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint,
            dropout=dropout, recurrent_dropout=recurrent_dropout, seed=seed, **kwargs)  # fmt: skip
        self.recurrent_activation = elementwise(type(self).__name__, "recurrent_activation", recurrent_activation)
        self.unit_forget_bias = arguments.flag(type(self).__name__, "unit_forget_bias", unit_forget_bias)
        self.state_size = [self.units, self.units]

    def start_bias(self, shape, rng):
        u = self.units
        if not self.unit_forget_bias:
            return self.bias_initializer(shape, rng)
        return np.concatenate([self.bias_initializer((u,), rng), np.ones(u), self.bias_initializer((2 * u,), rng)])

    def step(self, z, h, c):
        z = z + self.recur(h)  # z is x W + b already; this adds h U
        kept = lstm_step(z, c, self.activation, self.recurrent_activation)
        kept.h_old = h
        return kept.h, [kept.h, kept.c], kept

    def step_back(self, dy, dstates, kept):
        dh, dc = dy + dstates[0], dstates[1]
        dz, dc_old = lstm_step_back(dh, dc, kept, self.activation, self.recurrent_activation)
        return dz, [self.recur_back(dz), dc_old]


class LSTM(RNN):
    """x (B, T, features) -> the last h (B, u), or with return_sequences every h (B, T, u); see RNN for the rest.

    z = x W + h U + b, cut into four; i, f, o = sigma(z_i), sigma(z_f), sigma(z_o); g = tanh(z_g);
    c = f c_old + i g; h = o tanh(c). Weights and activations: see LSTMCell.
    After a call: steps, a list of LSTMStep in the order of reading; after backward each also has dh and dc, the whole
    gradients of its h and c. Raises ValueError or TypeError for what does not fit.
    """

    def __init__(self, units, activation="tanh", recurrent_activation="sigmoid", use_bias=True,
                 kernel_initializer="glorot_uniform", recurrent_initializer="orthogonal", bias_initializer="zeros",
                 unit_forget_bias=True, kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None,
                 activity_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None,
                 dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False, return_state=False,
                 go_backwards=False, stateful=False, unroll=False, use_cudnn="auto", **kwargs):  # fmt: skip
        if use_cudnn is not False and use_cudnn != "auto":
            self.refuse("this is NumPy, leave it at 'auto'", use_cudnn=use_cudnn)
        cell = LSTMCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed,
            dtype=kwargs.get("dtype"))  # fmt: skip
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful, unroll,
                         activity_regularizer=activity_regularizer, **kwargs)  # fmt: skip
        self.units = cell.units
