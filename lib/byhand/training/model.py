"""A network of any shape: several inputs, several outputs, branches, shared layers."""

from ..layers.symbols import symbols_in
from .graph import Graph
from .network import Network
from .trainer import Trainer


class Model(Trainer, Network):
    """The network between inputs and outputs, both what layers return when they are called on Input(...).

        a, b = Input((4,)), Input((3,))
        shared = Dense(5)
        y = Dense(1)(Concatenate()([shared(Dense(2)(a)), shared(Dense(2)(b))]))
        model = Model([a, b], y)

    A layer called several times has one set of weights, and its gradients are added up.
    ValueError if the outputs depend on an input that is not listed.
    """

    def __init__(self, inputs=None, outputs=None, name=None, trainable=True):
        super().__init__(name=name or "functional")
        ins, outs = symbols_in(inputs), symbols_in(outputs)
        if not ins or not outs:
            raise ValueError(
                "Model(inputs, outputs) takes what Input(...) and layers called on it return;"
                f" got inputs={inputs!r}, outputs={outputs!r}"
            )
        self.graph = Graph(ins, outs)
        self.number_layers()
        self.built = True
        if not trainable:
            self.trainable = False

    def number_layers(self):
        """Give layers of one kind the numbers Keras would: in the order they were made."""
        self.set_layers(sorted(self.graph.layers, key=lambda layer: layer.number))
        self.sublayers = {layer.name: layer for layer in self.graph.layers}
