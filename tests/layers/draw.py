"""Random settings for layers over space; Hypothesis shrinks them to the smallest that fails."""

import numpy as np
from hypothesis import strategies as st

DTYPES = st.sampled_from(["float32", "float64"])
FORMATS = st.sampled_from(["channels_last", "channels_last", "channels_first"])
ACTIVATIONS = st.sampled_from([None, "relu", "tanh", "sigmoid", "softmax"])
SEEDS = st.integers(0, 2**16)


def per_axis(rank, low, high):
    """One number, or one for each axis."""
    return st.one_of(st.integers(low, high), st.tuples(*[st.integers(low, high)] * rank))


def as_tuple(value, rank):
    return (value,) * rank if isinstance(value, int) else value


@st.composite
def strides_and_dilation(draw, rank, highest=3):
    """Either strides or a dilation, never both."""
    if draw(st.booleans()):
        return dict(strides=draw(per_axis(rank, 1, highest)))
    return dict(dilation_rate=draw(per_axis(rank, 1, highest)))


def numbers(seed, batch, space, channels, data_format, whole=False):
    """An input of this size; with whole=True of few small whole numbers, so that equal ones meet."""
    rng = np.random.default_rng(seed)
    shape = (batch, *space, channels) if data_format == "channels_last" else (batch, channels, *space)
    return rng.integers(-2, 3, shape).astype(float) if whole else rng.normal(size=shape)
