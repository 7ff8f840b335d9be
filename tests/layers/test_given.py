"""Whatever a layer is given that does not fit is refused in a sentence about the layer, never by NumPy further in."""

import re

import numpy as np
import pytest

from bench.teaching import TEACHING
from byhand import layers

ONE_OF_EACH = {case.layer: case for cases in TEACHING.values() for case in cases if not case.words}
OF_ONE_ARRAY = [
    case for name, case in ONE_OF_EACH.items()
    if case.inputs == 1 and not case.ids and not getattr(layers, name).several_inputs
]  # fmt: skip
every_layer = pytest.mark.parametrize("case", ONE_OF_EACH.values(), ids=lambda case: case.layer)
UNEVEN = [[1, 2], [3]]


def arrays(case):
    return case.drawn(np.random.default_rng(0))


def called(case, layer, given):
    """layer(given), a list of arrays, as this layer wants several: as arguments, as a list, or the first alone."""
    several = given if layer.several_arguments else [given if case.inputs > 1 else given[0]]
    return layer(*several, **case.call)


def refused(case, act):
    with pytest.raises((ValueError, TypeError)) as caught:
        act()
    assert re.match(r"\w+", str(caught.value)).group() in case.code, caught.value


@every_layer
def test_what_is_no_array_of_numbers_is_refused(case):
    for wrong in (None, "three", UNEVEN, np.array(["a", "b"]), object()):
        refused(case, lambda: called(case, case.made(layers), [wrong, *arrays(case)[1:]]))  # noqa: B023


@pytest.mark.parametrize("case", OF_ONE_ARRAY, ids=lambda case: case.layer)
def test_a_list_is_refused_where_one_array_is_meant(case):
    refused(case, lambda: case.made(layers)(2 * arrays(case)))


@every_layer
def test_a_gradient_that_does_not_fit_is_refused(case):
    layer = case.made(layers)
    refused(case, lambda: layer.backward(np.ones((2, 2))))
    y = called(case, layer, arrays(case))
    for wrong in (None, "three", 1.0, UNEVEN, np.ones((*y.shape, 1)), y[..., None], y[1:], [y, y], y.astype(str)):
        refused(case, lambda: layer.backward(wrong))  # noqa: B023
    layer.backward(np.ones_like(y))


@every_layer
def test_weights_are_a_list(case):
    layer = case.made(layers)
    called(case, layer, arrays(case))
    for wrong in (None, 3):
        refused(case, lambda: layer.set_weights(wrong))  # noqa: B023


@every_layer
def test_a_gradient_of_more_digits_is_taken_in_the_dtype_of_the_layer(case):
    layer = case.made(layers)
    y = called(case, layer, arrays(case))
    dx = layer.backward(np.ones(y.shape, "float64"))
    for back in [*(dx if isinstance(dx, list | tuple) else [dx]), *layer.get_gradients()]:
        assert back is None or back.dtype == y.dtype == np.float32
