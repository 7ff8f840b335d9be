"""Exercises of the chapter LSTM."""

import numpy as np

from .exercise import Exercise

# --- paper_states -----------------------------------------------------------------------------------------------------

PAPER_STATES = """x has shape (2, 5, 3). It goes into LSTM(4, return_sequences=True, return_state=True); the first array
that comes out goes into LSTM(6, return_state=True). Each layer returns three arrays. Give their six shapes in order.

    answer = [(..., ...), ...]"""

FIRST, SECOND = [(2, 5, 4), (2, 4), (2, 4)], [(2, 6)] * 3


# --- step -------------------------------------------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def step(x, h, c, kernel, recurrent_kernel, bias):
    """One step of an LSTM with Keras' weights.

    def step(x, h, c, kernel, recurrent_kernel, bias): x (C,) the input, h (u,) and c (u,) the states, kernel (C, 4u),
    recurrent_kernel (u, 4u), bias (4u,). Returns (h, c), the new states. The four slices of width u are i, f, c, o.
    """
    i, f, g, o = np.split(x @ kernel + h @ recurrent_kernel + bias, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def step_cases(rng):
    features, u = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    shapes = (features,), (u,), (u,), (features, 4 * u), (u, 4 * u), (4 * u,)
    return tuple(rng.integers(-3, 4, size=shape) / 2 for shape in shapes)


def sliced_as(order):
    """A step that takes the slices in another order than i, f, c, o."""
    places = ["ifco".index(gate) for gate in order]

    def answer(x, h, c, kernel, recurrent_kernel, bias):
        z = np.split(x @ kernel + h @ recurrent_kernel + bias, 4)
        reordered = np.concatenate([z[places.index(gate)] for gate in range(4)])
        nothing = np.zeros_like(kernel)
        return step(x, h, c, nothing, np.zeros_like(recurrent_kernel), reordered)

    return answer


def units_in_turn(x, h, c, kernel, recurrent_kernel, bias):
    z = (x @ kernel + h @ recurrent_kernel + bias).reshape(-1, 4).T.ravel()
    return step(x, h, c, np.zeros_like(kernel), np.zeros_like(recurrent_kernel), z)


def built(gate=sigmoid, candidate=np.tanh, cell=np.tanh, shown="new"):
    """A step with other functions in it; shown: whether the old or the new c goes to the output."""

    def answer(x, h, c, kernel, recurrent_kernel, bias):
        i, f, g, o = np.split(x @ kernel + h @ recurrent_kernel + bias, 4)
        new = gate(f) * c + gate(i) * candidate(g)
        return gate(o) * cell(new if shown == "new" else c), new

    return answer


def plain(z):
    return z


def squashed_state(*case):
    """tanh at the state that is handed on, and not in the output."""
    h, c = built(cell=plain)(*case)
    return h, np.tanh(c)


def states_exchanged(*case):
    return step(*case)[::-1]


def cell_as_output(*case):
    return step(*case)[1], step(*case)[1]


def memoryless(x, h, c, kernel, recurrent_kernel, bias):
    return step(x, np.zeros_like(h), c, kernel, recurrent_kernel, bias)


def biasless(x, h, c, kernel, recurrent_kernel, bias):
    return step(x, h, c, kernel, recurrent_kernel, np.zeros_like(bias))


def coupled(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = np.split(x @ kernel + h @ recurrent_kernel + bias, 4)
    c = sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


# --- count_parameters -------------------------------------------------------------------------------------------------


def count_parameters(units, features):
    """How many numbers does an LSTM layer learn?

    def count_parameters(units, features): units u, inputs with that many features at each step. Returns an int.
    """
    return 4 * units * (features + units + 1)


def count_cases(rng):
    return int(rng.integers(1, 40)), int(rng.integers(1, 40))


# --- forget_bias ------------------------------------------------------------------------------------------------------


def forget_bias(units, value):
    """Keras starts the forget gate's bias at 1, the others at 0. Build such a bias, with any value in place of 1.

    def forget_bias(units, value): u units. Returns (4u,).
    """
    bias = np.zeros(4 * units)
    bias[units : 2 * units] = value
    return bias


def bias_cases(rng):
    return int(rng.integers(1, 6)), int(rng.integers(1, 6))


def bias_at(start):
    """An answer to forget_bias that fills the slice from start * units on."""

    def answer(units, value):
        bias = np.zeros(4 * units)
        bias[start * units : (start + 1) * units] = value
        return bias

    return answer


def one_filled(units, value):
    bias = np.zeros(4 * units)
    bias[units] = value
    return bias


# --- remember ---------------------------------------------------------------------------------------------------------


def remember():
    """Set the weights of one LSTM unit by hand, so that it remembers one bit for 20 steps.

    def remember(): returns (kernel, recurrent_kernel, bias) of shapes (2, 4), (1, 4), (4,), columns i, f, c, o.
    Every step has two inputs: x[0] is +1 or -1, x[1] is 1 at the first step and 0 at all others. At the last step h
    must be above 0.5 if x[0] was +1 at the first step, and below -0.5 if it was -1. The later x[0] are noise.
    """
    kernel = np.array([[0, 0, 10, 0], [20, 0, 0, 0]], float)
    return kernel, np.zeros((1, 4)), np.array([-10, 10, 0, 10], float)


def remembered(weights, bits):
    """What one unit with these weights holds after the bits, in a word. bits (T,) of +1 and -1."""
    kernel, recurrent_kernel, bias = (np.asarray(w, float) for w in weights())
    shapes = kernel.shape, recurrent_kernel.shape, bias.shape
    if shapes != ((2, 4), (1, 4), (4,)):
        return f"weights of shapes {', '.join(map(str, shapes))}"
    h = c = np.zeros(1)
    gates, written = [], 0
    for t, bit in enumerate(bits):
        x = np.array([bit, t == 0], float)
        z = x @ kernel + h @ recurrent_kernel + bias
        gates.append(sigmoid(z))
        written = written if t else abs(np.tanh(z[2]))
        h, c = step(x, h, c, kernel, recurrent_kernel, bias)
    if abs(h[0]) > 0.5:
        return "h above 0.5" if h[0] > 0 else "h below -0.5"
    (first, *_), (i, f, _, o) = gates[0], gates[-1]
    size = "0" if written < 0.01 else "small" if written < 0.7 else "large"
    return f"h near 0; first step: i {ajar(first)}, candidate {size}; last step: i {ajar(i)}, f {ajar(f)}, o {ajar(o)}"


def ajar(gate):
    return "open" if gate > 0.95 else "shut" if gate < 0.05 else "half open"


def bit_cases(rng):
    return (rng.choice([-1, 1], size=int(rng.integers(1, 22))),)


def rows_exchanged():
    kernel, recurrent_kernel, bias = remember()
    return kernel[::-1], recurrent_kernel, bias


def another_gate(place):
    """The solution of remember, but the second input opens the gate of that place instead of i."""

    def answer():
        kernel, recurrent_kernel, bias = remember()
        kernel[1, 0], kernel[1, place] = 0, kernel[1, 0]
        bias[place] = -10
        return kernel, recurrent_kernel, bias

    return answer


def flat_recurrent_kernel():
    kernel, recurrent_kernel, bias = remember()
    return kernel, recurrent_kernel[0], bias


def weights_with(**changed):
    """The solution of remember with other biases or write weights."""

    def answer():
        kernel, recurrent_kernel, bias = remember()
        kernel[1, 0] = changed.get("write", kernel[1, 0])
        kernel[0, 2] = changed.get("candidate", kernel[0, 2])
        for gate, place in (("i", 0), ("f", 1), ("o", 3)):
            bias[place] = changed.get(gate, bias[place])
        return kernel, recurrent_kernel, bias

    return answer


EXERCISES = {
    "paper_states": Exercise(
        task=PAPER_STATES,
        solution=FIRST + SECOND,
        tolerance=None,
        wrong=(
            (
                "return_sequences is off in the second layer: it returns its last h only.",
                [*FIRST, (2, 5, 6), (2, 6), (2, 6)],
            ),
            ("The states are those of the last step. They have no axis of time.", [(2, 5, 4)] * 3 + SECOND),
            ("No state has an axis of time, and the second layer returns its last h only.", [*FIRST, *[(2, 5, 6)] * 3]),
            (
                "The middle axis is time, 5 steps. The 3 features are used up in the products.",
                [(2, 3, 4), *FIRST[1:], *SECOND],
            ),
            ("The shapes are right. Write all six in one list.", [FIRST, SECOND]),
            ("return_sequences is on in the first layer: it returns h of every step.", [(2, 4)] * 3 + SECOND),
            ("The output comes first, then the two states.", [*FIRST[1:], FIRST[0], *SECOND]),
            (
                "The second layer has units of its own. Its states are as wide as these.",
                FIRST + [(2, 6), (2, 4), (2, 4)],
            ),
            ("These are the shapes without the batch of 2.", [shape[1:] for shape in FIRST + SECOND]),
        ),
        hints=(
            "A state of u units, for a batch of 2, has shape (2, u).",
            "With return_sequences the output has one h for each of the 5 steps. Without, it is the last h.",
            "The order is output, h, c.",
        ),
    ),
    "step": Exercise(
        solution=step,
        cases=step_cases,
        wrong=(
            ("The slices are read as i, c, f, o. Keras' order is i, f, c, o.", sliced_as("icfo")),
            (
                "The slices are read as f, i, c, o, as in many textbooks. Keras' order is i, f, c, o.",
                sliced_as("fico"),
            ),
            ("The slices are read as i, f, o, c. Keras' order is i, f, c, o.", sliced_as("ifoc")),
            ("The slices are read as i, o, f, c, the order of ONNX. Keras' order is i, f, c, o.", sliced_as("iofc")),
            ("Each slice is u wide: the units of a gate stand side by side.", units_in_turn),
            ("States come back as (c, h). Asked for is (h, c).", states_exchanged),
            ("The output is not c: h = sigmoid(o) * tanh(c).", cell_as_output),
            ("tanh is missing in the output: h = sigmoid(o) * tanh(c).", built(cell=plain)),
            ("The candidate goes through tanh, not through a sigmoid.", built(candidate=sigmoid)),
            ("tanh is missing around the candidate.", built(candidate=plain)),
            ("Gates go through a sigmoid, not through tanh.", built(gate=np.tanh)),
            ("The sigmoid of the gates is missing.", built(gate=plain)),
            ("The slices go through nothing: gates need a sigmoid, the candidate a tanh.", built(plain, plain)),
            ("The output takes tanh of the new c, not a sigmoid.", built(cell=sigmoid)),
            ("tanh belongs to h alone: h = sigmoid(o) * tanh(c), and c goes on as it is.", squashed_state),
            ("h comes from the new c, not from the old one.", built(shown="old")),
            ("The recurrent part is missing: h @ recurrent_kernel.", memoryless),
            ("The bias is missing.", biasless),
            ("The input gate is not 1 - f: it has its own slice. (In a GRU one gate does both.)", coupled),
        ),
        hints=(
            "First all four slices at once: z = x @ kernel + h @ recurrent_kernel + bias, of width 4u.",
            "np.split(z, 4) gives i, f, c, o, in this order. i, f and o go through a sigmoid, c through tanh.",
            "The new c keeps f times the old c and takes in i times the candidate. Then h = o * tanh(new c).",
        ),
    ),
    "count_parameters": Exercise(
        solution=count_parameters,
        cases=count_cases,
        tolerance=None,
        wrong=(
            (
                "The layer has no output weights: h is the output.",
                lambda u, c: 4 * u * (c + u + 1) + u * u + u,
            ),
            ("That is one gate. There are four slices.", lambda u, c: u * (c + u + 1)),
            ("Three slices are those of a GRU. An LSTM has four.", lambda u, c: 3 * u * (c + u + 1)),
            ("The biases are missing: one for each unit in each slice.", lambda u, c: 4 * u * (c + u)),
            (
                "Each slice has biases of its own: 4u of them, not u.",
                lambda u, c: 4 * u * (c + u) + u,
            ),
            ("The features are missing: each unit also sees the input.", lambda u, c: 4 * u * (u + 1)),
            ("Keras has one bias. Two are PyTorch's way.", lambda u, c: 4 * u * (c + u + 2)),
            ("The recurrent weights are missing: each unit also sees all u outputs.", lambda u, c: 4 * u * (c + 1)),
            (
                "Each slice has a bias for every unit, not one in all.",
                lambda u, c: 4 * (u * (c + u) + 1),
            ),
            ("units and features are exchanged.", lambda u, c: 4 * c * (c + u + 1)),
        ),
        hints=(
            "What does one unit look at for one gate? All features, all units of the last step, and a bias.",
            "Every unit does so four times: for i, f, c and o.",
            "The number of steps plays no part: the same weights serve all of them.",
        ),
    ),
    "forget_bias": Exercise(
        solution=forget_bias,
        cases=bias_cases,
        wrong=(
            ("That is the input gate's slice. The order is i, f, c, o.", bias_at(0)),
            ("That is the candidate's slice. The order is i, f, c, o.", bias_at(2)),
            ("That is the output gate's slice. The order is i, f, c, o.", bias_at(3)),
            ("Only the forget gate starts there; the other slices are 0.", lambda u, v: np.full(4 * u, float(v))),
            ("value is not used: it stands where Keras has 1.", lambda u, v: forget_bias(u, 1)),
            ("value takes the place of the 1. It is not added to it.", lambda u, v: forget_bias(u, 1 + v)),
            ("Keras starts the other three slices at 0.", lambda u, v: np.repeat([1.0, v, 1, 1], u)),
            ("One unit of the slice is filled. Every unit has a forget gate of its own.", one_filled),
            (
                "Each slice is u wide: a gate's units stand side by side.",
                lambda u, v: np.tile([0.0, v, 0, 0], u),
            ),
        ),
        hints=(
            "The bias has four slices of width u, in the order of the kernel's columns: i, f, c, o.",
            "The second slice begins at u. Where does it end?",
        ),
    ),
    "remember": Exercise(
        solution=remember,
        cases=bit_cases,
        outcome=remembered,
        wrong=(
            ("The bit is written, then fades: the forget gate needs a large bias to stay near 1.", weights_with(f=0)),
            (
                "The input gate stays open, so noise overwrites the bit: give it a negative bias.",
                weights_with(i=10),
            ),
            ("The input gate never opens: the second input must lift it above its bias.", weights_with(write=0)),
            ("The forget gate is shut, so nothing is kept: its bias must be positive.", weights_with(f=-10)),
            ("The bit is kept but not shown: the output gate is shut.", weights_with(o=-10)),
            ("The output gate is half open only: h stays below 0.5. Give it a bias.", weights_with(o=0)),
            ("The bit comes out turned: the candidate's weight must be positive.", weights_with(candidate=-10)),
            ("Nothing is written: the candidate must look at the first input.", weights_with(candidate=0)),
            ("Too little is written: give the candidate a larger weight.", weights_with(candidate=0.5)),
            ("The rows are exchanged: row 0 is for the bit, row 1 for the mark of the first step.", rows_exchanged),
            ("The second input must open the input gate. Here it opens the forget gate.", another_gate(1)),
            ("The second input must open the input gate. Here it opens the output gate.", another_gate(3)),
            ("recurrent_kernel has shape (1, 4): a row for the one unit.", flat_recurrent_kernel),
            (
                "With weights of 0 every gate is half open and the candidate is 0.",
                weights_with(write=0, candidate=0, i=0, f=0, o=0),
            ),
        ),
        hints=(
            "sigmoid(10) is almost 1, sigmoid(-10) almost 0. With such biases a gate is open or shut.",
            "After the first step nothing may be taken in and nothing forgotten: i shut, f open.",
            "The second input is 1 at the first step only. Let it open the input gate: weight 20, bias -10.",
            "The candidate takes the first input through a weight of 10; the output gate stays open.",
        ),
    ),
}
