"""What the exercises on rearranging call right is what Keras does."""

import itertools
import subprocess
import sys

import numpy as np

from byhand.exercises import rearranging

from .twins import cases, keras

layers = keras.layers


def test_cells():
    x = np.arange(16.0).reshape(1, 4, 4, 1)
    made = np.asarray(layers.Reshape((2, 2, 4))(x))[0].reshape(4, 4)
    assert made.tolist() == rearranging.EXERCISES["paper_cells"].solution


def test_permute():
    for x, dims in cases(rearranging.EXERCISES["permute"]):
        assert np.array_equal(rearranging.permute(x, dims), layers.Permute(dims)(x[None])[0])


def test_permute_has_cases_that_every_mistake_shows_in():
    drawn = cases(rearranging.EXERCISES["permute"])
    assert {dims for _, dims in drawn} >= {(2, 1), (2, 3, 1), (3, 1, 2), (3, 2, 1)}


def test_agree():
    for rows, columns in itertools.product(range(1, 5), repeat=2):
        n = rows * columns
        same = np.arange(n)  # the smallest place whose number each has to share; settled by trying
        for _ in range(n):
            equal = np.asarray(layers.Permute((2, 1))(same.reshape(1, rows, columns))).ravel()
            lower = np.minimum(same, equal)
            for k, v in zip(equal, lower):
                same[same == k] = v
            same = np.minimum(same, lower)
        assert rearranging.agree(rows, columns) == len(set(same.tolist()))
        x = same.reshape(1, rows, columns)
        assert np.array_equal(layers.Permute((2, 1))(x), layers.Reshape((columns, rows))(x))


def test_repeat():
    for x, n in cases(rearranging.EXERCISES["repeat"]):
        assert np.array_equal(rearranging.repeat(x, n), layers.RepeatVector(n)(x))
        assert np.array_equal(
            layers.Lambda(lambda x, n=n: rearranging.repeat(np.asarray(x), n))(x), layers.RepeatVector(n)(x)
        )


SAVE = """
import sys
from tensorflow import keras

def square(x):
    return x * x

L = keras.layers
for name, layer in {"lambda": L.Lambda(lambda x: x * x), "def": L.Lambda(square), "none": L.Flatten()}.items():
    keras.Sequential([keras.Input((2,)), layer]).save(f"{sys.argv[1]}/{name}.keras")
"""


def test_what_a_saved_lambda_needs(tmp_path):
    subprocess.run([sys.executable, "-c", SAVE, str(tmp_path)], check=True, capture_output=True)
    needs = {
        "nothing": {},
        "safe_mode=False": {"safe_mode": False},
        "custom_objects": {"custom_objects": {"square": np.square}},
    }
    found = []
    for name in ("lambda", "def", "none"):
        loads = [need for need, given in needs.items() if can_load(tmp_path / f"{name}.keras", given)]
        found.append(loads)
    wanted = rearranging.EXERCISES["paper_saved"].solution
    assert found[:2] == [[need] for need in wanted[:2]] and wanted[2] in found[2]


def can_load(file, given):
    try:
        keras.models.load_model(file, **given)
    except (ValueError, TypeError):
        return False
    return True
