"""One line a figure: what the tests of traces, of parity and of the browser run on.

A case is a pair: `demo(**options)` makes the figure with small whole numbers, as a chapter would; `grid()` yields
(params, data, edits) over what the figure's controls can be set to.
"""

from . import case_conv

CASES = {
    "conv2d": (case_conv.demo_2d, case_conv.grid_2d),
    "conv1d": (case_conv.demo_1d, case_conv.grid_1d),
}
