"""MultiHeadAttention: equal to Keras for every size, axis and mask; where Keras has two answers, equal to each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import TOLERANCE, both_ways, compare, first_difference, keras_twin

from . import draw
from .against import differences_check, differs_from_keras, outputs_of, shuffled
from .replay import Replay

SIZES = st.integers(1, 4)
STEPS = dict(num_heads=2, key_dim=3)


@st.composite
def settings(draw_):
    """(arguments, inputs): all sizes, places along one to three axes, some of which attend."""
    arguments = dict(num_heads=draw_(st.integers(1, 3)), key_dim=draw_(SIZES), use_bias=draw_(st.booleans()),
                     use_gate=draw_(st.booleans()), value_dim=draw_(st.sampled_from([None, 1, 3])),
                     output_shape=draw_(st.sampled_from([None, 2, (1, 3)])))  # fmt: skip
    count = draw_(st.sampled_from([1, 1, 1, 2, 3]))
    axes = draw_(st.permutations(range(1, count + 1)))[: draw_(st.integers(1, count))]
    if count > 1 or draw_(st.booleans()):
        arguments["attention_axes"] = tuple(axes) if draw_(st.booleans()) else axes[0]
    attend = np.atleast_1d(arguments.get("attention_axes", axes))
    batch, *places = (draw_(SIZES) for _ in range(count + 1))
    others = [draw_(SIZES) if a + 1 in attend else n for a, n in enumerate(places)]
    rng = np.random.default_rng(draw_(draw.SEEDS))
    keyed = draw_(st.booleans())
    shapes = [(*places, draw_(SIZES)), (*others, draw_(SIZES)), (*others, draw_(SIZES))][: 3 if keyed else 2]
    return arguments, [rng.normal(size=(batch, *shape)) / 3 for shape in shapes]


@st.composite
def masks(draw_, x, heads, axes, query_mask=False):
    """Masks of the call that fit the inputs; queries that see nothing are among them."""
    rng = np.random.default_rng(draw_(draw.SEEDS))
    hide = draw_(st.sampled_from([0.2, 0.8]))
    call = dict(return_attention_scores=draw_(st.booleans()))
    places = [x[0].shape[a] for a in axes] + [x[1].shape[a] for a in axes]
    fixed = [n for a, n in enumerate(x[0].shape[:-1]) if a not in axes]
    front = draw_(st.sampled_from([[], [1], fixed, [*fixed, heads], None]))
    if front is not None and (len(axes) == 1 or front == [*fixed, heads] or len(front) <= 1):
        call["attention_mask"] = rng.random([*front, *places]) > hide
    if axes == (1,) and len(front or [0]) < 2:
        call["use_causal_mask"] = draw_(st.booleans())
        for name, a in [("value_mask", x[1]), ("key_mask", x[1])] + [("query_mask", x[0])] * query_mask:
            if draw_(st.booleans()) and x[0].ndim == 3:
                call[name] = rng.random(a.shape[:2]) > hide
    return call


def attending(arguments, x):
    return tuple(np.atleast_1d(arguments.get("attention_axes", range(1, x[0].ndim - 1))).tolist())


@given(data=st.data(), setting=settings(), dtype=draw.DTYPES)
def test_equal_to_keras(data, setting, dtype):
    arguments, x = setting
    call = data.draw(masks(x, arguments["num_heads"], attending(arguments, x)))
    if x[0].ndim == 3:
        arguments["sliding_window"] = data.draw(st.sampled_from([None, 1, 2]))
    assert differs_from_keras("MultiHeadAttention", x, dtype, call=call, **arguments) is None


@given(data=st.data(), setting=settings())
def test_gradients_are_the_slope(data, setting):
    arguments, x = setting
    call = data.draw(masks(x, arguments["num_heads"], attending(arguments, x), query_mask=True))
    penalties = dict(kernel_regularizer="l2", activity_regularizer="l2")
    layer = layers.MultiHeadAttention(dtype="float64", **arguments, **penalties)
    assert differences_check(layer, x, **call) is None


@given(scores=st.booleans(), causal=st.booleans(), dtype=draw.DTYPES, seed=draw.SEEDS)
def test_mask_that_travels_with_the_query(scores, causal, dtype, seed):
    """Keras takes the query's mask from the array itself, as Embedding leaves it there."""
    import keras

    class Travelling(keras.layers.MultiHeadAttention):
        def call(self, query, value, key=None, query_mask=None, value_mask=None, use_causal_mask=False,
                 return_attention_scores=False):  # fmt: skip
            query._keras_mask = query_mask
            return super().call(query, value, key, value_mask=value_mask, use_causal_mask=use_causal_mask,
                                return_attention_scores=return_attention_scores)  # fmt: skip

    rng = np.random.default_rng(seed)
    x, mask = (rng.normal(size=(2, 3, 4)) / 3).astype(dtype), rng.random((2, 3)) < 0.6
    layer = shuffled(layers.MultiHeadAttention(2, 3, dtype=dtype), [x, x])
    call = dict(query_mask=mask, value_mask=mask, use_causal_mask=causal, return_attention_scores=scores)
    rows = both_ways(layer, Travelling(2, 3, dtype=dtype), [x, x], **call)
    assert first_difference(rows, TOLERANCE[dtype]) is None
    assert np.array_equal(layer.compute_mask([x, x], [mask, None]), mask)


def test_query_that_sees_nothing_has_two_answers():
    x, nothing = np.random.default_rng(0).normal(size=(1, 3, 4)), np.zeros((1, 3, 3))
    layer = shuffled(layers.MultiHeadAttention(**STEPS, dtype="float64"), [x, x])
    average = layer(x, x, attention_mask=nothing)
    assert np.allclose(average, layer(np.zeros_like(x), x, use_causal_mask=False, attention_mask=nothing))
    assert np.allclose(average[0, 0], (layer.V.mean(axis=-2).ravel() @ layer.output_dense.kernel.reshape(6, 4))
                       + layer.output_dense.bias)  # fmt: skip
    y, P = layer(x, x, attention_mask=nothing, return_attention_scores=True)
    assert not P.any() and np.allclose(y, layer.output_dense.bias)


def test_self_attention_and_parameter_count(capsys):
    x = np.random.default_rng(0).normal(size=(1, 10, 64)).astype("float32")
    layer = layers.MultiHeadAttention(num_heads=4, key_dim=32)
    assert layer(x, x).shape == layer.compute_output_shape(x.shape, x.shape) == (1, 10, 64)
    assert layer.count_params() == 33216
    assert list(layer.weights)[:3] == ["query/kernel", "query/bias", "key/kernel"]
    twin = keras_twin(layers.MultiHeadAttention, num_heads=4, key_dim=32)
    compare(layer, twin, [x, x])
    assert "gradient of input 1" in capsys.readouterr().out
    assert [w.shape for w in layer.get_weights()] == [tuple(w.shape) for w in twin.weights]


def test_dropout_with_the_draw_of_keras():
    x = [np.random.default_rng(i).normal(size=(2, 3 + i, 4)).astype("float32") for i in range(2)]
    layer = shuffled(layers.MultiHeadAttention(**STEPS, dropout=0.4), x)
    twin, probe = (keras_twin(type(layer), **STEPS, dropout=0.4, seed=3) for _ in range(2))
    twin(*x)
    kept = np.zeros((2, 2, 3, 4))
    probe(*x)
    kept = probe._dropout_layer(np.ones(kept.shape, "float32"), training=True).numpy()
    layer.drop.own_generator = Replay((kept != 0).astype(float))
    assert 0 < (kept == 0).sum() < kept.size
    rows = both_ways(layer, twin, x, training=True, use_causal_mask=True)
    assert first_difference(rows, TOLERANCE["float32"]) is None
    assert np.array_equal(layer(*x), layer(*x)), "no dropout outside training"


def test_nan_length_one_and_empty_batch():
    x, v = np.ones((1, 2, 3)), np.array([[[np.nan] * 3, [1.0] * 3]])
    layer = shuffled(layers.MultiHeadAttention(**STEPS), [x, v])
    assert np.isnan(layer(x, v)).all()
    for shape in [(1, 1, 1), (0, 3, 2)]:
        assert differs_from_keras("MultiHeadAttention", [np.ones(shape)] * 2, **STEPS) is None


BAD = [
    (dict(num_heads=0), "num_heads"),
    (dict(key_dim=2.5), "key_dim"),
    (dict(value_dim=-1), "value_dim"),
    (dict(dropout=1.5), "dropout"),
    (dict(output_shape="4"), "output_shape"),
    (dict(attention_axes=2), "attention_axes"),
    (dict(attention_axes=0), "attention_axes"),
    (dict(attention_axes=(1, 1)), "attention_axes"),
    (dict(sliding_window=-1), "sliding_window"),
    (dict(flash_attention=True), "flash_attention"),
]


@pytest.mark.parametrize("arguments, said", BAD)
def test_refused_arguments(arguments, said):
    with pytest.raises(ValueError, match=f"MultiHeadAttention.* {said}"):
        layers.MultiHeadAttention(**{**STEPS, **arguments})(np.ones((1, 2, 3)), np.ones((1, 2, 3)))


@pytest.mark.parametrize("shapes", [
    [(2, 3), (2, 3)], [(2, 3, 4), (3, 3, 4)], [(2, 3, 4), (2, 5, 4), (2, 4, 4)], [(2, 3, 4), (2, 3, 2, 4)],
])  # fmt: skip
def test_inputs_that_do_not_fit(shapes):
    with pytest.raises(ValueError, match="MultiHeadAttention"):
        outputs_of(layers.MultiHeadAttention(**STEPS), [np.ones(shape) for shape in shapes])


@pytest.mark.parametrize("call, said", [
    (dict(attention_mask=np.ones((2, 5))), r"attention_mask is \(batch, T, S\)"),
    (dict(attention_mask=np.ones(3)), "attention_mask"),
    (dict(query_mask=np.ones((2, 4))), r"query_mask is \(batch, steps\) = \(2, 3\); got shape \(2, 4\)"),
    (dict(value_mask=np.ones(4)), "value_mask"),
    (dict(key_mask=np.ones((2, 1, 4))), "key_mask"),
])  # fmt: skip
def test_masks_that_do_not_fit(call, said):
    with pytest.raises(ValueError, match=said):
        layers.MultiHeadAttention(**STEPS)(np.ones((2, 3, 5)), np.ones((2, 4, 5)), **call)


def test_other_refusals():
    x = np.ones((2, 3, 4, 5))
    with pytest.raises(ValueError, match="need attention_axes"):
        layers.MultiHeadAttention(**STEPS)(x, x, use_causal_mask=True)
    with pytest.raises(TypeError, match="value"):
        layers.MultiHeadAttention(**STEPS)(x)
    layer = shuffled(layers.MultiHeadAttention(**STEPS), [x, x])
    with pytest.raises(ValueError, match="MultiHeadAttention|EinsumDense"):
        layer(x[..., :4], x)
    with pytest.raises(ValueError, match="MultiHeadAttention"):
        layer.compute_output_shape((2, 3, 4))
