"""summary(): the table of layers, shapes and parameters that Keras prints."""

import re
import shutil

from ..layers.core import InputLayer
from . import tables


def summary(network, line_length=None, positions=None, print_fn=None, expand_nested=False, show_trainable=False,
            layer_range=None):  # fmt: skip
    """Print the table. line_length: its width, at most that of the terminal by default. positions: where columns end,
    as parts of it. print_fn: what takes the text instead of print. layer_range: two patterns, for the names of the
    first and the last layer. ValueError for a width that is too small, and for patterns that match no layer."""
    graph = network.graph
    chain = graph is None or not hasattr(network, "number_layers") or is_chain(graph)
    width, header, aligns = 88, ["Layer (type)", "Output Shape", "Param #"], ["left", "left", "right"]
    positions = positions or ([0.45, 0.80, 1.0] if chain else [0.3, 0.56, 0.74, 1.0])
    if not chain:
        width, header, aligns = 108, [*header, "Connected to"], [*aligns, "left"]
    if show_trainable:
        width, header, aligns = width + 12, [*header, "Trainable"], [*aligns, "center"]
        positions = [p * 0.90 for p in positions] + [1.0]
    total = line_length or min(width, shutil.get_terminal_size().columns - 4)
    ends = [int(p * total) for p in positions]
    widths = [end - start for start, end in zip([0, *ends], ends)]
    if min(widths) < 4:
        raise ValueError(f"a table of {total} characters is too narrow: give a larger line_length")
    rows = []
    for layer in in_range(network.layers, layer_range):
        rows += rows_of(network, layer, chain, show_trainable, expand_nested, "")
    text = [f'Model: "{network.name}"', *tables.table(header, aligns, rows, widths, total), *totals(network)]
    if print_fn is None:
        print("\n".join(text))
    else:
        print_fn("\n".join(text) + "\n")


def is_chain(graph):
    """Whether every layer has one input and one successor, and is called once."""
    heads = [s for s in graph.inputs]
    users = [s for call in graph.calls for s in call.parents]
    return len(heads) == 1 and not graph.shared and len(set(users)) == len(users) == len(graph.calls)


def rows_of(network, layer, chain, show_trainable, expand_nested, prefix):
    calls = calls_of(network.graph, layer)
    params = f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"
    cells = [f"{prefix}{layer.name} ({type(layer).__name__})", shapes_of(calls), params]
    if not chain:
        cells.append(", ".join(source(network.graph, s) for call in calls for s in call.parents) or "-")
    if show_trainable:
        cells.append(("Y" if layer.trainable else "N") if layer.weights else "-")
    rows = [cells]
    if expand_nested and hasattr(layer, "graph"):
        deeper = prefix.replace("└ ", "") + "   └ "
        for part in layer.layers:
            rows += rows_of(layer, part, True, show_trainable, expand_nested, deeper)
            if not chain:
                rows[-1] = [*rows[-1][:3], "-", *rows[-1][3:]]
    return rows


def calls_of(graph, layer):
    if graph is None:
        return []
    if isinstance(layer, InputLayer):
        return [layer.symbol.call]
    return [call for call in graph.calls if call.layer is layer]


def shapes_of(calls):
    """The output shape of a layer's last call; a list if it has several outputs, ? if it was never called."""
    if not calls:
        return "?"
    shapes = [f"({', '.join(map(str, s.shape))})" for s in calls[-1].outputs]
    return shapes[0] if len(shapes) == 1 else f"[{', '.join(shapes)}]"


def source(graph, symbol):
    """A symbol as layer[which call of it][which output]."""
    call = symbol.call
    return f"{call.layer.name}[{calls_of(graph, call.layer).index(call)}][{call.outputs.index(symbol)}]"


def in_range(layers, layer_range):
    if layer_range is None:
        return layers
    found = [[i for i, layer in enumerate(layers) if re.match(pattern, layer.name)] for pattern in layer_range]
    if len(found) != 2 or not all(found):
        raise ValueError(f"layer_range is two patterns for names of layers; got {layer_range!r}")
    first, last = min(found[0]), max(found[1])
    return layers[first : last + 1] if first <= last else layers[min(found[1]) : max(found[0]) + 1]


def totals(network):
    """The lines below the table."""
    trainable = list(network.trainable_weights.values())
    frozen = [w for name, w in network.weights.items() if name not in network.trainable_weights]
    memories = network.optimizer.arrays() if network.optimizer is not None else []
    counts = [trainable + frozen + memories, trainable, frozen] + ([memories] if memories else [])
    names = ["Total", "Trainable", "Non-trainable", "Optimizer"]
    return [
        f" {name} params: {sum(w.size for w in ws):,} ({size(sum(w.nbytes for w in ws))})"
        for name, ws in zip(names, counts)
    ]


def size(count):
    """A number of bytes, in the unit that suits it."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if count < 1024:
            return f"{count:.2f} {unit}"
        count /= 1024
    return f"{count:.2f} PB"
