"""The windowed and global pools against Keras, slopes and plain loops, and misused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import TOLERANCE

from . import draw, loops
from .against import differences_check, differs_from_keras

RANKS = [1, 2, 3]
KINDS = ["Max", "Average"]


@st.composite
def settings(draw_, rank):
    """(input, dtype, arguments) that fit; inputs are sometimes small whole numbers, so that winners tie."""
    arguments = dict(
        pool_size=draw_(draw.per_axis(rank, 1, 3)),
        strides=draw_(st.one_of(st.none(), draw.per_axis(rank, 1, 3))),
        padding=draw_(st.sampled_from(["valid", "same"])),
        data_format=draw_(draw.FORMATS),
    )
    space = [draw_(st.integers(k, k + 4)) for k in draw.as_tuple(arguments["pool_size"], rank)]
    if arguments["padding"] == "same":  # a window may then be larger than the input
        space = [draw_(st.integers(1, n)) for n in space]
    sizes = draw_(draw.SEEDS), draw_(st.integers(1, 3)), space, draw_(st.integers(1, 3)), arguments["data_format"]
    return draw.numbers(*sizes, whole=draw_(st.booleans())), draw_(draw.DTYPES), arguments


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_windows_equal_to_keras(kind, rank, data):
    x, dtype, arguments = data.draw(settings(rank))
    if rank == 3:
        dtype = "float32"  # TensorFlow has no other here
        x = np.random.default_rng(x.size).permutation(x.size).reshape(x.shape) if kind == "Max" else x  # nor one winner
    assert differs_from_keras(f"{kind}Pooling{rank}D", x, dtype, **arguments) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_windows_equal_to_plain_loops(kind, rank, data):
    x, dtype, arguments = data.draw(settings(rank))
    layer = getattr(layers, f"{kind}Pooling{rank}D")(dtype=dtype, **arguments)
    first = layer.data_format == "channels_first"
    y = np.moveaxis(layer(x), 1, -1) if first else layer(x)
    combine = max if kind == "Max" else np.mean
    moved = np.moveaxis(x, 1, -1) if first else x
    expected = loops.pool(moved, layer.pool_size, layer.strides, layer.padding, combine)
    np.testing.assert_allclose(y, expected, 0, TOLERANCE[dtype])
    assert layer(x).dtype == dtype
    assert layer.compute_output_shape(x.shape) == layer(x).shape


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", RANKS)
@given(data=st.data())
def test_windows_gradients_are_the_slope_of_the_outputs(kind, rank, data):
    x, _, arguments = data.draw(settings(rank))
    x = np.random.default_rng(0).permutation(x.size).reshape(x.shape)  # all different: max has a slope
    assert differences_check(getattr(layers, f"{kind}Pooling{rank}D")(dtype="float64", **arguments), x) is None


@given(data=st.data())
def test_global_pools_equal_to_keras(data):
    kind, rank = data.draw(st.sampled_from(KINDS)), data.draw(st.sampled_from(RANKS))
    arguments = dict(data_format=data.draw(draw.FORMATS), keepdims=data.draw(st.booleans()))
    space = [data.draw(st.integers(1, 4)) for _ in range(rank)]
    sizes = data.draw(draw.SEEDS), data.draw(st.integers(1, 3)), space, data.draw(st.integers(1, 3))
    x = draw.numbers(*sizes, arguments["data_format"], whole=data.draw(st.booleans()))
    name = f"Global{kind}Pooling{rank}D"
    assert differs_from_keras(name, x, data.draw(draw.DTYPES), **arguments) is None
    layer = getattr(layers, name)(**arguments)
    assert layer.compute_output_shape(x.shape) == layer(x).shape
    different = np.argsort(x, axis=None).reshape(x.shape)
    assert differences_check(getattr(layers, name)(dtype="float64", **arguments), different) is None


@given(data=st.data())
def test_average_over_unmasked_steps_equals_keras(data):
    seed, batch, steps = data.draw(draw.SEEDS), data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5))
    arguments = dict(data_format=data.draw(draw.FORMATS), keepdims=data.draw(st.booleans()))
    x = draw.numbers(seed, batch, [steps], 2, arguments["data_format"])
    mask = np.random.default_rng(seed).random((batch, steps)) < 0.7
    mask[:, 0] |= ~mask.any(1)
    dtype = data.draw(draw.DTYPES)
    assert differs_from_keras("GlobalAveragePooling1D", x, dtype, call={"mask": mask}, **arguments) is None


def test_average_over_no_step_is_nan():
    layer = layers.GlobalAveragePooling1D()
    y = layer(np.ones((2, 3, 1)), mask=np.array([[1, 0, 1], [0, 0, 0]]))
    np.testing.assert_array_equal(y, [[1], [np.nan]])
    assert not layer.backward(np.ones((2, 1)))[1].any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("shape", [(None, 9, 8, 3), (None, None, 8, 3), (2, None, None, None)])
def test_output_shape_of_unknown_sizes(kind, padding, shape):
    import keras

    name, arguments = f"{kind}Pooling2D", dict(pool_size=(3, 2), strides=2, padding=padding)
    ours = getattr(layers, name)(**arguments).compute_output_shape(shape)
    assert ours == getattr(keras.layers, name)(**arguments).compute_output_shape(shape)
    name = f"Global{kind}Pooling2D"
    assert getattr(layers, name)().compute_output_shape(shape) == (shape[0], shape[-1])


# --- the pencil examples -----------------------------------------------------------------------------------------


def along(kind, values, pool_size, **arguments):
    return getattr(layers, kind)(pool_size, **arguments)(np.reshape(values, (1, -1, 1)))[0, :, 0].tolist()


@pytest.mark.parametrize("arguments, expected", [
    (dict(kind="MaxPooling1D", values=[1, 2, 4, 3, 1, 5], pool_size=2), [2, 4, 5]),
    (dict(kind="MaxPooling1D", values=[1, 2, 4, 3, 1, 5], pool_size=2, strides=1), [2, 4, 4, 3, 5]),
    (dict(kind="MaxPooling1D", values=[1, 2, 4, 3, 1, 5], pool_size=3, strides=2), [4, 4]),
    (dict(kind="MaxPooling1D", values=[-1, -2, -4, -3, -7], pool_size=2, padding="same"), [-1, -3, -7]),
    (dict(kind="AveragePooling1D", values=[1, 1, 1, 1, 1], pool_size=2, padding="same"), [1, 1, 1]),
    (dict(kind="AveragePooling1D", values=[1, 2, 3, 4, 5], pool_size=3, strides=1, padding="same"),
     [1.5, 2, 3, 4, 4.5]),
])  # fmt: skip
def test_worked_numbers(arguments, expected):
    assert along(**arguments) == expected


def test_overlapping_pooling_is_a_stride_smaller_than_the_window():
    y = layers.MaxPooling2D(3, strides=2)(np.arange(25).reshape(1, 5, 5, 1))
    assert y[0, :, :, 0].tolist() == [[12, 14], [22, 24]]


def test_first_of_equal_winners_gets_the_gradient_and_global_winners_share_it():
    x = np.array([[7, 7], [7, 7]], float).reshape(1, 2, 2, 1)
    layer = layers.MaxPooling2D()
    layer(x)
    assert layer.backward(np.ones((1, 1, 1, 1)))[0, :, :, 0].tolist() == [[1, 0], [0, 0]]
    layer = layers.GlobalMaxPooling2D()
    layer(x)
    assert layer.backward(np.ones((1, 1)))[0, :, :, 0].tolist() == [[0.25, 0.25], [0.25, 0.25]]


@pytest.mark.parametrize("name", ["MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D"])
def test_inputs_and_gradients_are_left_alone(name):
    layer = getattr(layers, name)() if "Global" in name else getattr(layers, name)(2)
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 3)).astype("float32")
    before, dy = x.copy(), np.ones_like(layer(x))
    y = layer(x)
    kept = y.copy()
    layer.backward(dy)
    assert (x == before).all() and (dy == 1).all() and (y == kept).all()


def test_empty_batch():
    for layer in [layers.MaxPooling2D(), layers.AveragePooling2D(2), layers.GlobalAveragePooling2D()]:
        y = layer(np.zeros((0, 4, 4, 3)))
        assert len(y) == 0
        assert layer.backward(y).shape == (0, 4, 4, 3)


# --- misused -----------------------------------------------------------------------------------------------------

IMAGE = np.zeros((2, 4, 4, 3))
REFUSED = [
    ("MaxPooling2D", dict(pool_size=0), IMAGE, "pool_size is a whole number of at least 1"),
    ("MaxPooling2D", dict(pool_size=(2, -1)), IMAGE, r"got \(2, -1\)"),
    ("MaxPooling2D", dict(pool_size=(2, 2, 2)), IMAGE, r"\(height, width\); got \(2, 2, 2\)"),
    ("MaxPooling2D", dict(pool_size=True), IMAGE, "got True"),
    ("MaxPooling2D", dict(pool_size="2"), IMAGE, "got '2'"),
    ("MaxPooling2D", dict(pool_size=None), IMAGE, "got None"),
    ("AveragePooling2D", dict(), IMAGE, "pool_size"),
    ("MaxPooling2D", dict(strides=0), IMAGE, "strides is a whole number of at least 1"),
    ("MaxPooling2D", dict(strides=1.5), IMAGE, "got 1.5"),
    ("MaxPooling1D", dict(padding="causal"), IMAGE[0], "causal' is for Conv1D"),
    ("MaxPooling2D", dict(padding="full"), IMAGE, "'valid', 'same'; got 'full'"),
    ("MaxPooling2D", dict(padding=None), IMAGE, "got None"),
    ("MaxPooling2D", dict(data_format="first"), IMAGE, "channels_first"),
    ("MaxPooling2D", dict(dilation_rate=2), IMAGE, "no argument 'dilation_rate'"),
    ("MaxPooling2D", dict(pool_size=5), IMAGE, r"pool_size \(5, 5\) does not fit in space \(4, 4\)"),
    ("MaxPooling2D", dict(), IMAGE[0], r"takes \(batch, height, width, channels\); got 3 axes"),
    ("MaxPooling1D", dict(), IMAGE, r"takes \(batch, steps, channels\); got 4 axes"),
    ("MaxPooling2D", dict(), IMAGE[:, :0], "at least one cell"),
    ("GlobalMaxPooling2D", dict(), IMAGE[0], r"takes \(batch, height, width, channels\)"),
    ("GlobalAveragePooling2D", dict(), IMAGE[:, :0], "at least one cell"),
    ("GlobalAveragePooling2D", dict(keepdims="yes"), IMAGE, "keepdims is True or False"),
    ("GlobalAveragePooling2D", dict(pool_size=2), IMAGE, "no argument 'pool_size'"),
]


@pytest.mark.parametrize("kind, arguments, x, said", REFUSED)
def test_refused_with_a_reason(kind, arguments, x, said):
    with pytest.raises((ValueError, TypeError), match=said):
        getattr(layers, kind)(**arguments)(x)


def test_masks_that_do_not_fit():
    x = np.ones((2, 3, 1))
    with pytest.raises(ValueError, match=r"mask is \(batch, steps\) = \(2, 3\); got \(3,\)"):
        layers.GlobalAveragePooling1D()(x, mask=np.ones(3))
    with pytest.raises(TypeError, match="mask"):
        layers.GlobalMaxPooling1D()(x, mask=np.ones((2, 3)))
