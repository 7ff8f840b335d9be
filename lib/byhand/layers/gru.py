"""The GRU: an update gate mixes the old state with a candidate, a reset gate says how much of it the candidate sees.

Source: Cho et al. 2014 (reset before the product); https://keras.io/api/layers/recurrent_layers/gru/
"""

from dataclasses import dataclass

import numpy as np

from . import arguments
from .activations import backward as slope
from .activations import sigmoid, tanh
from .product_cell import (
    ProductCell,
    by_gate,
    by_gate_back,
    elementwise,
    kernel_gradient,
    product,
    product_back,
    sum_rows,
)
from .recurrent import RNN


@dataclass(slots=True)
class GRUStep:
    """One step: a (B, 3, u), what becomes z, r, g; the gates, g and h (B, u); seen, the part of h that g reads (hU + b,
    or r h with reset_after=False); after backward dh, the whole gradient of h, and du, that of h U."""

    a: np.ndarray
    z: np.ndarray
    r: np.ndarray
    g: np.ndarray
    h: np.ndarray
    h_old: np.ndarray
    seen: np.ndarray
    dh: np.ndarray = None
    du: np.ndarray = None


def gru_step(x, u, h_old, phi=tanh, sigma=sigmoid):
    """x = xW + b and u = hU + b, both (B, 3u) in the order z, r, g; the old h (B, u) -> GRUStep."""
    n = h_old.shape[-1]
    a, u = x.reshape(-1, 3, n).copy(), u.reshape(-1, 3, n)
    a[:, :2] += u[:, :2]
    s = sigma(a[:, :2])  # one call for both gates
    z, r = s[:, 0], s[:, 1]
    a[:, 2] += r * u[:, 2]
    g = phi(a[:, 2])
    h = z * h_old + (1 - z) * g
    return GRUStep(a, z, r, g, h, h_old, u[:, 2])


def gru_step_back(dh, step, phi=tanh, sigma=sigmoid):
    """Gradient of the new h -> gradients of x and u, both (B, 3u), and of the old h where it is mixed in."""
    a, z, r = step.a, step.z, step.r
    dx = np.empty_like(a)
    dx[:, 0] = slope(sigma, dh * (step.h_old - step.g), a[:, 0], z)
    dx[:, 2] = slope(phi, dh * (1 - z), a[:, 2], step.g)
    dx[:, 1] = slope(sigma, dx[:, 2] * step.seen, a[:, 1], r)
    du = dx.copy()
    du[:, 2] *= r
    columns = 3 * dh.shape[-1]
    return dx.reshape(-1, columns), du.reshape(-1, columns), dh * z


class GRUCell(ProductCell):
    """One step of a GRU: x (B, features), state h (B, u) -> h, [h].

    Weights: kernel (features, 3u), recurrent_kernel (u, 3u), their columns in the order z, r, h; bias (2, 3u), a
    row for x and a row for h, or (3u) with reset_after=False. reset_after: the reset gate scales h U + b; without
    it, it scales h before the product, as in the paper.
    Raises ValueError for units below 1, TypeError for arguments of a wrong type.
    """

    gates = 3

    def __init__(self, units, activation="tanh", recurrent_activation="sigmoid", use_bias=True,
                 kernel_initializer="glorot_uniform", recurrent_initializer="orthogonal", bias_initializer="zeros",
                 kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None,
                 kernel_constraint=None, recurrent_constraint=None, bias_constraint=None,
                 dropout=0.0, recurrent_dropout=0.0, reset_after=True, seed=None, **kwargs):  # fmt: skip
        super().__init__(
            units, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint,
            dropout=dropout, recurrent_dropout=recurrent_dropout, seed=seed, **kwargs)  # fmt: skip
        self.recurrent_activation = elementwise(type(self).__name__, "recurrent_activation", recurrent_activation)
        self.reset_after = arguments.flag(type(self).__name__, "reset_after", reset_after)

    def bias_shape(self):
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def project(self, x):
        z = by_gate(product, self.mask, x, self.kernel)
        if self.bias is not None:
            z += self.bias[0] if self.reset_after else self.bias
        return z

    def recur(self, h, gates=slice(3)):
        """h U for a slice of the gates z, r, h."""
        mask = None if self.recurrent_mask is None else self.recurrent_mask[gates]
        return by_gate(product, mask, h, self.block(gates))

    def recur_back(self, du, gates=slice(3)):
        mask = None if self.recurrent_mask is None else self.recurrent_mask[gates]
        return by_gate_back(product_back, mask, du, self.block(gates))

    def block(self, gates):
        n = self.units
        return self.recurrent_kernel[:, n * (gates.start or 0) : n * gates.stop]

    def step(self, x, h):
        if not self.reset_after:
            return self.step_reset_first(x, h)
        u = self.recur(h)
        if self.bias is not None:
            u += self.bias[1]
        kept = gru_step(x, u, h, self.activation, self.recurrent_activation)
        return kept.h, [kept.h], kept

    def step_back(self, dy, dstates, kept):
        dh = kept.dh = dy + dstates[0]
        if not self.reset_after:
            return self.step_reset_first_back(dh, kept)
        dx, kept.du, dh_old = gru_step_back(dh, kept, self.activation, self.recurrent_activation)
        return dx, [dh_old + self.recur_back(kept.du)]

    def step_reset_first(self, x, h_old):
        a = x.reshape(-1, 3, self.units).copy()
        a[:, :2] += self.recur(h_old, slice(0, 2)).reshape(-1, 2, self.units)
        z, r = self.recurrent_activation(a[:, 0]), self.recurrent_activation(a[:, 1])
        seen = r * h_old
        a[:, 2] += self.recur(seen, slice(2, 3))
        g = self.activation(a[:, 2])
        h = z * h_old + (1 - z) * g
        return h, [h], GRUStep(a, z, r, g, h, h_old, seen)

    def step_reset_first_back(self, dh, kept):
        a, z, r, h_old = kept.a, kept.z, kept.r, kept.h_old
        dx = np.empty_like(a)
        dx[:, 0] = slope(self.recurrent_activation, dh * (h_old - kept.g), a[:, 0], z)
        dx[:, 2] = slope(self.activation, dh * (1 - z), a[:, 2], kept.g)
        dseen = self.recur_back(dx[:, 2], slice(2, 3))
        dx[:, 1] = slope(self.recurrent_activation, dseen * h_old, a[:, 1], r)
        kept.du = dx = dx.reshape(-1, 3 * self.units)
        through_gates = self.recur_back(dx[:, : 2 * self.units], slice(0, 2))
        return dx, [dh * z + dseen * r + through_gates]

    def collect(self, x, dx, kept):
        h, du = np.stack([k.h_old for k in kept]), np.stack([k.du for k in kept])
        self.grads = {
            "kernel": by_gate(kernel_gradient, self.mask, x, dx),
            "recurrent_kernel": by_gate(kernel_gradient, self.recurrent_mask, h, du),
        }
        if not self.reset_after:  # the candidate's block read r h instead of h
            seen, n = np.stack([k.seen for k in kept]), 2 * self.units
            mask = None if self.recurrent_mask is None else self.recurrent_mask[2:]
            self.grads["recurrent_kernel"][:, n:] = by_gate(kernel_gradient, mask, seen, du[..., n:])
        if self.bias is not None:
            self.grads["bias"] = np.stack([sum_rows(dx), sum_rows(du)]) if self.reset_after else sum_rows(dx)


class GRU(RNN):
    """x (B, T, features) -> the last h (B, u), or with return_sequences every h (B, T, u); see RNN for the rest.

    z = sigma(xW_z + hU_z + b_z), r = sigma(xW_r + hU_r + b_r), g = tanh(xW_h + b + r (hU_h + b')) and
    h = z h_old + (1 - z) g.
    Weights and reset_after: see GRUCell. After a call: steps, a list of GRUStep; after backward each also has dh.
    """

    def __init__(self, units, activation="tanh", recurrent_activation="sigmoid", use_bias=True,
                 kernel_initializer="glorot_uniform", recurrent_initializer="orthogonal", bias_initializer="zeros",
                 kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, recurrent_constraint=None, bias_constraint=None,
                 dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False, return_state=False,
                 go_backwards=False, stateful=False, unroll=False, reset_after=True, use_cudnn="auto",
                 **kwargs):  # fmt: skip
        if use_cudnn is not False and use_cudnn != "auto":
            self.refuse("this is NumPy, leave it at 'auto'", use_cudnn=use_cudnn)
        cell = GRUCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint,
            recurrent_constraint, bias_constraint, dropout, recurrent_dropout, reset_after, seed,
            dtype=kwargs.get("dtype"))  # fmt: skip
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful, unroll,
                         activity_regularizer=activity_regularizer, **kwargs)  # fmt: skip
        self.units = cell.units
