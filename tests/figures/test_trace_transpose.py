"""The figure of transposed convolution: both tellings, lengths, stamps, answers, wrong rules."""

import itertools

import numpy as np
import pytest

from byhand.figures import explain, transpose
from byhand.layers import Conv1D, Conv1DTranspose, Conv2DTranspose

from . import case_transpose

RNG = np.random.default_rng(0)


def panel(trace, name):
    return np.reshape(trace["panels"][name]["data"], trace["panels"][name]["shape"])


def grid():
    return itertools.chain(case_transpose.grid_1d(), case_transpose.grid_2d())


def forward():
    for params, data, edits in grid():
        if params["view"] == "forward":
            yield params, transpose.trace(params, data, edits)


def layer_of(params):
    make = Conv1DTranspose if params["rank"] == 1 else Conv2DTranspose
    settings = {k: params[k] for k in ("kernel_size", "strides", "padding", "output_padding", "use_bias")}
    return make(1, dtype="float64", **settings)


def test_stamping_and_gathering_agree_with_plain_loops():
    for params, trace in forward():
        z, kernel, y = (panel(trace, name) for name in ("z", "W↻", "y"))
        b = trace["panels"]["b"]["data"][0] if params["use_bias"] else 0
        assert np.array_equal(kernel, np.flip(panel(trace, "W")))
        for o in np.ndindex(*y.shape):
            window = z[tuple(slice(i, i + k) for i, k in zip(o, kernel.shape))]
            assert (window * kernel).sum() + b == pytest.approx(y[o], abs=1e-12), params
        assert np.array_equal(panel(trace, "y′"), y)


def test_lengths_are_the_layers():
    for params, trace in forward():
        shape = layer_of(params).compute_output_shape((1, *params["size"], 1))
        assert trace["panels"]["y"]["shape"] == list(shape[1:-1]), params
        assert trace["asks"][0]["answer"] == list(shape[1:])
        assert all(f"= {n}" in trace["panels"]["y"]["label"] for n in shape[1:-1])


def test_hits_count_the_stamps_that_land():
    for params, trace in forward():
        hits = [len(f["terms"]) - params["use_bias"] for f in trace["frames"] if f["to"][0] == "y"]
        assert trace["panels"]["hits"]["data"] == hits


def test_stamps_stand_where_they_land():
    trace = case_transpose.demo_1d().trace
    assert panel(trace, "stamps").tolist() == [[2, 4, -2, 0, 0, 0, 0], [0, 0, -1, -2, 1, 0, 0], [0, 0, 0, 0, 3, 6, -3]]
    assert trace["panels"]["stamps"]["names"]["1"] == ["y[0]", "y[1]", "y[2]", "y[3]", "y[4]", "y[5]", "cut"]
    assert panel(trace, "y").tolist() == [2, 4, -3, -2, 4, 6]


@pytest.mark.parametrize("padding, extra", list(itertools.product(("valid", "same"), (None, 0, 1))))
def test_the_way_back_is_the_layers(padding, extra):
    layer = Conv2DTranspose(1, 3, strides=2, padding=padding, output_padding=extra, dtype="float64")
    x = RNG.normal(size=(1, 3, 2, 1))
    dy = RNG.normal(size=layer(x).shape)
    dx = layer.backward(dy)
    trace = explain(layer, x, dy=dy, view="backward").trace
    assert np.allclose(panel(trace, "dX"), dx[0, ..., 0])
    assert np.allclose(panel(trace, "dW"), layer.grads["kernel"][..., 0, 0])
    assert np.allclose(panel(trace, "db"), layer.grads["bias"])


def test_the_round_trip_is_what_two_layers_do():
    for params, trace in forward():
        if params["rank"] > 1:
            continue
        settings = {k: params[k] for k in ("kernel_size", "strides", "padding")}
        conv, ask = Conv1D(1, **settings), trace["asks"][1]
        there = conv.compute_output_shape((1, 23, 1))[1]
        assert f"makes {there} cells of 23" in ask["prompt"]
        assert ask["answer"] == layer_of(params).compute_output_shape((1, there, 1))[1]
        named = [int(n) for n in ask["why"].split("of ", 1)[1].split(",")[0].split(" and of ")]
        assert named == [n for n in range(params["kernel_size"][0], 60)
                         if conv.compute_output_shape((1, n, 1))[1] == there]  # fmt: skip


def test_asked_cells_and_the_checkerboard_follow_from_the_hits():
    for params, trace in forward():
        hits = np.array(trace["panels"]["hits"]["data"])
        for ask in trace["asks"]:
            if ask["kind"] == "cell":
                assert ask["answer"] == [["y", int(k)] for k in np.flatnonzero(hits == hits.max())]
            if ask["kind"] == "choice":
                # far from the edges, by stamping ones on a long line
                uneven = False
                for k, s in zip(params["kernel_size"], params["strides"]):
                    line = np.zeros(20 * s + k)
                    for i in range(20):
                        line[i * s : i * s + k] += 1
                    uneven |= len(set(line[k : 20 * s - k])) > 1
                assert ask["answer"] == int(uneven), params
            if ask["kind"] == "number" and "at" in ask:
                assert ask["answer"] == trace["panels"]["y"]["data"][ask["at"][1]]


def test_the_output_padding_of_same_moves_the_cut_to_the_front():
    figure = case_transpose.demo_1d(output_padding=1)
    figure.params = figure.params | {"padding": "same"}
    right = panel(figure.trace, "y").tolist()
    assert right == [2, 4, -3, -2, 4, 6]
    wrong = transpose.trace(figure.params, figure.data, bug="extra")
    assert panel(wrong, "y").tolist() == [4, -3, -2, 4, 6, -3]


@pytest.mark.parametrize("params, name, result", [
    ({}, "flip", "y"), ({}, "overwrite", "y"), ({}, "crop", "y"), ({"output_padding": [1]}, "extra", "y"),
    ({"padding": "valid", "output_padding": [1]}, "extra", "y"),
    ({"view": "backward"}, "flip", "dX"), ({"view": "backward"}, "stride", "dX"), ({"view": "backward"}, "mean", "dW"),
])  # fmt: skip
def test_each_wrong_rule_shows(params, name, result):
    figure = case_transpose.demo_1d()
    params = figure.params | params
    right, wrong = transpose.trace(params, figure.data), transpose.trace(params, figure.data, bug=name)
    assert name in [bug["name"] for bug in right["bugs"]]
    assert not np.array_equal(panel(right, result), panel(wrong, result))
    if result == "y":
        assert np.array_equal(panel(wrong, "y"), panel(wrong, "y′"))


def test_what_keras_refuses_is_refused():
    figure = case_transpose.demo_1d()
    for params, sentence in [
        ({"strides": [1], "output_padding": [1]}, "Keras refuses an output_padding"),
        ({"kernel_size": [2], "output_padding": [0]}, "TensorFlow stops with an error"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            transpose.trace(figure.params | params, figure.data)
    with pytest.raises(ValueError, match="more cells than one can read"):
        transpose.trace(figure.params | {"size": [9], "strides": [3]}, figure.data)


def test_what_the_figure_cannot_draw_is_refused():
    for options, x, sentence in [
        ({"filters": 2}, np.ones((1, 3, 1)), "one channel and one filter"),
        ({"filters": 1}, np.ones((1, 3, 2)), "one channel and one filter"),
        ({"filters": 1, "activation": "relu"}, np.ones((1, 3, 1)), "without an activation"),
        ({"filters": 1, "dilation_rate": 2}, np.ones((1, 3, 1)), "dilation_rate=1"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            explain(Conv1DTranspose(kernel_size=3, **options), x)
