"""What a page without script, a printer or a preview shows, and what a notebook keeps."""

import xml.etree.ElementTree as ElementTree

import pytest

from byhand.figures.stills import shown

from .cases import CASES

SVG = "{http://www.w3.org/2000/svg}"
every_figure = pytest.mark.parametrize("case", CASES)


@every_figure
def test_a_still_is_the_same_every_time(case):
    assert CASES[case].demo().still() == CASES[case].demo().still()


@every_figure
def test_a_still_shows_the_numbers_and_says_what_it_is(case):
    figure = CASES[case].demo()
    drawing = ElementTree.fromstring(figure.still())
    assert drawing.find(f"{SVG}title").text == figure.trace["title"]
    assert figure.trace["title"] in drawing.find(f"{SVG}desc").text
    words = [text.text for text in drawing.iter(f"{SVG}text")]
    for name in {name for row in figure.trace["layout"] for name in row if name in figure.trace["panels"]}:
        for v in figure.trace["panels"][name]["data"]:
            assert shown(v) in words or v == 0
    assert any(rect.get("class") == "to" for rect in drawing.iter(f"{SVG}rect"))


@every_figure
def test_nothing_is_drawn_outside(case):
    drawing = ElementTree.fromstring(CASES[case].demo().still())
    _, _, width, height = map(float, drawing.get("viewBox").split())
    for rect in drawing.iter(f"{SVG}rect"):
        if rect.get("x"):
            assert 0 <= float(rect.get("x")) and float(rect.get("x")) + float(rect.get("width")) <= width
            assert 0 <= float(rect.get("y")) and float(rect.get("y")) + float(rect.get("height")) <= height


@every_figure
def test_a_notebook_keeps_the_still_and_a_stable_text(case, monkeypatch):
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: outputs.append(data))
    figure = CASES[case].demo()
    figure._ipython_display_()
    still, live = outputs
    assert still["image/svg+xml"] == figure.still()
    assert "application/vnd.jupyter.widget-view+json" in live
    assert still["text/plain"] == live["text/plain"] == f"Figure: {figure.trace['title']}"
