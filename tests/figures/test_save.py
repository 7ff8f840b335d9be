"""Save: the figure as a page of its own, from a notebook's page and from such a page alike, without a network."""

import json
import re

import pytest
from ipywidgets.embed import embed_data

from byhand.figures.calculator import Calculator
from byhand.figures.share import share
from byhand.layers import Conv2D, Flatten

from .cases import CASES

STILL = re.compile(r"(?s)(?<=<noscript>).*?(?=</noscript>)")
STATE = re.compile(r'(?s)(?<=<script type="application/json" id="state">).*?(?=</script>)')


@pytest.fixture
def reopened(chromium, tmp_path):
    """reopened(page) presses Save and opens the file from disk, with every request denied: the page, and the text."""
    contexts, heard = [], []

    def save(page):
        with page.expect_download() as found:
            page.get_by_role("button", name="Save", exact=True).click()
        name = found.value.suggested_filename
        assert page.locator(".bh-say").inner_text() == f"Saved as {name}, a page that needs nothing else."
        file = tmp_path / f"{len(contexts)}-{name}"
        found.value.save_as(file)
        contexts.append(chromium.new_context())
        saved = contexts[-1].new_page()
        saved.on("console", lambda message: heard.append(message.text))
        saved.on("pageerror", lambda error: heard.append(str(error)))
        saved.on("request", lambda request: heard.append(request.url))
        saved.route(lambda url: url != file.as_uri(), lambda route: route.abort())
        saved.goto(file.as_uri())
        saved.wait_for_selector(".byhand table")
        return saved, file.read_text(encoding="utf-8")

    yield save
    for context in contexts:
        context.close()
    assert [text for text in heard if not text.startswith(("data:", tmp_path.as_uri()))] == []


def parts(text):
    """The page around the state and the still, and the state."""
    return STATE.sub("", STILL.sub("", text)), json.loads(STATE.search(text)[0])


@pytest.mark.parametrize("case", ["conv2d", "lstm", "batchnorm", "activations", "grouped"])
def test_a_saved_figure_is_what_to_html_writes(draw, reopened, case):
    figure = CASES[case].demo()
    page = draw(figure)
    page.get_by_role("button", name="Step", exact=True).click()
    saved, text = reopened(page)
    figure.t = 1
    assert parts(text) == parts(figure.to_html())
    assert saved.get_by_label("step", exact=True).input_value() == "1"


def test_a_saved_figure_goes_on_where_it_was(built, reopened):
    data = embed_data(views=[CASES["lstm"].demo(), CASES["conv2d"].demo()], drop_defaults=False)
    views, state = data["view_specs"], data["manager_state"]["state"]
    share(state)
    page, said, asked = built(views[1:], state)
    page.get_by_label("padding", exact=True).select_option(label="valid")
    page.locator('td[aria-readonly="false"]').first.dblclick()
    page.get_by_label("new number for").fill("7")
    page.keyboard.press("Enter")
    for _ in range(3):
        page.get_by_role("button", name="Step", exact=True).click()
    spoken = page.locator(".bh-say").inner_text()
    numbers = page.locator("td[data-cell]").all_inner_texts()
    saved, text = reopened(page)
    assert spoken.startswith("step 3 of ")
    assert saved.locator(".bh-say").inner_text() == spoken
    assert saved.locator("td[data-cell]").all_inner_texts() == numbers and "7" in numbers
    assert saved.get_by_label("padding", exact=True).locator("option:checked").inner_text() == "valid"
    saved.get_by_role("button", name="Step", exact=True).click()
    assert saved.locator(".bh-say").inner_text().startswith("step 4 of ")
    saved.get_by_role("button", name="Back", exact=True).click()
    again, twice = reopened(saved)
    assert parts(twice) == parts(text)
    assert again.locator(".bh-say").inner_text() == spoken
    assert said == [] and asked == []


def test_a_saved_figure_shows_its_numbers_without_scripts(draw, reopened, chromium):
    page = draw(CASES["conv2d"].demo())
    saved, _ = reopened(page)
    plain = chromium.new_context(java_script_enabled=False)
    silent = plain.new_page()
    silent.goto(saved.url)
    assert silent.locator("td[data-cell]").all_inner_texts() == page.locator("td[data-cell]").all_inner_texts()
    assert silent.locator("td[data-cell]").first.bounding_box()["width"] > 30
    plain.close()


def test_a_saved_question_keeps_its_answer_to_itself(draw, reopened):
    page = draw(CASES["conv2d"].demo())
    page.get_by_role("button", name="Predict").click()
    saved, text = reopened(page)
    assert "?" in STILL.search(text)[0] and saved.locator(".bh-ask").is_visible()


def test_the_calculator_is_saved_as_well(draw, reopened):
    calculator = Calculator((28, 28, 1), [Conv2D(6, 5), Flatten()])
    page = draw(calculator)
    saved, text = reopened(page)
    assert parts(text) == parts(calculator.to_html())
    assert saved.locator(".bh-lines").inner_text() == page.locator(".bh-lines").inner_text()
