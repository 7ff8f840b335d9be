"""What the figure of pooling asks, offers as settings and gives to copy."""

from .trace import choice
from .windows import cells, ravel, short, size_text

SIZES = [4, 5, 6, 7, 8]


def kind(p):
    return f"{p['kind'].capitalize()}Pooling{p['rank']}D"


def call(p):
    """The layer as one writes it, arguments at their default left out."""
    strides = f", strides={short(p['strides'])}" if p["strides"] else ""
    padding = f', padding="{p["padding"]}"' if p["padding"] != "valid" else ""
    return f"{kind(p)}({short(p['pool_size'])}{strides}{padding})"


def axes(p):
    return ["step"] if p["rank"] == 1 else ["row", "column"]


def controls(p):
    rank, each = p["rank"], axes(p)
    return [
        choice("view", "direction", ["forward", "backward"], look="switch"),
        choice("kind", "takes", ["max", "average"], look="switch"),
        *[choice(f"size.{a}", f"input {each[a]}s", SIZES) for a in range(rank)],
        *[choice(f"pool_size.{a}", f"window {each[a]}s", [1, 2, 3, 4]) for a in range(rank)],
        choice("strides", "strides", [None, *([n] * rank for n in (1, 2, 3))], labels=["None", "1", "2", "3"]),
        choice("padding", "padding", ["valid", "same"], look="switch"),
        choice("channels", "channels", [1, 2]),
    ]


def length_rule(n, k, s, padding):
    """How one output length comes about, as a formula with numbers."""
    if padding == "same":
        return f"ceil({n} / {s}) = {-(-n // s)}"
    return f"floor(({n} − {k}) / {s}) + 1 = {(n - k) // s + 1}"


def forward_asks(p, g, x):
    sums = zip(axes(p), g.size, g.pool, g.strides)
    lengths = ", ".join(f"{axis}s: {length_rule(*one, p['padding'])}" for axis, *one in sums)
    asks = [
        {
            "kind": "shape",
            "prompt": f"x has shape {size_text(g.x)}. What is the shape of y for one sample, channels last?",
            "answer": g.y,
            "veil": ["y", "n"] if p["kind"] == "average" else ["y"],
            "why": f"{lengths}; the channels stay {p['channels']}.",
        }
    ]
    places = list(cells(g.out))
    fewest = min(len(g.real(o)) for o in places)
    edge = next(o for o in places if len(g.real(o)) == fewest)
    at = ["y", ravel((*edge, 0), g.y)]
    hatched = len(g.window(edge)) - fewest
    if p["kind"] == "average":
        asks.append(
            {
                "kind": "number",
                "prompt": "By which number is the sum of the marked window divided?",
                "answer": fewest,
                "at": at,
                "hide": ["y", "n"],
                "why": f"Of the {fewest + hatched} cells of the window {hatched or 'none'} "
                f"{'are' if hatched > 1 else 'is'} padding, so {fewest} count{'s' if fewest == 1 else ''}.",
            }
        )
    else:
        top = max(value_at(g, x, cell) for cell in g.real(edge))
        asks.append(
            {
                "kind": "cell",
                "prompt": "Which cell of x wins the marked window?",
                "answer": [["x", ravel((*cell, 0), g.xp)] for cell in g.real(edge) if value_at(g, x, cell) == top],
                "at": at,
                "why": "The largest number of the window, sign and all. Padding can never win.",
            }
        )
    if any(map(sum, g.pad)):
        asks.append(
            {
                "kind": "choice",
                "prompt": "padding='same' lets windows reach past the edge. What stands there for this layer?",
                "options": [
                    "zeros",
                    "minus infinity" if p["kind"] == "max" else "nothing: not counted",
                    "the edge again",
                ],
                "answer": 1,
                "veil": ["x"],
                "hide": ["y", "n"] if p["kind"] == "average" else ["y"],
                "why": "Zeros would beat negative numbers."
                if p["kind"] == "max"
                else "Zeros that count would make the edge smaller than it is.",
            }
        )
    asks.append({"kind": "number", "prompt": "What is the marked cell of y?", "at": at, **value_ask(p, g, x, edge)})
    return asks


def value_at(g, x, cell):
    return x[(*(i - before for i, (before, _) in zip(cell, g.pad)), 0)]


def value_ask(p, g, x, o):
    values = [float(value_at(g, x, cell)) for cell in g.real(o)]
    if p["kind"] == "max":
        return {"answer": max(values), "why": "The largest number of its window."}
    return {"answer": sum(values) / len(values), "why": f"The sum of its window, divided by {len(values)}."}


def back_asks(p, g, x, panels, frames):
    gradient = [f for f in frames if f["to"][0] == "dX"]
    most = max(len(f["terms"]) for f in gradient)
    busy = next(f for f in gradient if len(f["terms"]) == most)
    asks = []
    if p["kind"] == "max":
        places, best = list(cells(g.out)), None
        for o in places:
            values = [value_at(g, x, cell) for cell in g.real(o)]
            if best is None and values.count(max(values)) > 1:
                best = o
        o = best or places[-1]
        k = ravel((*o, 0), g.y)
        asks += [
            {
                "kind": "cell",
                "prompt": "Which cell of dX gets the marked gradient?",
                "at": ["dY", k],
                "answer": [f["to"] for f in gradient if ["dY", k] in f["terms"]],
                "why": "It goes where the largest number of that window stood"
                + (", the first of them." if best else "."),
            },
            {
                "kind": "choice",
                "prompt": "The largest number stands in a window twice. Where does its gradient go?",
                "options": ["all of it to the first", "half of it to each", "all of it to each"],
                "answer": 0,
                "hide": [],
                "why": "One winner a window: the first in row order.",
            },
        ]
    else:
        smallest = min(panels["n"]["data"])
        o = len(panels["n"]["data"]) - 1 - panels["n"]["data"][::-1].index(smallest)
        asks.append(
            {
                "kind": "number",
                "prompt": "How much does each cell of the marked window get?",
                "at": ["share", o * p["channels"]],
                "answer": panels["share"]["data"][o * p["channels"]],
                "why": f"Its gradient divided by {smallest}, the number of real cells.",
            }
        )
    asks.append(
        {
            "kind": "number",
            "prompt": "What is the gradient of the marked cell of x?",
            "at": busy["to"],
            "answer": panels["dX"]["data"][busy["to"][1]],
            "why": f"Gradients of {most} windows meet in this cell and are added."
            if most > 1
            else "One window sends it its gradient."
            if p["kind"] == "max"
            else "One window sends it its share.",
        }
    )
    return asks
