"""The figure of unshared weights: what it counts, and what its wrong rules do."""

import numpy as np
import pytest

from byhand.figures import explain, local
from byhand.layers import Conv1D, LocallyConnected1D

from . import case_local

PARAMS, DATA = case_local.demo().params, case_local.demo().data
X = np.array(case_local.ROW, float)


@pytest.mark.parametrize("channels, filters", [(1, 1), (3, 2)])
@pytest.mark.parametrize("use_bias", [True, False])
def test_the_counter_counts_as_the_layers_do(channels, filters, use_bias):
    settings = {"channels": channels, "filters": filters, "use_bias": use_bias, "strides": 2, "size": 8}
    counted = local.trace(PARAMS | settings, DATA)["panels"]["n"]["data"]
    layers = [kind(filters, 3, 2, use_bias=use_bias) for kind in (Conv1D, LocallyConnected1D)]
    for layer in layers:
        layer.build((1, 8, channels))
    assert counted == [layer.count_params() for layer in layers] + [3 * 3 * channels * filters] * 2


def test_sharing_takes_the_kernel_and_the_bias_of_the_first_position():
    kernel, bias = case_local.KERNELS[0], 1
    shared = local.trace(PARAMS | {"weights": "shared"}, DATA)
    assert shared["panels"]["y"]["data"] == (np.correlate(X, kernel) + bias).tolist()
    borrowed = local.trace(PARAMS, DATA, bug="share")
    assert borrowed["panels"]["y"]["data"] == (np.correlate(X, kernel) + [1, 0, -1, 2]).tolist()


def test_gradients_as_if_shared():
    dy = {"dY": {"shape": [4, 1], "data": [1, 2, 0, -1]}}
    back = PARAMS | {"view": "backward"}
    every = np.correlate(X, [1, 2, 0, -1]).tolist()
    assert local.trace(back, DATA | dy, bug="sum")["panels"]["dW"]["data"] == every * 4
    assert local.trace(back | {"weights": "shared"}, DATA | dy)["panels"]["dW"]["data"] == every
    assert local.trace(back, DATA | dy)["panels"]["dW"]["data"][3:6] == [6, 0, 4]


@pytest.mark.parametrize(
    "options, x, said",
    [({"activation": "relu"}, np.ones((1, 6, 1)), "no activation"), ({}, np.ones((1, 20, 1)), "at most 12 cells")],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(options, x, said):
    with pytest.raises(ValueError, match=said):
        explain(LocallyConnected1D(1, 3, **options), x)
