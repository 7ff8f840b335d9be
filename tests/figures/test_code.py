"""The code a figure gives to copy runs as it is and makes the figure's numbers, with this book's layers and Keras."""

import numpy as np
import pytest

from .cases import CASES

RESULTS = {
    "activations": ("y", "dX"),
    "conv": ("y", "dX"),
    "dense": ("y", "dX"),
    "dropout": ("y", "dX"),
    "pool": ("y", "dX"),
    "rearrange": ("y", "dX"),
    "stack": ("y", "dX"),
    "softmax": ("y", "dX"),
    "transpose": ("y", "dX"),
    "heads": ("s", "dX(GAP) dX(GMP) dX(Flatten)"),
    "local": ("y", "dX"),
    "lstm": ("h", "dx"),
    "merge": ("y", "da db"),
    "norm": ("y", "dX"),
    "wiring": ("y", "dX"),
}


def ran(text):
    """What the names hold after the code has run."""
    names = {}
    exec(text, names)  # our own text, made by the figure
    return names


def result(names, view):
    made = names["dx" if view == "backward" else "y"]
    return np.concatenate([np.ravel(part) for part in (made if isinstance(made, list) else [made])])


def traces(case):
    figure = CASES[case].demo()
    for k, view in enumerate(("forward", "backward")):
        trace = figure.rule.trace(figure.params | {"view": view}, figure.data)
        names = RESULTS[trace["figure"]][k].split()
        yield view, trace, np.concatenate([trace["panels"][name]["data"] for name in names])


@pytest.mark.parametrize("case", CASES)
def test_copied_numpy_code_makes_the_numbers(case):
    for view, trace, shown in traces(case):
        assert np.allclose(result(ran(trace["code"]["numpy"]), view), shown, atol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_copied_keras_code_makes_the_numbers(case):
    pytest.importorskip("tensorflow")
    for view, trace, shown in traces(case):
        assert np.allclose(result(ran(trace["code"]["keras"]), view), shown, atol=1e-5)
