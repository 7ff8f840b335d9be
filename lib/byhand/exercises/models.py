"""Exercises of the chapter on tensors, layers and models."""

import numpy as np

from .exercise import Exercise

# --- paper_shapes -----------------------------------------------------------------------------------------------------

PAPER_SHAPES = """A picture (64, 64, 3) goes through these layers. What shape does each hand on? Leave out the batch.

    Conv2D(32, 3, padding="same")   keeps height and width, makes 32 channels
    MaxPooling2D(2)                 halves height and width
    Conv2D(64, 3, padding="same")
    MaxPooling2D(2)
    Flatten()                       puts all numbers in one row
    Dense(64)
    Dense(10)

    answer = [[..., ..., ...], ..., [...]]     seven lists"""

SHAPES = [[64, 64, 32], [32, 32, 32], [32, 32, 64], [16, 16, 64], [16384], [64], [10]]


# --- count ------------------------------------------------------------------------------------------------------------


def count(shape, filters, kernel, units):
    """The parameters of a whole network, by its shapes.

    def count(shape, filters, kernel, units): shape is (height, width, channels) of one picture. For each number f in
    filters come Conv2D(f, kernel, padding="same") and MaxPooling2D(2), then Flatten, and for each number u in units
    Dense(u). Returns how many parameters there are, as an int. A convolution has kernel · kernel · channels in · f
    weights and f biases and keeps height and width; pooling halves both, rounded down.
    """
    height, width, channels = shape
    parameters = 0
    for f in filters:
        parameters += kernel * kernel * channels * f + f
        height, width, channels = height // 2, width // 2, f
    features = height * width * channels
    for u in units:
        parameters += features * u + u
        features = u
    return int(parameters)


def count_cases(rng):
    depth, dense = rng.integers(1, 3, size=2)
    shape = np.array([*rng.integers(4, 12, size=2), rng.integers(1, 4)])
    filters, units = rng.integers(1, 5, size=depth), rng.integers(1, 6, size=dense)
    return shape, filters, int(rng.integers(1, 4)), units


def counted(shape, filters, kernel, units, *, biases=lambda n, one: n, area=True, deep=True, half=lambda n: n // 2,
            border=0, places=False, made=lambda channels, f: f, flat=lambda h, w, c: h * w * c, flat_too=False,
            last=lambda features, u: u):  # fmt: skip
    """`count` with one rule another way."""
    height, width, channels = shape
    parameters = 0
    for f in filters:
        own = (kernel * kernel if area else kernel) * (channels if deep else 1) * f + biases(f, 1)
        parameters += own * height * width if places else own
        height, width, channels = half(height - border), half(width - border), made(channels, f)
    features = flat(height, width, channels)
    parameters += features if flat_too else 0
    for u in units:
        parameters += features * u + biases(u, 1)
        features = last(features, u)
    return int(parameters)


def with_rule(**rule):
    return lambda shape, filters, kernel, units: counted(shape, filters, kernel, units, **rule)


def cut_border(shape, filters, kernel, units):
    return counted(shape, filters, kernel, units, border=kernel - 1)


# --- channels_first ---------------------------------------------------------------------------------------------------


def channels_first(x):
    """A batch of pictures, channels last, with its channels first.

    def channels_first(x): x (batch, height, width, channels). Returns (batch, channels, height, width): the same
    pictures, and what was x[n, i, j, c] is now at [n, c, i, j].
    """
    return x.transpose(0, 3, 1, 2)


def channels_first_cases(rng):
    batch, height, width, channels = rng.integers(1, 4, size=4)
    if rng.random() < 0.3:
        width = height
    return (rng.integers(-9, 10, size=(batch, height, width, channels)).astype(float),)


def renamed(x):
    batch, height, width, channels = x.shape
    return x.reshape(batch, channels, height, width)


def reversed_axes(x):
    return x.transpose(0, 3, 2, 1)


def the_way_back(x):
    return x.transpose(0, 2, 3, 1)


def batch_moved(x):
    return x.transpose(3, 0, 1, 2)


def batch_lost(x):
    return x[0].transpose(2, 0, 1)


def batch_forgotten(x):
    return x.transpose(2, 0, 1)


def turned_over(x):
    return x.T


def with_batch(n):
    return [[n, *shape] for shape in SHAPES]


EXERCISES = {
    "paper_shapes": Exercise(
        task=PAPER_SHAPES,
        solution=SHAPES,
        wrong=(
            (
                'padding="same" keeps height and width: only pooling makes the picture smaller here.',
                [[62, 62, 32], [31, 31, 32], [29, 29, 64], [14, 14, 64], [12544], [64], [10]],
            ),
            (
                "Flatten multiplies height, width and channels: 16 · 16 · 64.",
                [[64, 64, 32], [32, 32, 32], [32, 32, 64], [16, 16, 64], [96], [64], [10]],
            ),
            (
                "Flatten takes the channels along: 16 · 16 · 64, not 16 · 16.",
                [[64, 64, 32], [32, 32, 32], [32, 32, 64], [16, 16, 64], [256], [64], [10]],
            ),
            (
                "Pooling leaves the channels alone: it halves height and width.",
                [[64, 64, 32], [32, 32, 16], [32, 32, 64], [16, 16, 32], [8192], [64], [10]],
            ),
            (
                "A convolution with 32 filters makes 32 channels, however many came in.",
                [[64, 64, 96], [32, 32, 96], [32, 32, 6144], [16, 16, 6144], [1572864], [64], [10]],
            ),
            (
                "A convolution with 32 filters makes 32 channels. Only pooling leaves their number as it is.",
                [[64, 64, 3], [32, 32, 3], [32, 32, 3], [16, 16, 3], [768], [64], [10]],
            ),
            (
                "The channels stand last here: (height, width, channels).",
                [[32, 64, 64], [32, 32, 32], [64, 32, 32], [64, 16, 16], [16384], [64], [10]],
            ),
            ("A shape of one number is a list as well: [16384], not 16384.", [*SHAPES[:4], 16384, 64, 10]),
            ("Right, with the batch in front. Leave that out: what is the shape of one sample?", with_batch(None)),
            ("One picture alone is no batch. Leave the 1 in front out.", with_batch(1)),
        ),  # fmt: skip
        hints=(
            "Go layer by layer: what one hands on is what the next one gets.",
            "The convolutions change the last number only, the poolings the first two only.",
            "In front of Flatten stands (16, 16, 64). Multiply.",
        ),
    ),
    "count": Exercise(
        solution=count,
        cases=count_cases,
        tolerance=None,
        wrong=(
            ("The biases are missing: one for each filter and one for each unit.", with_rule(biases=lambda n, one: 0)),
            ("Each filter and each unit has a bias, not each layer.", with_rule(biases=lambda n, one: one)),
            ("A kernel has an area: kernel · kernel weights for each channel.", with_rule(area=False)),
            ("A filter has weights for every channel that comes in.", with_rule(deep=False)),
            ("The poolings are missing: each halves height and width.", with_rule(half=lambda n: n)),
            ("Pooling rounds down: a window that does not fit is left out.", with_rule(half=lambda n: -(-n // 2))),
            ('padding="same" keeps height and width; only the pooling makes them smaller.', cut_border),
            ("Flatten takes the channels along: height · width · channels.", with_rule(flat=lambda h, w, c: h * w)),
            ("Behind Flatten only channels are left. Height and width count, too.", with_rule(flat=lambda h, w, c: c)),
            ("Behind a convolution there are f channels. The next layer reads those.", with_rule(made=lambda c, f: c)),
            ("A filter has the same weights at every place: height and width are in no count.", with_rule(places=True)),
            ("Flatten has nothing to learn: it counts 0.", with_rule(flat_too=True)),
            (
                "Every Dense reads what the one before it gives, not what Flatten gave.",
                with_rule(last=lambda features, u: features),
            ),
        ),
        hints=(
            "Go through the layers with three numbers that change: height, width, channels.",
            "In the loop over filters: add the weights and biases, then halve, and f channels go on.",
            "Behind it features = height * width * channels; each Dense adds features * u + u, and then features is u.",
        ),
    ),
    "channels_first": Exercise(
        solution=channels_first,
        cases=channels_first_cases,
        wrong=(
            ("reshape keeps the order of the numbers: the shape is right, the picture is scrambled.", renamed),
            ("Height and width are exchanged: the pictures lie on their side.", reversed_axes),
            ("That is the way back, from channels first to channels last.", the_way_back),
            ("The batch stays in front.", batch_moved),
            ("Only the first picture is there. The batch axis stays.", batch_lost),
            ("x has four axes, the batch is the first of them. transpose wants a place for each.", batch_forgotten),
            ("x.T reverses all axes, the batch as well. That one stays in front.", turned_over),
        ),
        hints=(
            "x.transpose takes the old axes in their new order.",
            "The new axes are batch, channels, height, width. Where did each stand before?",
            "Channels were axis 3: x.transpose(0, 3, 1, 2).",
        ),
    ),
}
