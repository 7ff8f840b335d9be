"""Write the errata page, chapters/errata.md, from the claims that the chapters have settled.

python -m tools.errata
"""

import ast
import html
import re

import nbformat

from byhand.claims import claims, sentence
from tools.notebooks import ROOT, chapters

PAGE = ROOT / "chapters/errata.md"
UNRUN = ("An opinion", "Opinions", "Disputed", "A matter of dates", "A pretty story")  # verdicts that no code can give
HEAD = """# Errata of common notes

<!-- Made by tools/errata.py from lib/byhand/claims.json. -->

Notes about layers copy from one another, and mistakes are copied with the rest. Each statement below stands in some
notes. What can be run was run in a chapter of this book; what is an opinion is called one. The link leads to the
verdict. The cell that shows what happens stands right above it, and a line that says "here" or "above" speaks of it.

{count} statements so far.
"""


def settled(path):
    """The names of the claims that a notebook settles, in order, each with the code since the text before it."""
    found, ran = [], ""
    for cell in nbformat.read(path, as_version=4).cells:
        ran = ran + "\n" + cell.source if cell.cell_type == "code" else ""
        if cell.cell_type == "code" and "verdict(" in cell.source:
            calls = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Call)]
            for call in (c for c in calls if getattr(c.func, "id", "") == "verdict"):
                chapter, *names = map(ast.literal_eval, call.args)
                found += [(f"{chapter}.{name}", ran) for name in names]
    return found


def title(path):
    first = next(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown")
    return next(line for line in first.splitlines() if line.startswith("# "))[2:]


def link(to, claim):
    """A link whose title tells it from the other hundred to one who hears them in a row."""
    text = "Read why." if claim.verdict.startswith(UNRUN) else "See it run."
    return f'<a href="{to}" title="{html.escape(re.sub("[`*$]", "", claim.says))}">{text}</a>'


def in_order():
    """The notebooks in the order of the table of contents."""
    contents = (ROOT / "_toc.yml").read_text()
    listed = {path: contents.find(path.relative_to(ROOT).with_suffix("").as_posix()) for path in chapters()}
    return sorted((p for p in listed if listed[p] >= 0), key=listed.get)


def page():
    """The text of the errata page."""
    parts, count = [], 0
    for path in in_order():
        names = [name for name, _ in settled(path)]
        if not names:
            continue
        address = path.relative_to(PAGE.parent).with_suffix("").as_posix()
        lines = [f"- {sentence(claims()[name])} {link(f'{address}.html#{name}', claims()[name])}" for name in names]
        parts.append(f"## [{title(path)}]({address}.ipynb)\n\n" + "\n".join(lines) + "\n")
        count += len(names)
    return "\n".join([HEAD.format(count=count), *parts])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {page().count('</a>')} statements")
