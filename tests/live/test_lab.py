"""A notebook in JupyterLab: a figure, its controls and Python share one state, in both directions."""

import io
import re
import time

from PIL import Image
from playwright.sync_api import expect

from .conftest import LIMIT

expect.set_options(timeout=1000 * LIMIT)

FIGURE = """
import numpy as np
from byhand.figures import explain
from byhand.layers import Conv2D

x = np.arange(9).reshape(1, 3, 3, 1)
layer = Conv2D(1, 2)
layer.build(x.shape)
layer.set_weights([np.array([1, 2, 3, 4]).reshape(2, 2, 1, 1), [0]])
figure = explain(layer, x)
figure
"""


def press(figure, name):
    figure.get_by_role("button", name=name, exact=True).click()


def until(wanted, look):
    """look() until it gives what is wanted: a change in the browser may reach Python after the cell that reads it."""
    end = time.monotonic() + LIMIT
    while (seen := look()) != wanted and time.monotonic() < end:
        pass
    assert seen == wanted


def test_a_figure_and_python_share_their_state(notebook):
    opened = notebook(
        FIGURE,
        "print(figure.t, figure.mode)",
        "figure.t = 4",
        "print(figure.edits['x']['data'][0], figure.trace['panels']['y']['data'])",
        "figure.params = figure.params | {'padding': 'same'}",
        "figure.edits, figure.mode = {}, 'predict'",
        "print([(answer['given'], answer['right']) for answer in figure.answers.get('log', [])])",
    )
    opened.run(0)
    figure = opened.cell(0).locator(".byhand")
    says = figure.locator(".bh-say")
    expect(says).to_contain_text("4 steps")
    expect(opened.cell(0).locator("img")).to_be_hidden()  # the still

    press(figure, "Step")
    press(figure, "Step")
    expect(says).to_contain_text("step 2 of 4: ")
    until("2 explore", lambda: opened.run(1))
    opened.run(2)
    expect(says).to_contain_text("step 4 of 4: ")

    corner = figure.locator('td[data-cell="x:0"]')
    corner.focus()
    corner.press("5")
    figure.get_by_role("textbox").press("Enter")
    expect(figure.locator('td[data-cell="y:0"]')).to_have_text("32")
    until("5 [32, 37, 57, 67]", lambda: opened.run(3))
    expect(figure).to_contain_text("Numbers from the Conv2D of this book")  # no longer those of the browser
    opened.run(4)
    expect(figure.locator('td[data-cell^="y:"]')).to_have_count(9)
    expect(figure.get_by_label("padding", exact=True).locator("option:checked")).to_have_text("same")

    opened.run(5)
    expect(figure.locator(".bh-ask")).to_contain_text("What is the shape of y")
    figure.get_by_label("your answer").fill("3, 3, 1")
    press(figure, "Check")
    expect(says).to_contain_text("Right.")
    until("[('3, 3, 1', True)]", lambda: opened.run(6))


def test_one_figure_in_two_cells_is_one_figure(notebook):
    opened = notebook(FIGURE, "figure")
    opened.run(0)
    opened.run(1)
    both = [opened.cell(k).locator(".byhand") for k in range(2)]
    press(both[0], "Step")
    for figure in both:
        expect(figure.locator(".bh-say")).to_contain_text("step 1 of 4: ")


def test_the_calculator_and_python_share_its_stack(notebook):
    opened = notebook(
        "from byhand.figures.calculator import Calculator\nfrom byhand.layers import Conv2D, Dense, Flatten\n"
        "calculator = Calculator((8, 8, 1), [Conv2D(4, 3), Flatten(), Dense(10)])\ncalculator",
        "print([line.parameters for line in calculator.follow()])",
        "calculator.at = 2",
    )
    opened.run(0)
    calculator = opened.cell(0).locator(".byhand")
    calculator.get_by_label("filters", exact=True).fill("6")
    until("[60, 0, 2170]", lambda: opened.run(1))
    opened.run(2)
    expect(calculator.get_by_label("units", exact=True)).to_have_value("10")


def test_a_lab_follows_its_controls(notebook):
    opened = notebook(
        "from byhand.labs import PhotoLab\nlab = PhotoLab()\nlab",
        "print(lab.padding.value, lab.photo.value, lab.output.shape)",
        "lab.strides.value = 2",
    )
    opened.run(0)
    controls = opened.cell(0).locator(".byhand-lab")
    says = controls.get_by_role("status")
    expect(says).to_contain_text('padding="same"')
    expect(opened.cell(0).get_by_text("This is a picture of the lab.")).to_be_hidden()

    controls.get_by_label("padding", exact=True).select_option("valid")
    expect(says).to_contain_text('padding="valid"')
    opened.run(2)
    expect(says).to_contain_text("strides=2")
    photo = io.BytesIO()
    Image.new("RGB", (21, 11), "teal").save(photo, "PNG")
    with opened.page.expect_file_chooser() as chooser:
        press(controls, re.compile("Your file"))
    chooser.value.set_files({"name": "mine.png", "mimeType": "image/png", "buffer": photo.getvalue()})
    expect(says).to_contain_text("mine.png: ")
    until("valid mine.png (1, 5, 10, 1)", lambda: opened.run(1))
