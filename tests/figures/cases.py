"""One line a figure: what the tests of traces, of parity and of the browser run on."""

from collections.abc import Callable
from typing import NamedTuple

from . import (
    case_activations,
    case_conv,
    case_dense,
    case_dropout,
    case_heads,
    case_local,
    case_lstm,
    case_merge,
    case_norm,
    case_pool,
    case_rearrange,
    case_softmax,
    case_stack,
    case_transpose,
    case_wiring,
)


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
NO_ROOM = (("strides", "1"), ("output_padding", "1"))
LAYER_NORM = (("positions", "2 steps"), ("layer", "LayerNormalization"))
SEVERAL_AXES = (*LAYER_NORM, ("axis", "-2, -1"), ("layer", "BatchNormalization"))
BIG = (("depth multiplier", "3"), ("kernel", "3 by 3"), ("channels in", "6"))

CASES = {
    "dense": Case(case_dense.demo, case_dense.grid),
    "dropout": Case(case_dropout.demo, case_dropout.grid),
    "conv2d": Case(case_conv.demo_2d, case_conv.grid_2d, STRIDE_AND_DILATION),
    "conv1d": Case(case_conv.demo_1d, case_conv.grid_1d, STRIDE_AND_DILATION),
    "conv3d": Case(case_conv.demo_3d, case_conv.grid_3d, STRIDE_AND_DILATION),
    "pool2d": Case(case_pool.demo_2d, case_pool.grid_2d),
    "pool1d": Case(case_pool.demo_1d, case_pool.grid_1d),
    "transpose2d": Case(case_transpose.demo_2d, case_transpose.grid_2d, NO_ROOM),
    "transpose1d": Case(case_transpose.demo_1d, case_transpose.grid_1d, NO_ROOM),
    "heads": Case(case_heads.demo, case_heads.grid, (("blob", "3 × 3"),)),
    "grouped": Case(case_wiring.grouped, case_wiring.grid_grouped, (("groups", "3"),)),
    "depthwise": Case(case_wiring.depthwise, case_wiring.grid_depthwise, BIG),
    "separable": Case(case_wiring.separable, case_wiring.grid_separable, BIG),
    "local": Case(case_local.demo, case_local.grid, (("kernel steps", "5"), ("input steps", "4"))),
    "stack": Case(case_stack.demo, case_stack.grid, (("padding", "valid"), ("dilation 3", "8"), ("steps", "8"))),
    "batchnorm": Case(case_norm.demo_batch, case_norm.grid_batch, SEVERAL_AXES),
    "layernorm": Case(case_norm.demo_layer, case_norm.grid_layer, (("axis", "-2"), ("layer", "RMSNormalization"))),
    "activations": Case(case_activations.demo, case_activations.grid),
    "softmax": Case(case_softmax.demo, case_softmax.grid),
    "rearrange": Case(case_rearrange.demo, case_rearrange.grid, (("layer", "Permute((2, 1))"),)),
    "copies": Case(case_rearrange.demo_copies, case_rearrange.grid_back, (("layer", "Permute((2, 1))"),)),
    "merge": Case(case_merge.demo, case_merge.grid, (("shape of b", "(3,)"),)),
    "merge_dot": Case(case_merge.dot, case_merge.grid_dot, (("axes (Dot)", "1"), ("shape of b", "(2, 1)"))),
    "lstm": Case(case_lstm.demo, case_lstm.grid),
}
