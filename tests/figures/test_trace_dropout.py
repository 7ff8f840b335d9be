"""The figure of dropout: the masks are the layer's own, its answers hold, and its wrong rules do what they say."""

import itertools

import numpy as np
import pytest

from byhand.figures import dropout, explain
from byhand.layers import Dropout, SpatialDropout1D

from . import case_dropout

FIGURE = case_dropout.demo()
PARAMS, DATA = FIGURE.params, FIGURE.data
X, DY = np.array(case_dropout.TABLE, float), np.array(case_dropout.DY, float)


def shown(name, bug=None, **settings):
    made = dropout.trace(PARAMS | settings, DATA, bug=bug)["panels"][name]
    return np.array(made["data"], float).reshape(made["shape"])


def kept(call=0, rate=0.5, size=(3, 4), seed=0):
    return np.random.default_rng(seed).random((call + 1, *size))[call] >= rate


@pytest.mark.parametrize("call", [0, 1, 7])
def test_the_outputs_are_the_calls_of_a_layer_with_that_seed(call):
    layer = Dropout(0.2, seed=0, dtype="float64")
    for _ in range(call + 1):
        y = layer(X, training=True)
    assert np.array_equal(shown("y", call=call, rate=0.2), y)
    assert np.array_equal(shown("dX", call=call, rate=0.2, view="backward"), layer.backward(DY))


def test_the_running_mean():
    layer = Dropout(0.5, seed=0, dtype="float64")
    outputs = [layer(X, training=True) for _ in range(8)]
    means = shown("mean", view="calls", calls=8)
    for n in range(8):
        assert np.allclose(means[..., n], np.mean(outputs[: n + 1], axis=0))


def test_a_sequence_is_read_from_three_axes_and_a_noise_shape_from_the_layer():
    x = np.arange(12.0).reshape(1, 3, 4)
    figure = explain(SpatialDropout1D(0.5, seed=3), x, dy=np.ones((1, 3, 4)))
    layer = SpatialDropout1D(0.5, seed=3, dtype="float64")
    assert np.array_equal(np.reshape(figure.trace["panels"]["y"]["data"], x.shape), layer(x, training=True))
    figure.params = figure.params | {"view": "backward"}
    assert np.array_equal(np.reshape(figure.trace["panels"]["dX"]["data"], x.shape), layer.backward(np.ones_like(x)))
    for noise, share in ((None, "cell"), ((None, 1), "row"), ((1, 4), "column"), ((1, 1), "all")):
        assert case_dropout.demo(noise_shape=noise).params["share"] == share


def test_wrong_rules_of_a_call():
    keep = kept(rate=0.2)
    wrong = {"plain": X * keep, "rate": X * keep / 0.2, "down": X * keep * 0.8, "flip": X * ~keep / 0.8}
    for bug, expected in wrong.items():
        assert np.allclose(shown("y", bug, rate=0.2), expected), bug
    own = shown("y", "own", share="row")
    assert np.allclose(own, X * kept() * 2)
    across = shown("y", "across", share="column", rows=3, columns=3)
    assert np.allclose(across, X[:, :3] * kept(size=(3,))[:, None] * 2)


def test_wrong_rules_of_inference():
    rest = {"training": False, "rate": 0.2}
    assert np.array_equal(shown("y", **rest), X)
    assert np.allclose(shown("y", "classic", **rest), X * 0.8)
    assert np.allclose(shown("y", "up", **rest), X / 0.8)
    assert np.allclose(shown("y", "drop", **rest), X * kept(rate=0.2) / 0.8)
    assert np.allclose(shown("mean", "classic", view="calls", **rest)[..., -1], X * 0.8)


def test_wrong_rules_of_the_way_back_and_of_several_calls():
    back = {"view": "backward"}
    assert np.allclose(shown("dX", "anew", **back), DY * kept(1) * 2)
    assert np.allclose(shown("dX", "unscaled", **back), DY * kept())
    assert np.allclose(shown("dX", "all", **back), DY * 2)
    calls = {"view": "calls", "calls": 4}
    assert np.allclose(shown("mean", "same", **calls)[..., -1], X * kept() * 2)
    stayed = np.sum([kept(n) for n in range(4)], axis=0)
    assert np.allclose(shown("mean", "stayed", **calls)[..., -1], np.where(stayed, 2 * X, 0))


def test_there_are_three_wrong_rules_wherever_something_is_dropped():
    for view, share in itertools.product(("forward", "calls", "backward"), ("cell", "row")):
        assert len(dropout.trace(PARAMS | {"view": view, "share": share}, DATA)["bugs"]) >= 3


def test_cells_that_go_together_share_their_draw():
    ask = next(
        a for a in dropout.trace(PARAMS | {"share": "column"}, DATA)["asks"] if a["prompt"].startswith("y[0, 0]")
    )
    assert ask["answer"] == [["y", 4], ["y", 8]]
    for call in range(8):
        y = shown("y", share="column", call=call)
        assert len(set((y[:, 0] == 0).tolist())) == 1


@pytest.mark.parametrize(
    "layer, x, said",
    [
        (Dropout(0.5), np.ones(3), "2 axes, or 3"),
        (Dropout(0.5), np.ones((1, 5)), "at most 4"),
        (Dropout(1.0), np.ones((1, 4)), "below 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(layer, x, said):
    with pytest.raises(ValueError, match=said):
        explain(layer, x)
