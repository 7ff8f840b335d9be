"""What the wiring figure refuses and asks, the bugs it knows, its controls and its code to copy."""

import math

from .trace import choice
from .windows import cells, ravel, short

KINDS = ["full", "grouped", "depthwise", "separable", "pointwise"]


def kind(p):
    return {"depthwise": "DepthwiseConv2D", "separable": "SeparableConv2D"}.get(p["kind"], "Conv2D")


def call(p):
    """The constructor call with what differs from Keras' defaults."""
    size = short(p["kernel_size"])
    text = {"depthwise": size, "pointwise": f"{p['filters']}, 1"}.get(p["kind"], f"{p['filters']}, {size}")
    if p["kind"] == "grouped":
        text += f", groups={p['groups']}"
    if p["kind"] in ("depthwise", "separable") and p["depth_multiplier"] > 1:
        text += f", depth_multiplier={p['depth_multiplier']}"
    if not p["use_bias"]:
        text += ", use_bias=False"
    return f"{kind(p)}({text})"


def controls(p):
    def pairs(name, label, options):
        return choice(name, label, [[n, n] for n in options], labels=[f"{n} by {n}" for n in options])

    made = [
        choice("view", "direction", ["forward", "backward"], look="switch"),
        choice("kind", "kind", KINDS),
        choice("channels", "channels in", [1, 2, 3, 4, 6]),
        choice("filters", "filters", [1, 2, 3, 4, 6]),
        choice("groups", "groups", [1, 2, 3, 4, 6]),
        choice("depth_multiplier", "depth multiplier", [1, 2, 3]),
        pairs("kernel_size", "kernel", [1, 2, 3]),
        {"name": "use_bias", "label": "bias", "kind": "flag"},
    ]
    if p["view"] == "forward":
        made.append(pairs("out", "output size", [1, 4, 28, 112]))
    return made


def bugs(p, plan):
    """The wrong rules that make sense under these settings."""
    forward, first, c = p["view"] == "forward", plan.steps[0], p["channels"]
    biased, grouped, deep = forward and p["use_bias"], plan.groups > 1, first.weight == "D"
    before = c if first.weight == "D" and not plan.middle else plan.steps[-1].channels // plan.steps[-1].groups
    known = [
        ("next", "each group reads the channels of the group after it", grouped),
        ("dealt", "the channels are dealt out to the groups in turn, not in blocks", grouped and c > plan.groups),
        ("alone", "each filter reads one channel alone, as in a depthwise layer", not grouped and not deep and c > 1),
        (
            "order",
            "the copies of a channel do not stand side by side, but C places apart",
            deep and p["depth_multiplier"] > 1 < c,
        ),
        ("mixed", "the depthwise kernels add up all channels", deep and c > 1),
        ("forgotten", "the bias is forgotten", biased),
        (
            "each",
            "the bias is added once for each channel that is read",
            biased and (not deep or plan.middle) and before > 1,
        ),
        ("twice", "the depthwise step adds a bias as well", biased and plan.middle),
        (
            "undivided",
            "the kernel is counted as if every output read every channel",
            forward and c > 1 and (grouped or deep and not plan.middle),
        ),
        ("both", "the biases of both steps are counted, but only one step has them", biased and plan.middle),
        ("last", "where several gradients meet, the last one replaces the others", not forward),
        ("mean", "the gradients that meet are averaged, not added", not forward),
    ]
    return [{"name": name, "label": label} for name, label, there in known if there]


def times(numbers):
    return " · ".join(map(str, numbers))


def counts(p, plan):
    """(number of weights, the sum that makes it, multiplications, the product that makes them)."""
    shapes = [s.shape for s in plan.steps]
    kernels = [math.prod(shape) for shape in shapes]
    said = " + ".join([*map(times, shapes), *([str(plan.out)] if p["use_bias"] else [])])
    products = sum(kernels) * math.prod(p["out"])
    inner = str(kernels[0]) if len(kernels) == 1 else f"({' + '.join(map(str, kernels))})"
    return sum(kernels) + plan.out * p["use_bias"], said, products, f"{inner} · {times(p['out'])}"


def forward_asks(p, plan, panels):
    made = ["y", "cost", *(["M"] if plan.middle else [])]
    weights = [s.weight for s in plan.steps]
    total, sum_text, products, product_text = counts(p, plan)
    height, width = p["out"]
    step, last = plan.steps[0], plan.steps[-1]
    asks = [
        {
            "kind": "number",
            "prompt": "How many weights does this layer have" + (", biases included?" if p["use_bias"] else "?"),
            "answer": total,
            "veil": [*weights, *(["b"] if p["use_bias"] else []), "cost"],
            "hide": [],
            "why": f"{sum_text} = {total}.",
        },
        {
            "kind": "choice",
            "prompt": f"Can channel 0 of x change the last channel of y, number {plan.out - 1}?",
            "options": ["yes", "no"],
            "answer": 0 if reaches(plan, 0, plan.out - 1) else 1,
            "hide": made,
            "why": why_reached(p, plan),
        },
        {
            "kind": "shape",
            "prompt": f"What is the shape of {last.weight}, the {panels[last.weight]['label']}?",
            "answer": last.shape,
            "veil": [last.weight, *made],
            "why": "Height, width, channels that one output reads, outputs."
            if last.weight != "D"
            else "Height, width, channels, depth multiplier: each channel has kernels of its own.",
        },
        {
            "kind": "number",
            "prompt": f"How many multiplications does an output of {height} by {width} take?",
            "answer": products,
            "hide": ["cost"],
            "why": f"{product_text} = {products}. A position uses each weight once, and a bias is only added.",
        },
    ]
    partly = len(step.wires) < step.channels * step.out
    if partly:
        asks.append(reader_ask(step, made))
    if plan.middle and p["use_bias"]:
        asks.append(
            {
                "kind": "number",
                "prompt": "How many biases does this layer have?",
                "answer": plan.out,
                "veil": ["b", "cost"],
                "hide": [],
                "why": f"One for each filter, {plan.out}. Between the two steps there is none.",
            }
        )
    return asks


def reaches(plan, channel, output):
    """Whether a channel of x can change a channel of y."""
    here = {channel}
    for step in plan.steps:
        here = {f for c, f in step.wires if c in here}
    return output in here


def why_reached(p, plan):
    if plan.middle:
        return "The depthwise step keeps the channels apart, but the pointwise step reads all of them."
    if p["kind"] == "depthwise":
        m, last = p["depth_multiplier"], plan.out - 1
        return f"A depthwise layer never mixes channels: y {last} is made from channel {last // m} of x alone."
    if plan.groups > 1:
        each = plan.out // plan.groups
        belong = "output belongs" if each == 1 else "outputs belong"
        return f"{each} {belong} to each group, and a group reads its own channels only."
    return "Every filter reads every channel."


def channels_said(channels):
    """ "channel 0", "channels 0 and 1", "channels 0, 1 and 2"."""
    *most, last = map(str, channels)
    return f"channels {', '.join(most)} and {last}" if most else f"channel {last}"


def reader_ask(step, made):
    """Which cells of x make one channel after the first step?"""
    f = step.out - 2 if step.out > 2 else step.out - 1
    channels = sorted({c for c, out in step.wires if out == f})
    window = [*step.size, step.channels]
    return {
        "kind": "cell",
        "prompt": f"Select a cell of x that is used for channel {f} of {step.target}.",
        "at": [step.target, f],
        "answer": [["x", ravel((*tap, c), window)] for c in channels for tap in cells(step.size)],
        "hide": made,
        "why": f"It reads {channels_said(channels)} of x and no other.",
    }


def backward_asks(p, plan, panels):
    step = plan.steps[0]
    source = {"y": "dY", "M": "dM"}[step.target]
    senders = [f for c, f in step.wires if c == 0]
    asks = [
        {
            "kind": "number",
            "prompt": f"From how many channels of {source} does channel 0 of dX get its gradient?",
            "answer": len(senders),
            "at": ["dX", 0],
            "why": f"From {channels_said(senders)}, which read{'' if len(senders) > 1 else 's'} channel 0 on the way "
            "forward.",
        },
        {
            "kind": "shape",
            "prompt": f"What is the shape of d{step.weight}, the gradient of {step.weight}?",
            "answer": step.shape,
            "veil": [name for name in panels if name.startswith("d") and name != "dY"] + [s.weight for s in plan.steps],
            "why": "A gradient has the shape of what it belongs to: one number for each weight.",
        },
    ]
    if len(senders) < step.out:
        asks.append(
            {
                "kind": "cell",
                "prompt": f"Select a cell of {source} that sends nothing to channel 0 of x.",
                "answer": [[source, f] for f in range(step.out) if f not in senders],
                "why": "No wire leads from there to channel 0.",
            }
        )
    return asks
