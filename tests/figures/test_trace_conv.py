"""The wrong rules of the figure of convolution do what their labels say."""

import numpy as np
import pytest

from byhand.figures import conv
from byhand.layers import Conv1D, Conv2D, Conv3D


@pytest.mark.parametrize("padding, widths", [("same", (1, 0)), ("causal", (0, 2))])
def test_padding_on_the_wrong_side(padding, widths):
    layer, x = Conv1D(1, 3, strides=2, padding=padding), np.reshape([1.0, 2, 4, 8], (1, 4, 1))
    layer(x)
    layer.set_weights([np.reshape([1, 2, -1], (3, 1, 1)), [3]])
    params, data = conv.read(layer, x)
    xp = np.pad(x[0, :, 0], widths)
    made = [xp[o : o + 3] @ [1, 2, -1] + 3 for o in (0, 2)]
    assert conv.trace(params, data, bug="pad")["panels"]["y"]["data"] == made
    assert conv.trace(params, data)["panels"]["y"]["data"] != made


def test_rows_and_columns_of_the_kernel_exchanged():
    kernel, x = np.arange(4.0).reshape(2, 2), np.reshape([1.0, 2, 4, 8], (1, 2, 2, 1))
    layer = Conv2D(1, 2, use_bias=False)
    layer(x)
    layer.set_weights([kernel[..., None, None]])
    params, data = conv.read(layer, x)
    assert conv.trace(params, data, bug="swap")["panels"]["y"]["data"] == [np.sum(x[0, :, :, 0] * kernel.T)]
    assert conv.trace(params, data)["panels"]["y"]["data"] == [np.sum(x[0, :, :, 0] * kernel)]


def test_the_frames_of_a_kernel_exchanged_or_left_out():
    kernel, clip = np.reshape([1.0, 2, 4, 8], (2, 1, 2)), np.arange(12.0).reshape(1, 3, 1, 4, 1) ** 2
    layer = Conv3D(1, (2, 1, 2), use_bias=False)
    layer(clip)
    layer.set_weights([kernel[..., None, None]])
    params, data = conv.read(layer, clip)
    for bug, used in {None: kernel, "time": kernel[::-1], "flat": kernel * [[[1]], [[0]]]}.items():
        made = [np.sum(clip[0, t : t + 2, :, c : c + 2, 0] * used) for t in range(2) for c in range(3)]
        assert conv.trace(params, data, bug=bug)["panels"]["y"]["data"] == made


@pytest.mark.parametrize("bug, made", [(None, [1, 2]), ("short", [5, 10]), ("late", [2, 20])])
def test_a_weight_left_out_and_a_window_too_late(bug, made):
    layer, x = Conv1D(1, 3, use_bias=False), np.reshape([1.0, 2, 4, 8], (1, 4, 1))
    layer(x)
    layer.set_weights([np.reshape([1, 2, -1], (3, 1, 1))])
    assert conv.trace(*conv.read(layer, x), bug=bug)["panels"]["y"]["data"] == made


def test_a_clip_with_too_many_cells_is_refused():
    layer, clip = Conv3D(1, 2), np.ones((1, 4, 5, 5, 2))
    layer(clip)
    params, data = conv.read(layer, clip)
    with pytest.raises(ValueError, match="A panel would have 200 cells; the figure draws 150"):
        conv.trace(params, data)


@pytest.mark.parametrize("kernel, answer", [([1, 2, 1], 0), ([1, 2, 3], 1)])
def test_the_answer_about_a_clip_played_backwards_is_what_the_layer_does(kernel, answer):
    layer, clip = Conv3D(1, (3, 1, 1), use_bias=False), np.random.default_rng(0).normal(size=(1, 4, 3, 3, 1))
    layer(clip)
    layer.set_weights([np.reshape(kernel, (3, 1, 1, 1, 1))])
    ask = next(a for a in conv.trace(*conv.read(layer, clip))["asks"] if "backwards" in a["prompt"])
    assert ask["answer"] == answer
    assert np.allclose(layer(clip[:, ::-1]), layer(clip)[:, ::-1], atol=1e-6) == (answer == 0)
