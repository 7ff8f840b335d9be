"""The receipt itself: what it prints, and that one number that differs from Keras is found and named."""

import importlib.util

import numpy as np
import pytest

from byhand.compare import both_ways, compare, compare_grid, first_difference, keras_twin, tensorflow
from byhand.layers import LSTM, Add, Dense, RepeatVector

tensorflow()
from keras import layers as K  # noqa: E402

x = np.random.default_rng(0).normal(size=(2, 3)).astype("float32")


class Wrong(Dense):
    """A Dense in which the last number of one thing is off by a thousandth."""

    what = None

    def call(self, x):
        return self.spoil(super().call(x), "output")

    def backward(self, dy):
        dx = self.spoil(super().backward(dy), "gradient of the input")
        for name in self.grads:
            self.spoil(self.grads[name], f"gradient of {name}")
        return dx

    def spoil(self, numbers, name):
        if name == self.what:
            numbers.flat[-1] += 0.001
        return numbers


def wrong(what):
    return type("Dense", (Wrong,), {"what": what})


PLACES = {"output": [1, 3], "gradient of the input": [1, 2], "gradient of kernel": [2, 3], "gradient of bias": [3]}


def test_the_receipt_says_what_was_compared(capsys):
    compare(Dense(4), K.Dense(4), x)
    assert capsys.readouterr().out.splitlines() == [
        "Dense by hand and keras.layers.Dense, float32",
        "  output                 (2, 4)           equal within 1e-05",
        "  gradient of the input  (2, 3)           equal within 1e-05",
        "  gradient of kernel     (3, 4)           equal within 1e-05",
        "  gradient of bias       (4,)             equal within 1e-05",
    ]


@pytest.mark.parametrize("what", PLACES)
def test_one_number_that_differs_is_named(what, capsys):
    with pytest.raises(AssertionError) as said:
        compare(wrong(what)(4), K.Dense(4), x)
    assert str(said.value).startswith(f"Dense: {what} differs first at {PLACES[what]}: ")
    with pytest.raises(AssertionError, match=rf"Dense\(units=4, use_bias=True\): {what} differs first"):
        compare_grid(wrong(what), (2, 3), {"units": [4], "use_bias": [True, False]})
    assert capsys.readouterr().out == ""


def test_the_weights_are_those_of_the_layer_by_hand():
    layer, twin = Dense(4), K.Dense(4)
    compare(layer, twin, x)
    assert all(np.array_equal(a, b) for a, b in zip(layer.get_weights(), twin.get_weights(), strict=True))


def test_tolerance_is_of_the_largest_number_and_of_1_at_least():
    def told(ours, theirs):
        return first_difference([("y", np.array(ours), np.array(theirs))], 1e-3)

    assert told([1000.5, 0.5], [1000.0, 0.0]) is None
    assert told([1002.0, 0.0], [1000.0, 0.0]) == "y differs first at [0]: 1002 by hand, 1000 in Keras"
    assert told([0.0005], [0.0]) is None
    assert told([0.002], [0.0]) == "y differs first at [0]: 0.002 by hand, 0 in Keras"
    assert told([np.nan], [np.nan]) is None
    assert told([1.0], [np.nan]).endswith("1 by hand, nan in Keras")
    assert told([[1.0]], [1.0]) == "y has shape (1, 1) by hand and (1,) in Keras"


def test_several_inputs_outputs_and_states_each_have_a_row():
    names = [name for name, _, _ in both_ways(Add(), K.Add(), [x, x])]
    assert names == ["output", "gradient of input 0", "gradient of input 1"]
    steps, states = np.zeros((2, 4, 3), "float32"), [np.ones((2, 5), "float32")] * 2
    layer = LSTM(5, return_state=True)
    names = [name for name, _, _ in both_ways(layer, keras_twin(LSTM, units=5, return_state=True), steps,
                                              initial_state=states)]  # fmt: skip
    assert names[:6] == ["output 0", "output 1", "output 2", "gradient of the input",
                         "gradient of initial state 0", "gradient of initial state 1"]  # fmt: skip
    assert names[6:] == [f"gradient of {name}" for name in ("kernel", "recurrent_kernel", "bias")]


def test_a_grid_counts_what_is_equal_and_what_both_refuse(capsys):
    compare_grid(RepeatVector, (2, 3), {"n": [1, 2, 2.5]})
    assert capsys.readouterr().out.splitlines() == [
        "RepeatVector: 3 n = 3 settings",
        "  2 equal to Keras within 1e-05: output, gradient of the input",
        "  1 refused by both",
    ]


def test_a_refusal_that_keras_does_not_share_is_an_error():
    strict = type("Dense", (Dense,), {"check_input": lambda self, shape: refuse()})
    with pytest.raises(AssertionError, match=r"Dense\(units=2\): only the NumPy layer refuses: no"):
        compare_grid(strict, (2, 3), {"units": [2]})


def refuse():
    raise ValueError("no")


@pytest.mark.parametrize("name", ["unit", "dtype"])
def test_a_grid_over_what_is_no_argument_is_an_error(name):
    with pytest.raises(TypeError, match=f"Dense has no argument '{name}' to compare"):
        compare_grid(Dense, (2, 3), {"units": [2], name: ["float64"]})


def test_without_tensorflow_it_says_that_it_was_skipped(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    compare(Dense(4), None, x)
    compare_grid(Dense, (2, 3), {"units": [4]})
    assert capsys.readouterr().out == "TensorFlow is not installed here, so this comparison was skipped.\n" * 2
