"""The trace: plain JSON that says which numbers were combined, in what order, into which result.

A trace is what Python hands to the stage. The stage draws it, steps through it and asks about it; it knows nothing of
layers. One trace:

    figure    name of the rule that made it ("conv", "pool", "transpose", "lstm")
    title     what the caption says, e.g. "Conv2D(1, 3)". It never tells a result or an output shape.
    params    the present settings by name: {"kernel_size": [3, 3], "padding": "same", "view": "forward"}
    edits     the reader's changes, echoed: what was laid over the figure's own numbers (empty at first)
    controls  [{"name", "label", "kind": "choice" | "flag" | "range", "options": [any JSON] with optional
              "labels": [text], or "min"/"max"/"step", optional "look": "switch" (a choice drawn as buttons)}].
              A name may point into a list: "kernel_size.0". A present value that is not among the options is added to
              them by the stage.
    data      the figure's own numbers: name -> {"shape": [...], "data": [flat, row-major]}, without padding. `edits`
              has the same form and wins. The rule starts from both; where a setting asks for more numbers than there
              are, it fills up by a fixed pattern (`windows.fit`).
    panels    name -> {"label", "axes": [...], "shape": [...], "data": [flat, row-major],
                       "role": "input" | "weight" | "result" | "state" | "gradient" | "middle",
                       optional "edit": true, "pad": [[before, after] per axis], "padtext": "0" | "-inf",
                       "zeros": [flat indices] (further cells that are no data: zeros put between the numbers),
                       "ground": word (what the cells of "pad" are called where they are part of the array),
                       "grid": [axis of the rows or null, axis of the columns],
                       "names": {axis: [labels]}, "look": "number" (default) | "bar" (0 to 1) | "heat" (signed colour),
                       "groups": [number or null for each cell]: equal ones carry one letter and one colour, though
                       not while a question is open. Only in figures whose module says GROUPS = True}
              The name is the symbol used in sums ("x", "W", "dX"), the label says it in words ("input").
              The grid is axes 0 and 1, or one row for (n,); further axes become blocks beside each other, named by
              "axes". A padded panel holds the padded array; "pad" says how many cells on each side are padding.
              "edit": true means that the cells that are neither padding nor zeros are data[name], in row-major order.
              JSON knows no infinity: cells shown as "-inf" hold 0 and no frame reads them.
    layout    rows of panel names, top to bottom; any other text in a row is drawn as a sign between panels ("∗", "=").
              Panels that are not in the layout may be read by frames but are not drawn.
    frames    the steps in order. Each makes one cell: {"to": [panel, index], "op": name, "terms": [...], optional
              "phase": word, "n": divisor, "value": number, "note": sentence,
              "see": [[panel, index], ...] (lit beside the terms, though not in the sum; also when a term is picked),
              "group": number (lines to cells of neighbouring groups look different)}.
              index is flat into the panel.
              A term is a product of cells and bare numbers: [panel, index], [panel, index, panel, index],
              [panel, index, 0.25]. A panel that only frames make hides its numbers while a question is open.
    asks      [{"kind": "number" | "cell" | "shape" | "choice", "prompt", "answer", "why", optional "options" (texts,
              for choice), "at": [panel, index] (the cell asked for), "hide": [panels], "veil": [panels]}]
              answer: a number; a list of cells [[panel, index], ...], each of them right; a shape [2, 2]; the index of
              the right option. "hide" covers numbers (default: every panel made by frames), "veil" covers whole panels
              where even their form would tell (default for "shape": every panel made by frames).
    bugs      [{"name", "label"}]: the wrong rules that can be switched on under these settings; all keep the shapes.
              The label completes "because ...": "the kernel is flipped". The stage leaves out a bug that changes no
              number, and does not offer one that shows the same numbers as the hidden one.
    code      {"keras": text, "numpy": text}
    wires     true: behind the panels stands a line from each cell a frame reads (weights aside) to the cell it makes,
              and what made the cell in question, through all steps, is lit. Of a panel with several blocks a line
              leaves or reaches the block. A list of panels in place of true: only lines that lead there. Only in
              figures whose module says WIRES = True. While a question is open there are no lines, unless the ask
              says "wires": true
    lit       with wires, the cell whose lines are lit before the first step
    curve     a function of one number and its slope, drawn above the panels: {"low", "high", "y": [...], "slope": [...]
              at even steps, "points": [[cell of z, cell of the slope, cell of y, further cells], ...]}. The point to
              which the cell in question belongs has a tangent. Only in figures whose module says CURVE = True
    stills    in Python alone: the steps, from 1, that the picture for print shows, where the usual ones miss the point
    receipt   one sentence: where the numbers come from and what they were compared with

A figure is a Python module `figures/<rule>.py` and a JavaScript file `figures/rules/<rule>.js` with the same trace:

    Python      read(layer, x) -> (params, data); ValueError for what the figure cannot draw
                trace(params, data, edits=None, bug=None) -> trace. Numbers come from the NumPy layer in float64 (with a
                bug: from the frames); ValueError with a sentence for refused settings
    JavaScript  function retrace(params, data, bug) -> trace or {error: sentence}. data has the edits laid over.
                Returns {figure, title, params, controls, panels, layout, frames, asks, bugs, code}. The helpers of
                rules/arrays.js stand before it in the same module, those of rules/windows.js where a
                figure's module says WINDOWS = True

and one line in `figures/__init__.py`. Both sides give the same texts and the same numbers over the whole control grid
(tests/figures/test_parity.py). Numbers inside texts are whole numbers.

Operations (`op`), each on the list v of its terms' values:
    dot, sum  the sum of v              max, min   the largest, the smallest (the first, where equal)
    mean      the sum of v over "n"
    sigmoid, tanh, relu   of the sum    1/√   one by the root of the sum    copy   v itself
    set   the value given as "value" (a forced gate)
    "gelu", "slope of gelu" ...   of the sum; what else the function takes stands in "with" (figures/activations.py)
    exp, 1/   of the sum (figures/softmax.py)
A frame of "dot" or "sum" without terms makes 0 (a cell that no window reached).
"""

import math

OPERATIONS = {
    "dot": lambda v, frame: math.fsum(v),
    "sum": lambda v, frame: math.fsum(v),
    "max": lambda v, frame: max(v),
    "min": lambda v, frame: min(v),
    "mean": lambda v, frame: math.fsum(v) / frame["n"],
    "sigmoid": lambda v, frame: 0.5 * (1 + math.tanh(0.5 * math.fsum(v))),
    "tanh": lambda v, frame: math.tanh(math.fsum(v)),
    "relu": lambda v, frame: max(0.0, math.fsum(v)),
    "1/√": lambda v, frame: 1 / math.sqrt(math.fsum(v)),
    "set": lambda v, frame: frame["value"],
    "copy": lambda v, frame: v[0],
}


def choice(name, label, options, **more):
    """A control that offers these values."""
    return {"name": name, "label": label, "kind": "choice", "options": options, **more}


def value(trace, term):
    """The number a term stands for: the product of its cells and bare numbers."""
    made, rest = 1.0, list(term)
    while rest:
        first = rest.pop(0)
        made *= trace["panels"][first]["data"][rest.pop(0)] if isinstance(first, str) else first
    return made


def replay(trace):
    """(panel, index, shown number, number recomputed from the frame's own terms) for every frame."""
    for frame in trace["frames"]:
        panel, index = frame["to"]
        made = OPERATIONS[frame["op"]]([value(trace, t) for t in frame["terms"]], frame)
        yield panel, index, trace["panels"][panel]["data"][index], made
