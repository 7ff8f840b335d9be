"""The page on speed says what the stored results say, and nothing else."""

import json

import pytest

from bench import lines, page
from bench.reasons import why
from byhand.layers import Dense


@pytest.fixture(scope="module")
def results():
    return json.loads(page.RESULTS.read_text(encoding="utf-8"))


def test_the_page_is_made_of_the_results(results):
    told, _, code = page.PAGE.read_text(encoding="utf-8").partition(":::{dropdown}")
    made, _, _ = page.text(results).partition(":::{dropdown}")
    assert told == made, "write the page anew: python -m bench.page"
    assert code


def test_a_row_in_words(results):
    row = next(r for r in results["teaching"] if r["code"] == "Dense(2)")
    row = row | {"forward": {"microseconds": 4.321, "compiled": {"ratio": 0.0312, "low": 0.02, "high": 0.5},
                             "eager": {"ratio": 12.34, "low": 1, "high": 20}}}  # fmt: skip
    assert page.cell(row["forward"]) == ("**0.031**<br><small>0.020–0.50</small><br><small>4.32 µs<br>eager 12</small>")


def test_no_ratio_is_shown_as_nothing():
    assert [page.number(v) for v in (0.0001222, 0.0012, 0.1, 1300)] == ["0.0001", "0.001", "0.10", "1,300"]


def test_each_reason_fits_its_layer():
    assert "window" not in why({"layer": "GlobalAveragePooling2D", "family": "Pooling"})
    assert "winner" not in why({"layer": "AveragePooling2D", "family": "Pooling"})
    assert "word" not in why({"layer": "Masking", "family": "Embedding and text"})


def test_slow_layers_are_named_with_the_reason(results):
    row = next(r for r in results["training"] if r["layer"] == "DepthwiseConv2D")
    row = row | {"both": {"microseconds": 1.0, "compiled": {"ratio": 5.0, "low": 4.0, "high": 6.0}}}
    told = page.slower([row])
    assert "**5.00** (asked: 2)" in told and "registers" in told
    assert "Depthwise" not in page.slower([row | {"both": {"compiled": {"ratio": 0.9}}}])


def test_lines_of_code_are_counted_without_comments_and_docstrings():
    def three():
        """Not this one,

        nor these."""
        # Nor this.

        return [1,
                2]  # fmt: skip

    assert lines.code_lines(three) == 3
    assert lines.code_lines(Dense) <= lines.count("Dense")
