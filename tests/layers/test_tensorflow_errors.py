"""Every setting listed as wrong in TensorFlow still is: else its entry has become a needless exception."""

import numpy as np
import pytest

from byhand import layers
from byhand.compare import TOLERANCE, both_ways, first_difference, keras_twin

from .against import shuffled
from .tensorflow_errors import ERRORS


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.applies.__name__}-{error.witness[0]}")
def test_witness(error):
    kind, dtype, shape, arguments = error.witness
    values = np.random.default_rng(0).normal(size=shape) if error.values is None else error.values
    x = np.reshape(values, shape).astype(dtype)
    layer = shuffled(getattr(layers, kind)(dtype=dtype, **arguments), x)
    assert error.applies(layer, x)
    try:
        rows = both_ways(layer, keras_twin(type(layer), dtype, **arguments), x)
    except Exception:  # refused, with one of TensorFlow's many classes of error
        return
    assert first_difference(rows, TOLERANCE[dtype]) is not None or not error.always
