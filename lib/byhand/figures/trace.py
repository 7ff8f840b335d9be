"""The trace: plain JSON that says which numbers were combined, in what order, into which result.

A trace is what Python hands to the stage. The stage draws it, steps through it and asks about it; it knows nothing of
layers. One trace:

    figure    name of the rule that made it ("conv", "pool", "transpose", "lstm")
    title     what the caption says, e.g. "Conv2D(1, 3)"
    params    the present settings by name: {"kernel_size": [3, 3], "strides": 1, "padding": "same", "view": "forward"}
    controls  [{"name", "label", "kind": "choice" | "flag" | "range", "options": [...] or "min"/"max"/"step"}]
    data      the reader's numbers by panel name, without padding; what an edit changes and the rule starts from
    panels    name -> {"label", "axes": [...], "shape": [...], "data": [flat, row-major],
                       "role": "input" | "weight" | "result" | "state" | "gradient" | "middle",
                       optional "edit": true, "pad": [[before, after] per axis], "padtext": "0" | "-inf",
                       "names": {axis: [labels]}, "look": "number" (default) | "bar" (0 to 1) | "heat" (signed colour)}
              A panel of shape (rows, columns) is one grid; (n,) is one row; further axes become blocks beside each other,
              named by "axes". A padded panel holds the padded array; "pad" says how many cells on each side are padding.
    layout    rows of panel names, top to bottom
    frames    the steps in order. Each makes one cell: {"to": [panel, index], "op": name, "terms": [...], optional
              "phase": word, "n": divisor, "note": sentence}. index is flat into the panel.
              A term is [panel, index] or [panel, index, panel, index]; the second form is a product.
    asks      [{"kind": "number" | "cell" | "shape" | "choice", "prompt", "answer", "why", optional "options", "at",
                "hide": [panels]}]
    bugs      [{"name", "label"}]: the wrong rules this figure can switch on
    code      {"keras": text, "numpy": text}
    receipt   one sentence: where the numbers come from and what they were compared with

Operations (`op`), each on the list v of its terms' values:
    dot, sum  the sum of v              max   the largest (the first, where equal)   mean   the sum of v over "n"
    sigmoid, tanh, relu   of the sum    set   the value given as "value" (a forced gate)   copy   v itself
"""

import math

OPERATIONS = {
    "dot": lambda v, frame: math.fsum(v),
    "sum": lambda v, frame: math.fsum(v),
    "max": lambda v, frame: max(v),
    "mean": lambda v, frame: math.fsum(v) / frame["n"],
    "sigmoid": lambda v, frame: 0.5 * (1 + math.tanh(0.5 * math.fsum(v))),
    "tanh": lambda v, frame: math.tanh(math.fsum(v)),
    "relu": lambda v, frame: max(0.0, math.fsum(v)),
    "set": lambda v, frame: frame["value"],
    "copy": lambda v, frame: v[0],
}


def value(trace, term):
    """The number a term stands for."""
    read = [trace["panels"][term[k]]["data"][term[k + 1]] for k in range(0, len(term), 2)]
    return math.prod(read)


def replay(trace):
    """(panel, index, shown number, number recomputed from the frame's own terms) for every frame."""
    for frame in trace["frames"]:
        panel, index = frame["to"]
        made = OPERATIONS[frame["op"]]([value(trace, t) for t in frame["terms"]], frame)
        yield panel, index, trace["panels"][panel]["data"][index], made
