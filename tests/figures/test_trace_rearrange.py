"""The element tracker: what it refuses, what its wrong rules do, and that its answers hold when they are tried."""

import numpy as np
import pytest

from byhand.figures import explain, rearrange
from byhand.figures.rearrange_asks import LAYERS, SHAPES
from byhand.figures.rearrange_moves import call, layer_of, refusal, shape_of
from byhand.layers import Cropping2D, Flatten, Permute, RepeatVector, Reshape, UpSampling2D, ZeroPadding2D

X = np.arange(6.0).reshape(2, 3)
IMAGE = np.arange(12.0).reshape(2, 2, 3)
DY = np.array([[2, 0, -1, 3], [1, 1, 4, -2], [0, 5, 2, 1]], float)


def trace(layer, x, bug=None, dy=None, view="forward"):
    params, data = rearrange.read(layer, x[None])
    if dy is not None:
        data["dY"] = {"shape": list(dy.shape), "data": dy.ravel().tolist()}
    return rearrange.trace(params | {"view": view}, data, None, bug)


def shown(name, *args, **options):
    panel = trace(*args, **options)["panels"][name]
    return np.array(panel["data"], float).reshape(panel["shape"])


FORWARD = [
    (Reshape((3, 2)), X, "columns", X.reshape((3, 2), order="F")),
    (Reshape((3, 2)), X, "read", X.ravel(order="F").reshape(3, 2)),
    (Reshape((3, 2)), X, "written", X.ravel().reshape((3, 2), order="F")),
    (Flatten(), X, "read", X.ravel(order="F")),
    (Flatten(), IMAGE, "front", np.moveaxis(IMAGE, -1, 0).ravel()),
    (Flatten("channels_first"), IMAGE, "kept", IMAGE.ravel()),
    (Permute((2, 1)), X, "kept", X.reshape(3, 2)),
    (Permute((2, 1)), X, "zero", X.reshape(3, 2)),
    (Permute((3, 1, 2)), IMAGE, "zero", IMAGE.reshape(3, 2, 2)),
    (Permute((3, 1, 2)), IMAGE, "inverse", IMAGE.transpose(1, 2, 0).reshape(3, 2, 2)),
    (Permute((3, 1, 2)), IMAGE, "reversed", IMAGE.T),
    (RepeatVector(2), X[0], "each", np.array([[0, 0, 1], [1, 2, 2.0]])),
    (RepeatVector(2), X[0], "few", np.array([[0, 1, 2], [0, 0, 0.0]])),
    (RepeatVector(2), X[0], "shifted", np.array([[0, 1, 2], [1, 2, 0.0]])),
    (ZeroPadding2D(1), IMAGE, "after", np.pad(IMAGE, ((0, 2), (0, 2), (0, 0)))),
    (ZeroPadding2D(1), IMAGE, "before", np.pad(IMAGE, ((2, 0), (2, 0), (0, 0)))),
    (ZeroPadding2D(1), IMAGE, "edge", np.pad(IMAGE, ((1, 1), (1, 1), (0, 0)), mode="edge")),
    (Cropping2D(((1, 0), (0, 1))), IMAGE, "after", IMAGE[:1, :1]),
    (Cropping2D(((1, 0), (0, 1))), IMAGE, "before", IMAGE[1:, 1:]),
    (UpSampling2D(2), IMAGE, "tiled", np.tile(IMAGE, (2, 2, 1))),
    (UpSampling2D(2), IMAGE, "zeros", np.kron(IMAGE, np.array([[1, 0], [0, 0]])[..., None])),
]


@pytest.mark.parametrize("layer, x, bug, wrong", FORWARD, ids=[f"{type(c[0]).__name__}-{c[2]}" for c in FORWARD])
def test_wrong_rules_forward(layer, x, bug, wrong):
    assert bug in [b["name"] for b in trace(layer, x)["bugs"]]
    assert np.array_equal(shown("y", layer, x, bug), wrong)
    assert np.array_equal(shown("m", layer, x, bug), wrong.ravel())


PLANES = IMAGE.reshape(3, 2, 2)
BACK = [
    (Permute((2, 1)), X, "kept", X.reshape(3, 2), X),
    (Permute((3, 1, 2)), IMAGE, "again", PLANES, PLANES.transpose(2, 0, 1).reshape(2, 2, 3)),
    (Reshape((3, 2)), X, "columns", X.reshape(3, 2), X.reshape(3, 2).reshape((2, 3), order="F")),
    (RepeatVector(3), np.arange(4.0), "mean", DY, DY.mean(axis=0)),
    (RepeatVector(3), np.arange(4.0), "first", DY, DY[0]),
    (RepeatVector(3), np.arange(4.0), "last", DY, DY[2]),
]


@pytest.mark.parametrize("layer, x, bug, dy, wrong", BACK, ids=[f"{type(c[0]).__name__}-{c[2]}" for c in BACK])
def test_wrong_rules_backward(layer, x, bug, dy, wrong):
    options = {"dy": dy, "view": "backward"}
    assert bug in [b["name"] for b in trace(layer, x, **options)["bugs"]]
    assert np.array_equal(shown("dX", layer, x, bug=bug, **options), wrong)


def test_the_way_back_of_copies_adds_up():
    assert np.array_equal(shown("dX", RepeatVector(3), np.arange(4.0), dy=DY, view="backward"), DY.sum(axis=0))


def test_reshape_keeps_the_order_in_memory_and_permute_does_not():
    assert shown("m", Reshape((3, 2)), X).tolist() == [0, 1, 2, 3, 4, 5]
    assert shown("m", Permute((2, 1)), X).tolist() == [0, 3, 1, 4, 2, 5]


def test_letters_follow_the_numbers():
    panels = trace(Permute((2, 1)), X)["panels"]
    assert panels["x"]["groups"] == [0, 0, 0, 1, 1, 1]
    assert panels["m"]["groups"] == panels["y"]["groups"] == [0, 1, 0, 1, 0, 1]
    assert trace(ZeroPadding2D(1), IMAGE[..., :1])["panels"]["y"]["groups"].count(None) == 12


def fitting():
    return [(move, shape) for move in LAYERS for shape in SHAPES if refusal(move, shape) is None]


@pytest.mark.parametrize("move, shape", fitting(), ids=lambda v: call(v) if isinstance(v[0], str) else str(v))
def test_answers_are_the_layers(move, shape):
    """Each answer again, from the layer alone."""
    x = np.arange(1.0, np.prod(shape) + 1).reshape(1, *shape)
    layer = layer_of(move)
    y = layer(x)[0]
    assert shape_of(move, shape) == list(y.shape)
    asks = trace(layer, x[0])["asks"]
    source = asks[0]["prompt"].split("x[")[1].split("]")[0]
    index = [int(k) for k in source.split(",")]
    index += [0] * (len(shape) - len(index))
    assert [i for _, i in asks[0]["answer"]] == np.flatnonzero(y.ravel() == x[0][tuple(index)]).tolist()
    for ask in asks:
        if ask["prompt"].startswith("In memory"):
            assert ask["options"][ask["answer"]] == ("yes" if np.array_equal(y.ravel(), x.ravel()) else "no")
        if "Which layer is it" in ask["prompt"]:
            made = {"Reshape": Reshape, "Permute": Permute}
            rows = [made[o[:7]](eval(o[8:-1]))(x).ravel()[:6] for o in ask["options"]]  # our own text
            said = [int(k) for k in ask["prompt"].split("places ")[1].split(" of")[0].split(",")]
            assert rows[ask["answer"]].tolist() == [k + 1 for k in said] != rows[1 - ask["answer"]].tolist()


@pytest.mark.parametrize("move, shape", fitting(), ids=lambda v: call(v) if isinstance(v[0], str) else str(v))
def test_answers_on_the_way_back_are_the_layers(move, shape):
    x = np.zeros((1, *shape))
    layer = layer_of(move)
    layer(x)
    dy = np.arange(1.0, np.prod(shape_of(move, shape)) + 1).reshape(1, *shape_of(move, shape))
    dx, ones = layer.backward(dy)[0].ravel(), layer.backward(np.ones_like(dy))[0].ravel()
    for ask in trace(layer, x[0], dy=dy[0], view="backward")["asks"]:
        if ask["kind"] == "number" and "at" in ask:
            assert ask["answer"] == dx[ask["at"][1]]
        elif ask["kind"] == "number":
            assert set(ones) == {ask["answer"]}
        elif "gets 0" in ask["prompt"]:
            assert [i for _, i in ask["answer"]] == np.flatnonzero(ones == 0).tolist()
        elif "the way back" in ask["prompt"]:
            undo = eval(ask["options"][0].removeprefix("Permute"))  # our own text
            assert np.array_equal(Permute(undo)(dy).ravel(), dx)


def test_every_layer_has_three_wrong_rules_or_more_on_some_input():
    most = {}
    for move, shape in fitting():
        count = sum(len(trace(layer_of(move), np.zeros(shape), view=v)["bugs"]) for v in ("forward", "backward"))
        most[move[0]] = max(count, most.get(move[0], 0))
    assert min(most.values()) >= 3, most


@pytest.mark.parametrize(
    "layer, x, said",
    [
        (ZeroPadding2D(1, data_format="channels_first"), np.ones((1, 1, 2, 2)), "channels_last"),
        (UpSampling2D(2, interpolation="bilinear"), np.ones((1, 2, 2, 1)), "nearest"),
        (Flatten(), np.ones((1, 9, 9)), "at most 64"),
        (UpSampling2D(4), np.ones((1, 3, 3, 1)), "more than 64"),
        (Flatten(), np.ones((1, 2, 2, 2, 2)), "1 to 3 axes"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(layer, x, said):
    with pytest.raises(ValueError, match=said):
        explain(layer, x)


@pytest.mark.parametrize(
    "move, shape, said",
    [
        (["Reshape", [4, 5]], [4, 4, 1], "holds 16 numbers, which do not fill"),
        (["Permute", [2, 1]], [4, 4, 1], "takes an input with 2 axes"),
        (["RepeatVector", 3], [2, 3], "takes a vector"),
        (["ZeroPadding2D", [[1, 1], [1, 1]]], [2, 3], "takes .rows, columns, channels."),
        (["Cropping1D", [[1, 1]]], [2, 3], "leaves nothing"),
    ],
)
def test_settings_that_do_not_fit_get_a_sentence(move, shape, said):
    params, data = rearrange.read(Flatten(), X[None])
    with pytest.raises(ValueError, match=said):
        rearrange.trace(params | {"layer": move, "shape": shape}, data)


def test_the_still_of_copies_shows_how_they_add_up():
    made = trace(RepeatVector(3), np.arange(4.0), dy=DY, view="backward")
    [step] = made["stills"]
    assert made["frames"][step - 1]["to"] == ["dX", 0]
    assert made["frames"][step - 1]["terms"] == [["m", 0], ["m", 4], ["m", 8]]


def test_with_channels_first_the_channels_are_the_first_axis():
    panels = trace(Flatten("channels_first"), IMAGE)["panels"]
    assert panels["x"]["axes"] == ["channel", "row", "column"] and panels["x"]["grid"] == [1, 2]
    assert trace(Flatten(), IMAGE)["panels"]["x"]["axes"] == ["row", "column", "channel"]
    labels = [b["label"] for b in trace(Flatten("channels_first"), IMAGE)["bugs"]]
    assert "the channels are not moved last" in labels and "the channels are moved to the front first" not in labels
