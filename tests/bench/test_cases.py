"""The bench measures every layer, and its plain loops give what the layers give."""

import inspect

import numpy as np
import pytest

from bench.cases import INSIDE_OTHERS
from bench.naive import LOOPS
from bench.reasons import BY_FAMILY, BY_LAYER
from bench.teaching import TEACHING
from bench.training import TRAINING
from byhand import layers

SMALL = [case for cases in TEACHING.values() for case in cases]
LARGE = [case for cases in TRAINING.values() for case in cases]


def test_every_layer_is_measured():
    kinds = {
        n
        for n in layers.__all__
        if inspect.isclass(getattr(layers, n)) and issubclass(getattr(layers, n), layers.Layer)
    }
    assert {case.layer for case in SMALL} == kinds - INSIDE_OTHERS


def test_what_is_measured_large_is_measured_small_too():
    assert {case.layer for case in LARGE} <= {case.layer for case in SMALL}


def test_there_is_a_reason_for_every_family_and_layer():
    assert set(TRAINING) <= set(BY_FAMILY)
    assert set(BY_LAYER) <= {case.layer for case in SMALL}


@pytest.mark.parametrize("case", [c for c in SMALL if c.layer in LOOPS], ids=lambda case: case.code)
def test_loops_give_what_the_layer_gives(case):
    drawn = case.drawn(np.random.default_rng(0))
    x = drawn if case.inputs > 1 else drawn[0]
    layer = case.made(layers)
    layer(x)
    for w in layer.weights.values():
        w[...] = np.random.default_rng(w.size).normal(size=w.shape)
    np.testing.assert_allclose(LOOPS[case.layer](layer, x), layer(x), rtol=0, atol=1e-4)
