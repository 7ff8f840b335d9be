"""Settings in which Keras on TensorFlow is itself wrong, or refuses, on a CPU; the tests then use another oracle.

Seen on 2026-11-22 with keras 3.15.1 and tensorflow-cpu 2.21.0, Linux x86-64, TF_ENABLE_ONEDNN_OPTS=0. Each entry has a
witness: the smallest setting found that shows it. A test runs every witness, so an entry that a later version mends
is noticed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from byhand.layers import EinsumDense, adaptive_pooling, convolution, convolution_transpose, depthwise, pooling


@dataclass(frozen=True)
class TensorflowError:
    """what goes wrong, when, and a witness: (class name, dtype, input shape, arguments)."""

    what: str
    applies: Callable  # (built layer, input) -> bool
    witness: tuple = field(repr=False)
    values: list | None = None  # the witness' input; random numbers if none are given
    always: bool = True  # False: memory that nobody wrote is read, and may by chance hold the right numbers


def spans(layer):
    return [(k - 1) * d + 1 for k, d in zip(layer.kernel_size, layer.dilation_rate)]


def is_conv(layer):
    return isinstance(layer, convolution.Conv)


def is_transpose(layer):
    return isinstance(layer, convolution_transpose.ConvTranspose)


def far_strides(layer, x):
    """Three dimensions, in which "same" would have to pad by -2 or less."""
    if not isinstance(layer, convolution.Kernel | pooling.Pool) or layer.rank != 3 or layer.padding != "same":
        return False
    window = layer.pool_size if isinstance(layer, pooling.Pool) else spans(layer)
    space = layer.split_shape(layer.compute_output_shape(x.shape) if is_transpose(layer) else x.shape)[1]
    return any((-(-n // s) - 1) * s + k - n <= -2 for n, k, s in zip(space, window, layer.strides))


def grouped_dilated(layer, x):
    return is_conv(layer) and layer.groups > 1 and max(layer.dilation_rate) > 1


def channels_first(layer, x):
    if getattr(layer, "data_format", None) != "channels_first":
        return False
    return is_transpose(layer) or (is_conv(layer) and layer.rank < 3 and layer.groups == 1)


def bias_on_the_wrong_axis(layer, x):
    if not isinstance(layer, convolution.Kernel) or layer.data_format != "channels_first":
        return False
    return layer.use_bias and layer.bias.size > 1 and layer.compute_output_shape(x.shape)[-1] == layer.bias.size


def bias_of_thin_heads(layer, x):
    """A bias (n, 1) for an output (batch, n, ..., n, 1), in the layer or one of its projections."""
    dense = [d for d in (layer, *layer.sublayers.values()) if isinstance(d, EinsumDense) and d.bias is not None]
    shapes = [(d.z.shape, [n for n in d.bias.shape if n > 1]) for d in dense]
    return any(len(long) == 1 and y[-1] != long[0] == y[1] for y, long in shapes)


def dilated_transpose(layer, x):
    return is_transpose(layer) and max(layer.dilation_rate) > 1


def transpose_length(layer, x):
    if not is_transpose(layer) or layer.padding != "same":
        return False
    space, out = layer.split_shape(x.shape)[1], layer.split_shape(layer.compute_output_shape(x.shape))[1]
    return any(-(-m // s) != n for n, m, s in zip(space, out, layer.strides))


def oblong_strides(layer, x):
    if not isinstance(layer, depthwise.DepthwiseConv | depthwise.SeparableConv) or max(layer.dilation_rate) > 1:
        return False
    return len(set(layer.strides)) > 1


def double_pool(layer, x):
    return isinstance(layer, pooling.Pool) and layer.rank == 3 and layer.dtype == np.float64


def ties(layer, x):
    return isinstance(layer, pooling.MaxPooling) and layer.rank == 3 and len(np.unique(x)) < x.size


def forgotten_nan(layer, x):
    return isinstance(layer, pooling.MaxPooling | adaptive_pooling.AdaptiveMaxPooling) and bool(np.isnan(x).any())


def adaptive_single(layer, x):
    if not isinstance(layer, adaptive_pooling.AdaptiveMaxPooling):
        return False
    return any(out == 1 or n == 1 for out, n in zip(layer.output_size, layer.split_shape(x.shape)[1]))


ERRORS = [
    TensorflowError(
        "Conv3D with padding 'same' and strides so far apart that the padding would be -2 or less samples the wrong "
        "cells going forward; its gradients are right. Conv3DTranspose inherits it in its input gradient.",
        far_strides,
        ("Conv3D", "float64", (1, 6, 6, 6, 1), dict(filters=1, kernel_size=1, strides=3, padding="same")),
    ),
    TensorflowError(
        "MaxPooling3D and AveragePooling3D take the wrong cells in the same setting.",
        far_strides,
        ("MaxPooling3D", "float32", (1, 3, 1, 1, 1), dict(pool_size=1, strides=3, padding="same")),
    ),
    TensorflowError(
        "Conv2D in float64 with groups and dilation, which Keras sends through XLA: wrong output, sometimes nan.",
        grouped_dilated,
        ("Conv2D", "float64", (2, 9, 8, 4), dict(filters=4, kernel_size=3, groups=2, dilation_rate=3)),
    ),
    TensorflowError(
        "channels_first convolution without groups is not implemented on a CPU where oneDNN is off.",
        channels_first,
        ("Conv2D", "float64", (1, 2, 4, 5), dict(filters=3, kernel_size=2, data_format="channels_first")),
    ),
    TensorflowError(
        "channels_first with as many filters as the last axis is long: Keras adds the bias along that axis.",
        bias_on_the_wrong_axis,
        ("Conv2D", "float32", (1, 2, 4, 3),
         dict(filters=2, kernel_size=2, groups=2, data_format="channels_first")),
    ),
    TensorflowError(
        "EinsumDense with a bias (n, 1) and as many places along its first axis, so also MultiHeadAttention with "
        "key_dim=1 and as many heads as steps: Keras takes the bias for one along the first axis.",
        bias_of_thin_heads,
        ("EinsumDense", "float32", (1, 2, 1),
         dict(equation="abc,cde->abde", output_shape=(None, 2, 1), bias_axes="de")),
    ),
    TensorflowError(
        "A transposed convolution with dilation stops on a CPU: always in float64, in float32 where oneDNN is off.",
        dilated_transpose,
        ("Conv2DTranspose", "float64", (1, 3, 3, 1), dict(filters=1, kernel_size=2, dilation_rate=2)),
    ),
    TensorflowError(
        "A transposed convolution with padding 'same' whose output_padding asks for a length that ceil(length / "
        "strides) does not lead back from (an even span with output_padding=0) is refused on a CPU.",
        transpose_length,
        ("Conv1DTranspose", "float64", (1, 3, 1),
         dict(filters=1, kernel_size=2, strides=2, padding="same", output_padding=0)),
    ),
    TensorflowError(
        "DepthwiseConv2D and SeparableConv2D with other strides down than across are not implemented on a CPU, unless "
        "they are dilated too, which Keras takes apart.",
        oblong_strides,
        ("DepthwiseConv2D", "float64", (1, 4, 4, 1), dict(kernel_size=2, strides=(1, 2))),
    ),
    TensorflowError(
        "Pooling over three dimensions has no float64.",
        double_pool,
        ("AveragePooling3D", "float64", (1, 2, 2, 2, 1), dict(pool_size=2)),
    ),
    TensorflowError(
        "MaxPooling3D hands the whole gradient to each of several equal winners; 1D and 2D to the first alone.",
        ties,
        ("MaxPooling3D", "float32", (1, 2, 2, 2, 1), dict(pool_size=2)),
        values=[1] * 8,
    ),
    TensorflowError(
        "Adaptive max pooling to or from a single cell: Keras also pools with windows one cell longer than the input, "
        "and the gradient of that empty pool is whatever lies in memory. With oneDNN, which is on unless "
        "TF_ENABLE_ONEDNN_OPTS=0, the pool ends Python itself: Floating point exception.",
        adaptive_single,
        ("AdaptiveMaxPooling1D", "float32", (1, 1, 1), dict(output_size=1)),
        always=False,
    ),
    TensorflowError(
        "A window with a nan has a largest value all the same: the pool takes nan for the smallest number.",
        forgotten_nan,
        ("MaxPooling2D", "float32", (1, 2, 2, 1), dict(pool_size=2)),
        values=[np.nan, 0, 0, 0],
    ),
]  # fmt: skip


def tensorflow_error(layer, x):
    """The first listed error that applies to this layer, which was called on this input, or None."""
    return next((error for error in ERRORS if error.applies(layer, x)), None)
