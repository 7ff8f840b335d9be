"""The review page of a part asks every question once, sends the reader to the right pages, and needs no JavaScript."""

import re

import nbformat
import pytest

from byhand.exercises import review
from tools.notebooks import ROOT

PARTS = review.parts()


def words_and_code(part):
    cells = nbformat.read(ROOT / f"chapters/{part}/part_review.ipynb", as_version=4).cells
    return ["\n".join(c.source for c in cells if c.cell_type == kind) for kind in ("markdown", "code")]


@pytest.mark.parametrize("part", PARTS)
def test_the_page_asks_every_question_in_order(part):
    asked = re.findall(rf'^question\("{part}", (\d+)\)$', words_and_code(part)[1], re.M)
    assert [int(number) for number in asked] == list(range(1, len(review.questions(part)) + 1))


@pytest.mark.parametrize("part", PARTS)
def test_the_list_at_the_end_sends_to_the_page_of_each_question(part):
    sent = {}
    for numbers, page in re.findall(r"^- \*\*(.+?)\*\*, read \[.+?\]\((\w+)\.ipynb\)", words_and_code(part)[0], re.M):
        assert (ROOT / f"chapters/{part}/{page}.ipynb").exists(), page
        sent |= {int(number): page for number in re.findall(r"\d+", numbers)}
    assert sent == {number: asked.page for number, asked in enumerate(review.questions(part), 1)}


@pytest.mark.parametrize("part", PARTS)
def test_answers_open_by_keyboard_without_javascript(chromium, part):
    built = ROOT / f"_build/html/chapters/{part}/part_review.html"
    assert built.exists(), "build the book first: make book"
    page = chromium.new_page(java_script_enabled=False)
    page.goto(built.as_uri())
    for number, asked in enumerate(review.questions(part), 1):
        shown = page.locator(f"#question-{part}-{number}")
        assert shown.locator("summary").count() == len(asked.options) + 1
        assert not shown.get_by_text("Right.", exact=True).is_visible()
    right = review.questions(part)[0].right
    answers = page.locator(f"#question-{part}-1 details > p")
    page.locator(f"#question-{part}-1 summary").first.focus()
    for _ in range(right):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert [answer.is_visible() for answer in answers.all()].index(True) == right
    assert answers.nth(right).inner_text().startswith("Right.")
    page.close()
