"""What the figure of moving layers asks, its wrong rules, what its controls offer, and the code it gives to copy."""

from .rearrange_moves import call, family, order, shape_of
from .windows import array_code, size_text

LAYERS = [
    ["Flatten", "channels_last"],
    ["Flatten", "channels_first"],
    ["Reshape", [2, 2, 4]],
    ["Reshape", [3, 2, 2]],
    ["Reshape", [3, 2]],
    ["Reshape", [-1, 2]],
    ["Permute", [2, 1]],
    ["Permute", [2, 1, 3]],
    ["Permute", [3, 1, 2]],
    ["Permute", [3, 2, 1]],
    ["RepeatVector", 3],
    ["ZeroPadding1D", [[2, 0]]],
    ["ZeroPadding2D", [[1, 1], [1, 1]]],
    ["Cropping1D", [[1, 0]]],
    ["Cropping2D", [[1, 1], [1, 0]]],
    ["UpSampling1D", [2]],
    ["UpSampling2D", [2, 2]],
]
SHAPES = [[4], [2, 3], [3, 4], [4, 4, 1], [2, 2, 3], [3, 2, 2]]
LANDS = {
    "Reshape": "The order in memory stays.",
    "Permute": "The indices change places as dims says; the numbers follow.",
    "RepeatVector": "Each copy is the whole vector, in its order.",
    "ZeroPadding": "The zeros put in before it move it on.",
    "Cropping": "What is cut off before it moves it back.",
    "UpSampling": "The copies of a cell stand beside it.",
}
SIZES = {
    "Flatten": "All sizes multiplied.",
    "Reshape": "-1 stands for what is left when all numbers are to have a place.",
    "Permute": "Entry k of dims says which axis of x becomes axis k of y, counted from 1.",
    "RepeatVector": "The copies are a new axis in front of the features.",
    "ZeroPadding": "Before and after are added on the axes of space. The last axis stays.",
    "Cropping": "Before and after are taken off the axes of space. The last axis stays.",
    "UpSampling": "The axes of space are multiplied. The last axis stays.",
}


def named(known):
    return [{"name": name, "label": label} for name, label, there in known if there]


def place(name, flat, shape):
    """x[1, 2], the name of a cell; last axes of one cell are left out."""
    index = []
    for n in reversed(shape):
        flat, k = divmod(flat, n)
        if index or n > 1:
            index.insert(0, str(k))
    index = index or ["0"]
    return f"{name}[{', '.join(index)}]"


def bugs(move, shape):
    kind, setting = move
    rank, of = len(shape), family(kind)
    several, first = rank > 1, setting == "channels_first"
    return named(
        [
            ("read", "x is read column by column", of in ("Flatten", "Reshape") and several),
            ("written", "y is filled column by column", kind == "Reshape" and len(setting) > 1),
            ("columns", "x is read and y filled column by column", kind == "Reshape" and several),
            ("front", "the channels are moved to the front first", setting == "channels_last" and rank == 3),
            ("front", "the last axis is moved to the front, not the first to the end", first and rank == 3),
            ("kept", "the channels are not moved last", first and several),
            ("kept", "only the shape changes and the order in memory stays", kind == "Permute"),
            ("zero", "dims are counted from 0", kind == "Permute"),
            ("inverse", "dims say where an axis goes, instead of where it comes from", kind == "Permute"),
            ("reversed", "the order of all axes is reversed", kind == "Permute"),
            ("each", "each number is repeated, instead of the whole vector", kind == "RepeatVector"),
            ("few", "there is one copy too few, and zeros in its place", kind == "RepeatVector"),
            ("shifted", "each copy begins one number later", kind == "RepeatVector"),
            ("after", "all zeros are put behind", of == "ZeroPadding"),
            ("before", "all zeros are put in front", of == "ZeroPadding"),
            ("edge", "the border is repeated, instead of zeros put in", of == "ZeroPadding"),
            ("after", "all is cut off the end", of == "Cropping"),
            ("before", "all is cut off the beginning", of == "Cropping"),
            ("tiled", "the whole is repeated, instead of each cell", of == "UpSampling"),
            ("zeros", "zeros stand between the cells, instead of copies", of == "UpSampling"),
        ]
    )


def back_bugs(move, shape):
    kind, _ = move
    of, several = family(kind), len(shape) > 1
    copies = of in ("RepeatVector", "UpSampling")
    return named(
        [
            ("read", "x is filled column by column", of in ("Flatten", "Reshape") and several),
            ("columns", "dY is read and dX filled column by column", kind == "Reshape" and several),
            ("kept", "only the shape goes back and the order in memory stays", kind == "Permute"),
            ("again", "the same dims are applied again, instead of the way back", kind == "Permute"),
            ("mean", "the gradients of the copies are averaged instead of added up", copies),
            ("first", "the first copy alone sends its gradient", copies),
            ("last", "the last copy alone sends its gradient", copies),
            ("after", "the gradients are read from the first cells on", of == "ZeroPadding"),
            ("before", "the gradients are read from the last cells", of == "ZeroPadding"),
            ("edge", "the zeros send their gradients to the border", of == "ZeroPadding"),
            ("after", "the gradients are put at the beginning", of == "Cropping"),
            ("before", "the gradients are put at the end", of == "Cropping"),
        ]
    )


def asks(p, made):
    kind, setting = made.move
    of, source, target = family(kind), made.source, made.target
    landed = sorted({s for s in source if s is not None})
    s = landed[2 * len(landed) // 3]
    lands = [["y", k] for k, from_ in enumerate(source) if from_ == s]
    asked = [
        {
            "kind": "cell",
            "prompt": f"Where does {place('x', s, made.shape)} land? Select "
            + ("its cell of y." if len(lands) == 1 else "one of its cells of y."),
            "answer": lands,
            "why": why_there(made, s),
        }
    ]
    if kind != "Reshape" or -1 in setting:
        asked.append(
            {
                "kind": "shape",
                "prompt": f"x has shape {size_text(made.shape)}. What is the shape of y, without the batch axis?",
                "answer": target,
                "why": SIZES[of],
            }
        )
    straight = list(range(len(made.letters)))
    if kind in ("Flatten", "Reshape", "Permute"):
        stays = source == straight
        asked.append(
            {
                "kind": "choice",
                "prompt": "In memory, do the numbers of y stand in the same order as those of x?",
                "options": ["yes", "no"],
                "answer": 0 if stays else 1,
                "why": "y reads the same row by other sizes." if stays else "The numbers had to be moved.",
            }
        )
    return asked + which(made, straight)


def why_there(made, s):
    kind, setting = made.move
    if kind == "Flatten" and setting == "channels_first":
        return "The channels, here the first axis, go last, and then all is written row by row."
    if kind in ("Flatten", "Reshape"):
        return f"{LANDS['Reshape']} It is number {s} there, counted from 0, before and after."
    return LANDS[family(kind)]


def which(made, straight):
    """The question whether Reshape or Permute made a row, where the two differ: about the one that is not on view."""
    rank = len(made.shape)
    dims = list(range(rank, 0, -1))
    moved = order(made.shape, [d - 1 for d in dims])
    if rank < 2 or moved == straight:
        return []
    target = shape_of(["Permute", dims], made.shape)
    reshaped = made.move[0] == "Permute"
    row = ", ".join(map(str, (straight if reshaped else moved)[:6]))
    return [
        {
            "kind": "choice",
            "prompt": f"Another layer makes shape {size_text(target)} of this x. In memory its output begins with what "
            f"stood at places {row} of x. Which layer is it?",
            "options": [call(["Reshape", target]), call(["Permute", dims])],
            "answer": 0 if reshaped else 1,
            "why": "The order in memory stays: Reshape." if reshaped else "The order in memory changes: Permute.",
        }
    ]


def back_asks(p, made, found):
    kind, setting = made.move
    gradients = made.dY.ravel()
    marked = len(found) // 2
    sending = [i for i, places in enumerate(found) if places]
    i = sending[2 * len(sending) // 3]
    silent = [["dX", k] for k, places in enumerate(found) if not places]
    lost = [["dY", k] for k, s in enumerate(made.source) if s is None]
    asked = [
        {
            "kind": "cell",
            "prompt": f"Which cell of dY sends its gradient to {place('dX', i, made.shape)}? Select one.",
            "answer": [["dY", k] for k in found[i]],
            "why": "The gradient of a number goes back to where the number came from.",
        },
        {
            "kind": "number",
            "prompt": "Which number arrives in the marked cell of dX?",
            "answer": sum(float(gradients[k]) for k in found[marked]),
            "why": "The gradients of all its copies, added up."
            if len(found[marked]) > 1
            else "It went to one cell, and that cell's gradient comes back."
            if found[marked]
            else "It was cut off: nothing comes back.",
            "at": ["dX", marked],
        },
    ]
    if silent:
        asked.append(
            {
                "kind": "cell",
                "prompt": "Select a cell of dX that gets 0, whatever dY is.",
                "answer": silent,
                "why": "It was cut off. Nothing that follows depends on it.",
            }
        )
    if lost:
        asked.append(
            {
                "kind": "cell",
                "prompt": "Select a cell of dY whose gradient goes nowhere.",
                "answer": lost,
                "why": "A zero was put in there. It came from no number of x.",
            }
        )
    if family(kind) in ("RepeatVector", "UpSampling"):
        asked.append(
            {
                "kind": "number",
                "prompt": "Suppose every number of dY is 1. Which number stands in each cell of dX?",
                "answer": len(found[0]),
                "why": "One for each copy.",
            }
        )
    back = [setting.index(d) + 1 for d in range(1, len(setting) + 1)] if kind == "Permute" else setting
    if back != setting:
        asked.append(
            {
                "kind": "choice",
                "prompt": "Which layer takes dY the way back?",
                "options": [call([kind, back]), call([kind, setting])],
                "answer": 0,
                "why": "Axis 1 of x stands in y where dims has a 1, and so on: the inverse order.",
            }
        )
    return asked


def code(p, made):
    """The present setting to copy, with Keras and with this book's layer."""
    kind = made.move[0]
    layer = [f"layer = {call(made.move)}", f"x = {array_code(made.x[None])}"]
    own = ["import numpy as np", f"from byhand.layers import {kind}", "", *layer, "y = layer(x)"]
    if p["view"] == "forward":
        keras = ["import numpy as np", f"from keras.layers import {kind}", "", *layer, "y = layer(x)"]
        return {"keras": "\n".join(keras), "numpy": "\n".join(own)}
    dy = f"dy = {array_code(made.dY[None])}"
    tape = [
        dy,
        "x = tf.Variable(x, dtype=tf.float32)",
        "with tf.GradientTape() as tape:",
        "    y = layer(x)",
        "dx = tape.gradient(y, x, tf.constant(dy, tf.float32))",
    ]
    start = ["import numpy as np", "import tensorflow as tf", f"from tensorflow.keras.layers import {kind}", ""]
    own += [dy, "dx = layer.backward(dy)"]
    return {"keras": "\n".join([*start, *layer, *tape]), "numpy": "\n".join(own)}
