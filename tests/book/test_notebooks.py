"""The stored notebooks: listed, clean, of one build, and with the parts that every chapter has."""

import re

import nbformat
import pytest
import yaml

from tools.notebooks import ROOT, WIDGET_VIEW, bootstrap, chapters, clean, configuration

LAYER_CHAPTERS = [p for p in chapters() if p.parent != ROOT / "chapters" and not p.stem.startswith("part_")]
PARTS = (
    "By pencil",
    "The formula",
    "By hand",
    "Taken apart",
    "On something real",
    "The same as Keras",
    "Myths tested",
    "Exercises",
    "In Keras",
)


def name(path):
    return path.stem


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture(params=chapters(), ids=name)
def notebook(request):
    return read(request.param)


def code(notebook):
    return [c for c in notebook.cells if c.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


def test_every_notebook_is_in_the_table_of_contents():
    listed = set(re.findall(r"(?:file|root):\s*(\S+)", (ROOT / "_toc.yml").read_text()))
    assert {p.relative_to(ROOT).with_suffix("").as_posix() for p in chapters()} <= listed


def test_stored_as_the_runner_stores_it(notebook):
    before = nbformat.writes(notebook)
    assert nbformat.writes(clean(notebook, configuration())) == before, "run `make notebooks`"


def test_no_widget_state_and_no_errors(notebook):
    assert "widgets" not in notebook.metadata
    for cell in code(notebook):
        for output in cell.outputs:
            assert WIDGET_VIEW not in output.get("data", {})
            assert output.output_type != "error" or "raises-exception" in tags(cell)


def test_first_code_cell_finds_the_library_and_hides_in_the_page(notebook):
    first = code(notebook)[0]
    assert {"bootstrap", "remove-cell"} <= set(tags(first))
    assert first.source == bootstrap(configuration())


def test_cells_stay_short(notebook):
    long = [c.source for c in code(notebook) if len(c.source.splitlines()) > 15 and "bootstrap" not in tags(c)]
    assert not long


@pytest.mark.parametrize("path", LAYER_CHAPTERS, ids=name)
def test_a_chapter_has_every_part_in_order(path):
    headings = re.findall(
        r"^## (.+)$", "\n".join(c.source for c in read(path).cells if c.cell_type == "markdown"), re.M
    )
    at = [next((i for i, h in enumerate(headings) if h.startswith(part)), None) for part in PARTS]
    assert None not in at, f"missing: {[p for p, i in zip(PARTS, at) if i is None]}; found {headings}"
    assert at == sorted(at), headings


@pytest.mark.parametrize("path", LAYER_CHAPTERS, ids=name)
def test_exercises_are_stub_check_and_folded_solution(path):
    cells = code(read(path))
    stubs = [c for c in cells if "ex-stub" in tags(c)]
    assert 3 <= len(stubs) <= 6
    for kind in ("ex-check", "solution"):
        assert len([c for c in cells if kind in tags(c)]) >= len(stubs), kind
    for stub in stubs:
        assert "raise NotImplementedError" in stub.source or "= None" in stub.source


@pytest.mark.parametrize("path", LAYER_CHAPTERS, ids=name)
def test_a_chapter_compares_with_keras_and_has_a_figure(path):
    source = "\n".join(c.source for c in code(read(path)))
    assert "compare(" in source or "compare_grid(" in source
    assert "explain(" in source


def test_launch_and_wheel_come_from_one_address():
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    assert config["html"]["baseurl"].endswith("/")
    assert not config["repository"]["url"].endswith("/")
