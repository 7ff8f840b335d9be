"""Multi-head attention: several attentions side by side, each on its own projections of the inputs.

Source: https://keras.io/api/layers/attention_layers/multi_head_attention/ ; Vaswani et al. 2017
"""

import math
from string import ascii_lowercase

import numpy as np

from . import activations, arguments, given
from . import attention_masks as masking
from .base import Layer
from .constants import through_float32
from .einsum_dense import EinsumDense
from .regularization import Dropout, share


class MultiHeadAttention(Layer):
    """layer(query, value, key=None) -> y (B, T, out), for query (B, T, Dq), value (B, S, Dv), key (B, S, Dk).

    Each head h: Q = query Wq_h + bq_h, K = key Wk_h + bk_h, V = value Wv_h + bv_h, P = softmax(Q K^T / sqrt(key_dim)),
    o_h = P V; then y = sum_h o_h Wo_h + bo. key_dim and value_dim (key_dim by default) are sizes of one head.
    output_shape: the last axis or axes of y; the query's last size by default.
    attention_axes: the axes that attend, of inputs (B, ..., D); all but batch and features by default.
    sliding_window: a step sees only steps less than this many away. use_gate: o_h is multiplied by
    sigmoid(query Wg_h + bg_h). dropout: the part of P that training drops.
    Call: masks of steps query_mask (B, T), value_mask and key_mask (B, S); attention_mask (B, T, S), True where t may
    see s; use_causal_mask: t sees s <= t; return_attention_scores: (y, P) is returned, P (B, heads, T, S).
    Where a query sees nothing, Keras has two answers, and so have we: the plain average of all values, or 0 if scores
    are returned, with dropout, and for inputs of more than three axes. Keras 3 overwrites a query_mask given in the
    call by the one that travels with the query; here it counts.
    backward gives one gradient for each argument, the same array passed twice included.
    ValueError for shapes and masks that do not fit.
    """

    supports_masking = several_arguments = True

    def __init__(self, num_heads, key_dim, value_dim=None, dropout=0.0, use_bias=True, output_shape=None,
                 attention_axes=None, sliding_window=None, flash_attention=None, kernel_initializer="glorot_uniform",
                 bias_initializer="zeros", kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
                 kernel_constraint=None, bias_constraint=None, use_gate=False, seed=None, **options):  # fmt: skip
        super().__init__(**options)
        self.refuse("there is one way to compute it", flash_attention=flash_attention)
        kind = type(self).__name__
        self.num_heads = arguments.whole(kind, "num_heads", num_heads)
        self.key_dim = arguments.whole(kind, "key_dim", key_dim)
        self.value_dim = self.key_dim if value_dim is None else arguments.whole(kind, "value_dim", value_dim)
        self.scale = through_float32(1 / math.sqrt(self.key_dim))
        self.use_bias, self.use_gate = use_bias, arguments.flag(kind, "use_gate", use_gate)
        sizes = output_shape if isinstance(output_shape, tuple | list) else [output_shape] if output_shape else []
        self.output_sizes = [arguments.whole(kind, "output_shape", n) for n in sizes]
        self.attention_axes = attention_axes
        self.sliding_window = sliding_window and arguments.whole(kind, "sliding_window", sliding_window)
        self.drop = Dropout(share(kind, "dropout", dropout), seed=seed, dtype=self.dtype)
        self.of_projection = dict(
            kernel_initializer=kernel_initializer, bias_initializer=bias_initializer, dtype=self.dtype,
            kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer, kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint)  # fmt: skip

    def __call__(self, query, value, key=None, query_mask=None, value_mask=None, key_mask=None, attention_mask=None,
                 return_attention_scores=False, training=False, use_causal_mask=False):  # fmt: skip
        return super().__call__(
            [query, value] if key is None else [query, value, key], training=training, query_mask=query_mask,
            value_mask=value_mask, key_mask=key_mask, attention_mask=attention_mask,
            return_attention_scores=return_attention_scores, use_causal_mask=use_causal_mask)  # fmt: skip

    def cast(self, inputs):
        return [given.array(type(self).__name__, x, self.dtype) for x in inputs]

    # --- weights --------------------------------------------------------------------------------------------------

    def build(self, query_shape, value_shape=None, key_shape=None):
        """Create the weights for these shapes, or for one list of them."""
        query, value, key = self.check_shapes(query_shape, value_shape, key_shape)
        H, rank = self.num_heads, len(query)
        self.query_dense = self.projection("query", query, [H, self.key_dim])
        self.key_dense = self.projection("key", key, [H, self.key_dim])
        if self.use_gate:
            self.gate_dense = self.projection("gate", query, [H, self.value_dim], "sigmoid")
        self.value_dense = self.projection("value", value, [H, self.value_dim])
        heads = (*query[:-1], H, self.value_dim)
        self.output_dense = self.projection("attention_output", heads, self.output_sizes or [query[-1]], taken=2)
        # From (B, ..., heads, d) to (B, axes that do not attend, heads, axes that attend, d).
        self.to_heads = [a for a in range(rank) if a not in self.axes] + list(self.axes) + [rank]

    def projection(self, name, shape, sizes, activation=None, taken=1):
        """A dense layer from the last `taken` axes of an input of this shape to axes of these sizes."""
        letters = ascii_lowercase[: len(shape) + len(sizes)]
        kept = len(shape) - taken
        x, kernel, new = letters[: len(shape)], letters[kept:], letters[len(shape) :]
        layer = EinsumDense(
            f"{x},{kernel}->{letters[:kept]}{new}", [None] * (kept - 1) + sizes, activation,
            new if self.use_bias else None, **self.of_projection)  # fmt: skip
        layer.build(shape)
        self.adopt(name, layer)
        return layer

    # --- forward and backward -------------------------------------------------------------------------------------

    def call(self, inputs, query_mask=None, value_mask=None, key_mask=None, attention_mask=None,
             return_attention_scores=False, training=False, use_causal_mask=False):  # fmt: skip
        query, value, key = inputs if len(inputs) == 3 else [*inputs, inputs[1]]
        self.check_shapes(query.shape, value.shape, key.shape)
        self.own_keys, self.scores_asked = len(inputs) == 3, return_attention_scores
        visible = self.visible(query.shape, value.shape, query_mask, value_mask, key_mask, attention_mask,
                               use_causal_mask)  # fmt: skip

        self.Q = self.split(self.query_dense(query)) * self.dtype.type(self.scale)
        self.K, self.V = self.split(self.key_dense(key)), self.split(self.value_dense(value))
        S = self.Q @ self.K.swapaxes(-1, -2)
        self.P = activations.softmax(S if visible is None else np.where(visible, S, np.finfo(S.dtype).min / 2))
        if visible is not None and (return_attention_scores or self.drop.rate > 0 or query.ndim > 3):
            self.P = np.where(visible, self.P, self.dtype.type(0))
        self.kept, self.seen = self.drop(self.P, training=training), visible
        self.o = self.join(self.kept @ self.V, query.shape)
        self.gate = self.gate_dense(query) if self.use_gate else None
        y = self.output_dense(self.o if self.gate is None else self.o * self.gate)
        return (y, self.P.reshape(self.scores_shape(query.shape, value.shape))) if return_attention_scores else y

    def backward(self, dy):
        dy, dscores = dy if self.scores_asked else (dy, None)
        do = self.output_dense.backward(dy)
        dgate = None if self.gate is None else self.gate_dense.backward(do * self.o)
        do = self.split(do if self.gate is None else do * self.gate)
        dV = self.kept.swapaxes(-1, -2) @ do
        dP = self.drop.backward(do @ self.V.swapaxes(-1, -2))
        dP = dP if dscores is None else dP + dscores.reshape(dP.shape)
        dS = activations.backward(activations.softmax, dP, None, self.P)
        dS = dS if self.seen is None else np.where(self.seen, dS, self.dtype.type(0))
        dQ, dK = dS @ self.K * self.dtype.type(self.scale), dS.swapaxes(-1, -2) @ self.Q

        query_shape, value_shape = self.query_dense.x.shape, self.value_dense.x.shape
        dquery = self.query_dense.backward(self.join(dQ, query_shape))
        dkey = self.key_dense.backward(self.join(dK, value_shape))
        dvalue = self.value_dense.backward(self.join(dV, value_shape))
        self.grads = self.gather()
        dquery = dquery if dgate is None else dquery + dgate
        return [dquery, dvalue, dkey] if self.own_keys else [dquery, dvalue + dkey]

    def split(self, x):
        """(B, ..., heads, d) as (B, axes that do not attend, heads, places that attend, d)."""
        x = x.transpose(self.to_heads)
        front, places = x.shape[: -1 - len(self.axes)], x.shape[-1 - len(self.axes) : -1]
        return x.reshape(*front, math.prod(places), x.shape[-1])

    def join(self, x, shape):
        """The way back of `split`, for an input of this shape."""
        x = x.reshape(*x.shape[:-2], *(shape[a] for a in self.axes), x.shape[-1])
        return x.transpose(np.argsort(self.to_heads))

    # --- shapes and masks -----------------------------------------------------------------------------------------

    def visible(self, query, value, query_mask, value_mask, key_mask, attention_mask, use_causal_mask):
        """All masks as one that fits the scores, for inputs of these shapes; None without masks."""
        T, S = query[1], value[1]
        masks = [] if query_mask is None else [masking.of_steps("query_mask", query_mask, query)[:, :, None]]
        for name, mask in (("value_mask", value_mask), ("key_mask", key_mask)):
            if mask is not None:
                masks.append(masking.of_steps(name, mask, value)[:, None, :])
        if use_causal_mask:
            masks.append(masking.causal(T, S))
        if self.sliding_window:
            masks.append(masking.band(T, S, self.sliding_window))
        if masks and self.axes != (1,):
            raise ValueError(
                "MultiHeadAttention: masks of steps, causal and sliding ones need attention_axes=(1,); "
                f"for the axes {self.axes} give an attention_mask"
            )
        if attention_mask is not None:
            masks.append(attention_mask)
        shape, whole = self.scores_shape(query, value), None
        for mask in masks:
            mask = masking.spread(mask, shape, len(self.axes))
            whole = mask if whole is None else whole & mask
        return whole

    def scores_shape(self, query, value):
        """(B, axes that do not attend, heads, places of the query, places of the value)."""
        fixed = [n for a, n in enumerate(query[:-1]) if a not in self.axes]
        return (*fixed, self.num_heads, *(shape[a] for shape in (query, value) for a in self.axes))

    def check_shapes(self, query, value=None, key=None):
        """The three shapes, given one by one or as a list; the key has that of the value by default."""
        query, value, key = ([*query, None, None] if isinstance(query, list) else [query, value, key])[:3]
        query, value, key = tuple(query), tuple(value or ()), tuple(key or value or ())
        rank = len(query)
        if rank < 3 or not rank == len(value) == len(key) or value[:-1] != key[:-1]:
            raise ValueError(
                "MultiHeadAttention: query is (batch, ..., Dq), value (batch, ..., Dv), key (batch, ..., Dk), the "
                f"last two equal up to the last size; got {query}, {value}, {key}"
            )
        axes = range(1, rank - 1) if self.attention_axes is None else np.atleast_1d(self.attention_axes).tolist()
        self.axes = tuple(a + rank if a < 0 else a for a in axes)
        if not self.axes or len({*self.axes}) < len(self.axes) or not {*self.axes} <= {*range(1, rank - 1)}:
            raise ValueError(
                f"MultiHeadAttention: attention_axes {self.attention_axes!r} are axes from 1 to {rank - 2} of {query}"
            )
        if any(query[a] != value[a] for a in range(rank - 1) if a not in self.axes):
            raise ValueError(
                f"MultiHeadAttention attends along axes {self.axes}; along the others query and value have "
                f"equal sizes; got {query} and {value}"
            )
        return query, value, key

    def compute_output_shape(self, query_shape, value_shape=None, key_shape=None):
        query, _, _ = self.check_shapes(query_shape, value_shape, key_shape)
        return (*query[:-1], *(self.output_sizes or query[-1:]))

    def compute_mask(self, inputs, mask=None):
        return mask[0] if isinstance(mask, list | tuple) else mask
