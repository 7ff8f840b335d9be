"""Layers that move numbers, and upsampling, against Keras and slopes, and misused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers

from . import draw
from .against import differences_check, differs_from_keras

FORMATS = ["channels_last", "channels_first"]
CASES = [  # class, arguments, input shape
    ("Flatten", dict(), (2, 3, 4)),
    ("Flatten", dict(), (2, 3)),
    ("Flatten", dict(), (3,)),
    ("Flatten", dict(data_format="channels_first"), (2, 3, 4, 5)),
    ("Flatten", dict(data_format="channels_first"), (2, 3)),
    ("Reshape", dict(target_shape=(4, 3)), (2, 12)),
    ("Reshape", dict(target_shape=(-1, 2, 2)), (2, 3, 4)),
    ("Reshape", dict(target_shape=[6, -1]), (2, 3, 4)),
    ("Reshape", dict(target_shape=(-1,)), (2, 3, 4)),
    ("Reshape", dict(target_shape=()), (2, 1)),
    ("Permute", dict(dims=(2, 1)), (2, 3, 4)),
    ("Permute", dict(dims=(3, 1, 2)), (2, 3, 4, 5)),
    ("Permute", dict(dims=[1]), (2, 3)),
    ("RepeatVector", dict(n=3), (2, 4)),
    ("ZeroPadding1D", dict(), (2, 3, 2)),
    ("ZeroPadding1D", dict(padding=(0, 2)), (2, 3, 2)),
    ("ZeroPadding2D", dict(padding=2), (2, 3, 4, 2)),
    ("ZeroPadding2D", dict(padding=(0, 2)), (2, 3, 4, 2)),
    ("ZeroPadding2D", dict(padding=((1, 0), (2, 3))), (2, 3, 4, 2)),
    ("ZeroPadding2D", dict(padding=(1, (2, 3))), (2, 3, 4, 2)),
    ("ZeroPadding3D", dict(), (1, 2, 3, 2, 2)),
    ("ZeroPadding3D", dict(padding=((0, 1), (1, 2), (3, 0))), (1, 2, 3, 2, 2)),
    ("Cropping1D", dict(), (2, 5, 2)),
    ("Cropping1D", dict(cropping=(0, 2)), (2, 5, 2)),
    ("Cropping1D", dict(cropping=0), (2, 5, 2)),
    ("Cropping2D", dict(), (2, 5, 4, 2)),
    ("Cropping2D", dict(cropping=1), (2, 5, 4, 2)),
    ("Cropping2D", dict(cropping=((1, 0), (0, 2))), (2, 5, 4, 2)),
    ("Cropping3D", dict(), (1, 3, 4, 5, 2)),
    ("Cropping3D", dict(cropping=((1, 0), (0, 1), (2, 2))), (1, 3, 4, 5, 2)),
    ("UpSampling1D", dict(), (2, 3, 2)),
    ("UpSampling1D", dict(size=3), (2, 3, 2)),
    ("UpSampling2D", dict(), (2, 3, 4, 2)),
    ("UpSampling2D", dict(size=(3, 1)), (2, 3, 4, 2)),
    ("UpSampling3D", dict(), (1, 2, 3, 2, 2)),
    ("UpSampling3D", dict(size=(1, 2, 3)), (1, 2, 3, 2, 2)),
]
ON_SPACE = ("ZeroPadding", "Cropping2D", "Cropping3D", "UpSampling2D", "UpSampling3D")
CASES += [(k, a | {"data_format": "channels_first"}, s) for k, a, s in CASES if k.startswith(ON_SPACE)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind, arguments, shape", CASES)
def test_equal_to_keras(kind, arguments, shape, dtype):
    import keras

    x = np.random.default_rng(0).normal(size=shape)
    if arguments.get("data_format") == "channels_first" and kind != "Flatten":
        x = np.moveaxis(x, -1, 1)
    assert differs_from_keras(kind, x, dtype, **arguments) is None
    assert differences_check(getattr(layers, kind)(dtype="float64", **arguments), x) is None
    layer, twin = getattr(layers, kind)(dtype=dtype, **arguments), getattr(keras.layers, kind)(**arguments)
    assert layer(x).dtype == layer.backward(layer(x)).dtype == dtype
    assert layer.compute_output_shape(x.shape) == layer(x).shape
    for unknown in [(None, *x.shape[1:]), (None, *(None for _ in x.shape[1:]))]:
        assert layer.compute_output_shape(unknown) == tuple(twin.compute_output_shape(unknown))


@given(data=st.data())
def test_random_borders_equal_to_keras(data):
    rank, kind = data.draw(st.integers(1, 3)), data.draw(st.sampled_from(["ZeroPadding", "Cropping"]))
    pair = st.tuples(st.integers(0, 2), st.integers(0, 2))
    border = data.draw(st.one_of(st.integers(0, 2), st.tuples(*[pair] * rank) if rank > 1 else pair))
    space, seed = [data.draw(st.integers(5, 6)) for _ in range(rank)], data.draw(draw.SEEDS)
    arguments = {"padding" if kind == "ZeroPadding" else "cropping": border}
    if f"{kind}{rank}D" != "Cropping1D":
        arguments["data_format"] = data.draw(draw.FORMATS)
    x = draw.numbers(seed, data.draw(st.integers(1, 3)), space, 2, arguments.get("data_format", "channels_last"))
    assert differs_from_keras(f"{kind}{rank}D", x, data.draw(draw.DTYPES), **arguments) is None


@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])
@given(data=st.data())
def test_interpolations_equal_to_keras(interpolation, data_format, data):
    """TensorFlow interpolates in float32 whatever the input is, so that is where the two can be held together."""
    size, space = data.draw(draw.per_axis(2, 1, 4)), [data.draw(st.integers(1, 6)) for _ in range(2)]
    x = draw.numbers(data.draw(draw.SEEDS), 2, space, 2, data_format)
    arguments = dict(size=size, data_format=data_format, interpolation=interpolation)
    assert differs_from_keras("UpSampling2D", x, "float32", **arguments) is None
    assert differences_check(layers.UpSampling2D(dtype="float64", **arguments), x) is None


def test_area_is_nearest_for_whole_factors():
    x = np.random.default_rng(0).normal(size=(1, 3, 2, 2)).astype("float32")
    near, area = layers.UpSampling2D(3), layers.UpSampling2D(3, interpolation="area")
    assert np.array_equal(near(x), area(x)) and np.array_equal(near.backward(near(x)), area.backward(area(x)))


def test_bilinear_repeats_the_border():
    x = np.arange(4.0).reshape(1, 4, 1, 1)
    y = layers.UpSampling2D((2, 1), interpolation="bilinear")(x)
    assert y[0, :, 0, 0].tolist() == [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]


def test_interpolation_spreads_nan_over_its_channel_alone():
    x = np.ones((2, 4, 4, 2))
    x[0, 1, 1, 0] = np.nan
    found = np.isnan(layers.UpSampling2D(2, interpolation="bilinear")(x))
    assert found[0, ..., 0].all() and not found[0, ..., 1].any() and not found[1].any()
    kept = np.isnan(layers.UpSampling2D(2)(x))
    assert kept.sum() == 4


@pytest.mark.parametrize("kind, arguments, shape", CASES)
def test_empty_batch_and_input_left_alone(kind, arguments, shape):
    layer, x = getattr(layers, kind)(**arguments), np.ones(shape, "float32")
    x = np.moveaxis(x, -1, 1) if arguments.get("data_format") == "channels_first" and kind != "Flatten" else x
    y = layer(x)
    assert layer.backward(np.ones_like(y)).shape == x.shape
    assert (x == 1).all()
    empty = layer(x[:0])
    assert empty.shape == (0, *y.shape[1:]) and layer.backward(empty).shape == x[:0].shape


IMAGE, STEPS = np.zeros((2, 4, 4, 3)), np.zeros((2, 4, 3))
REFUSED = [
    ("Flatten", dict(data_format="last"), IMAGE, "channels_last"),
    ("Reshape", dict(target_shape=(5, 5)), IMAGE, r"\(4, 4, 3\) holds 48 numbers, which do not fill \(5, 5\)"),
    ("Reshape", dict(target_shape=(-1, 5)), IMAGE, "do not fill"),
    ("Reshape", dict(target_shape=(-1, -1)), IMAGE, "one may be -1"),
    ("Reshape", dict(target_shape=(-2, 3)), IMAGE, "whole numbers of at least 0"),
    ("Reshape", dict(target_shape=48), IMAGE, "target_shape is a tuple"),
    ("Reshape", dict(target_shape="48"), IMAGE, "got '48'"),
    ("Reshape", dict(target_shape=(4, 12.0)), IMAGE, "whole numbers"),
    ("Reshape", dict(), IMAGE, "target_shape"),
    ("Permute", dict(dims=(0, 1)), STEPS, "dims holds each of 1, 2, ... once"),
    ("Permute", dict(dims=(1, 1)), STEPS, "once"),
    ("Permute", dict(dims=(1, 3)), STEPS, "once"),
    ("Permute", dict(dims=2), STEPS, "got 2"),
    ("Permute", dict(dims=(2, 1)), IMAGE, "takes an input of 3 axes"),
    ("RepeatVector", dict(n=0), STEPS[0], "n is a whole number of at least 1"),
    ("RepeatVector", dict(n=2.0), STEPS[0], "got 2.0"),
    ("RepeatVector", dict(n=True), STEPS[0], "got True"),
    ("RepeatVector", dict(n=2), STEPS, r"takes \(batch, features\); got 3 axes"),
    ("ZeroPadding1D", dict(padding=-1), STEPS, "whole number of at least 0"),
    ("ZeroPadding1D", dict(padding=(1, 2, 3)), STEPS, "pairs of whole numbers"),
    ("ZeroPadding2D", dict(padding=(1, 2, 3)), IMAGE, r"\(height before, after\)"),
    ("ZeroPadding2D", dict(padding=((1, -1), (0, 0))), IMAGE, "at least 0"),
    ("ZeroPadding2D", dict(padding="1"), IMAGE, "got '1'"),
    ("ZeroPadding2D", dict(padding=1.5), IMAGE, "got 1.5"),
    ("ZeroPadding2D", dict(), STEPS, r"takes \(batch, height, width, channels\)"),
    ("Cropping1D", dict(cropping=2), STEPS, r"leaves nothing of space \(4,\)"),
    ("Cropping1D", dict(data_format="channels_first"), STEPS, "no argument 'data_format'"),
    ("Cropping2D", dict(cropping=((3, 1), (0, 0))), IMAGE, "leaves nothing"),
    ("Cropping2D", dict(cropping=-1), IMAGE, "at least 0"),
    ("Cropping3D", dict(), IMAGE, "takes"),
    ("UpSampling1D", dict(size=0), STEPS, "size is a whole number of at least 1"),
    ("UpSampling1D", dict(size=(2,)), STEPS, r"got \(2,\)"),
    ("UpSampling1D", dict(size=2.0), STEPS, "got 2.0"),
    ("UpSampling2D", dict(size=(2, 0)), IMAGE, r"got \(2, 0\)"),
    ("UpSampling2D", dict(interpolation="gaussian"), IMAGE, "'nearest', 'area', 'bilinear'.*; got 'gaussian'"),
    ("UpSampling2D", dict(interpolation=None), IMAGE, "got None"),
    ("UpSampling3D", dict(interpolation="bilinear"), IMAGE[None], "no argument 'interpolation'"),
]


@pytest.mark.parametrize("kind, arguments, x, said", REFUSED)
def test_refused_with_a_reason(kind, arguments, x, said):
    with pytest.raises((ValueError, TypeError), match=said):
        getattr(layers, kind)(**arguments)(x)


@pytest.mark.parametrize("kind, arguments, shape", CASES)
def test_backward_before_call_and_with_another_shape(kind, arguments, shape):
    with pytest.raises(ValueError, match="needs a call first"):
        getattr(layers, kind)(**arguments).backward(np.zeros(shape))
    layer, x = getattr(layers, kind)(**arguments), np.zeros(shape)
    y = layer(np.moveaxis(x, -1, 1) if arguments.get("data_format") == "channels_first" and kind != "Flatten" else x)
    with pytest.raises(ValueError, match="gradient of the output's shape"):
        layer.backward(np.zeros((*y.shape, 1)))
