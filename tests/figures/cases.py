"""One line a figure: what the tests of traces, of parity and of the browser run on."""

from collections.abc import Callable
from typing import NamedTuple

from . import case_conv


class Case(NamedTuple):
    """What the tests need to know of a figure.

    demo     (**options) -> the figure with small whole numbers, as a chapter would make it
    grid     () -> (params, data, edits) over what its controls can be set to
    refused  ((label, option), ...): settings that together make no figure
    """

    demo: Callable
    grid: Callable
    refused: tuple = ()


STRIDE_AND_DILATION = (("strides", "2"), ("dilation", "2"))

CASES = {
    "conv2d": Case(case_conv.demo_2d, case_conv.grid_2d, STRIDE_AND_DILATION),
    "conv1d": Case(case_conv.demo_1d, case_conv.grid_1d, STRIDE_AND_DILATION),
}
