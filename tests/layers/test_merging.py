"""The layers that make one array of several: against Keras, with masks and without, slopes, and misused."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import TOLERANCE, first_difference, keras_twin

from . import draw
from .against import cast, differences_check, differs_from_keras, keras_refuses
from .keras_errors import taken_for_bias

ELEMENTWISE = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"]
KINDS = [*ELEMENTWISE, "Concatenate", "Dot"]


@st.composite
def settings(draw_, kind):
    """(inputs, arguments)."""
    shape = draw_(st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple))
    rng = np.random.default_rng(draw_(draw.SEEDS))
    count = 2 if kind in ("Subtract", "Dot") else draw_(st.integers(1, 4))
    arguments = {}
    if kind == "Concatenate":
        axis = draw_(st.integers(-len(shape) + 1, len(shape) - 1)) if len(shape) > 1 else 0
        arguments = draw_(st.sampled_from([{}, dict(axis=axis)])) if len(shape) > 1 else dict(axis=axis)
        axis = arguments.get("axis", -1)
        shapes = [[*shape] for _ in range(count)]
        for s in shapes:
            s[axis] = draw_(st.integers(1, 3))
    elif kind == "Dot":
        shape = (*shape, 2) if len(shape) == 1 else shape
        first = draw_(st.integers(1, len(shape) - 1))
        second = [shape[0], *draw_(st.lists(st.integers(1, 3), min_size=1, max_size=3))]
        at = draw_(st.integers(1, len(second) - 1))
        second[at] = shape[first]
        shapes = [shape, second]
        pair = [axis - draw_(st.sampled_from([0, len(s)])) for axis, s in zip((first, at), shapes)]
        arguments = dict(axes=tuple(pair), normalize=draw_(st.booleans()))
    else:
        keep = [draw_(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape))) for _ in range(count)]
        shapes = [[shape[0], *(n if k else 1 for n, k in zip(shape[1:], ks[1:]))] for ks in keep]
        shapes = [s[:1] + s[1 + draw_(st.integers(0, len(s) - 1)) :] if len(s) > 2 else s for s in shapes]
    xs = [rng.normal(size=s) for s in shapes]
    if arguments.get("normalize"):
        xs = [x + np.copysign(0.5, x) for x in xs]  # rounding is divided by a length: not by a tiny one
    return xs, arguments


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_equal_to_keras(kind, data):
    xs, arguments = data.draw(settings(kind))
    assume(kind not in ("Add", "Average") or not taken_for_bias([x.shape for x in xs]))
    assert differs_from_keras(kind, xs, data.draw(draw.DTYPES), **arguments) is None
    layer = getattr(layers, kind)(**arguments)
    assert layer(xs).shape == layer.compute_output_shape([x.shape for x in xs])


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_gradients_are_the_slope(kind, data):
    xs, arguments = data.draw(settings(kind))
    assert differences_check(getattr(layers, kind)(dtype="float64", **arguments), xs) is None


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_masks_do_what_they_do_in_keras(kind, data):
    import tensorflow as tf
    from keras.src import backend

    rng, dtype = np.random.default_rng(data.draw(draw.SEEDS)), data.draw(draw.DTYPES)
    count = 2 if kind in ("Subtract", "Dot") else data.draw(st.integers(1, 3))
    xs = cast(list(rng.normal(size=(count, *data.draw(st.tuples(*[st.integers(1, 3)] * 3))))), dtype)
    masks = [rng.random(x.shape[:2]) < 0.5 if data.draw(st.booleans()) else None for x in xs]
    arguments = dict(axes=1) if kind == "Dot" else dict(axis=1) if kind == "Concatenate" else {}
    layer, twin = getattr(layers, kind)(dtype=dtype, **arguments), keras_twin(getattr(layers, kind), dtype, **arguments)
    y = layer(xs, mask=masks)
    dy = rng.normal(size=y.shape).astype(dtype)
    tensors = [tf.convert_to_tensor(x) for x in xs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        for t, m in zip(tensors, masks):
            if m is not None:
                backend.set_keras_mask(t, tf.convert_to_tensor(m))
        expected = twin(tensors)
    gradients = tape.gradient(expected, tensors, tf.convert_to_tensor(dy))
    rows = [("output", y, expected.numpy())]
    rows += [(f"gradient {i}", d, g.numpy()) for i, (d, g) in enumerate(zip(layer.backward(dy), gradients))]
    assert first_difference(rows, TOLERANCE[dtype]) is None
    ours, theirs = layer.compute_mask(xs, masks), twin.compute_mask(tensors, masks)
    assert (ours is None) == (theirs is None)
    if ours is not None:
        np.testing.assert_array_equal(ours, np.asarray(theirs))


def test_by_pencil():
    a, b = np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 1], [2, 2]])
    for name, expected in [
        ("add", [[6, 3], [5, 6]]),
        ("subtract", [[-4, 1], [1, 2]]),
        ("multiply", [[5, 2], [6, 8]]),
        ("average", [[3, 1.5], [2.5, 3]]),
        ("maximum", [[5, 2], [3, 4]]),
        ("minimum", [[1, 1], [2, 2]]),
        ("concatenate", [[1, 2, 5, 1], [3, 4, 2, 2]]),
        ("dot", [[7], [14]]),
    ]:
        np.testing.assert_array_equal(getattr(layers, name)([a, b]), expected)


def test_a_column_is_added_to_every_column():
    y = layers.Add()([np.array([[1.0, 2], [3, 4]]), np.array([[10.0], [20]])])
    np.testing.assert_array_equal(y, [[11, 12], [23, 24]])
    y = layers.Average()([np.zeros((1, 2, 2)), np.array([[4.0, 6]])])
    np.testing.assert_array_equal(y, [[[2, 3], [2, 3]]])


def test_of_equals_the_first_takes_the_gradient():
    for layer in (layers.Maximum(), layers.Minimum()):
        layer([np.ones((1, 2))] * 3)
        np.testing.assert_array_equal(np.stack(layer.backward(np.ones((1, 2)))), [[[1, 1]], [[0, 0]], [[0, 0]]])


def test_masks_are_joined_by_or():
    xs, masks = [np.ones((1, 3, 2))] * 2, [np.array([[True, True, False]]), np.array([[True, False, False]])]
    np.testing.assert_array_equal(layers.Add().compute_mask(xs, masks), [[True, True, False]])
    assert layers.Add().compute_mask(xs, [masks[0], None]) is None


def test_cosine():
    y = layers.Dot(1, normalize=True)([np.array([[3.0, 4]]), np.array([[4.0, 3]])])
    np.testing.assert_allclose(y, [[0.96]], 1e-6)
    assert differs_from_keras("Dot", [np.zeros((2, 3)), np.ones((2, 3))], axes=1, normalize=True) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (2, 0)])
def test_little_or_nothing(kind, shape):
    if kind in ("Add", "Average") and taken_for_bias([shape] * 2):
        assert getattr(layers, kind)()([np.ones(shape)] * 2).shape == shape
        return
    arguments = dict(axes=1) if kind == "Dot" else {}
    assert differs_from_keras(kind, [np.ones(shape)] * 2, **arguments) is None


BAD = [
    ("Add", {}, [(2, 3), (3, 3)], "the batch sizes differ"),
    ("Add", {}, [(2, 3), (2, 4)], "do not fit; sizes must be equal, or 1"),
    ("Multiply", {}, [(4, 3), (1, 3)], "the batch sizes differ"),
    ("Subtract", {}, [(2, 3)], "takes exactly two arrays; got 1"),
    ("Subtract", {}, [(2, 3)] * 3, "takes exactly two arrays; got 3"),
    ("Maximum", {}, [(2, 3), (2, 2, 2)], "do not fit"),
    ("Concatenate", {}, [(2, 3, 4), (2, 5, 3)], "sizes along axis 1 differ"),
    ("Concatenate", dict(axis=3), [(2, 3), (2, 5)], "along axis 3 takes arrays that all have that axis"),
    ("Concatenate", dict(axis=1), [(2, 3), (2, 5, 1)], "takes arrays that all have that axis"),
    ("Dot", dict(axes=1), [(2, 3)], "takes a list of exactly two arrays"),
    ("Dot", dict(axes=1), [(2, 3), (2, 4)], "the contracted sizes differ, 3 and 4"),
    ("Dot", dict(axes=0), [(2, 3), (2, 3)], "axis 0 is not an axis of .* behind the batch axis"),
    ("Dot", dict(axes=2), [(2, 3), (2, 3)], "axis 2 is not an axis"),
    ("Dot", dict(axes=1), [(2, 3), (4, 3)], "the batch sizes differ"),
]


@pytest.mark.parametrize("kind, arguments, shapes, message", BAD)
def test_shapes_that_do_not_fit_are_refused_in_words(kind, arguments, shapes, message):
    xs = [np.ones(shape, np.float32) for shape in shapes]
    with pytest.raises(ValueError, match=message):
        getattr(layers, kind)(**arguments)(xs)
    with pytest.raises(ValueError, match=message):
        getattr(layers, kind)(**arguments).compute_output_shape(shapes)
    assert keras_refuses(kind, xs, **arguments)


@pytest.mark.parametrize("kind", KINDS)
def test_one_array_is_not_a_list(kind):
    layer = getattr(layers, kind)(**(dict(axes=1) if kind == "Dot" else {}))
    with pytest.raises(ValueError, match=f"{kind} takes a list of"):
        layer(np.ones((2, 3)))
    if kind != "Dot":
        with pytest.raises(ValueError, match="takes a list of 2 masks"):
            layer.compute_mask([np.ones((2, 3))] * 2, [None])


@pytest.mark.parametrize("axes", ["last", (1, 2, 3), (1.0, 2), ()])
def test_dot_needs_whole_axes(axes):
    with pytest.raises((ValueError, TypeError), match="axes is a whole number or a pair"):
        layers.Dot(axes)
    assert keras_refuses("Dot", axes=axes)
