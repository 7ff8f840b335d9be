"""What a layer costs: the shape it makes, its parameters and multiplications, and how far its output sees.

Receptive field: https://distill.pub/2019/computing-receptive-fields/ (Araujo, Norris and Sim 2019).
"""

import math
from fractions import Fraction
from typing import NamedTuple

from .layers import (
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Permute,
    ReLU,
    RepeatVector,
    Reshape,
    UpSampling2D,
)
from .layers.convolution import Conv
from .layers.convolution_transpose import ConvTranspose
from .layers.depthwise import DepthwiseConv, SeparableConv
from .layers.pooling import GlobalPool, Pool
from .layers.reshaping import Border
from .layers.upsampling import UpSampling

WITH_KERNEL = (Conv, DepthwiseConv, SeparableConv)
EACH_ALONE = (Border, Dense, Flatten, ReLU, Dropout, BatchNormalization)  # no number looks at its neighbours in space
REARRANGED = (Reshape, Permute, RepeatVector)  # behind them the axes are no longer those of the input


class Line(NamedTuple):
    """One layer of a stack. Shapes are without the batch; field and jump hold a number for each axis of space.

    values           how many numbers the output of one sample holds
    field            how many cells of the stack's input, side by side, one number of the output sees at most
    jump             how many of those cells lie between two neighbours of the output; () where no space is left

    Both are () behind a layer that rearranges: what was side by side may be so no more.
    """

    layer: Layer
    output_shape: tuple
    parameters: int
    multiplications: int
    values: int
    field: tuple
    jump: tuple


def follow(input_shape, layers):
    """Yield one Line for each of `layers`, of which each takes the output of the one before; builds what is not built.

    input_shape: (*space, channels) of one sample, without the batch. Raises ValueError where a layer does not fit.
    """
    shape, rank = tuple(input_shape), len(input_shape) - 1
    space, steps, flat, tracked = shape[:-1], [], rank == 0, True
    for layer in layers:
        batched = (None, *shape)
        if not layer.built:
            layer.build(batched)
        tracked = tracked and not isinstance(layer, REARRANGED)
        if not tracked:
            shape = layer.compute_output_shape(batched)[1:]
            yield Line(layer, shape, layer.count_params(), multiplications(layer, batched), math.prod(shape), (), ())
            continue
        if isinstance(layer, Flatten):
            space = shape[1:] if layer.data_format == "channels_first" else shape[:-1]
        elif hasattr(layer, "split_shape"):
            space = layer.split_shape(batched)[1]
        sees_all = isinstance(layer, GlobalPool) or (isinstance(layer, Dense) and flat)
        steps.append([(n, n, 1) for n in space] if sees_all else windows(layer, rank))
        shape, before = layer.compute_output_shape(batched)[1:], shape
        space = (1,) * rank if sees_all else space
        flat = flat or len(shape) == 1
        along = list(zip(*steps))
        jump = () if flat else tuple(math.prod(Fraction(down, up) for _, down, up in axis) for axis in along)
        cost = multiplications(layer, (None, *before))
        yield Line(layer, shape, layer.count_params(), cost, math.prod(shape), tuple(map(cells_seen, along)), jump)


def multiplications(layer, input_shape):
    """Products of a weight and a number for one sample: each weight but the bias counts once at every position.

    The positions are those of the output, for a transposed convolution those of the input. Zeros of a padding are
    multiplied like any other number. The weights of BatchNormalization come down to one factor a channel, as they are
    used after training. input_shape has the batch axis, as for compute_output_shape.
    """
    if isinstance(layer, BatchNormalization):
        return math.prod(layer.compute_output_shape(input_shape)[1:])
    weights = sum(w.size for name, w in layer.weights.items() if name != "bias")
    shape = input_shape if isinstance(layer, ConvTranspose) else layer.compute_output_shape(input_shape)
    space = layer.split_shape(shape)[1] if weights and hasattr(layer, "split_shape") else shape[1:-1]
    return weights * math.prod(space)


def windows(layer, rank):
    """(span, down, up) along each axis of space: a window of `span` cells moves `down` cells on for every output, or
    each cell of the input makes `up` cells of the output."""
    one = (1,) * rank
    if isinstance(layer, UpSampling):
        if isinstance(layer, UpSampling2D) and layer.interpolation not in ("nearest", "area"):
            raise ValueError(f"how far {layer.interpolation} interpolation sees is not counted; take 'nearest'")
        return list(zip(layer.size, one, layer.size))
    if isinstance(layer, Pool):
        return list(zip(layer.pool_size, layer.strides, one))
    if isinstance(layer, (*WITH_KERNEL, ConvTranspose)):
        spans = [(k - 1) * d + 1 for k, d in zip(layer.kernel_size, layer.dilation_rate)]
        up = isinstance(layer, ConvTranspose)
        return list(zip(spans, one, layer.strides) if up else zip(spans, layer.strides, one))
    if isinstance(layer, EACH_ALONE):
        return [(1, 1, 1)] * rank
    raise ValueError(f"how far {type(layer).__name__} sees is not known here")


def cells_seen(steps):
    """How many cells of the first input, side by side, one number of the last output sees at most.

    steps: (span, down, up) of every layer along one axis. Going back from the last: n neighbours see
    (n - 1) * down + span cells of what the layer read, or of what it would have read had it spread its input by `up`.
    """
    seen = 1
    for span, down, up in reversed(steps):
        seen = ((seen - 1) * down + span - 1) // up + 1
    return seen
