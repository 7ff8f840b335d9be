"""Tie the glossary, chapters/glossary.md, to the chapters that define its terms.

python -m tools.glossary     link definitions such as "**stride** (步幅)" to their entries, and these to the chapters

An entry is written by hand: the term as a heading, its Chinese, a sentence or two. Made here are the line "See" below
it, the row of letters at the top of the page and the Chinese index at its end.
"""

import re
from typing import NamedTuple

import nbformat
from mdit_py_plugins.anchors.index import slugify

from tools.errata import in_order, title
from tools.notebooks import ROOT, clean, configuration

PAGE = ROOT / "chapters/glossary.md"
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.S)
LINK = r"\[(?P<words>[^\]]+)\]\((?:\.\./)?glossary\.md#(?P<anchor>[\w-]+)\)\*{0,2}"
BRACKET = r"(?:\s\$[^$]+\$)?\s\((?P<chinese>[^(),;:]*[一-鿿][^(),;:]*)[^()]*\)"
HEADING = re.compile(r"^#{1,3} (.+)$", re.M)
INDEX = "In Chinese"


class Entry(NamedTuple):
    """One term: its name in English, its names in Chinese, and the text that explains it."""

    name: str
    chinese: tuple
    text: str

    @property
    def anchor(self):
        return slugify(self.name)


def entries(page=None):
    """The entries of the glossary, in its order."""
    parts = re.split(r"^### (.+)$", page or PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]
    texts = [re.split(r"^(?:See |## )", part, maxsplit=1, flags=re.M)[0].strip() for part in parts[1::2]]
    return [Entry(n, tuple(re.findall(r'<span lang="zh">(.+?)</span>', t)), t) for n, t in zip(parts[::2], texts)]


def defined(text, known):
    """The term that the text ends with: where it starts and ends, and its entry; twice None if there is none."""
    marked = re.search(r"(?<![*`\w])(\*{1,2}|`)(?P<term>[^*`]+)\1$", text)
    if marked:
        term = marked["term"].lower()
        known = sorted(known, key=lambda e: e.name.lower() not in (term, term.removesuffix("s")))
        return marked.span() if marked[1] == "`" else marked.span("term"), next(iter(known), None)
    for entry in sorted(known, key=lambda e: -len(e.name)):
        name = r"\s+".join(map(re.escape, entry.name.split()))
        plain = re.search(rf"(?<![\w-]){name}s?$", text, re.I)
        if plain:
            return plain.span(), entry
    return None, None


def linked(text, known, up):
    """The text with every definition linked, and the definitions for which there is no entry."""
    missing = []
    for bracket in reversed(list(re.finditer(BRACKET, text))):
        before = text[: bracket.start()]
        if re.search(LINK + "$", before):
            continue
        span, entry = defined(before, [e for e in known if bracket["chinese"] in e.chinese])
        if entry is None:
            missing.append(before[-40:].replace("\n", " ") + bracket[0])
            continue
        words = before[slice(*span)]
        text = f"{before[: span[0]]}[{words}]({up}glossary.md#{entry.anchor}){text[span[1] :]}"
    return text, missing[::-1]


def prose(path):
    return [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown"]


def links(path):
    """The links of a chapter to the glossary: anchor, Chinese or None, heading above."""
    heading, found = "", []
    for source in prose(path):
        for match in re.finditer(f"{HEADING.pattern}|{LINK}(?:{BRACKET})?", source, re.M):
            heading = match[1] or heading
            if match["anchor"]:
                found.append((match["anchor"], match["chinese"], heading))
    return found


def untied(path):
    """The Chinese in a chapter's prose that does not stand beside a link to the glossary."""
    rest = "\n".join(CODE.sub("", re.sub(LINK + BRACKET, "", s)) for s in prose(path))
    return [rest[max(0, m.start() - 40) : m.end()] for m in re.finditer("[一-鿿]+", rest)]


def page():
    """The text of the glossary, each entry ending with the places that link to it."""
    places = {}
    for path in in_order():
        address = path.relative_to(PAGE.parent).as_posix()
        for anchor, _, heading in links(path):
            where = "" if heading == title(path) else f"#{slugify(heading.replace('`', ''))}"
            places.setdefault(anchor, {}).setdefault(address, f"[{title(path)}]({address}{where})")
    text = re.sub(r"\n+See \[.*", "", written(PAGE.read_text(encoding="utf-8")))
    for entry in entries(text):
        if entry.anchor in places:
            see = f"See {', '.join(places[entry.anchor].values())}."
            text = text.replace(f"### {entry.name}\n\n{entry.text}", f"### {entry.name}\n\n{entry.text}\n\n{see}")
    text = text.replace("\n## ", f"\n{row_of_letters(text)}\n\n## ", 1)
    return f"{text}\n## {INDEX}\n\n{chinese_index(entries(text))}\n"


def written(text):
    """The text without the row of letters and the Chinese index."""
    return re.sub(r"^\[A\]\(#a\).*\n+", "", text.partition(f"\n## {INDEX}\n")[0], flags=re.M)


def row_of_letters(text):
    names = [*re.findall(r"^## (.+)$", text, re.M), INDEX]
    return " · ".join(f"[{name}](#{slugify(name)})" for name in names)


def chinese_index(known):
    """Links by Chinese name, in the order of GB 18030, which for common characters is that of their sound."""
    names = sorted((name.encode("gb18030"), name, entry.anchor) for entry in known for name in entry.chinese)
    return " · ".join(f'[<span lang="zh">{name}</span>](#{anchor})' for _, name, anchor in names)


def main():
    known = entries()
    for path in in_order():
        notebook = nbformat.read(path, as_version=4)
        up = "../" * (len(path.relative_to(PAGE.parent).parts) - 1)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source, missing = linked(cell.source, known, up)
                for term in missing:
                    print(f"{path.relative_to(ROOT)}: no entry for: {term}")
        before = path.read_text(encoding="utf-8")
        after = nbformat.writes(clean(notebook, configuration())) + "\n"
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: links added")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
