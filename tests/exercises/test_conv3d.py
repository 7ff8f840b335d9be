"""What the exercises of conv3d call right is what Keras does, or what the layer's formula says."""

import numpy as np
import pytest

from byhand.exercises import conv3d
from byhand.layers import LocallyConnected1D

from .twins import cases, keras


def parameters(layer, shape):
    layer.build((None, *shape))
    return layer.count_params()


def test_colours():
    plane, box = keras.layers.Conv2D(8, 3), keras.layers.Conv3D(8, 3)
    counts = parameters(plane, (32, 32, 3)), parameters(box, (3, 32, 32, 1))
    frames = box.compute_output_shape((None, 3, 32, 32, 1))[1]
    assert conv3d.EXERCISES["colours"].solution == (*counts, frames)


def test_memory():
    layer, clip = keras.layers.Conv3D(16, (2, 5, 5), strides=(1, 2, 2), padding="same"), (8, 16, 64, 64, 3)
    out = layer.compute_output_shape(clip)
    mib = [np.prod(shape) * 4 / 2**20 for shape in (clip, out)]
    assert conv3d.EXERCISES["memory"].solution == (*mib, parameters(layer, clip[1:]))


@pytest.mark.parametrize("step", [-2, -1, 1, 2])
def test_a_detector_may_be_scaled_or_dressed_otherwise(step):
    other = 3 * conv3d.detector(step)
    if step in (-1, 1):  # the idle column may help
        other[:, 0, 2] = -0.5
        other[:, 0, 1] += 0.5
    for _, ground, light in cases(conv3d.EXERCISES["detector"], 10):
        assert conv3d.strongest(lambda step: other, step, ground, light) == f"a spot that moves by {step}"


def test_unshared():
    for x, kernel, s in cases(conv3d.EXERCISES["unshared"]):
        positions, k, c, f = kernel.shape
        layer = LocallyConnected1D(f, k, s, use_bias=False, dtype="float64")
        layer.build((None, *x.shape))
        layer.set_weights([kernel.reshape(positions, k * c, f)])
        np.testing.assert_allclose(layer(x[None])[0], conv3d.unshared(x, kernel, s))
