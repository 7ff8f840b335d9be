"""Student copies hold no solution and run; an assignment's source passes its own strict checks."""

import contextlib
import io
import json
import os
import re
from pathlib import Path

import pytest

from byhand.exercises import Exercise, registry
from byhand.exercises.student import exercises, main, nbgrader_source, student_copy

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").rglob("*.ipynb"))
CHAPTERS = [p for p in CHAPTERS if '"ex-check"' in p.read_text() and ".ipynb_checkpoints" not in p.parts]


def text(source, *tags):
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)} if tags else {}, "source": source}


def code(source, *tags, **metadata):
    source = source.splitlines(keepends=True)
    metadata |= {"tags": list(tags)} if tags else {}
    output = {"output_type": "stream", "name": "stdout", "text": "old"}
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [output], "execution_count": 7}


COUNT = Exercise(
    solution=lambda units, features: 4 * units * (features + units + 1),
    cases=lambda rng: (int(rng.integers(1, 9)), int(rng.integers(1, 9))),
    tolerance=None,
)
TOYS = {"count": COUNT, "paper": Exercise(solution=4)}


@pytest.fixture
def chapter(monkeypatch):
    known = registry.exercises_of
    monkeypatch.setattr(registry, "exercises_of", lambda c: TOYS if c == "toy" else known(c))
    monkeypatch.delenv("BYHAND_STRICT", raising=False)
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            text("# A chapter"),
            code("import numpy as np\nfrom byhand.exercises import check"),
            text("Try it.\n\n```{exercise} Halves\n:label: halves\n:class: wide\n\nWrite it.\n```", "exercise"),
            code('def step(units, features):\n    """How many?"""\n    raise NotImplementedError', "ex-stub"),
            code('check("toy.count", step)\n# hint', "ex-check", exercise={"points": 2}),
            text("```{solution-start} halves\n:class: dropdown\n```\n\nA secret.", "solution"),
            code(
                "FOUR = 4\n\n\ndef solution(units, features):\n"
                '    """Doc."""\n    more = features + units  # secret\n    return FOUR * units * (more + 1)\n\n\n'
                'check("toy.count", solution)',
                "solution",
            ),
            text("```{solution-end}\n```\n\n## What follows", "solution"),
            text("::::{exercise}\n:label: paper\n\nOn paper.\n\n```\ncode\n```\n::::", "exercise"),
            code("answer = None  # a number", "ex-stub"),
            code('check("toy.paper", answer)', "ex-check"),
            text("```{solution-start} paper\n```", "solution"),
            code('check("toy.paper", 4)', "solution"),
            text("```{solution-end}\n```", "solution"),
            text("The end."),
        ],
    }


def sources(notebook):
    return "\n\n".join(cell["source"] for cell in notebook["cells"])


def run(notebook):
    """What the notebook's code prints."""
    printed, space = io.StringIO(), {}
    with contextlib.redirect_stdout(printed):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                exec(cell["source"], space)
    return printed.getvalue()


def test_the_student_copy_holds_no_solution(chapter):
    copy = student_copy(chapter)
    for word in ("secret", "solution", "FOUR", "old"):
        assert word not in json.dumps(copy)


def test_the_rest_stays_and_exercises_get_headings(chapter):
    copy = sources(student_copy(chapter))
    assert "Try it.\n\n### Exercise 1: Halves\n\nWrite it." in copy
    assert "### Exercise 2\n\nOn paper.\n\n```\ncode\n```" in copy
    assert "## What follows" in copy and "The end." in copy
    assert "# exercise: toy.count\ndef step(units, features):" in copy


@pytest.mark.parametrize(
    "written, shown",
    [
        ("An [LSTM](../glossary.md#lstm) and [Dense](dense.ipynb).", "An LSTM and Dense."),
        ("See {doc}`pooling`, {doc}`the map <part_map>`.", "See pooling, the map."),
        ("[doi](https://doi.org/1), [below](#end)", "[doi](https://doi.org/1), [below](#end)"),
        (
            ":::{admonition} The answer\n:class: dropdown\nHalf of [it](x.md).\n:::\n\nOn.",
            "<details><summary>The answer</summary>\n\nHalf of it.\n\n</details>\n\nOn.",
        ),
        ("```{admonition} Live\n:class: tip\n\nIt needs Python.\n```", "**Live**\n\nIt needs Python."),
    ],
)
def test_a_copy_is_read_without_the_book_around_it(chapter, written, shown):
    chapter["cells"].append(text(written))
    assert student_copy(chapter)["cells"][-1]["source"] == shown


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_no_fence_of_the_book_is_left_in_a_copy(path):
    for cell in student_copy(json.loads(path.read_text()))["cells"]:
        if cell["cell_type"] == "markdown":
            assert not re.search(r"^(`{3,}|:{3,})\{|\{doc\}|\]\(\.\./", cell["source"], re.M)


def test_the_student_copy_runs(chapter):
    assert run(student_copy(chapter)).splitlines() == [
        "toy.count: not written yet.",
        "toy.paper: not written yet.",
    ]


def test_the_chapter_itself_is_untouched(chapter):
    before = json.dumps(chapter)
    student_copy(chapter)
    nbgrader_source(chapter)
    assert json.dumps(chapter) == before


def test_the_assignment_source_passes_its_strict_checks(chapter, monkeypatch):
    monkeypatch.setenv("BYHAND_STRICT", "0")
    printed = run(nbgrader_source(chapter))
    assert os.environ["BYHAND_STRICT"] == "1"
    assert printed.count("right") == 4


def released(cell):
    """The cell as nbgrader hands it out."""
    source = re.sub(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", "", cell["source"], flags=re.S)
    placed = r"\1# YOUR CODE HERE\n\1raise NotImplementedError()"
    return re.sub(r"( *)### BEGIN SOLUTION.*?### END SOLUTION", placed, source, flags=re.S)


def test_what_nbgrader_hands_out_is_a_stub_again(chapter):
    stub, check, *_ = (c for c in nbgrader_source(chapter)["cells"] if "nbgrader" in c["metadata"])
    handed_out = released(stub)
    assert "secret" not in handed_out and "FOUR = 4" not in handed_out
    assert handed_out.endswith(
        'def step(units, features):\n    """How many?"""\n    # YOUR CODE HERE\n    raise NotImplementedError()'
    )
    assert released(check).strip() == 'check("toy.count", step)\n# hint'


def test_nbgrader_metadata(chapter):
    cells = [c["metadata"]["nbgrader"] for c in nbgrader_source(chapter)["cells"] if "nbgrader" in c["metadata"]]
    assert [c["grade_id"] for c in cells] == [
        "toy-count",
        "toy-count-check",
        "toy-paper",
        "toy-paper-check",
    ]
    assert [c.get("points") for c in cells] == [None, 2, None, 1]
    assert [(c["solution"], c["grade"], c["locked"]) for c in cells] == [(True, False, False), (False, True, True)] * 2
    assert all(c["schema_version"] == 3 and c["task"] is False for c in cells)


def test_a_missing_or_unfitting_solution_is_told(chapter):
    lone = dict(chapter, cells=[c for c in chapter["cells"] if "solution" not in c["metadata"].get("tags", [])])
    with pytest.raises(ValueError, match="toy.count has no cell tagged solution"):
        nbgrader_source(lone)
    student_copy(lone)
    chapter["cells"][6]["source"] = 'def other(u):\n    return u\n\n\ncheck("toy.count", other)'
    with pytest.raises(ValueError, match="same arguments"):
        nbgrader_source(chapter)
    del chapter["cells"][3]
    with pytest.raises(ValueError, match="needs a stub before it"):
        student_copy(chapter)


def test_the_command(chapter, tmp_path, capsys):
    source, copy = tmp_path / "chapter.ipynb", tmp_path / "class" / "copy.ipynb"
    source.write_text(json.dumps(chapter))
    main([str(source), str(copy)])
    assert "2 exercises" in capsys.readouterr().out
    assert json.loads(copy.read_text())["cells"][0]["source"] == "# A chapter"
    main(["--nbgrader", str(source), str(copy)])
    assert "BEGIN HIDDEN TESTS" in copy.read_text()
    with pytest.raises(SystemExit, match="overwrite"):
        main([str(source), str(source)])
    with pytest.raises(SystemExit, match="There is no notebook"):
        main([str(tmp_path / "none.ipynb"), str(copy)])


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_chapters_make_copies(path):
    notebook = json.loads(path.read_text())
    found = exercises(student_copy(notebook)["cells"])
    assert 3 <= len(found) <= 6
    for each in found:
        registry.find(each.exercise_id)
    left = sources(student_copy(notebook))
    assert "{solution-" not in left and "{exercise}" not in left
    graded = [c for c in nbgrader_source(notebook)["cells"] if "nbgrader" in c["metadata"]]
    assert len(graded) == 2 * len(found)
    for cell in graded:
        compile(cell["source"], path.name, "exec")
        compile(released(cell), path.name, "exec")
