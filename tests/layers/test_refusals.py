"""Whatever Keras refuses, layers over space refuse: wild arguments and shapes, drawn at random, through both."""

import inspect
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers

FAMILIES = {
    "conv": ["Conv1D", "Conv2D", "Conv3D"],
    "transpose": ["Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"],
    "depthwise": ["DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"],
    "pool": [
        f"{kind}Pooling{rank}D" for kind in ("Max", "Average", "GlobalMax", "GlobalAverage") for rank in (1, 2, 3)
    ],
    "border": [f"{kind}{rank}D" for kind in ("ZeroPadding", "Cropping", "UpSampling") for rank in (1, 2, 3)],
    "order": ["Flatten", "Reshape", "Permute", "RepeatVector"],
}
SIZES = st.one_of(
    st.integers(-1, 3),
    st.sampled_from([None, "2", (), (2.5, 1)]),
    st.tuples(st.integers(-1, 3)),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
    st.tuples(*[st.integers(0, 3)] * 3),
)
ARGUMENTS = {
    "filters": st.integers(-1, 4),
    "groups": st.integers(-1, 3),
    "depth_multiplier": st.integers(-1, 2),
    "n": st.sampled_from([-1, 0, 1, 2, "2", 2.0, None, True]),
    "dims": st.lists(st.integers(0, 3), max_size=3).map(tuple),
    "target_shape": st.lists(st.integers(-2, 6), max_size=3).map(tuple),
    "data_format": st.sampled_from([None, "channels_last", "channels_first", "NHWC", "last"]),
    "activation": st.sampled_from([None, "relu", "rellu"]),
    "interpolation": st.sampled_from(["nearest", "bilinear"]),
    "use_bias": st.booleans(),
    "keepdims": st.booleans(),
}


VALID = {"filters": 2, "kernel_size": 2, "pool_size": 2, "n": 2, "dims": (2, 1), "target_shape": (-1,)}


@st.composite
def wild(draw, kind):
    """(arguments, input shape): a sound setting in which one or two arguments are anything."""
    import keras

    strategies, arguments = {}, {}
    for name, parameter in list(inspect.signature(getattr(keras.layers, kind).__init__).parameters.items())[1:]:
        if name == "padding":
            strategies[name] = SIZES if "ZeroPadding" in kind else st.sampled_from(["valid", "same", "causal", "full"])
        elif name in ("kernel_size", "strides", "dilation_rate", "pool_size", "output_padding", "size", "cropping"):
            strategies[name] = SIZES
        elif name in ARGUMENTS:
            strategies[name] = ARGUMENTS[name]
        if parameter.default is inspect.Parameter.empty and name in VALID:
            arguments[name] = VALID[name]
    for name in draw(st.lists(st.sampled_from(sorted(strategies)), min_size=1, max_size=2, unique=True)):
        arguments[name] = draw(strategies[name])
    rank = re.search(r"\d(?=D)", kind)
    axes = int(rank.group()) + 2 if rank else 2 if kind == "RepeatVector" else 3
    return arguments, draw(st.lists(st.integers(1, 5), min_size=axes, max_size=axes).map(tuple))


def refusal(make, shape):
    """The error of building a layer and asking for its output shape, or None."""
    try:
        layer = make()
        layer.build(shape)
        layer.compute_output_shape(shape)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
def test_what_keras_refuses_is_refused(family, data):
    import keras

    for kind in FAMILIES[family]:
        arguments, shape = data.draw(wild(kind), label=kind)
        theirs = refusal(lambda: getattr(keras.layers, kind)(**arguments), shape)  # noqa: B023
        ours = refusal(lambda: getattr(layers, kind)(**arguments), shape)  # noqa: B023
        assert theirs is None or ours is not None, theirs
        assert ours is None or isinstance(ours, ValueError | TypeError), ours
        if ours is not None:
            assert str(ours).startswith(kind) or kind in str(ours) or "activation" in str(ours), ours


@pytest.mark.parametrize("kind", [kind for family in FAMILIES.values() for kind in family])
def test_arguments_are_those_of_keras_in_their_order(kind):
    import keras

    theirs = list(inspect.signature(getattr(keras.layers, kind).__init__).parameters)[1:-1]
    ours = list(inspect.signature(getattr(layers, kind).__init__).parameters)[1:-1]
    assert [name for name in ours if name != "others"] == [name for name in theirs if name in ours]
    layer = getattr(layers, kind)
    rest = set(theirs) - set(ours)
    assert not rest or kind == "Conv3DTranspose" and "others" in ours
    assert layer.__doc__


@pytest.mark.parametrize("kind", [kind for family in FAMILIES.values() for kind in family])
def test_defaults_are_those_of_keras(kind):
    """Keras writes (1, 1) where one number for all axes means the same."""
    import keras

    ours = inspect.signature(getattr(layers, kind).__init__).parameters
    for name, parameter in inspect.signature(getattr(keras.layers, kind).__init__).parameters.items():
        if name in ours and parameter.default is not inspect.Parameter.empty:
            values = np.unique(np.ravel([parameter.default])), np.unique(np.ravel([ours[name].default]))
            assert np.array_equal(*values), (name, parameter.default, ours[name].default)
