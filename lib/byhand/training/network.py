"""What every network is: a layer made of layers, whose weights, gradients and penalties are those of its layers."""

import itertools

import numpy as np

from ..layers.base import Layer
from ..layers.lookup import snake_case
from . import heads


class Network(Layer):
    """A layer whose `graph` of calls says how its layers work together; `Model` and `Sequential` make one.

    y = network(x), dx = network.backward(dy). Several inputs and outputs are lists; inputs may be a dict by name.
    Weights are called "layer/weight"; their order is Keras' order.
    """

    supports_masking = True
    graph = None

    @property
    def trainable(self):
        return self.may_learn

    @trainable.setter
    def trainable(self, value):
        """Freeze or free every layer in the network, as Keras does."""
        self.may_learn = value
        for layer in getattr(self, "sublayers", {}).values():
            layer.trainable = value

    def set_layers(self, layers):
        """Keep these layers, each under a name of its own. ValueError if one name was given twice."""
        taken = set()
        for layer in layers:
            if layer.name in taken:
                kind = snake_case(type(layer).__name__)
                if layer.name != kind:
                    raise ValueError(f"two layers of {self.name} are called {layer.name!r}: names must differ")
                others = {other.name for other in layers}
                layer.name = next(n for i in itertools.count(1) if (n := f"{kind}_{i}") not in others)
            taken.add(layer.name)
        self.sublayers = {layer.name: layer for layer in layers}

    @property
    def layers(self):
        return list(self.sublayers.values())

    def get_layer(self, name=None, index=None):
        """The layer of this name, or at this index. ValueError if there is none."""
        if (name is None) == (index is None):
            raise ValueError(f"give a name or an index; got name={name!r}, index={index!r}")
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise ValueError(f"{self.name} has {len(self.layers)} layers; got index={index}")
            return self.layers[index]
        found = [layer for layer in self.layers if layer.name == name]
        if not found:
            raise ValueError(f"no layer is called {name!r}; there are {[layer.name for layer in self.layers]}")
        return found[0]

    # --- forward and backward -------------------------------------------------------------------------------------

    def cast(self, inputs):
        """The inputs as arrays; each layer brings them into its own dtype."""
        if isinstance(inputs, dict) and self.graph is not None:
            inputs = self.in_order(inputs, "input", self.input_names)
        if self.graph is None or len(self.graph.inputs) == 1:
            return np.asarray(inputs[0] if isinstance(inputs, list | tuple) and len(inputs) == 1 else inputs)
        return [np.asarray(x) for x in self.in_order(inputs, "input", self.input_names)]

    def in_order(self, values, what, names):
        """Values for several inputs or outputs as a list. ValueError if their number or names do not fit."""
        if isinstance(values, dict):
            if set(values) != set(names):
                raise ValueError(f"{self.name}: the {what}s are called {names}; got {list(values)}")
            return [values[name] for name in names]
        if not isinstance(values, list | tuple) or len(values) != len(names):
            raise ValueError(f"{self.name} has {len(names)} {what}s {names}: give a list of as many arrays, or a dict")
        return list(values)

    def call(self, x, training=False, mask=None):
        xs = x if isinstance(x, list) else [x]
        masks = mask if isinstance(mask, list | tuple) else [mask] * len(xs)
        outputs = self.graph.forward(xs, masks, training)
        return outputs if len(outputs) > 1 else outputs[0]

    def backward(self, dy, on_logits=()):
        """dx from dy, a list for several outputs; fills grads. on_logits: see Graph.backward."""
        dys = list(dy) if isinstance(dy, list | tuple) else [dy]
        first = self.graph.first_layers if self.skip_input_gradient else []
        for layer in first:
            layer.skip_input_gradient = True
        try:
            dxs = self.graph.backward(dys, on_logits)
        finally:
            for layer in first:
                layer.skip_input_gradient = False
        self.collect()
        return dxs if len(dxs) > 1 else dxs[0]

    def collect(self):
        self.grads = {
            f"{name}/{key}": layer.grads[key]
            for name, layer in self.sublayers.items()
            for key in layer.trainable_weights
        }

    def logits(self):
        """For each output of the last call: the numbers before its last softmax or sigmoid, or None."""
        found = []
        for symbol in self.graph.outputs:
            call = symbol.call
            known = call.inputs and symbol is call.outputs[0] and call.layer not in self.graph.shared
            found.append(heads.logits(call.layer, self.graph.values[call.inputs[0]]) if known else None)
        return found

    def compute_output_shape(self, input_shape):
        shapes = [s.shape for s in self.graph.outputs]
        return shapes if len(shapes) > 1 else shapes[0]

    def compute_mask(self, inputs, mask=None):
        masks = [self.graph.masks[s] for s in self.graph.outputs]
        return masks if len(masks) > 1 else masks[0]

    @property
    def input_names(self):
        return [s.call.layer.name for s in self.graph.inputs]

    @property
    def output_names(self):
        return [s.call.layer.name for s in self.graph.outputs]

    # --- weights and penalties ------------------------------------------------------------------------------------

    @property
    def weights(self):
        return {f"{name}/{key}": w for name, layer in self.sublayers.items() for key, w in layer.weights.items()}

    @property
    def trainable_weights(self):
        return {
            f"{name}/{key}": w for name, layer in self.sublayers.items() for key, w in layer.trainable_weights.items()
        }

    @property
    def losses(self):
        return self.activity_losses() + self.weight_losses()

    def activity_losses(self):
        return self.graph.activity if self.graph is not None and hasattr(self.graph, "activity") else []

    def weight_losses(self):
        """The penalties of the weights, once for each layer."""
        found = []
        for layer in self.layers:
            if isinstance(layer, Network):
                found += layer.weight_losses()
                continue
            trainable = layer.trainable_weights if layer.regularizers else {}
            found += [penalty(trainable[name]) for name, penalty in layer.regularizers.items() if name in trainable]
        return found

    def add_penalties(self):
        for layer in self.layers:
            layer.add_penalties()
        self.collect()

    def apply_constraints(self):
        for layer in self.layers:
            if layer.trainable:
                layer.apply_constraints()
