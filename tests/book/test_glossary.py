"""Every term that a chapter gives in Chinese has an entry in the glossary, and the two lead to one another."""

import itertools
import re
import string

import pytest

from tools import glossary
from tools.notebooks import chapters

ENTRIES = glossary.entries()
BY_ANCHOR = {entry.anchor: entry for entry in ENTRIES}
CHAPTERS = pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)


@CHAPTERS
def test_chinese_stands_beside_a_link_to_the_glossary(path):
    assert not glossary.untied(path), "run python -m tools.glossary"


@CHAPTERS
def test_a_linked_term_is_the_same_in_the_glossary(path):
    for anchor, chinese, _ in glossary.links(path):
        assert anchor in BY_ANCHOR, f"no entry #{anchor}"
        assert chinese is None or chinese in BY_ANCHOR[anchor].chinese, f"{anchor}: {chinese}"


def test_every_entry_is_linked_from_a_chapter():
    used = {anchor for path in chapters() for anchor, _, _ in glossary.links(path)}
    assert not set(BY_ANCHOR) - used


def test_an_entry_says_the_term_in_both_languages_and_explains_it():
    for entry in ENTRIES:
        assert re.search("[A-Za-z]", entry.name) and entry.chinese, entry.name
        assert re.match(r'<span lang="zh">', entry.text), entry.name
        explained = re.sub(r".*?</span>", "", entry.text)
        assert explained.endswith(".") and len(explained.split()) > 5, entry.name


def test_no_term_stands_twice():
    assert len(BY_ANCHOR) == len(ENTRIES)
    chinese = list(itertools.chain.from_iterable(entry.chinese for entry in ENTRIES))
    assert sorted(chinese) == sorted(set(chinese))


def test_entries_are_in_alphabetical_order_under_their_letters():
    names = [entry.name.lower() for entry in ENTRIES]
    assert names == sorted(names)
    headings = re.findall(r"^(##|###) (.+)$", glossary.written(glossary.PAGE.read_text(encoding="utf-8")), re.M)
    letters = [text for level, text in headings if level == "##"]
    assert letters == [c for c in string.ascii_uppercase if any(n[0].upper() == c for n in names)]
    at = [text for _, text in headings]
    assert at == sorted(at, key=lambda text: (text[0].upper(), text not in letters, text.lower()))


def test_the_page_knows_where_its_terms_are_used():
    assert glossary.PAGE.read_text(encoding="utf-8") == glossary.page(), "run python -m tools.glossary"


def test_the_page_can_be_entered_by_letter_and_by_chinese_name():
    text = glossary.PAGE.read_text(encoding="utf-8")
    assert text.count("[B](#b) · ") == 1 and text.count(f"[{glossary.INDEX}](#in-chinese)\n") == 1
    index = text.partition(f"## {glossary.INDEX}\n")[2]
    led = re.findall(r'\[<span lang="zh">(.+?)</span>\]\(#([\w-]+)\)', index)
    assert sorted(led) == sorted((name, entry.anchor) for entry in ENTRIES for name in entry.chinese)
    order = [name for name, _ in led]
    assert order.index("感受野") < order.index("卷积") < order.index("批归一化") < order.index("张量")


KNOWN = glossary.entries('### max pooling\n\n<span lang="zh">最大池化</span>. Largest.\n')
LINKED = [
    ("Is **max pooling** (最大池化).", "Is **[max pooling](../glossary.md#max-pooling)** (最大池化)."),
    ("Is *Max poolings* (最大池化, GMP).", "Is *[Max poolings](../glossary.md#max-pooling)* (最大池化, GMP)."),
    ("Is max\npooling $m$ (最大池化).", "Is [max\npooling](../glossary.md#max-pooling) $m$ (最大池化)."),
    ("Is `MaxPool` (最大池化).", "Is [`MaxPool`](../glossary.md#max-pooling) (最大池化)."),
]


@pytest.mark.parametrize("before, after", LINKED)
def test_a_definition_becomes_a_link_and_a_link_stays(before, after):
    assert glossary.linked(before, KNOWN, "../") == (after, [])
    assert glossary.linked(after, KNOWN, "../") == (after, [])


def test_a_definition_without_entry_is_named():
    assert glossary.linked("Is a **clip** (视频片段).", KNOWN, "../") == (
        "Is a **clip** (视频片段).",
        ["Is a **clip** (视频片段)"],
    )
