"""Figures follow the theme, carry their alt text, and do not disturb each other on a page."""

import re
import xml.etree.ElementTree as ET

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from byhand import plots

ALT = 'A line that rises from 1 to 3, "steeply" & without a break.'


@pytest.fixture
def shown(monkeypatch):
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: outputs.append(data))
    return outputs


def drawn():
    fig, axes = plt.subplots()
    axes.plot([1, 2, 3], label="a < b")
    axes.plot([1, 2, 3], [3, 1, 2], marker="o", color="black")
    axes.legend()
    axes.set_title("$x^2$ and `code`")
    return fig


def svg_of(html):
    return ET.fromstring(html[html.index("<svg") : html.index("</figure>")])


def test_show_gives_one_figure_and_the_alt_text(shown):
    plots.show(drawn(), alt=ALT)
    (data,) = shown
    assert data["text/plain"] == ALT
    html = data["text/html"]
    assert html.startswith('<figure class="byhand-plot"') and html.endswith("</svg></figure>")
    assert "\n" not in html
    svg = svg_of(html)
    assert svg.get("role") == "img" and svg.get("aria-label") == ALT
    assert plt.get_fignums() == []


def test_show_takes_the_current_figure(shown):
    drawn()
    plots.show(alt=ALT)
    assert len(shown) == 1 and plt.get_fignums() == []


@pytest.mark.parametrize("alt", ["", None, "plot", "A figure.", "x" * 80, "a b c d e f g"])
def test_an_alt_text_that_says_nothing_is_refused(shown, alt):
    with pytest.raises(ValueError, match="alt needs a sentence"):
        plots.show(drawn(), alt=alt)
    assert shown == []
    plt.close("all")


def test_black_is_ink_and_nothing_white_is_behind_it():
    html = plots.to_html(drawn(), ALT)
    assert "#000000" not in html
    assert 'fill="currentColor"' in html and "stroke:currentColor" in html
    assert "#ffffff" not in html


def test_letters_stay_letters_in_the_page_s_font():
    html = plots.to_html(drawn(), ALT)
    texts = ["".join(node.itertext()) for node in svg_of(html).iter("{http://www.w3.org/2000/svg}text")]
    assert "a < b" in texts
    assert "DejaVu Sans," not in html and "font-family: system-ui" in html


def test_the_figure_shrinks():
    html = plots.to_html(drawn(), ALT)
    assert "max-width:100%;height:auto" in html and "viewBox" in html


def test_nothing_restyles_the_page():
    assert "*{" not in plots.to_html(drawn(), ALT)


def test_ids_of_two_figures_differ_and_every_reference_has_its_target():
    first, second = plots.to_html(drawn(), ALT), plots.to_html(drawn(), ALT)
    ids = [set(re.findall(r' id="([^"]+)"', html)) for html in (first, second)]
    assert ids[0] and not ids[0] & ids[1]
    for html, known in zip((first, second), ids):
        used = set(re.findall(r'(?:url\(|href=")#([^")]+)', html))
        assert used == known


def test_only_the_ids_change_from_run_to_run():
    plain = [re.sub(r"byhand-plot-\d+", "byhand-plot-N", plots.to_html(drawn(), ALT)) for _ in range(2)]
    assert plain[0] == plain[1]


def test_no_address_is_loaded_and_images_are_inside(shown):
    plots.image_row([np.eye(8), np.ones((4, 4, 3))], ["grey", "colour"], ALT)
    html = shown[0]["text/html"]
    assert html.count("data:image/png;base64,") == 2
    for attribute in re.findall(r'(?:href|src)="([^"]*)"', html):
        assert attribute.startswith(("#", "data:image/png"))


def test_a_small_image_is_stored_pixel_by_pixel(shown):
    plots.image_row([np.eye(8)], ["eye"], ALT)
    assert len(shown[0]["text/html"]) < 3000
    assert "pixelated" in shown[0]["text/html"]


def test_image_row_wants_a_title_for_each():
    with pytest.raises(ValueError, match="every image needs a title"):
        plots.image_row([np.eye(2)], ["one", "two"], ALT)


def test_signals_differ_in_more_than_colour(shown):
    plots.signal({"x": [1, 2, 3], "smoothed": [2, 2, 2]}, ALT, ylabel="degrees")
    html = shown[0]["text/html"]
    assert "stroke-dasharray" in html and "smoothed" in html and "degrees" in html


def test_signals_apart_each_have_their_scale_and_share_the_time(shown):
    plots.signal({"x": [1, 2, 3], "slope": [0.01, 0.02, 0.01]}, ALT, apart=True)
    html = shown[0]["text/html"]
    assert html.count("<figure") == 1 and html.count(">time step<") == 1
    assert ">x<" in html and ">slope<" in html
    assert ">0.01" in html.replace(".010", ".01") and ">3" in html


def test_a_plot_as_html_is_what_is_shown(shown):
    before = plt.get_fignums()
    plots.signal({"x": [1, 2, 3]}, ALT)
    kept = plots.signal_html({"x": [1, 2, 3]}, ALT)
    number = r"byhand-plot-\d+"
    assert re.sub(number, "", shown[0]["text/html"]) == re.sub(number, "", kept)
    assert plt.get_fignums() == before


def test_style_is_used_only_where_asked():
    before = matplotlib.rcParams["axes.spines.top"]
    plots.to_html(drawn(), ALT)
    assert matplotlib.rcParams["axes.spines.top"] == before
    with matplotlib.rc_context():
        plots.use_style()
        assert matplotlib.rcParams["axes.spines.top"] is False


def contrast(one, other):
    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return np.dot(linear, (0.2126, 0.7152, 0.0722))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", plots.COLOURS)
def test_data_colours_are_seen_on_light_and_dark_pages(colour):
    assert contrast(colour, "#ffffff") >= 3
    assert contrast(colour, "#14181e") >= 3


def test_numbers_in_words():
    assert plots.in_words([20, 22, 28.04, 26]) == "4 values from 20 to 28, highest at position 2"
