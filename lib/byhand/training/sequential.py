"""A chain of layers."""

from ..layers.base import Layer
from ..layers.core import InputLayer
from .graph import Graph
from .network import Network
from .trainer import Trainer


class AnyInput(InputLayer):
    """Where data enters a chain that does not say what it takes: it comes in as it is."""

    def __call__(self, inputs):
        return inputs


class Sequential(Trainer, Network):
    """layers one after the other: x -> layers[0] -> layers[1] ... -> y.

    With Input(shape) in front, weights exist at once; otherwise they are made when the first array comes.
    TypeError for what is no layer; ValueError for a second Input, and for two layers of one given name.
    """

    def __init__(self, layers=None, trainable=True, name=None):
        super().__init__(name=name)
        self.chain = []
        for layer in layers or []:
            self.take(layer)
        self.rebuild()
        if not trainable:
            self.trainable = False

    def add(self, layer):
        """Put one more layer at the end."""
        self.take(layer)
        self.rebuild()

    def pop(self):
        """Take the last layer away and return it. ValueError if there is none."""
        if not self.chain:
            raise ValueError(f"{self.name} has no layers")
        layer = self.chain.pop()
        self.set_layers(self.layers_behind_input())
        self.rebuild()
        return layer

    def take(self, layer):
        if not isinstance(layer, Layer):
            raise TypeError(f"a Sequential is made of layers; got {layer!r}")
        if isinstance(layer, InputLayer) and self.chain:
            raise ValueError(f"{self.name}: only the first layer can be an Input; got one at place {len(self.chain)}")
        if any(layer is other for other in self.chain):
            raise ValueError(f"{self.name} already has the layer {layer.name!r}; call it twice in a Model instead")
        self.chain.append(layer)
        self.set_layers(self.layers_behind_input())

    def layers_behind_input(self):
        return [layer for layer in self.chain if not isinstance(layer, InputLayer)]

    def rebuild(self):
        self.graph, self.built = None, False
        if len(self.chain) > 1 and isinstance(self.chain[0], InputLayer):
            self.build(self.chain[0].batch_shape)

    def build(self, input_shape):
        """Make the weights for inputs of this shape, batch axis included."""
        if not self.sublayers:
            raise ValueError(f"{self.name} has no layers: add(...) some")
        given = isinstance(self.chain[0], InputLayer)
        if given and tuple(input_shape) != self.chain[0].batch_shape:
            raise ValueError(f"{self.name} takes {self.chain[0].batch_shape}; got input_shape={input_shape}")
        start = self.chain[0] if given else AnyInput(batch_shape=tuple(input_shape))
        symbol = start.symbol
        for layer in self.layers_behind_input():
            symbol = layer(symbol)
        self.graph = Graph([start.symbol], [symbol])

    def compute_output_shape(self, input_shape):
        for layer in self.layers_behind_input():
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape
