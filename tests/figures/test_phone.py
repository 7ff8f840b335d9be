"""On a page as narrow as a phone every figure stays readable: labels, long rows, the verdict, the curve's numbers."""

import pytest

from .cases import CASES
from .test_stage import cell, key, press, say

PHONE = {"width": 375, "height": 700}

IN_SIGHT = """(tile) => {
  const row = tile.closest(".bh-blocks").getBoundingClientRect();
  const box = tile.getBoundingClientRect();
  return row.left <= box.left && box.right <= row.right + 1;
}"""
# Lines that run through the text of a label, where the label does not cover them.
CROSSED = """() => {
  const clear = (e) => getComputedStyle(e).backgroundColor === "rgba(0, 0, 0, 0)";
  const origin = document.querySelector(".bh-wires").getBoundingClientRect();
  const labels = [...document.querySelectorAll(".bh-panel > p")].filter(clear).map((p) => p.getBoundingClientRect());
  const crosses = (line, box) => [0.02, 0.98].map((k) => box.top + k * box.height - origin.top).some((y) => {
    const [x1, y1, x2, y2] = ["x1", "y1", "x2", "y2"].map((end) => line[end].baseVal.value);
    const x = x1 + ((x2 - x1) * (y - y1)) / (y2 - y1) + origin.left;
    return y > Math.min(y1, y2) && y < Math.max(y1, y2) && x > box.left && x < box.right;
  });
  return [...document.querySelectorAll(".bh-wires line")].filter((l) => labels.some((box) => crosses(l, box))).length;
}"""


@pytest.mark.parametrize("view", ["forward", "backward"])
@pytest.mark.parametrize("case", CASES)
def test_the_page_never_scrolls_sideways(draw, case, view):
    figure = CASES[case].demo()
    if "view" in figure.params:
        figure.params = figure.params | {"view": view}
    page = draw(figure, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("case", ["separable", "grouped", "stack"])
def test_lines_leave_the_labels_alone(draw, case):
    page = draw(CASES[case].demo(), **PHONE)
    page.wait_for_selector(".bh-wires line", state="attached")
    assert page.evaluate(CROSSED) == 0


def test_what_is_wired_stands_on_one_line_and_weights_on_several(draw):
    figure = CASES["depthwise"].demo(view="backward")
    figure.params = figure.params | {"channels": 6}
    page = draw(figure, **PHONE)
    tops = "tables => tables.map((table) => table.getBoundingClientRect().top)"
    dx, weights = (page.eval_on_selector_all(f'table[aria-label^="{name},"]', tops) for name in ("dX", "D"))
    assert len(dx) == 6 and len(set(dx)) == 1
    assert len(weights) == 12 and len(set(weights)) > 1


@pytest.mark.parametrize("case, settings", [("stack", {"steps": 16, "layers": 4}), ("conv2d", {"size": [8, 8]})])
def test_a_long_row_scrolls_to_the_result_of_a_step(draw, case, settings):
    figure = CASES[case].demo()
    figure.params = figure.params | settings
    page = draw(figure, **PHONE)
    for t in (len(figure.trace["frames"]), 1):
        page.get_by_label("step", exact=True).fill(str(t))
        for tile in page.locator("td.bh-to").all():
            assert tile.evaluate(IN_SIGHT)


def test_wired_rows_of_unequal_length_scroll_to_their_ends(draw):
    figure = CASES["stack"].demo()
    figure.params = figure.params | {"steps": 16, "layers": 4, "kernel_size": [3, 3, 3, 3]}
    page = draw(figure, **PHONE)
    room = "(row) => row.scrollWidth - row.clientWidth"
    x, y = (page.locator(".bh-blocks", has=cell(page, f"{name}:15")) for name in "xy")
    assert y.evaluate(room) > x.evaluate(room) + 10
    y.evaluate("(row) => { row.scrollLeft = 1000; }")
    page.wait_for_function(f"(row) => Math.abs(row.scrollLeft - ({room})(row)) <= 1", arg=x.element_handle())
    assert abs(y.evaluate("(row) => row.scrollLeft") - y.evaluate(room)) <= 1


def test_nothing_said_covers_nothing(draw):
    """The line that keeps the verdict in sight is not laid over the numbers before there is a verdict."""
    page = draw(CASES["lstm"].demo(mode="predict"), **PHONE)
    status = page.locator(".bh-say")
    assert say(page) == "" and status.evaluate("e => getComputedStyle(e).position") == "static"
    page.get_by_label("your answer").fill("77")
    press(page, "Check")
    assert say(page) and status.evaluate("e => getComputedStyle(e).position") == "sticky"


def test_a_given_cell_that_no_sum_reads_names_what_it_decides(draw):
    page = draw(CASES["dropout"].demo())
    cell(page, key(("u", 3))).click()
    assert say(page).endswith("is used in 1 result: stays[0, 3].")
    assert page.locator("td.bh-use").get_attribute("data-cell") == "stays:3"


def test_what_rounding_leaves_of_zero_is_zero(draw):
    page = draw(CASES["merge_dot"].demo(normalize=True))
    shown = page.locator('td[data-cell^="y:"]').all_inner_texts()
    assert not [text for text in shown if "e" in text] and "0" in shown


def test_the_numbers_under_a_curve_stand_clear_of_it(draw):
    page = draw(CASES["activations"].demo(function="elu"), **PHONE)
    lowest = page.locator(".bh-f").evaluate("path => path.getBBox().y + path.getBBox().height")
    texts = page.locator(".bh-curve text").evaluate_all("all => all.map((t) => [t.textContent, t.getBBox().y])")
    for text in ("−8", "−2", "2", "8"):
        assert dict(reversed(texts))[text] > lowest, text
