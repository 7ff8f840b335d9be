"""The curve above the panels: what is drawn, when it keeps quiet, and that other figures do not carry it."""

import math

from byhand.figures import explain
from byhand.layers import LeakyReLU

from .cases import CASES
from .test_stage import cell, press


def tangent(page):
    """The rise of the drawn tangent, in pixels to the right and up."""
    at = {name: float(page.locator(".bh-tangent").get_attribute(name)) for name in ("x1", "x2", "y1", "y2")}
    return at["x2"] - at["x1"], at["y1"] - at["y2"]


def test_the_tangent_stands_at_the_number_in_question(draw):
    page = draw(CASES["activations"].demo())
    assert page.locator(".bh-curve circle").count() == 4
    cell(page, "x:3").click()
    right, up = tangent(page)
    cell(page, "s:0").click()
    left, less = tangent(page)
    assert right > 0 and math.isclose(less / left, up / right / 2, rel_tol=0.05), "slopes 1 and 0.5"


def test_a_number_beyond_the_picture_has_no_dot(draw):
    page = draw(explain(LeakyReLU(), [[-2.0, 50]]))
    assert page.locator(".bh-curve circle").count() == 1


def test_an_open_question_shows_the_curve_alone(draw):
    page = draw(CASES["activations"].demo())
    assert page.locator(".bh-df").count() == 1
    for mode in ("Predict", "Find the bug"):
        press(page, mode)
        assert page.locator(".bh-curve :is(circle, .bh-tangent, .bh-df)").count() == 0
        assert page.locator(".bh-f").count() == 1


def test_the_slope_is_drawn_by_the_bug_once_it_is_found(draw):
    page = draw(CASES["activations"].demo(mode="bug"))
    for key in [f"{name}:{i}" for name in "ys" for i in range(4)]:
        if page.locator(".bh-ask").inner_text().startswith("Found"):
            break
        cell(page, key).click()
    assert page.locator(".bh-tangent").count() == 1


def test_a_still_has_the_curve():
    still = CASES["activations"].demo().still()
    assert 'class="tangent"' in still and "a tangent at one" in still
    assert 'class="tangent"' not in CASES["softmax"].demo().still()


def test_other_figures_do_not_carry_it():
    assert "bh-curve" not in CASES["dense"].demo()._esm
