"""The code that the figure of the merge layers hands out is right in Keras, too, where Keras itself stumbles."""

import itertools

import pytest

from byhand.figures import merge
from byhand.figures.merge_asks import LAYERS, SHAPES
from byhand.figures.merge_plan import refusal

from ..layers.keras_errors import taken_for_bias
from .case_merge import demo

PLAIN = {"axis": -1, "axes": 1, "normalize": False}


@pytest.mark.parametrize("view, line", [("forward", "y = layer([b, a])  #"), ("backward", "([b, a])  #")])
def test_b_comes_first_in_keras_where_it_would_be_taken_for_a_bias(view, line):
    data, found = demo().data, []
    for layer, a, b in itertools.product(LAYERS[:-2], SHAPES, SHAPES):
        params = {"layer": layer, "a": a, "b": b, "view": view, **PLAIN}
        if refusal(params):
            continue
        trace = merge.trace(params, data)
        wrong = layer in ("Add", "Average") and taken_for_bias([a, b])
        assert (line in trace["code"]["keras"]) == wrong, params
        assert ("if b comes first" in trace["receipt"]) == wrong
        assert "layer([a, b])" in trace["code"]["numpy"]
        found.append(wrong)
    assert any(found)


def test_no_two_of_a_b_and_the_gradient_are_filled_up_alike():
    made = merge.Numbers({"layer": "Multiply", "a": [2, 2, 3], "b": [2, 2, 3], "view": "backward", **PLAIN}, {})
    for one, other in itertools.combinations((made.a, made.b, made.dY), 2):
        assert (one != other).any(axis=(1, 2)).all()
