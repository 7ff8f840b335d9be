"""Every number of every figure is made again from its own frame, over all that the controls can be set to."""

import functools
import math

import pytest

from byhand.figures.stage import Stage
from byhand.figures.trace import replay

from .cases import CASES


@functools.cache
def traces(case):
    demo, grid, _ = CASES[case]
    rule = demo().rule
    return [(params, rule.trace(params, data, edits)) for params, data, edits in grid()]


@pytest.mark.parametrize("case", CASES)
def test_frames_make_the_numbers_of_the_layer(case):
    settings = 0
    for params, trace in traces(case):
        for panel, index, shown, made in replay(trace):
            assert math.isclose(made, shown, rel_tol=1e-6, abs_tol=1e-9), (params, panel, index)
        settings += 1
    assert settings > 50


@pytest.mark.parametrize("case", CASES)
def test_every_result_cell_is_made_by_a_frame(case):
    for params, trace in traces(case):
        made = {tuple(frame["to"]) for frame in trace["frames"]}
        for name in {panel for panel, _ in made}:
            empty = trace["panels"][name].get("zeros", [])
            cells = {(name, i) for i in range(len(trace["panels"][name]["data"])) if i not in empty}
            assert cells <= made, (params, name)


@pytest.mark.parametrize("case", CASES)
def test_frames_read_only_what_is_there_and_made_before(case):
    for params, trace in traces(case):
        last = {tuple(frame["to"]): k for k, frame in enumerate(trace["frames"])}
        for k, frame in enumerate(trace["frames"]):
            for term in frame["terms"]:
                for place, name in enumerate(term):
                    if isinstance(name, str):
                        cell = name, term[place + 1]
                        assert 0 <= cell[1] < len(trace["panels"][name]["data"]), (params, frame)
                        assert last.get(cell, -1) < k, (params, frame)


@pytest.mark.parametrize("case", CASES)
def test_every_step_makes_a_cell_that_is_drawn(case):
    for params, trace in traces(case):
        drawn = {name for row in trace["layout"] for name in row}
        assert {frame["to"][0] for frame in trace["frames"]} <= drawn, params


@pytest.mark.parametrize("case", CASES)
def test_every_bug_keeps_the_shapes(case):
    demo, grid, _ = CASES[case]
    rule = demo().rule
    for params, data, edits in list(grid())[::9]:
        right = rule.trace(params, data, edits)
        for bug in right["bugs"]:
            wrong = rule.trace(params, data, edits, bug["name"])
            for name, panel in right["panels"].items():
                assert wrong["panels"][name]["shape"] == panel["shape"], (params, bug, name)
            assert len(wrong["frames"]) == len(right["frames"])


@pytest.mark.parametrize("case", CASES)
def test_answers_name_what_is_there(case):
    for params, trace in traces(case):
        for ask in trace["asks"]:
            assert ask["kind"] in ("number", "cell", "shape", "choice"), params
            assert ask["prompt"] and ask["why"]
            for name in [*ask.get("hide", []), *ask.get("veil", [])]:
                assert name in [*trace["panels"], "db"], (params, name)
            if ask["kind"] == "choice":
                assert 0 <= ask["answer"] < len(ask["options"])
            if ask["kind"] == "cell":
                assert ask["answer"] and all(i < len(trace["panels"][name]["data"]) for name, i in ask["answer"])


@pytest.mark.parametrize("case", CASES)
def test_settings_of_python_trace_again(case):
    figure = CASES[case][0]()
    control = next(c for c in figure.trace["controls"] if "." not in c["name"] and len(c.get("options", [])) > 1)
    present = figure.params[control["name"]]
    for option in control["options"]:
        if option != present:
            figure.params = figure.params | {control["name"]: option}
            break
    assert figure.trace["params"] == figure.params != CASES[case][0]().params
    again = Stage(figure.trace["figure"], figure.params, figure.data)
    assert again.trace == figure.trace
