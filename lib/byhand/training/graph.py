"""Calls of layers as a graph: arrays run through it forwards, gradients backwards, masks beside the arrays.

Gradients of an array that several calls use are added up, and so are those of a layer that is called several times.
"""

import numpy as np

from ..layers.base import Layer
from ..layers.core import InputLayer
from . import heads


class Graph:
    """The calls between input and output symbols. ValueError if an output depends on an input that is not listed."""

    def __init__(self, inputs, outputs):
        self.inputs, self.outputs = inputs, outputs
        self.calls, self.layers = sorted_calls(inputs, outputs)
        uses = [call.layer for call in self.calls]
        self.shared = {layer for layer in uses if uses.count(layer) > 1}
        of_inputs = [call.layer for call in self.calls if all(s in inputs for s in call.parents)]
        others = [call.layer for call in self.calls if not all(s in inputs for s in call.parents)]
        # The layers called on inputs of the graph only: nobody needs the gradient of what they get.
        self.first_layers = [layer for layer in of_inputs if layer not in others]

    def forward(self, xs, masks, training):
        """Outputs for inputs xs; masks and values of all symbols are remembered."""
        self.values, self.masks, self.memories, self.activity = {}, {}, {}, []
        for symbol, x, mask in zip(self.inputs, xs, masks):
            feeds = isinstance(symbol.call.layer, InputLayer)
            self.values[symbol], self.masks[symbol] = symbol.call.layer(x) if feeds else x, mask
        for call in self.calls:
            y, mask = self.run(call, training)
            for symbol, value, shown in zip(call.outputs, *((y, mask) if call.several else ([y], [mask]))):
                self.values[symbol], self.masks[symbol] = value, shown
            self.activity += call.layer.activity_losses()
            if call.layer in self.shared:
                self.memories[call] = memory(call.layer)
        return [self.values[s] for s in self.outputs]

    def run(self, call, training):
        """(output, its mask) of one call; a list of each for several outputs."""
        layer, xs, masks = call.layer, [self.values[s] for s in call.inputs], [self.masks[s] for s in call.inputs]
        options = {name: self.filled(value) for name, value in call.options.items()}
        if getattr(layer, "several_arguments", False):
            for name, mask in zip(("query_mask", "value_mask", "key_mask"), masks):
                options.setdefault(name, mask)
            y, shown = layer(*xs, training=training, **options), layer.compute_mask(xs, masks)
            return y, shown
        x, mask = (xs, None if all(m is None for m in masks) else masks) if call.listed else (xs[0], masks[0])
        if layer.takes_mask and mask is not None:
            options.setdefault("mask", mask)
        y = layer(x, training=training, **options)
        shown = layer.compute_mask(x, mask)
        if call.several and not isinstance(shown, list | tuple):
            shown = [shown] * len(call.outputs)
        return y, shown

    def filled(self, value):
        """A further argument of a call, with arrays in the place of symbols."""
        if isinstance(value, list | tuple):
            return [self.filled(v) for v in value]
        return self.values[value.symbol] if hasattr(value, "symbol") else value

    # --- backward -------------------------------------------------------------------------------------------------

    def backward(self, dys, on_logits=()):
        """Gradients of the inputs from those of the outputs (None: nothing flows in); fills the layers' grads.

        on_logits: the outputs whose gradient is one of the numbers before their last softmax or sigmoid."""
        gradients, sums = {}, {}
        for symbol, dy in zip(self.outputs, dys):
            add_to(gradients, symbol, dy)
        for call in reversed(self.calls):
            dy = [gradients.pop(s, None) if s not in self.inputs else gradients.get(s) for s in call.outputs]
            dy = [np.zeros_like(self.values[s]) if d is None else d for s, d in zip(call.outputs, dy)]
            dxs = self.run_back(call, dy if call.several else dy[0], call.outputs[0] in on_logits, sums)
            for symbol, dx in zip(call.inputs, dxs):
                add_to(gradients, symbol, dx)
            for symbol, d in zip(call.parents[len(call.inputs) :], getattr(call.layer, "initial_state_grads", [])):
                add_to(gradients, symbol, d)
        for part, total in sums.items():
            part.grads = total
        return [gradients.get(s) for s in self.inputs]

    def run_back(self, call, dy, on_logits, sums):
        layer, now = call.layer, None
        if call in self.memories:
            now = memory(layer)
            recall(self.memories[call])
        dx = heads.backward(layer, dy) if on_logits else layer.backward(dy)
        if call in self.memories:
            found = [(part, part.grads) for part in set(within(layer))]
            recall(now)
            for part, grads in found:
                known = sums.get(part, {})
                sums[part] = {name: g + known[name] if name in known else g for name, g in grads.items()}
        return list(dx) if isinstance(dx, list | tuple) else [dx] * len(call.inputs)


def add_to(gradients, symbol, d):
    """Add d to what is known of the gradient of a symbol."""
    if d is not None:
        gradients[symbol] = gradients[symbol] + d if symbol in gradients else d


# --- what a layer remembers ---------------------------------------------------------------------------------------


def within(layer):
    """A layer and all layers it holds."""
    yield layer
    for value in list(vars(layer).values()):
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
        for part in parts:
            if isinstance(part, Layer):
                yield from within(part)


def memory(layer):
    """What a layer and those in it remember now: weights are shared with later calls, the rest is not."""
    return [(part, dict(vars(part))) for part in set(within(layer))]


def recall(memories):
    """Let layers remember what they did when `memory` was called."""
    for part, attributes in memories:
        vars(part).clear()
        vars(part).update(attributes)


# --- order --------------------------------------------------------------------------------------------------------


def sorted_calls(inputs, outputs):
    """(calls, each after those it needs; layers in the order Keras lists their weights).

    Keras sorts layers by depth, the longest way from a layer to an output, the deepest first, and layers of one depth
    by when a search from the outputs back to the inputs first meets them."""
    found, met = [], []

    def visit(symbol):
        call = symbol.call
        if call in found or (symbol in inputs and call.inputs):
            return
        if call.layer not in met:
            met.append(call.layer)
        if not call.inputs and symbol not in inputs:
            raise ValueError(f"the outputs depend on {call.layer.name!r}, which is not among the inputs of the model")
        for parent in call.parents:
            visit(parent)
        found.append(call)

    for symbol in outputs:
        visit(symbol)
    depth, layer_depth = {}, {}
    for call in reversed(found):
        here = max(depth.get(call, 0), layer_depth.get(call.layer, 0))
        layer_depth[call.layer] = depth[call] = here
        for parent in call.parents:
            depth[parent.call] = max(depth.get(parent.call, 0), here + 1)
    for symbol in inputs:
        if symbol.call.layer not in met and not symbol.call.inputs:
            met.insert(0, symbol.call.layer)
            layer_depth[symbol.call.layer] = 0
    layers = sorted(met, key=lambda layer: -layer_depth[layer])
    return [call for call in found if call.inputs], layers
