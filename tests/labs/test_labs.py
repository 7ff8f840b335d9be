"""The labs, driven from Python as a reader drives them in the browser."""

import datetime
import html
import io
import sys

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from byhand.labs import PhotoLab, SeriesLab, lab, photo, series
from byhand.layers import Conv1D, Conv2D

CSV = b"day;temp;rain\nMo;3,5;1\nTu;4,25;0\nWe;-1,0;\nTh;2,0;2\nFr;1,5;1\n"


@pytest.fixture
def photos():
    return PhotoLab()


@pytest.fixture
def columns():
    return SeriesLab()


def said(live):
    return html.unescape(live.said.value).removeprefix('<p role="status">').removesuffix("</p>")


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def by_keras_rules(layer, weights, x):
    layer.build(x.shape)
    layer.set_weights([weights])
    return layer(x)


# --- photo ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, padding, strides",
    [(name, "same", 1) for name in photo.KERNELS] + [("blur", "valid", 1), ("blur", "same", 2), ("blur", "valid", 3)],
)
def test_the_photo_goes_through_the_layer(photos, name, padding, strides):
    photos.preset.value, photos.padding.value, photos.strides.value = name, padding, strides
    numbers, divisor, _ = photo.KERNELS[name]
    kernel = (np.array(numbers) / divisor).astype("float32")[:, :, None, None]
    layer = Conv2D(1, 3, padding=padding, strides=strides, use_bias=False)
    np.testing.assert_array_equal(photos.output, by_keras_rules(layer, kernel, photos.picture))
    assert f'Conv2D(1, 3, strides={strides}, padding="{padding}", use_bias=False)' in said(photos)


def test_identity_gives_the_photo_back(photos):
    photos.preset.value = "identity"
    np.testing.assert_array_equal(photos.output, photos.picture)


def test_in_colour_each_channel_goes_alone(photos):
    photos.colour.value = True
    alone = Conv2D(1, 3, padding="same", use_bias=False)
    for channel in range(3):
        one = photos.picture[..., channel : channel + 1]
        np.testing.assert_allclose(
            photos.output[..., channel],
            by_keras_rules(alone, photos.kernel.astype("float32")[:, :, None, None], one)[..., 0],
            atol=1e-5,
        )
    assert "DepthwiseConv2D(3, " in said(photos)


def test_a_kernel_of_ones_own(photos):
    photos.preset.value = "identity"
    photos.weights[1][1].value, photos.weights[0][2].value, photos.divisor.value = 0, 3, 2
    np.testing.assert_allclose(photos.output[0, 1:, :-1], 1.5 * photos.picture[0, :-1, 1:], atol=1e-6)
    assert photos.kernel.tolist() == [[0, 0, 1.5], [0, 0, 0], [0, 0, 0]]


def test_what_is_shown_is_the_output(photos, monkeypatch):
    shown = []
    monkeypatch.setattr(photo, "image_row_html", lambda images, *rest, **named: shown.append(images) or "plot")
    photos.preset.value = "emboss"
    np.testing.assert_array_equal(shown[-1][1], np.clip(photos.output[0, :, :, 0] / 2 + 0.5, 0, 1))
    photos.how.value = photo.SIZE
    np.testing.assert_array_equal(shown[-1][1], np.clip(np.abs(photos.output[0, :, :, 0]), 0, 1))
    assert len(shown) == 2, "one change, one plot"


def test_a_photo_of_ones_own(photos):
    pixels = np.random.default_rng(0).integers(0, 256, (500, 800, 3)).astype("uint8")
    photos.load("<b>me.png", png(pixels))
    assert photos.picture.shape == (1, 160, 256, 1)
    assert said(photos).startswith("<b>me.png: 500 by 800 pixels, made smaller. Conv2D(")
    assert "&lt;b&gt;" in photos.said.value and "<b>" not in photos.said.value + photos.plot.value
    photos.photo.value = "temple"
    assert photos.picture.shape == (1, 128, 192, 1)


@pytest.mark.parametrize("case", ["foreign", "too large", "no path", "by 0", "huge weight", "too thin"])
def test_what_cannot_be_done_gets_a_sentence_and_the_plot_stays(photos, case, monkeypatch):
    monkeypatch.setattr(lab, "MOST_BYTES", 2_000_000)
    plot, output = photos.plot.value, photos.output
    if case == "foreign":
        photos.load("a.pdf", b"%PDF-1.7")
        assert said(photos).startswith("a.pdf: This file is not a picture")
    if case == "too large":
        photos.load("a.png", bytes(3_000_000))
        assert said(photos) == "a.png has 3 million bytes; at most 2 are read."
    if case == "no path":
        photos.open("nowhere/a.png")
        assert said(photos) == "There is no file 'nowhere/a.png' that can be read."
    if case == "by 0":
        photos.divisor.value = 0
        assert said(photos).startswith("Nothing can be divided by 0")
    if case == "huge weight":
        photos.weights[0][0].value = 1e300
        assert said(photos) == "Each weight should be a number, at most a million."
    if case == "too thin":
        photos.padding.value = "valid"
        plot, output = photos.plot.value, photos.output
        photos.load("line.png", png(np.zeros((1, 9), "uint8")))
        assert "does not fit" in said(photos)
    assert photos.plot.value == plot and photos.output is output


# --- series -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, padding, size, dilation",
    [(name, "valid", 4, 1) for name in series.KERNELS]
    + [(next(iter(series.KERNELS)), padding, 5, d) for padding in ("same", "causal") for d in (1, 3)]
    + [("copy of the middle", "valid", 1, 1)],
)
def test_the_column_goes_through_the_layer(columns, name, padding, size, dilation):
    columns.preset.value, columns.size.value = name, size
    columns.padding.value, columns.dilation.value = padding, dilation
    kernel = np.array([float(word) for word in columns.weights.value.split()])
    np.testing.assert_allclose(kernel, series.KERNELS[name](size), rtol=1e-4)
    layer = Conv1D(1, size, padding=padding, dilation_rate=dilation, use_bias=False, dtype="float64")
    expected = by_keras_rules(layer, kernel[:, None, None], columns.series)
    np.testing.assert_array_equal(columns.output, expected)


@pytest.mark.parametrize("padding, first", [("valid", 3), ("same", 0), ("causal", 0)])
def test_each_output_is_drawn_in_its_place(columns, monkeypatch, padding, first):
    drawn = {}
    monkeypatch.setattr(series, "signal_html", lambda curves, *rest, **named: drawn.update(curves) or "plot")
    columns.padding.value = "same"
    columns.padding.value = padding
    known = np.flatnonzero(np.isfinite(drawn["output"]))
    assert known[0] == first
    np.testing.assert_array_equal(drawn["output"][known], columns.output[0, : len(known), 0])
    np.testing.assert_array_equal(drawn["column"], columns.series[0, :365, 0])


def test_even_kernels_and_dilation_stay_within_the_steps():
    for steps, k, d in [(9, 4, 1), (9, 4, 2), (5, 5, 1), (7, 2, 6)]:
        span = (k - 1) * d + 1
        placed = series.in_place(np.arange(steps - span + 1.0), steps, span, "valid")
        assert len(placed) == steps and np.isfinite(placed).sum() == steps - span + 1


def test_weights_that_sum_to_1_share_a_frame(columns, monkeypatch):
    drawn = []
    monkeypatch.setattr(series, "signal_html", lambda *given, apart, **named: drawn.append(apart) or "plot")
    columns.preset.value = "rise: later half minus earlier half"
    columns.preset.value = "mean, the middle counts more"
    assert drawn == [True, False]


def test_a_column_of_ones_own(columns):
    columns.load("week.csv", CSV)
    columns.weights.value = "1; 0; -1"
    assert columns.column.options == ("temp", "rain")
    np.testing.assert_allclose(columns.output.ravel(), [3.5 + 1, 4.25 - 2, -1 - 1.5])
    columns.column.value = "rain"
    assert columns.series.ravel().tolist() == [1, 0, 1, 2, 1]
    assert "Missing values: 1, each put on the line" in said(columns)


@pytest.mark.parametrize("text", ["1 0 -1", "1; 0; -1", "1, 0, -1", "[1, 0, -1]"])
def test_weights_as_people_write_them(text):
    assert series.parsed(text).tolist() == [1, 0, -1]


def test_the_view_follows_the_column(columns):
    columns.view.value = 1000, 1461
    columns.column.value = "heartbeat"
    assert (columns.view.value, columns.view.max) == ((0, 365), 1024)
    columns.load("week.csv", CSV)
    assert (columns.view.value, columns.view.max) == ((0, 5), 5)
    columns.view.value = 2, 2
    assert said(columns).startswith("At least two steps should be shown")


def test_a_long_file_says_that_it_is_cut(columns):
    columns.load("long.csv", b"t\n" + b"1\n" * (series.MOST_ROWS + 1))
    assert columns.series.shape == (1, series.MOST_ROWS, 1)
    assert "the first 20000 rows are read" in said(columns)


@pytest.mark.parametrize(
    "weights, sentence",
    [
        ("", "The kernel should have 1 to 101 numbers; it has 0."),
        ("1 " * 102, "it has 102"),
        ("one two", "numbers with spaces between them"),
        ("1 nan", "Each weight should be a number"),
        ("1e9", "Each weight should be a number"),
    ],
)
def test_weights_that_are_none_get_a_sentence_and_the_plot_stays(columns, weights, sentence):
    plot = columns.plot.value
    columns.weights.value = weights
    assert sentence in said(columns) and columns.plot.value == plot


def test_files_that_are_none_get_a_sentence(columns, tmp_path):
    columns.load("empty.csv", b"")
    assert said(columns) == "empty.csv: This file is empty."
    (tmp_path / "words.csv").write_text("a,b\nno,numbers\n")
    assert said(SeriesLab(tmp_path / "words.csv")).startswith("words.csv: No column")
    (tmp_path / "week.csv").write_bytes(CSV)
    assert SeriesLab(tmp_path / "week.csv").series.shape == (1, 5, 1)


def test_a_window_longer_than_the_column_gets_a_sentence(columns):
    columns.load("week.csv", CSV)
    output = columns.output
    assert output.shape == (1, 3, 1), "a short column gets a short window"
    columns.size.value = 9
    assert "does not fit" in said(columns) and columns.output is output and columns.series.shape == (1, 5, 1)
    columns.padding.value = "same"
    assert columns.output.shape == (1, 5, 1)


# --- both -------------------------------------------------------------------------------------------------------------


def test_a_file_as_each_ipywidgets_hands_it_over():
    content = {"content": memoryview(b"1"), "name": "a.csv", "type": "text/csv", "size": 1}
    assert lab.latest(({"name": "old.csv", "content": b"0"}, content)) == ("a.csv", b"1")
    assert lab.latest({"a.csv": {"metadata": {"name": "a.csv"}, "content": b"1"}}) == ("a.csv", b"1")
    assert lab.latest(()) is None and lab.latest({}) is None


def test_the_button_loads_a_file(columns):
    file = {"name": "week.csv", "type": "text/csv", "size": len(CSV), "content": memoryview(CSV)}
    if ipywidgets.__version__.startswith("7."):
        columns.upload.set_trait("value", {"week.csv": {"metadata": file, "content": CSV}})
    else:
        columns.upload.value = (file | {"last_modified": datetime.datetime.now(datetime.UTC)},)
    assert columns.series.shape == (1, 5, 1)


def test_a_cell_shows_the_still_and_then_the_lab(columns, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    columns._ipython_display_()
    still, live = shown
    assert still["text/html"].startswith("<figure") and "make lab" in still["text/html"]
    assert still["text/plain"] == columns.alt and len(columns.alt) > 80
    assert live[lab.VIEW]["model_id"] == columns.box.model_id
    assert live["text/plain"] == "Live lab, your own CSV column through Conv1D: run this cell to use it"


def test_in_colab_no_still_stands_above_the_lab(photos, monkeypatch):
    shown = []
    monkeypatch.setitem(sys.modules, "google.colab", object())
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    photos._ipython_display_()
    assert len(shown) == 1 and lab.VIEW in shown[0]
