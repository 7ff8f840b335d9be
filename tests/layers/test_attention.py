"""Attention and AdditiveAttention: equal to Keras for every mask, and true to the formula by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand import layers
from byhand.compare import TOLERANCE, both_ways, first_difference, keras_twin

from . import draw
from .against import cast, differences_check, differs_from_keras, keras_refuses, shuffled
from .replay import Replay

KINDS = {
    "Attention": st.fixed_dictionaries({}, optional=dict(use_scale=st.booleans(), score_mode=st.just("concat"))),
    "AdditiveAttention": st.fixed_dictionaries({}, optional=dict(use_scale=st.booleans())),
}


@st.composite
def inputs(draw_, ranks=(3,)):
    """[query, value] or [query, value, key]; the value's width is its own only if there is a key."""
    rng = np.random.default_rng(draw_(draw.SEEDS))
    lead = draw_(st.lists(st.integers(1, 3), min_size=min(ranks) - 2, max_size=max(ranks) - 2))
    Tq, Tv, d, dv = (draw_(st.integers(1, 4)) for _ in range(4))
    keyed = draw_(st.booleans())
    shapes = [(Tq, d), (Tv, dv if keyed else d), (Tv, d)][: 3 if keyed else 2]
    return [rng.normal(size=(*lead, *shape)) for shape in shapes]


@st.composite
def calls(draw_, x, first_seen=False):
    """A setting of the call that fits the inputs: any rows and columns hidden, or any but the first."""
    rng = np.random.default_rng(draw_(draw.SEEDS))
    masks = [rng.random(a.shape[:-1]) < 0.6 if draw_(st.booleans()) else None for a in x[:2]]
    if first_seen and masks[1] is not None:
        masks[1][..., 0] = True
    return dict(mask=draw_(st.sampled_from([None, masks])), use_causal_mask=draw_(st.booleans()),
                return_attention_scores=draw_(st.booleans()))  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), dtype=draw.DTYPES)
def test_equal_to_keras(kind, data, dtype):
    x, arguments = data.draw(inputs()), data.draw(KINDS[kind])
    call = data.draw(calls(x))
    assert differs_from_keras(kind, x, dtype, call=call, **arguments) is None


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_gradients_are_the_slope(kind, data):
    x, arguments = data.draw(inputs((3, 4))), data.draw(KINDS[kind])
    call = data.draw(calls(x, first_seen=True))
    assert differences_check(getattr(layers, kind)(dtype="float64", **arguments), x, **call) is None


def test_pencil_example():
    q, v = np.array([[[1.0, 0]]]), np.array([[[np.log(3), 0], [0, 4]]])
    y, P = layers.Attention()([q, v], return_attention_scores=True)
    assert np.allclose(P, [[[0.75, 0.25]]]) and np.allclose(y, [[[0.75 * np.log(3), 1]]])


def test_number_of_weights():
    x = [np.ones((1, 2, 4))] * 2
    for layer, count in [
        (layers.Attention(), 0),
        (layers.Attention(use_scale=True), 1),
        (layers.Attention(True, "concat"), 2),
        (layers.AdditiveAttention(), 4),
    ]:
        layer(x)
        assert layer.count_params() == count
        assert layer.compute_output_shape([a.shape for a in x]) == (1, 2, 4)


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_with_the_draw_of_keras(kind):
    x = cast([np.random.default_rng(0).normal(size=(2, 3, 4)), np.random.default_rng(1).normal(size=(2, 5, 4))], "f4")
    layer = shuffled(getattr(layers, kind)(dropout=0.4, seed=3), x)
    twin = keras_twin(type(layer), dropout=0.4, seed=3)
    twin(x)
    probe = keras_twin(type(layer), dropout=0.4, seed=3)  # in the same state: its first draw is the one compared
    kept = probe(x, training=True, return_attention_scores=True)[1].numpy()
    layer.drop.own_generator = Replay((kept != 0).astype(float))
    assert 0 < (kept == 0).sum() < kept.size
    twin.built = True
    rows = both_ways(layer, twin, x, training=True, return_attention_scores=True)
    assert first_difference(rows, TOLERANCE["float32"]) is None
    assert np.array_equal(layer(x), layer(x)), "no dropout outside training"


@pytest.mark.parametrize("kind", KINDS)
def test_nan_length_one_and_empty_batch(kind):
    x = [np.ones((1, 1, 2)), np.full((1, 2, 2), np.nan)]
    assert np.isnan(getattr(layers, kind)()(x)).all()
    for shape in [(1, 1, 1), (0, 3, 2)]:
        assert differs_from_keras(kind, [np.ones(shape)] * 2) is None


SHAPES = [
    [(2, 3, 4)],
    [(2, 3, 4)] * 4,
    [(2, 3, 4), (2, 3, 5)],
    [(2, 3, 4), (2, 5, 6), (2, 4, 4)],
    [(2, 3, 4), (3, 3, 4)],
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shapes", SHAPES)
def test_inputs_that_do_not_fit(kind, shapes):
    x = [np.ones(shape) for shape in shapes]
    assert keras_refuses(kind, x)
    with pytest.raises(ValueError, match=kind):
        getattr(layers, kind)()(x)


@pytest.mark.parametrize(
    "mask, said",
    [
        (np.ones((2, 3)), "mask is a list"),
        ([None], "mask is a list"),
        ([np.ones((2, 4)), None], r"query_mask for shape \(2, 3, 4\) is \(2, 3\)"),
        ([None, np.ones((2, 3, 1))], "value_mask"),
    ],
)
def test_masks_that_do_not_fit(mask, said):
    with pytest.raises(ValueError, match=said):
        layers.Attention()([np.ones((2, 3, 4))] * 2, mask=mask)


def test_other_refusals_and_the_mask_that_goes_on():
    x = np.ones((2, 3, 4))
    with pytest.raises(ValueError, match="takes a list"):
        layers.Attention()(x)
    with pytest.raises(ValueError, match="score_mode is 'dot' or 'concat'; got 'general'"):
        layers.Attention(score_mode="general")
    with pytest.raises(ValueError, match="AdditiveAttention: dropout is a number from 0 to 1"):
        layers.AdditiveAttention(dropout=2)
    mask = np.array([[True, False, True]] * 2)
    assert np.array_equal(layers.Attention().compute_mask([x, x], [mask, None]), mask)
    assert layers.Attention().compute_mask([x, x], [None, mask]) is None
