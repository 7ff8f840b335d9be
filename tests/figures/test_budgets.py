"""What a figure may weigh, and what it may not hold."""

import gzip
import re

import pytest

from byhand.figures import stage
from byhand.figures.widget import HERE

from .cases import CASES


@pytest.mark.parametrize("file, most", [("stage.js", 20480), ("host/host.js", 3072), ("stage.css", 5632)])
def test_files_stay_small(file, most):
    assert len(stage.source(file).encode()) <= most


@pytest.mark.parametrize("case", CASES)
def test_a_whole_figure_stays_small(case):
    text = CASES[case].demo()._esm
    assert len(text.encode()) <= 64 * 1024
    plain = "const views = [];" in text
    assert len(gzip.compress(text.encode())) <= (18 if plain else 20) * 1024


@pytest.mark.parametrize("case", CASES)
def test_a_figure_names_no_other_place(case):
    figure = CASES[case].demo()
    addresses = re.findall(r"https?://[^\s\"'<)]+", figure.to_html())
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("file", sorted(HERE.glob("**/*.js")), ids=lambda file: file.name)
def test_modules_keep_no_state_of_their_own(file):
    assert re.findall(r"^(?:let|var) ", file.read_text(encoding="utf-8"), re.M) == []
