"""What the figure of a convolution refuses and asks, the bugs it knows, its controls and its code to copy."""

import math

from .trace import choice
from .windows import cells, ravel, short, size_text, window

AXES = {
    1: ["step", "channel", "filter"],
    2: ["row", "column", "channel", "filter"],
    3: ["frame", "row", "column", "channel", "filter"],
}
KERNEL = AXES | {3: ["slice", *AXES[3][1:]]}
SIDES = {"frame": ("front", "back"), "row": ("top", "bottom"), "column": ("left", "right"), "step": ("left", "right")}
MOST = 150  # cells of a clip; with more of them nobody sees the box


def refusal(p):
    """The sentence that says why these settings make no figure, or None. Keras refuses the first two as well."""
    if max(p["strides"]) > 1 and max(p["dilation_rate"]) > 1:
        return "Keras refuses strides and dilation above 1 at the same time. Set one of them back to 1."
    if p["padding"] == "valid":
        for n, k, d in zip(p["size"], p["kernel_size"], p["dilation_rate"]):
            span = (k - 1) * d + 1
            if span > n:
                far = f" with dilation {d} spans {span} cells and" if d > 1 else ""
                return f"A kernel of {k}{far} does not fit into {n} cells without padding. Take a smaller one, or same."
    if p["padding"] == "causal" and p["rank"] > 1:
        return "Causal padding is for Conv1D: only time has a before and an after."
    if p["view"] == "backward" and p["activation"]:
        return "The backward view is drawn without an activation."
    if p["rank"] == 3 and drawn(p) > MOST:
        return f"A panel would have {drawn(p)} cells; the figure draws {MOST}. Take fewer frames, rows or channels."
    return None


def drawn(p):
    """The cells of the largest panel, padding included."""
    back = p["view"] == "backward"
    reach = [(k - 1) * d if back or p["padding"] == "same" else 0 for k, d in zip(p["kernel_size"], p["dilation_rate"])]
    return math.prod(n + r for n, r in zip(p["size"], reach)) * max(p["channels"], p["filters"] if back else 1)


def forward_asks(p, g):
    axes, asks = AXES[p["rank"]], []
    lengths = ", ".join(
        f"{axis}s: {length_rule(*one, p['padding'])}"
        for axis, *one in zip(axes, g.size, g.kernel, g.strides, g.dilation)
    )
    asks.append(
        {
            "kind": "shape",
            "prompt": f"x has shape {size_text(g.x)}. What is the shape of y for one sample, channels last?",
            "answer": g.y,
            "why": f"{lengths}; the last axis counts the filters, {p['filters']}.",
        }
    )
    if p["padding"] == "causal":
        asks.append(
            {
                "kind": "choice",
                "prompt": f"padding='causal' adds {g.pad[0][0]} zeros to x. Where do they stand?",
                "options": ["all before the first step", "all after the last step", "half on each side"],
                "answer": 0,
                "why": "A window then ends at its own step and never sees a later one.",
                "veil": ["x", "y"],
            }
        )
    odd = [a for a in range(p["rank"]) if p["padding"] == "same" and sum(g.pad[a]) % 2]
    if odd:
        a = odd[0]
        n = sum(g.pad[a])
        before, after = SIDES[axes[a]]
        asks.append(
            {
                "kind": "choice",
                "prompt": f"padding='same' needs {n} more {axes[a]}{'s' if n > 1 else ''} of zeros, an odd number. "
                "On which side does Keras put the odd one?",
                "options": [before, after, "half a cell on each side"],
                "answer": 1,
                "why": f"Keras puts {g.pad[a][0]} on the {before} and {g.pad[a][1]} on the {after}.",
                "veil": ["x", "y"],
            }
        )
    touching = [
        ["y", ravel((*o, f), g.y)]
        for o in cells(g.out)
        for f in range(p["filters"])
        if any(outside(cell, g) for _, cell in window(o, g.kernel, g.strides, g.dilation))
    ]
    if touching and len(touching) < len(list(cells(g.y))):
        asks.append(
            {
                "kind": "cell",
                "prompt": "Select a cell of y whose window reaches into the padding.",
                "answer": touching,
                "why": "Its window covers at least one hatched cell.",
            }
        )
    return asks


def clip_asks(p, g, w):
    """Questions about time."""
    asks, deep, last = [], g.kernel[0], g.pad[0][0] + p["size"][0] - 1
    late = [
        ["y", i]
        for i, (t, *_) in enumerate(cells(g.y))
        if any(t * g.strides[0] + j * g.dilation[0] == last for j in range(deep))
    ]
    if late and len(late) < math.prod(g.y):
        asks.append(
            {
                "kind": "cell",
                "prompt": "Select a cell of y that reads the last frame of x.",
                "answer": late,
                "why": f"The kernel is {deep} slice{'s' if deep > 1 else ''} deep and reaches the last one at the end.",
            }
        )
    if g.strides[0] == 1 and g.pad[0][0] == g.pad[0][1]:
        same = bool((w == w[::-1]).all())
        asks.append(
            {
                "kind": "choice",
                "prompt": "Any clip is played backwards, the kernel stays as it is. What does y do?",
                "options": ["its frames come backwards, with the same numbers", "it may take other numbers"],
                "answer": 0 if same else 1,
                "why": "The kernel is the same in both directions of time."
                if same
                else "The first slice of the kernel meets what was later before.",
            }
        )
    return asks


def backward_asks(p, g):
    corner = ", ".join("0" * p["rank"])
    meets = sum(
        all(i == before for i, (before, _) in zip(cell, g.pad))
        for o in cells(g.out)
        for _, cell in window(o, g.kernel, g.strides, g.dilation)
    )
    first = "step" if p["rank"] == 1 else "pixel"
    return [
        {
            "kind": "shape",
            "prompt": "What is the shape of dW, the gradient of the kernel?",
            "answer": g.w,
            "why": "A gradient always has the shape of what it belongs to: one number for each weight.",
            "veil": ["dX", "dW", "db", "W↻"],
        },
        {
            "kind": "number",
            "prompt": f"From how many cells of dY does the first {first} x[{corner}] get its gradient, for each "
            "channel and filter?",
            "answer": meets,
            "why": f"It was inside {meets} window{'' if meets == 1 else 's'} on the way forward, and "
            f"{'that' if meets == 1 else 'each'} sends one back.",
            "at": ["dX", 0],
        },
    ]


def length_rule(n, k, s, d, padding):
    """How one output length comes about, as a formula with numbers."""
    if padding != "valid":
        return f"ceil({n} / {s}) = {-(-n // s)}"
    span = (k - 1) * d + 1
    return f"floor(({n} − {span}) / {s}) + 1 = {(n - span) // s + 1}"


def outside(cell, g):
    """Whether a cell of the padded input is padding."""
    return any(not before <= i < before + n for i, n, (before, _) in zip(cell, g.size, g.pad))


def odd_shift(p, g):
    """How far each axis moves when its padding is put on the wrong side."""
    if p["padding"] == "causal":
        return [before for before, _ in g.pad]
    return [before - after for before, after in g.pad]


def forward_bugs(p, g):
    sided = p["padding"] != "valid" and any(odd_shift(p, g))
    causal = "all the padding stands after the last step, so a step sees the future"
    odd = "the odd line of padding stands before the first cell instead of after the last"
    late = "every window begins one step too late" if p["rank"] == 1 else "every window begins one column too far right"
    taps = max(g.kernel) > 1
    deep = p["rank"] == 3 and g.kernel[0] > 1
    known = [
        ("flip", "the kernel is flipped", taps),
        ("swap", "rows and columns of the kernel are exchanged", p["rank"] == 2 and taps and len(set(g.kernel)) == 1),
        ("time", "the slices of the kernel are laid on in reverse order", deep and max(g.kernel[1:]) > 1),
        ("flat", "only the first slice of the kernel is summed", deep),
        ("short", "the last weight of the kernel is left out", taps),
        ("late", late, True),
        ("pad", causal if p["padding"] == "causal" else odd, sided),
        ("bias", "the bias is forgotten", p["use_bias"]),
        ("stride", "the window moves one cell too few at every step", max(g.strides) > 1),
        ("dilation", "the dilation is ignored", taps and max(g.dilation) > 1),
        ("channel", "only the first channel is summed", p["channels"] > 1),
    ]
    return [{"name": name, "label": label} for name, label, there in known if there]


def backward_bugs(g):
    known = [
        ("flip", "the kernel is not flipped on the way back", max(g.kernel) > 1),
        ("mean", "dW is averaged over the windows instead of summed", max(g.out) > 1),
        ("first", "dW leaves out the first window", True),
    ]
    return [{"name": name, "label": label} for name, label, there in known if there]


def controls(p):
    rank, axes = p["rank"], AXES[p["rank"]]
    clip = rank == 3
    each = [[[n] * rank for n in range(1, top + 1)] for top in (2 if clip else 3, 2)]
    lengths = [[2, 3, 4], [3, 4, 5], [3, 4, 5]] if clip else [[4, 5, 6, 7, 8]] * rank
    made = [choice("view", "direction", ["forward", "backward"], look="switch")]
    for a in range(rank):
        made.append(choice(f"size.{a}", f"input {axes[a]}s", lengths[a]))
    for a in range(rank):
        made.append(choice(f"kernel_size.{a}", f"kernel {KERNEL[rank][a]}s", [1, 2, 3] if clip else [1, 2, 3, 4, 5]))
    made.append(choice("strides", "strides", each[0], labels=["1", "2", "3"][: len(each[0])]))
    made.append(choice("padding", "padding", ["valid", "same"] + (["causal"] if rank == 1 else [])))
    made.append(choice("dilation_rate", "dilation", each[1], labels=["1", "2"]))
    made.append(choice("channels", "channels", [1, 2] if clip else [1, 2, 3]))
    made.append(choice("filters", "filters", [1, 2]))
    return made


def kind(p):
    return f"Conv{p['rank']}D"


def call(p):
    """The constructor call with what differs from Keras' defaults."""
    text = f"{p['filters']}, {short(p['kernel_size'])}"
    if max(p["strides"]) > 1:
        text += f", strides={short(p['strides'])}"
    if p["padding"] != "valid":
        text += f', padding="{p["padding"]}"'
    if max(p["dilation_rate"]) > 1:
        text += f", dilation_rate={short(p['dilation_rate'])}"
    if p["activation"]:
        text += f', activation="{p["activation"]}"'
    if not p["use_bias"]:
        text += ", use_bias=False"
    return f"{kind(p)}({text})"
