"""Attention: every query takes an average of the values, weighted by how well it fits their keys.

Source: https://keras.io/api/layers/attention_layers/ ; Luong et al. 2015 (dot), Bahdanau et al. 2015 (additive)
"""

import numpy as np

from . import activations, arguments, given
from .base import Layer
from .regularization import Dropout, share
from .windows import blocks

FAR_BELOW = 1e9  # what a masked score loses, so that its share becomes 0


class Attention(Layer):
    """[query, value] or [query, value, key] -> y (B, Tq, dv); without a key the values are their own keys.

    S = q k^T, P = softmax(S) along the keys, y = P v, with q (B, Tq, d), v (B, Tv, dv), k (B, Tv, d). No 1/sqrt(d):
    use_scale learns one factor instead. score_mode "concat": S = w sum_d tanh(q_d + k_d), with a learned w.
    Call: mask=[query_mask (B, Tq), value_mask (B, Tv)], None or True where a step counts: masked values get no share,
    masked queries give 0. use_causal_mask: query t sees keys up to t. return_attention_scores: (y, P) is returned.
    dropout: the part of P that training drops, scaling up the rest. backward gives one gradient for every input.
    ValueError for anything but such a list, and for masks and shapes that do not fit together.
    """

    def __init__(self, use_scale=False, score_mode="dot", dropout=0.0, seed=None, **options):
        super().__init__(**options)
        kind = type(self).__name__
        if score_mode not in ("dot", "concat"):
            raise ValueError(f"{kind}: score_mode is 'dot' or 'concat'; got {score_mode!r}")
        self.use_scale, self.score_mode = arguments.flag(kind, "use_scale", use_scale), score_mode
        self.drop = Dropout(share(kind, "dropout", dropout), seed=seed, dtype=self.dtype)

    def cast(self, inputs):
        if not isinstance(inputs, list):
            raise ValueError(f"{type(self).__name__} takes a list, [query, value] or [query, value, key]")
        return [given.array(type(self).__name__, x, self.dtype) for x in inputs]

    def build(self, input_shape):
        self.check_shapes(input_shape)
        self.scale = self.concat_score_weight = None
        if self.use_scale:
            self.add_weight("scale", (), "ones")
        if self.score_mode == "concat":
            self.add_weight("concat_score_weight", (), "ones")

    def call(self, inputs, mask=None, training=False, return_attention_scores=False, use_causal_mask=False):
        self.check_shapes([x.shape for x in inputs])
        self.q, self.v, self.k = q, v, k = inputs if len(inputs) == 3 else [*inputs, inputs[1]]
        self.own_keys, self.scores_asked = len(inputs) == 3, return_attention_scores
        self.query_mask, value_mask = self.check_mask(mask, q, v)
        S = self.scores(q, k)
        visible = True if value_mask is None else value_mask[..., None, :]
        if use_causal_mask:
            visible = visible & np.tri(*S.shape[-2:], dtype=bool)
        if visible is not True:
            S = np.where(visible, S, S - FAR_BELOW)
        self.P = activations.softmax(S)
        self.kept = self.drop(self.P, training=training)
        y = self.kept @ v
        if self.query_mask is not None:
            y = np.where(self.query_mask[..., None], y, self.dtype.type(0))
        return (y, self.kept) if return_attention_scores else y

    def backward(self, dy):
        dy, dkept = dy if self.scores_asked else (dy, 0)
        if self.query_mask is not None:
            dy = np.where(self.query_mask[..., None], dy, 0)
        dv = self.kept.swapaxes(-1, -2) @ dy
        dP = self.drop.backward(dy @ self.v.swapaxes(-1, -2) + dkept)
        dS = self.P * (dP - (dP * self.P).sum(axis=-1, keepdims=True))
        dq, dk = self.scores_backward(dS)
        return [dq, dv, dk] if self.own_keys else [dq, dv + dk]

    def scores(self, q, k):
        """S (B, Tq, Tv) for q (B, Tq, d) and k (B, Tv, d)."""
        if self.score_mode == "concat":
            self.raw = np.empty((*q.shape[:-1], k.shape[-2]), q.dtype)
            for samples, z in sums(q, k):
                self.raw[samples] = np.tanh(z if self.scale is None else self.scale * z).sum(axis=-1)
            return self.concat_score_weight * self.raw
        self.raw = q @ k.swapaxes(-1, -2)
        return self.raw if self.scale is None else self.scale * self.raw

    def scores_backward(self, dS):
        """The gradients of q and k for that of S."""
        self.grads = {}
        if self.score_mode == "concat":
            self.grads["concat_score_weight"] = (dS * self.raw).sum()
            scale, dscale = 1 if self.scale is None else self.scale, 0
            dS, dq, dk = self.concat_score_weight * dS, np.empty_like(self.q), np.empty_like(self.k)
            for samples, z in sums(self.q, self.k):
                dz = dS[samples][..., None] * (1 - np.tanh(scale * z) ** 2)
                dscale += (dz * z).sum()
                dq[samples], dk[samples] = scale * dz.sum(axis=-2), scale * dz.sum(axis=-3)
            if self.scale is not None:
                self.grads["scale"] = dscale
            return dq, dk
        if self.scale is not None:
            self.grads["scale"] = (dS * self.raw).sum()
            dS = dS * self.scale
        return dS @ self.k, dS.swapaxes(-1, -2) @ self.q

    def check_shapes(self, shapes):
        kind = type(self).__name__
        if not isinstance(shapes, list) or len(shapes) not in (2, 3):
            raise ValueError(f"{kind} takes a list, [query, value] or [query, value, key]; got shapes {shapes}")
        q, v, k = shapes if len(shapes) == 3 else [*shapes, shapes[1]]
        if min(map(len, shapes)) < 3 or tuple(v[:-1]) != tuple(k[:-1]) or tuple(q[:-2]) != tuple(v[:-2]):
            raise ValueError(
                f"{kind}: query is (batch, Tq, d), value (batch, Tv, dv), key (batch, Tv, d); got {shapes}"
            )
        if q[-1] != k[-1]:
            raise ValueError(f"{kind}: query and key have the same last size; got {q} and {k}")

    def check_mask(self, mask, q, v):
        """query_mask and value_mask as arrays of bool, or None."""
        kind = type(self).__name__
        if mask is None:
            return None, None
        if not isinstance(mask, list) or len(mask) not in (2, 3):
            raise ValueError(f"{kind}: mask is a list, [query_mask, value_mask]; got {type(mask).__name__}")
        masks = [None if m is None else np.asarray(m, bool) for m in mask[:2]]
        for m, x, name in zip(masks, (q, v), ("query_mask", "value_mask")):
            if m is not None and m.shape != x.shape[:-1]:
                raise ValueError(f"{kind}: {name} for shape {x.shape} is {x.shape[:-1]}; got shape {m.shape}")
        return masks

    def compute_output_shape(self, input_shape):
        self.check_shapes(input_shape)
        return (*input_shape[0][:-1], input_shape[1][-1])

    def compute_mask(self, inputs, mask=None):
        return None if mask is None or mask[0] is None else np.asarray(mask[0])


class AdditiveAttention(Attention):
    """Attention with the score S = sum_d scale_d tanh(q_d + k_d): a small network judges how q and k fit.

    use_scale: whether scale (d,) is learned; otherwise it is 1. Everything else is as in Attention.
    """

    def __init__(self, use_scale=True, dropout=0.0, **options):
        super().__init__(use_scale=use_scale, dropout=dropout, **options)

    def build(self, input_shape):
        self.check_shapes(input_shape)
        self.scale = None
        if self.use_scale:
            self.add_weight("scale", (input_shape[0][-1],), "glorot_uniform")

    def scores(self, q, k):
        S, scale = np.empty((*q.shape[:-1], k.shape[-2]), q.dtype), self.factors()
        for samples, z in sums(q, k):
            S[samples] = np.tanh(z, out=z) @ scale
        return S

    def scores_backward(self, dS):
        scale, dq, dk = self.factors(), np.empty_like(self.q), np.empty_like(self.k)
        dscale = np.zeros_like(scale)
        for samples, z in sums(self.q, self.k):
            t = np.tanh(z, out=z)
            dscale += dS[samples].ravel() @ t.reshape(-1, len(scale))
            slope = 1 - t * t
            dq[samples] = scale * (dS[samples][..., None, :] @ slope)[..., 0, :]
            dS_key = dS[samples].swapaxes(-1, -2)
            dk[samples] = scale * (dS_key[..., None, :] @ slope.swapaxes(-2, -3))[..., 0, :]
        self.grads = {} if self.scale is None else {"scale": dscale}
        return dq, dk

    def factors(self):
        """scale, or as many ones."""
        return np.ones(self.q.shape[-1], self.dtype) if self.scale is None else self.scale


def sums(q, k):
    """Yield (samples, z): z[i, j, d] = q[i, d] + k[j, d], for as many samples as stay in a processor's cache.

    All pairs of a batch are far more numbers than q and k. Making them again on the way back is faster than keeping
    them.
    """
    for samples in blocks(len(q), k[:1].nbytes * q.shape[-2]):
        yield samples, q[samples][..., :, None, :] + k[samples][..., None, :, :]
