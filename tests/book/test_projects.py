"""What the project of the foundations says you should find when you try things is what one finds."""

import nbformat
import numpy as np
import pytest

from byhand import layers
from byhand.layers import BatchNormalization, Dense
from tools.notebooks import ROOT

NEEDED = ("table = load_wine", "mean, spread =", "def forward", "def loss_and_gradient", "def batches", "def train")


@pytest.fixture(scope="module")
def page():
    """The names that the project's own cells define, without its pictures and without Keras."""
    names = {}
    exec("import numpy as np\nfrom sklearn.datasets import load_wine\nfrom byhand import layers", names)
    exec("from byhand.layers import Dense", names)
    cells = nbformat.read(ROOT / "chapters/foundations/part_project.ipynb", as_version=4).cells
    for source in (c.source for c in cells if c.cell_type == "code" and c.source.startswith(NEEDED)):
        exec(source, names)  # our own page
    return names


def told_right(page, stack, x):
    return (page["forward"](stack, x).argmax(axis=1) == page["unseen_y"]).mean()


@pytest.mark.parametrize("momentum, told", [(0.99, (0.4, 0.8)), (0.9, (0.85, 1))])
def test_the_memory_lags_behind_unless_momentum_is_low(page, momentum, told):
    norm, stack = BatchNormalization(momentum=momentum, dtype="float64"), page["network"]()
    for rows in page["batches"]():
        scores = page["forward"](stack, norm(page["raw"][rows], training=True))
        loss, back = page["loss_and_gradient"](scores, page["y"][rows])
        for layer in reversed([norm, *stack]):
            back = layer.backward(back)
            for name, gradient in layer.grads.items():
                layer.weights[name] -= gradient / 8
    assert loss < 0.2
    assert told[0] < told_right(page, [norm, *stack], page["unseen_raw"]) <= told[1]


def test_the_highest_rate_that_learns(page):
    losses = {}
    for rate in (2, 4):
        stack = page["network"]()
        losses[rate], _ = page["train"](stack, page["x"], rate)
    assert losses[2][-20:].mean() < 0.05
    assert losses[4][1] > 2 * losses[4][0] and losses[4][-20:].mean() > 0.8
    assert not stack[1](stack[0](page["x"])).any()


def test_with_sigmoids_the_first_gradient_is_the_smallest_by_far(page):
    layers.set_random_seed(0)
    stack = [Dense(n, a, dtype="float64") for n, a in ((16, "sigmoid"), (8, "sigmoid"), (3, None))]
    page["forward"](stack, np.zeros((1, 13)))
    first, second, last = page["train"](stack, page["x"], 1 / 8)[1][0]
    assert 2 * first < second < last


def test_all_wines_for_the_mean_change_little(page):
    mean, spread = page["data"].mean(axis=0), page["data"].std(axis=0)
    ways = [(page["x"], page["unseen_x"]), ((page["raw"] - mean) / spread, (page["unseen_raw"] - mean) / spread)]
    told = []
    for x, unseen in ways:
        stack = page["network"]()
        page["train"](stack, x, 1 / 8)
        told.append(told_right(page, stack, unseen))
    assert told[0] == told[1] > 0.85
