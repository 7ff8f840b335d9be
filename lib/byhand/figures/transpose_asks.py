"""What the figure of transposed convolution asks, offers as settings and gives to copy."""

from ..layers.convolution_transpose import transposed_length
from ..layers.windows import output_length
from .trace import choice
from .windows import cells, ravel, short, size_text

AXES = {1: ["step"], 2: ["row", "column"]}
TRIP = 23  # a length that a convolution with strides shares with its neighbours


def kind(p):
    return f"Conv{p['rank']}DTranspose"


def call(p):
    """The layer as one writes it, arguments at their default left out."""
    text = f"1, {short(p['kernel_size'])}"
    if max(p["strides"]) > 1:
        text += f", strides={short(p['strides'])}"
    if p["padding"] != "valid":
        text += f', padding="{p["padding"]}"'
    if p["output_padding"]:
        text += f", output_padding={short(p['output_padding'])}"
    if not p["use_bias"]:
        text += ", use_bias=False"
    return f"{kind(p)}({text})"


def controls(p):
    rank, axes = p["rank"], AXES[p["rank"]]
    extra = [None, *([n] * rank for n in (0, 1, 2))]
    return [
        choice("view", "direction", ["forward", "backward"], look="switch"),
        *[choice(f"size.{a}", f"input {axes[a]}s", [2, 3, 4, 5] if rank == 1 else [2, 3, 4]) for a in range(rank)],
        *[choice(f"kernel_size.{a}", f"kernel {axes[a]}s", [2, 3, 4, 5]) for a in range(rank)],
        choice("strides", "strides", [[n] * rank for n in (1, 2, 3)], labels=["1", "2", "3"]),
        choice("padding", "padding", ["valid", "same"], look="switch"),
        choice("output_padding", "output_padding", extra, labels=["None", "0", "1", "2"]),
    ]


def length_rule(p, g, a):
    """How the output length along one axis comes about, as a formula with numbers."""
    return rule_text(g.size[a], g.kernel[a], g.strides[a], p["padding"], p["output_padding"] and p["output_padding"][a])


def rule_text(n, k, s, padding, extra):
    length = transposed_length(n, k, s, padding, extra)
    if extra is None:
        return f"{n} · {s} = {length}" if padding == "same" else f"{n} · {s} + max({k} − {s}, 0) = {length}"
    less = f" − 2 · {k // 2}" if padding == "same" else ""
    return f"({n} − 1) · {s} + {k} + {extra}{less} = {length}"


def forward_asks(p, g, panels):
    axes = AXES[p["rank"]]
    rules = ", ".join(f"{axes[a]}s: {length_rule(p, g, a)}" for a in range(p["rank"]))
    drawn = [*(["stamps"] if p["rank"] == 1 else []), "y", "hits", "z", "y′"]
    hits = panels["hits"]["data"]
    most = max(hits)
    full = [["y", k] for k, n in enumerate(hits) if n == most]
    k, s, extra = g.kernel[-1], g.strides[-1], p["output_padding"] and p["output_padding"][-1]
    short_trip = output_length(TRIP, k, s, p["padding"])
    shares = [n for n in range(1, 60) if n >= k and output_length(n, k, s, p["padding"]) == short_trip]
    asks = [
        {
            "kind": "shape",
            "prompt": f"x has shape {size_text([*g.size, 1])}. What is the shape of y for one sample, channels last?",
            "answer": [*g.out, 1],
            "veil": drawn,
            "why": f"{rules}; one filter.",
        },
        {
            "kind": "number",
            "prompt": f"A convolution with this kernel size, stride and padding makes {short_trip} cells of {TRIP}. "
            f"How many does this layer make of {short_trip}?",
            "answer": transposed_length(short_trip, k, s, p["padding"], extra),
            "hide": [],
            "why": f"{rule_text(short_trip, k, s, p['padding'], extra)}. "
            f"The convolution makes {short_trip} of {' and of '.join(map(str, shares))}, so the way back is a choice.",
        },
    ]
    if len(full) < len(hits):
        asks.append(
            {
                "kind": "cell",
                "prompt": "Select a cell of y on which the most stamps land.",
                "answer": full,
                "hide": ["y", "y′", "hits"],
                "why": "One stamp lands there, and nowhere two." if most == 1 else f"{most} stamps land there.",
            }
        )
    even = all(k % s == 0 for k, s in zip(g.kernel, g.strides))
    asks.append(
        {
            "kind": "choice",
            "prompt": "Away from the edges, does each cell of y get the same number of stamps?",
            "options": ["yes", "no, some get more: a checkerboard"],
            "answer": 0 if even else 1,
            "hide": ["hits"],
            "why": "The stride divides the kernel size, so the stamps cover the canvas evenly."
            if even
            else "The stride does not divide the kernel size, so some cells get more stamps than their neighbours.",
        }
    )
    at = full[0]
    asks.append(
        {
            "kind": "number",
            "prompt": "What is the marked cell of y?",
            "at": at,
            "answer": panels["y"]["data"][at[1]],
            "hide": ["y", "y′"],
            "why": "One stamp lies there." if most == 1 else f"The numbers of {most} stamps add up there.",
        }
    )
    return asks


def back_asks(p, g, panels, frames):
    middle = [n // 2 for n in g.size]
    at = ravel(middle, g.size)
    frame = next(f for f in frames if f["to"] == ["dX", at])
    pad = panels["dY"]["pad"]
    own = {ravel([i + before for i, (before, _) in zip(o, pad)], g.canvas) for o in cells(g.out)}
    return [
        {
            "kind": "choice",
            "prompt": "Which layer walks over dY as the way back does?",
            "options": ["a convolution with the same kernel and stride", "a transposed convolution", "a pooling layer"],
            "answer": 0,
            "hide": [],
            "why": "dX is a convolution of dY with W, moved by the stride. The layer is its transpose.",
        },
        {
            "kind": "cell",
            "prompt": "Select a cell of dY that reaches the marked cell of dX.",
            "at": ["dX", at],
            "answer": [term[:2] for term in frame["terms"] if term[1] in own],
            "why": "The cells on which x of that place put its stamp, and no others.",
        },
        {
            "kind": "number",
            "prompt": "What is the marked cell of dX?",
            "at": ["dX", at],
            "answer": panels["dX"]["data"][at],
            "why": "Each cell of its stamp, times the weight that made it.",
        },
    ]
