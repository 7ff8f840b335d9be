"""The calculator: what the page counts is what Python counts, what it spells adds up, and everyone can use it."""

import json
import math
import random
import re

import numpy as np
import pytest

from byhand import costs
from byhand import layers as L
from byhand.figures import calculator, catalogue, explain
from byhand.figures.calculator import Calculator
from byhand.training import Sequential
from tests.library.test_costs import cases

TANH = {"activation": "tanh"}
LENET = [
    L.Conv2D(6, 5, padding="same", **TANH), L.AveragePooling2D(2), L.Conv2D(16, 5, **TANH), L.AveragePooling2D(2),
    L.Flatten(), L.Dense(120, **TANH), L.Dense(84, **TANH), L.Dense(10, activation="softmax")]  # fmt: skip
NUMBERS = ("parameters", "multiplications", "values")
BROKEN = {
    "filters": (0, -1, "many", None, 2.5, [2, 3]),
    "kernel_size": (0, -3, "wide", None, [3, 3, 3, 3], 30),
    "strides": (0, "a"),
    "padding": ("full", None),
    "dilation_rate": (0, [1]),
    "groups": (0, 3),
    "output_padding": (-1, 9),
    "pool_size": (0, 30, "b"),
    "size": (0, None),
    "cropping": (-1, 30, [1, 2, 3, 4]),
    "units": (0, "ten"),
    "activation": ("many", "glu", "threshold", 3),
    "depth_multiplier": (0, None),
    "rate": (-0.1, 1.5, "half", None),
    "target_shape": ([3], [-1, -1], [0.5], 8, "flat", None, [], [-2]),
    "dims": ([2], [1, 1], [0, 1], 1, None, [2, 1]),
    "n": (0, 1.5, "b"),
    "data_format": ("channels_middle",),
}


def demo(**options):
    return Calculator((28, 28, 1), LENET, **options)


@pytest.fixture(scope="module")
def page_core(chromium):
    """The functions of the page, without the page."""
    page = chromium.new_page()
    page.evaluate(
        """async (text) => {
          const address = URL.createObjectURL(new Blob([text], {type: "text/javascript"}));
          window.core = (await import(address)).core;
        }""",
        calculator.module(),
    )
    yield page
    page.close()


# --- the same as Python


def broken():
    """One bad value at a time, in a layer of every kind."""
    spaces = {0: (8,), 1: (8, 4), 2: (8, 8, 4), 3: (8, 8, 8, 4)}
    for name, kind in catalogue.kinds().items():
        for setting, values in BROKEN.items():
            for value in values if setting in kind["start"] else ():
                yield {"layer": name} | kind["start"] | {setting: value}, spaces[kind["rank"]]
        yield {"layer": name} | kind["start"], (8, 8)[: 1 + kind["rank"] % 2]


def stacks(count=60):
    """Stacks of up to five layers that may or may not fit each other."""
    rng = random.Random(3)
    known = [(settings, shape) for settings, shape in cases() if settings.get("data_format") != "channels_first"]
    for _ in range(count):
        _, shape = rng.choice(known)
        same = [s for s, _ in known if catalogue.kinds()[s["layer"]]["rank"] in (0, len(shape) - 1)]
        yield shape, rng.choices(same, k=rng.randint(2, 5))


def jobs():
    yield from ((shape, [settings]) for settings, shape in [*cases(), *broken()])
    yield from stacks()


def counted(shape, lines):
    """What Python says of each line, in the page's form; the first that is refused is the last."""
    made = []
    try:
        for settings, line in zip(lines, costs.follow(shape, map(catalogue.make, lines))):
            numbers = {name: getattr(line, name) for name in NUMBERS}
            found = {"shape": list(line.output_shape), "field": list(line.field), "jump": list(map(str, line.jump))}
            made.append(numbers | found | {"keras": catalogue.call(settings)})
    except ValueError:
        made.append("refused")
    return made


FOLLOW = """(text) => JSON.parse(text).map(([input, lines]) => {
  const found = core.follow({input, lines}).lines;
  return found.map((line, k) => (line.shape ? {...line, keras: core.keras(lines[k])} : line));
})"""


def test_page_and_python_count_alike(page_core):
    every = list(jobs())
    answers = page_core.evaluate(FOLLOW, json.dumps(every))
    refused = 0
    for (shape, lines), answer in zip(every, answers):
        seen = []
        for line in answer:
            said = line.pop("said", None)
            if "error" in line:
                setting, text = line["error"]["at"], line["error"]["text"]
                assert setting == "layer" or setting in lines[len(seen)], lines
                assert text[0].isupper() or setting in text, text
                assert text.endswith(".") and "undefined" not in text and "NaN" not in text, text
                refused += 1
                seen.append("refused")
                break
            assert said
            seen.append(line)
        assert seen == counted(shape, lines), (shape, lines)
        assert all(line == {"waits": True} for line in answer[len(seen) :])
    assert len(every) > 1000 and 150 < refused < len(every) / 2


def plainly(text):
    """The two sides of a spelled rule as numbers."""
    left, right = text.rsplit(": ", 1)[-1].removeprefix("a kernel spans ").split(" = ")
    left = left.replace("×", "*").replace("−", "-")
    assert re.fullmatch(r"(?:[\d\s*+\-/(),]|floor|ceil|max)+", left), text
    names = {"floor": math.floor, "ceil": math.ceil, "max": max, "__builtins__": {}}
    return eval(left, names), int(right.replace(",", ""))


def test_every_rule_that_is_spelled_adds_up(page_core):
    every = list(jobs())
    spelled = 0
    for answer in page_core.evaluate(FOLLOW, json.dumps(every)):
        for line in answer:
            for name, texts in line.get("said", {}).items():
                for text in [texts] if isinstance(texts, str) else texts:
                    if " = " in text:
                        left, right = plainly(text)
                        assert left == right, text
                        assert name not in NUMBERS or right == line[name]
                        assert name != "output" or "spans" in text or right in line["shape"]
                        assert name != "field" or right in line["field"]
                        spelled += 1
    assert spelled > 2000


def test_what_the_issue_asks_to_be_spelled(page_core):
    stack = calculator.stack((28, 28, 1), [L.Conv2D(32, 3)])
    said = page_core.evaluate("(stack) => core.follow(stack).lines[0].said", json.loads(json.dumps(stack)))
    assert said["output"] == ["height and width: floor((28 − 3)/1) + 1 = 26"]
    assert said["parameters"] == "3×3×1×32 + 32 = 320"
    assert said["multiplications"] == "26×26 × 3×3×1×32 = 194,688"


@pytest.mark.parametrize(
    "text, value",
    [
        ("3", 3), ("3, 3", [3, 3]), ("(3, 3)", [3, 3]), ("(3,)", [3]), ("3,", 3), ("3x5", [3, 5]), ("3×5", [3, 5]),
        ("3，5", [3, 5]), ("−1", -1), ("(1, 2), (3, 4)", [[1, 2], [3, 4]]), ("((1,2),(3,4))", [[1, 2], [3, 4]]),
        ("", None), ("  ", None), ("two", "two"), ("3 3", "3 3"), ("null", "null"), ("true", "true"), ("3,,3", "3,,3"),
        ("()", []), ('"3"', '"3"'), ("2.5", 2.5), ("{}", "{}"),
    ],
)  # fmt: skip
def test_what_a_reader_types(page_core, text, value):
    assert page_core.evaluate("(text) => core.parse(text)", text) == value


def test_explain_builds_a_stack_of_any_other_layers():
    model = Sequential(LENET)
    figure = explain(model, np.zeros((1, 28, 28, 1)), at=2)
    assert figure.stack == demo().stack and figure.at == 2 and model.built
    chain, x = Sequential([L.Conv1D(1, 2)]), np.ones((1, 8, 1))
    assert explain(chain, x).trace["figure"] == "stack"
    assert explain(chain, x, figure="builder").stack["input"] == (8, 1)
    with pytest.raises(TypeError, match="asks nothing"):
        explain(model, np.zeros((1, 28, 28, 1)), mode="predict")
    with pytest.raises(TypeError, match="on the last axis; got axis=1"):
        explain(Sequential([L.BatchNormalization(axis=1)]), np.ones((1, 2, 3)))


def test_numbers_too_large_get_a_sentence(page_core):
    large = {"layer": "Conv2D", **catalogue.kinds()["Conv2D"]["start"], "filters": 10**9}
    found = page_core.evaluate(
        "(line) => core.follow({input: [1000000, 1000000, 1000000], lines: [line]}).lines[0]", large
    )
    assert found["error"]["text"].startswith("These numbers are too large")


@pytest.mark.parametrize("bad", [[0, 28, 1], "photo", None, [28, 28, 1.5], [1, 2, 3, 4, 5], [], [-1]])
def test_an_input_that_is_none_gets_a_sentence(page_core, bad):
    found = page_core.evaluate("(input) => core.follow({input, lines: []})", bad)
    assert found["error"]["at"] == "input" and "28, 28, 1" in found["error"]["text"]


def test_the_model_it_copies_runs_in_keras(page_core):
    pytest.importorskip("keras")
    for name, stack in calculator.presets().items():
        program = page_core.evaluate("(stack) => core.program(stack)", json.loads(json.dumps(stack)))
        names = {}
        exec(program.replace("model.summary()", ""), names)
        lines = list(costs.follow(stack["input"], map(catalogue.make, stack["lines"])))
        assert names["model"].count_params() == sum(line.parameters for line in lines), name
        assert names["model"].output_shape[1:] == lines[-1].output_shape
        made = [getattr(layer, "activation", None) for layer in names["model"].layers]
        told = [line.get("activation") or ("linear" if "activation" in line else None) for line in stack["lines"]]
        assert [getattr(function, "__name__", None) for function in made] == told, name


def test_an_activation_is_known_by_its_name():
    for name in catalogue.ACTIVATIONS:
        assert catalogue.read(catalogue.make({"layer": "Dense", "units": 2, "activation": name}))["activation"] == name
    assert catalogue.read(L.Dense(2, activation=None))["activation"] is None
    for refused in ("glu", lambda z: z):
        with pytest.raises(TypeError, match="the calculator knows the activations relu, "):
            catalogue.read(L.Dense(2, activation=refused))
