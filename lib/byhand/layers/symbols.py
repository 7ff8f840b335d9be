"""Arrays that are not there yet: a layer called on symbols notes the call, so that calls can form a graph."""

import itertools

numbers = itertools.count()


class Symbolic:
    """What a layer takes for a symbol: something with an attribute `symbol`."""


class Symbol(Symbolic):
    """One array to come: its shape, None for sizes not known yet, and the call whose output it is."""

    def __init__(self, shape, call=None):
        self.shape, self.call, self.symbol = tuple(shape), call, self

    def __repr__(self):
        return f"<Symbol {self.shape} of {self.call.layer.name}>"


class Call:
    """One call of a layer in a graph: its input symbols, further arguments, output symbols, and when it was made."""

    def __init__(self, layer, inputs, listed, options):
        self.layer, self.inputs, self.listed, self.options = layer, inputs, listed, options
        self.number = next(numbers)

    @property
    def parents(self):
        """All symbols the call needs: its inputs, and those among its further arguments."""
        return self.inputs + [s for value in self.options.values() for s in symbols_in(value)]

    def give(self, shapes):
        """Make the outputs: one symbol, or a list of them for a list of shapes."""
        self.several = isinstance(shapes, list)
        self.outputs = [Symbol(shape, self) for shape in (shapes if self.several else [shapes])]
        return self.outputs if self.several else self.outputs[0]


def symbols_in(value):
    """The symbols in a value: itself, or members of a list of any depth."""
    if isinstance(value, Symbolic):
        return [value.symbol]
    return [s for v in value for s in symbols_in(v)] if isinstance(value, list | tuple) else []


def symbolic(inputs):
    """Whether a layer is called on symbols."""
    if isinstance(inputs, list | tuple):
        return any(isinstance(x, Symbolic) for x in inputs)
    return isinstance(inputs, Symbolic)


def connect(layer, inputs, options):
    """Note the call layer(inputs, **options), build the layer if needed, and return the output symbol(s)."""
    listed = isinstance(inputs, list | tuple)
    given = list(inputs) if listed else [inputs]
    if not all(isinstance(x, Symbolic) for x in given):
        raise TypeError(f"{layer.name}: inputs are either all symbols or all arrays; got {given}")
    call = Call(layer, [x.symbol for x in given], listed, {k: v for k, v in options.items() if v is not None})
    shapes = [s.shape for s in call.inputs]
    shape = shapes if listed else shapes[0]
    if not layer.built:
        layer.build(shape)
        layer.built = True
    if options.get("return_attention_scores"):
        raise ValueError(f"{layer.name}: return_attention_scores is not supported in a graph; call the layer on arrays")
    return call.give(layer.compute_output_shape(shape))
