"""Every claim of the errata page was run where the page says, and the page lists every claim."""

import re

import pytest

from byhand.claims import STORED, claims, verdict
from tools import errata
from tools.notebooks import chapters

SETTLED = [(path, name, ran) for path in chapters() for name, ran in errata.settled(path)]


def test_every_claim_is_settled_once():
    names = [name for _, name, _ in SETTLED]
    assert sorted(names) == sorted(set(names))
    assert set(names) == set(claims())


@pytest.mark.parametrize("path, name, ran", SETTLED, ids=[name for _, name, _ in SETTLED])
def test_a_claim_is_run_before_its_verdict(path, name, ran):
    assert name.split(".")[0] == path.stem
    assert re.search(r"\bassert\b|\bcompare(_grid)?\(|\bexcept\b", ran), "nothing is run above this verdict"


def test_claims_are_whole_sentences():
    for name, claim in claims().items():
        assert claim.says[-1] in ".?:" and claim.says[0] not in '"“', name
        assert claim.verdict and claim.instead.endswith("."), name
        assert all(re.fullmatch(r"E\d+", number) for number in claim.ledger), name


def test_the_page_is_made_of_the_claims():
    assert errata.PAGE.read_text(encoding="utf-8") == errata.page(), "run python -m tools.errata"


def test_no_run_is_promised_for_an_opinion():
    brain, same = (claims()[name] for name in ("conv2d.brain", "conv2d.same"))
    assert "Read why." in errata.link("", brain) and "See it run." in errata.link("", same)


def test_a_claim_that_is_not_stored_has_no_verdict():
    with pytest.raises(KeyError, match=STORED.name):
        verdict("conv2d", "made_up")


def test_verdicts_read_as_text_and_as_markdown():
    shown = verdict("conv2d", "same_size", "convolves")
    assert repr(shown).splitlines()[0].startswith("- “`same` keeps the size.” Only at stride 1.")
    assert '<span id="conv2d.convolves"></span>' in shown._repr_markdown_().splitlines()[1]
