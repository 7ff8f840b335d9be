"""The table of costs: every number of every line, drawings to one scale that say nothing the text does not say."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from byhand import layers as L
from byhand.costs import follow
from byhand.figures.cost_table import box, by_axis, show_lines, table

SHAPE = (24, 24, 8)
KINDS = {"weights": [L.Conv2D(16, 3), L.Conv2DTranspose(16, 3, strides=2)], "none": [L.MaxPooling2D(2), L.Flatten()]}


def groups():
    return {name: [next(follow(SHAPE, [layer])) for layer in layers] for name, layers in KINDS.items()}


def rows(text):
    """The rows of the table as lists of their texts; it must be well formed."""
    return [["".join(tile.itertext()).strip() for tile in row] for row in ElementTree.fromstring(text).iter("tr")]


def test_lines_stand_under_their_headings():
    found = rows(table(groups(), "each on one input", start=SHAPE))
    assert found[1] == ["input", "(24, 24, 8)", "", "", "4,608", "", ""]
    assert found[2] == ["weights"] and found[5] == ["none"]
    assert found[3] == ["Conv2D(16, 3)", "(22, 22, 16)", "1,168", "557,568", "7,744", "3", "1"]
    assert found[4][-1] == "1/2" and found[7] == ["Flatten()", "(4608,)", "0", "0", "4,608", "1", "–"]


def test_sums_and_sentences_are_last():
    found = rows(table({"": list(follow(SHAPE, [L.Conv2D(2, 3), L.Flatten()]))}, "two", refused="a < b", total=True))
    assert found[-2] == ["a < b"] and found[-1] == ["together", "", "146", "69,696", "1,936", "", ""]


def test_bars_compare_a_column():
    bars = re.findall(r"--v:(\d+)%", table(groups(), "each on one input", start=SHAPE))
    assert len(bars) == 12 and bars[:6] == ["100", "84", "20", "100", "100", "100"]


@pytest.mark.parametrize("shape, wide", [((24, 24, 8), 27.6), ((12, 12, 8), 15.6), ((8,), 4.6)])
def test_boxes_are_to_scale(shape, wide):
    drawing = ElementTree.fromstring(box(shape))
    assert float(drawing.get("viewBox").split()[2]) == wide and drawing.get("aria-hidden") == "true"
    assert len(list(drawing)) == 3


def test_what_cannot_be_drawn_to_scale_is_not_drawn():
    assert box((4608,)) == box((10, 4)) == ""


def test_a_notebook_keeps_a_stable_text(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data))
    show_lines(groups(), "each on one input", SHAPE)
    assert shown[0]["text/plain"] == "each on one input" and shown[0]["text/html"].startswith("<table")


def test_one_number_for_axes_that_agree():
    assert [by_axis((3, 3)), by_axis((3, 5)), by_axis(())] == ["3", "3×5", "–"]
