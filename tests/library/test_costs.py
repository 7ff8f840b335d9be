"""Shapes and costs: shapes and parameters against Keras over a grid, multiplications and fields against the layers."""

import itertools
import math
import random

import numpy as np
import pytest

from byhand import layers as L
from byhand.costs import cells_seen, follow
from byhand.figures.catalogue import call, kinds, make
from byhand.training import Input, Sequential

SIZES = (1, 1, 2, 3)
VALUES = {
    "filters": (2, 4, 6),
    "units": (1, 5),
    "depth_multiplier": (1, 2),
    "groups": (1, 1, 2),
    "padding": ("valid", "same", "causal"),
    "activation": (None, "relu"),
    "use_bias": (True, False),
    "keepdims": (True, False),
    "center": (True, False),
    "scale": (True, False),
    "rate": (0, 0.5, 1),
    "target_shape": ((-1,), (2, -1), (3, 4), (2, 2, 3), (12,), (5, -1)),
    "dims": ((2, 1), (1, 2), (1,), (3, 1, 2)),
    "n": (1, 4),
    "data_format": ("channels_last", "channels_first"),
}
SPACE = {0: (3,), 1: (9,), 2: (9, 8), 3: (6, 7, 5)}


def value(name, kind, rng):
    """A value for a setting: one number or one for each axis, a choice, a pair for a border."""
    rank, family = kind["rank"], kind["family"]
    if name == "padding" and family == "pad" or name == "cropping":
        pair = [rng.randrange(3), rng.randrange(2)]
        return rng.choice([rng.randrange(3), pair if rank == 1 else [pair] * rank])
    if name == "output_padding" or name == "strides" and family == "pool":
        return rng.choice([None, 0 if name == "output_padding" else 2, 1])
    if name == "padding" and rank > 1:
        return rng.choice(VALUES[name][:2])
    if name in VALUES:
        return rng.choice(VALUES[name])
    many = rank > 1 and rng.random() < 0.5
    return tuple(rng.choices(SIZES, k=rank)) if many else rng.choice(SIZES)


def cases():
    """(settings of a layer, shape of its input) for every kind; many that fit and some that do not."""
    rng = random.Random(7)
    for name, kind in kinds().items():
        for _ in range(60 if "kernel_size" in kind["start"] else 12):
            settings = {"layer": name} | {s: value(s, kind, rng) for s in kind["start"]}
            first = settings.get("data_format") == "channels_first"
            space, channels = SPACE[kind["rank"]], (rng.choice((1, 2, 4)),)
            space = () if name == "RepeatVector" else space
            yield settings, channels + space if first else space + channels


def fitting():
    """The cases that no layer refuses, with their line."""
    for settings, shape in cases():
        try:
            yield settings, shape, next(follow(shape, [make(settings)]))
        except ValueError:
            continue


def test_shapes_and_parameters_are_those_of_keras():
    keras = pytest.importorskip("keras")
    tried = set()
    for settings, shape, line in fitting():
        twin = eval(f"keras.layers.{call(settings)}", {"keras": keras})
        twin.build((None, *shape))
        assert tuple(twin.compute_output_shape((None, *shape)))[1:] == line.output_shape, (settings, shape)
        assert twin.count_params() == line.parameters, (settings, shape)
        tried.add(call(settings))
    assert len(tried) > 400


def test_what_is_refused_keras_refuses_too():
    keras = pytest.importorskip("keras")
    refused = 0
    for settings, shape in cases():
        try:
            list(follow(shape, [make(settings)]))
        except ValueError:
            refused += 1
            with pytest.raises(Exception):  # noqa: B017 Keras raises whatever comes first; an empty output counts, too
                twin = eval(f"keras.layers.{call(settings)}", {"keras": keras})
                twin.build((None, *shape))
                made = twin.compute_output_shape((None, *shape))
                assert all(n is None or n > 0 for n in made)
                twin(np.zeros((1, *shape), "float32"))
    assert refused > 30


def counted(settings):
    """Whether every product of such a layer lands in its output: nothing padded, nothing cut."""
    return settings.get("padding") == "valid" and not settings.get("output_padding")


def test_multiplications_are_the_sum_of_ones():
    """With ones everywhere each product adds 1 to some number of the output."""
    tried = 0
    for settings, shape, line in fitting():
        if line.parameters and (counted(settings) or settings["layer"] == "Dense"):
            if settings["layer"].startswith("Separable"):
                continue  # its first products are multiplied again
            for name, w in line.layer.weights.items():
                w[...] = name != "bias"
            assert line.layer(np.ones((1, *shape))).sum() == line.multiplications, settings
            tried += 1
    assert tried > 60


def test_a_separable_convolution_multiplies_as_its_two_halves():
    for m, padding, stride in itertools.product((1, 3), ("valid", "same"), (1, 2)):
        how = {"strides": stride, "padding": padding}
        [one] = follow((9, 8, 4), [L.SeparableConv2D(6, 3, depth_multiplier=m, **how)])
        two = list(follow((9, 8, 4), [L.DepthwiseConv2D(3, depth_multiplier=m, **how), L.Conv2D(6, 1)]))
        assert one.multiplications == sum(line.multiplications for line in two)
        assert one.output_shape == two[-1].output_shape


def test_padding_is_multiplied_too():
    [same] = follow((8, 8, 3), [L.Conv2D(4, 3, padding="same")])
    [padded] = list(follow((8, 8, 3), [L.ZeroPadding2D(1), L.Conv2D(4, 3)]))[1:]
    assert same.multiplications == padded.multiplications


def spread(layers, o, length=120):
    """First and last input cell that output `o`, counted from the middle, depends on."""
    for layer in layers:
        for name, w in layer.weights.items():
            w[...] = name != "bias"
    x = np.ones((1, length, 1))
    for layer in layers:
        x = layer(x)
    dy = np.zeros_like(x)
    dy[0, x.shape[1] // 2 + o, 0] = 1
    for layer in reversed(layers):
        dy = layer.backward(dy)
    found = np.flatnonzero(dy[0, :, 0])
    return found[0], found[-1]


STACKS = {
    "plain": lambda: [L.Conv1D(1, 3), L.Conv1D(1, 4)],
    "strides": lambda: [L.Conv1D(1, 5, strides=2), L.Conv1D(1, 3, strides=3), L.Conv1D(1, 2)],
    "dilated": lambda: [L.Conv1D(1, 2, padding="causal", dilation_rate=d) for d in (1, 2, 4, 8)],
    "pooled": lambda: [L.Conv1D(1, 3, padding="same"), L.AveragePooling1D(2), L.DepthwiseConv1D(3, dilation_rate=2)],
    "separable": lambda: [L.AveragePooling1D(3, strides=2), L.SeparableConv1D(1, 3, padding="same")],
    "borders": lambda: [L.ZeroPadding1D(2), L.Conv1D(1, 3), L.Cropping1D(1), L.Conv1D(1, 2)],
    "transposed": lambda: [L.Conv1DTranspose(1, 5, strides=2), L.Conv1D(1, 3)],
    "gaps": lambda: [L.Conv1DTranspose(1, 3, strides=4), L.Conv1D(1, 3)],
    "up": lambda: [L.Conv1D(1, 3, strides=2), L.UpSampling1D(2), L.Conv1D(1, 4)],
    "up twice": lambda: [L.UpSampling1D(2), L.UpSampling1D(3), L.Conv1D(1, 7)],
}


@pytest.mark.parametrize("name", STACKS)
def test_the_field_is_what_a_gradient_reaches(name):
    layers = STACKS[name]()
    *_, last = follow((120, 1), layers)
    ends = [spread(layers, o) for o in range(7)]
    assert max(b - a + 1 for a, b in ends) == last.field[0]
    assert (ends[-1][0] - ends[0][0]) / 6 == pytest.approx(float(last.jump[0]), abs=0.5)


def test_after_all_of_space_there_is_nothing_left_to_see():
    net = [L.Conv2D(2, 3, padding="same"), L.MaxPooling2D(2), L.Flatten(), L.Dense(4), L.Dense(3)]
    fields = [line.field for line in follow((8, 6, 1), net)]
    assert fields == [(3, 3), (4, 4), (4, 4), (10, 8), (10, 8)]
    [whole] = follow((7, 9, 2), [L.GlobalAveragePooling2D()])
    assert whole.field == (7, 9) and whole.jump == ()
    assert cells_seen([]) == 1


def test_a_network_counts_the_same():
    shape = (64, 64, 3)
    net = [L.Conv2D(32, 3, padding="same"), L.MaxPooling2D(2), L.Conv2D(64, 3, padding="same"), L.MaxPooling2D(2),
           L.Flatten(), L.Dense(64), L.Dense(10)]  # fmt: skip
    lines = list(follow(shape, net))
    assert sum(line.parameters for line in lines) == 1_068_682
    again = Sequential([Input(shape), *(make_again(layer) for layer in net)])
    assert again.count_params() == 1_068_682
    assert [line.values for line in lines] == [math.prod(line.output_shape) for line in lines]


def make_again(layer):
    from byhand.figures.catalogue import read

    return make(read(layer))


def test_what_does_not_fit_is_refused_where_it_stands():
    lines = follow((8, 8, 1), [L.Conv2D(4, 3), L.Conv2D(4, 7)])
    assert next(lines).output_shape == (6, 6, 4)
    with pytest.raises(ValueError, match="does not fit"):
        next(lines)
    with pytest.raises(ValueError, match="bilinear interpolation"):
        list(follow((8, 8, 1), [L.UpSampling2D(2, interpolation="bilinear")]))
    with pytest.raises(ValueError, match="GRU"):
        list(follow((8, 1), [L.GRU(3)]))
