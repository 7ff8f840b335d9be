"""The lines between cells: which there are, which are lit, and when they are not shown."""

import pytest

from byhand.figures import wires

from .cases import CASES
from .test_stage import asked, cell, press


@pytest.fixture
def trace():
    return CASES["stack"].demo().trace


def lines(page, look=""):
    return page.eval_on_selector_all(f".bh-wires line{look}", "lines => lines.map((line) => line.dataset.wire)")


def written(pairs):
    return sorted(f"{a[0]}:{a[1]} {b[0]}:{b[1]}" for a, b in pairs)


def reached(pairs, panel):
    return sorted({i for name, i in [end for pair in pairs for end in pair] if name == panel})


def test_behind_an_output_stands_its_receptive_field(trace):
    behind = wires.kin(trace, ["y", 9])
    assert reached(behind, "x") == list(range(2, 10))
    assert reached(behind, "h1") == [3, 5, 7, 9]
    assert reached(behind, "h2") == [5, 9]
    assert len(behind) == 2 + 4 + 8


def test_page_and_still_light_the_same_tree(draw, trace):
    page = draw(CASES["stack"].demo())
    assert sorted(lines(page)) == written(wires.pairs(trace))
    for place in (0, 3, 9):
        cell(page, f"y:{place}").click()
        assert sorted(lines(page, ".bh-lit")) == written(wires.kin(trace, ["y", place]))


def test_an_input_lights_all_it_reaches_and_a_weight_what_it_weighs(draw):
    page = draw(CASES["stack"].demo())
    cell(page, "x:4").click()
    lit = lines(page, ".bh-lit")
    assert {end for line in lit for end in line.split() if end[0] == "y"} == {f"y:{o}" for o in range(4, 12)}
    assert page.locator('td.bh-see[data-cell^="y:"]').count() == 8
    cell(page, "W3:0").click()
    assert sorted(lines(page, ".bh-lit")) == sorted(f"h2:{o - 4} y:{o}" for o in range(4, 12))


def test_what_a_change_reaches_is_lit_at_once(draw):
    page = draw(CASES["stack"].demo(view="leak", at=4))
    assert len(lines(page, ".bh-lit")) == 2 + 4 + 8
    assert page.locator('td.bh-see[data-cell^="Δy:"]').count() == 8


@pytest.mark.parametrize("name, view", [("stack", "forward"), ("stack", "backward"), ("separable", "forward")])
def test_a_line_runs_between_the_tables_of_its_cells(draw, name, view):
    page = draw(CASES[name].demo(view=view))
    for width in (1000, 375):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(
            """(view) => {
              const origin = document.querySelector(".bh-wired").getBoundingClientRect();
              const near = (a, b) => Math.abs(a - b) < 1;
              const tables = (line) => line.dataset.wire.split(" ").map((cell) =>
                document.querySelector(`td[data-cell="${cell}"]`).closest("table").getBoundingClientRect());
              const lines = [...document.querySelectorAll(".bh-wires line")];
              return lines.length && lines.every((line) => {
                const [from, to] = tables(line);
                const [x1, y1, x2, y2] = ["x1", "y1", "x2", "y2"].map((end) => line[end].baseVal.value);
                const ends = view === "backward" ? [from.top, to.bottom] : [from.bottom, to.top];
                const within = (table, x) => table.left < x + origin.left && x + origin.left < table.right;
                const edges = near(y1 + origin.top, ends[0]) && near(y2 + origin.top, ends[1]);
                return within(from, x1) && within(to, x2) && edges;
              });
            }""",
            arg=view,
        )


def test_long_rows_scroll_together(draw):
    page = draw(CASES["stack"].demo(steps=16), width=375)
    page.wait_for_function(
        """() => {
          const rows = [...document.querySelectorAll(".bh-blocks")].filter((row) => row.scrollWidth > row.clientWidth);
          rows[0].scrollLeft = 40;
          return rows.length === 4 && rows.every((row) => row.scrollLeft === 40);
        }""",
    )


def test_an_open_question_shows_no_lines_unless_it_says_so(draw):
    figure = CASES["stack"].demo(mode="predict")
    page = draw(figure)
    assert lines(page) == []
    page.get_by_label("your answer").fill("8")
    press(page, "Check")
    assert lines(page)
    hint = draw(asked(figure, [figure.trace["asks"][0] | {"wires": True}]))
    assert lines(hint) and not lines(hint, ".bh-lit")


def test_a_hidden_bug_shows_no_lines(draw):
    assert lines(draw(CASES["stack"].demo(mode="bug"))) == []


def test_the_lines_say_nothing(draw):
    page = draw(CASES["stack"].demo())
    assert page.locator(".bh-wires").get_attribute("aria-hidden") == "true"
    assert page.locator(".bh-wires").text_content() == ""


def test_figures_without_wires_do_not_carry_them():
    assert "bh-wires" not in CASES["conv1d"].demo()._esm
