"""Costs of layers as a table: what pages without script show of the calculator, and families of layers side by side."""

import html
import math

from ..plots import BLUE
from . import catalogue
from .windows import size_text

COUNTS = ("parameters", "multiplications", "values")
HEADS = ("layer", "output", *COUNTS, "sees", "jump")
PIXELS = 0.75  # for a cell of a box
DEPTH = 0.45  # how far a channel goes back, as part of a cell


def show_lines(groups, caption, start):
    """Display a table of `costs.Line`s, their outputs drawn to one scale; groups and start as for `table`."""
    from IPython.display import display

    display({"text/html": table(groups, caption, start=start), "text/plain": caption}, raw=True)


def table(groups, caption, refused=None, total=False, start=None):
    """HTML of `costs.Line`s under a caption.

    groups: heading -> lines; refused: a last row in words; total: a row of sums; start: the shape all begin with, as a
    first row, with a box for every output and bars that compare the counts of each column.
    """
    every = [line for lines in groups.values() for line in lines]
    most = {name: max(getattr(line, name) for line in every) for name in COUNTS} if start else {}
    head = "".join(f'<th scope="col">{name}</th>' for name in HEADS)
    rows = []
    if start:
        texts = (f"{box(start)} {size_text(start)}", "", "", f"{math.prod(start):,}", "", "")
        rows.append(row("input", [f"<td>{text}</td>" for text in texts]))
    for heading, lines in groups.items():
        if heading:
            rows.append(f'<tr><th scope="rowgroup" colspan="{len(HEADS)}">{html.escape(heading)}</th></tr>')
        rows += [row(catalogue.call(catalogue.read(line.layer)), cells(line, most)) for line in lines]
    if refused:
        rows.append(f'<tr><td colspan="{len(HEADS)}">{html.escape(refused)}</td></tr>')
    if total:
        sums = [f"{sum(getattr(line, name) for line in every):,}" for name in COUNTS]
        rows.append(row("together", [f"<td>{text}</td>" for text in ("", *sums, "", "")]))
    look = "byhand-costs byhand-tree" if start and any(groups) else "byhand-costs"
    return (
        f'<table class="{look}"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def row(name, tiles):
    return f'<tr><th scope="row">{html.escape(name)}</th>{"".join(tiles)}</tr>'


def cells(line, most):
    """The cells of a line; with the largest counts of the columns, `most`, drawn."""
    output = size_text(line.output_shape)
    tiles = [f"<td>{box(line.output_shape)} {output}</td>" if most else f"<td>{output}</td>"]
    for name in COUNTS:
        count = getattr(line, name)
        bar = f' style="--v:{round(100 * count / (most[name] or 1))}%"' if most else ""
        tiles.append(f"<td{bar}>{count:,}</td>")
    return [*tiles, *(f"<td>{by_axis(numbers)}</td>" for numbers in (line.field, line.jump))]


def by_axis(numbers):
    """(5, 5) as "5", (2, 3) as "2×3"; a dash for none."""
    return "×".join(map(str, numbers if len(set(numbers)) > 1 else numbers[:1])) or "–"


def box(shape):
    """SVG of a box of this (height, width, channels), channels going back; a rod for (channels,) if it is not too long.

    The text beside it says the same, so it is not read out.
    """
    height, width, channels = (1, 1, *shape)[-3:]
    d = round(channels * DEPTH, 2)
    if len(shape) not in (1, 3) or d > 40:
        return ""
    far = [(d, d), (width + d, d), (width + d, height + d), (d, height + d)]
    near = [(0, 0), (width, 0), (width, height), (0, height)]
    faces = [(near, 0.75), ([near[1], far[1], far[2], near[2]], 0.45), ([near[3], near[2], far[2], far[3]], 0.25)]
    tall = height + d
    drawn = "".join(
        f'<polygon points="{" ".join(f"{x:g},{tall - y:g}" for x, y in face)}" fill-opacity="{strength}"/>'
        for face, strength in faces
    )
    return (
        f'<svg aria-hidden="true" width="{PIXELS * (width + d):g}" height="{PIXELS * tall:g}" '
        f'viewBox="0 0 {width + d:g} {tall:g}" fill="{BLUE}" stroke="currentColor" stroke-width="0.6">{drawn}</svg>'
    )
