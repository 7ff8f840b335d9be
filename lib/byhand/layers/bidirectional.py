"""Two recurrent layers on one sequence: one reads it forwards, the other backwards.

Source: Schuster and Paliwal 1997; https://keras.io/api/layers/recurrent_layers/bidirectional/
"""

import copy

import numpy as np

from . import arguments
from .base import Layer
from .recurrent import RNN
from .recurrent_cells import flat

MERGE = {
    "sum": (lambda y, r: y + r, lambda dy, y, r: (dy, dy)),
    "mul": (lambda y, r: y * r, lambda dy, y, r: (dy * r, dy * y)),
    "ave": (lambda y, r: (y + r) / 2, lambda dy, y, r: (dy / 2, dy / 2)),
    "concat": (
        lambda y, r: np.concatenate([y, r], axis=-1),
        lambda dy, y, r: (dy[..., : y.shape[-1]], dy[..., y.shape[-1] :]),
    ),
}


class Bidirectional(Layer):
    """x (B, T, features) -> y and r merged: y of `layer` reading forwards, r of a second one reading from the end.

    With return_sequences r is turned round, so that y and r of one step stand together; otherwise each is the last
    output of its own reading. merge_mode: concat (2u features), sum, mul, ave, or None for the list [y, r].
    return_state adds the states of the forward and then of the backward layer; initial_state takes them in that order.
    With return_sequences the outputs of masked steps are 0. Both layers are copies with weights of their own, unless a
    backward_layer is given. Weights: forward's, then backward's, named "forward/kernel" and so on.
    Raises ValueError if the two layers do not fit together, TypeError if one is not recurrent.
    """

    supports_masking = True

    def __init__(self, layer, merge_mode="concat", weights=None, backward_layer=None, **kwargs):
        super().__init__(**kwargs)
        self.refuse("Keras 3 ignores it; use set_weights", weights=weights)
        for part in (layer, backward_layer or layer):
            if not isinstance(part, RNN):
                raise TypeError(f"Bidirectional takes a recurrent layer; got {part!r}")
        self.merge_mode = merge_mode and arguments.choice("Bidirectional", "merge_mode", merge_mode, MERGE)
        self.forward_layer, self.backward_layer = unbuilt(layer), backward_layer
        if backward_layer is None:
            self.backward_layer = unbuilt(layer)
            self.backward_layer.go_backwards = True
        self.check_pair()
        self.stateful, self.return_sequences = layer.stateful, layer.return_sequences
        self.return_state, self.initial_state_grads = layer.return_state, []
        for part in self.pair:
            part.zero_output_for_mask = self.return_sequences

    @property
    def pair(self):
        return self.forward_layer, self.backward_layer

    def check_pair(self):
        forward, backward = self.pair
        if forward.go_backwards == backward.go_backwards:
            raise ValueError("Bidirectional: one layer reads forwards and one backwards, so exactly one has "
                             f"go_backwards=True; got {forward.go_backwards} for both")  # fmt: skip
        for name in ("stateful", "return_sequences", "return_state"):
            values = [getattr(part, name) for part in self.pair]
            if values[0] != values[1]:
                raise ValueError(f"Bidirectional: both layers have the same {name}; got {values[0]} and {values[1]}")

    def build(self, input_shape):
        for prefix, part in zip(("forward", "backward"), self.pair):
            if not part.built:
                part.build(input_shape)
            self.adopt(prefix, part)
        self.compute_output_shape(input_shape)

    def call(self, x, initial_state=None, mask=None, training=False):
        starts = self.shared_out(initial_state)
        outputs = [part(x, initial_state=s, mask=mask, training=training) for part, s in zip(self.pair, starts)]
        (y, *states), (r, *back_states) = outputs if self.return_state else [[o] for o in outputs]
        self.y, self.r = y, r[:, ::-1] if self.return_sequences else r
        merged = [self.y, self.r] if self.merge_mode is None else [MERGE[self.merge_mode][0](self.y, self.r)]
        result = [*merged, *states, *back_states]
        return result if len(result) > 1 else result[0]

    def backward(self, dy):
        dy = list(dy) if isinstance(dy, list | tuple) else [dy]
        if self.merge_mode is None:
            (dy, dr), dstates = dy[:2], dy[2:]
        else:
            (dy, dr), dstates = MERGE[self.merge_mode][1](np.asarray(dy[0], self.dtype), self.y, self.r), dy[1:]
        dr = np.asarray(dr)[:, ::-1] if self.return_sequences else dr
        dx = 0
        for part, d, own in zip(self.pair, (dy, dr), self.shared_out(dstates)):
            part.skip_input_gradient = self.skip_input_gradient
            dpart = part.backward([d, *own] if self.return_state else d)
            dx = None if self.skip_input_gradient else dx + dpart
        self.initial_state_grads = [g for part in self.pair for g in part.initial_state_grads]
        self.grads = self.gather()
        return dx

    def shared_out(self, states):
        """States, or their gradients, as two lists: first those of the forward layer."""
        if states is None:
            return None, None
        states, first = flat([states]), len(flat([self.forward_layer.cell.state_size]))
        return states[:first], states[first:]

    def reset_state(self):
        """Forget what stateful layers carried over."""
        if not self.stateful:
            raise ValueError("Bidirectional: only a stateful layer has something to reset")
        for part in self.pair:
            part.reset_state()

    reset_states = reset_state

    def compute_output_shape(self, input_shape):
        shapes = [part.compute_output_shape(input_shape) for part in self.pair]
        (y, *states), (r, *back_states) = shapes if self.return_state else [[s] for s in shapes]
        if self.merge_mode in ("sum", "mul", "ave") and y != r:
            raise ValueError(f"Bidirectional: merge_mode {self.merge_mode!r} needs two equal outputs; got {y} and {r}")
        merged = [y, r] if self.merge_mode is None else [y]
        if self.merge_mode == "concat":
            merged = [(*y[:-1], y[-1] + r[-1])]
        result = [*merged, *states, *back_states]
        return result if len(result) > 1 else result[0]

    def compute_mask(self, inputs, mask=None):
        """The sequence of outputs keeps the mask of its steps; last outputs and states have none."""
        output = mask if self.return_sequences else None
        outputs = [output] * (2 if self.merge_mode is None else 1)
        if self.return_state:
            outputs += [None] * sum(len(flat([part.cell.state_size])) for part in self.pair)
        return outputs if len(outputs) > 1 else output


def unbuilt(layer):
    """A copy of a recurrent layer with the same arguments, without weights and without memory."""
    twin = copy.deepcopy(layer)
    for part in (twin, twin.cell, *getattr(twin.cell, "cells", [])):
        part.built, part.grads = False, {}
        for memory in (part.own_weights, part.frozen, part.regularizers, part.constraints, part.sublayers):
            memory.clear()
    twin.states, twin.steps = None, []
    return twin
