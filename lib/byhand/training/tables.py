"""A table drawn with lines, in a given width: cells wrap at spaces, what is too long ends in an ellipsis."""

import math
import re

ALIGN = {"left": str.ljust, "right": str.rjust}


def fit(widths, total):
    """Column widths with their padding, brought to the sum `total`: shrunk evenly, or stretched in proportion."""
    excess, fitted = sum(widths) - total, []
    for i, width in enumerate(widths):
        rest = widths[i:]
        part = round(excess / len(rest)) if excess > 0 else -math.ceil(width * -excess / sum(rest))
        part = min(part, width)
        fitted.append(width - part)
        excess -= part
    return fitted


def wrap(text, width):
    """The lines of a cell."""
    lines, used = [""], 0
    for word in re.findall(r"\s*\S+\s*", text):
        if used + len(word.rstrip()) > width and used:
            lines.append("")
            used = 0
        lines[-1] += word
        used += len(word)
    lines = [line.rstrip() for line in lines]
    return [line if len(line) <= width else line[: width - 1] + "…" for line in lines]


def place(text, width, align):
    if align == "center":
        left = (width - len(text)) // 2
        return " " * left + text + " " * (width - len(text) - left)
    return ALIGN[align](text, width)


def table(header, aligns, rows, widths, total):
    """The lines of a table: header and rows are lists of texts, widths those wanted for the texts, total its own."""
    widths = fit([w + 2 for w in widths], total - len(header) - 1)
    rule = ["━" * w for w in widths]

    def row(cells, bar):
        parts = [wrap(cell, w - 2) for cell, w in zip(cells, widths)]
        height = max(map(len, parts))
        spare = [[""] * (height - len(part)) for part in parts]
        filled = [empty + part if bar == "┃" else part + empty for part, empty in zip(parts, spare)]
        return [
            f"{bar} " + f" {bar} ".join(place(t, w - 2, a) for t, w, a in zip(line, widths, aligns)) + f" {bar}"
            for line in zip(*filled)
        ]

    lines = ["┏" + "┳".join(rule) + "┓", *row(header, "┃"), "┡" + "╇".join(rule) + "┩"]
    thin = ["─" * w for w in widths]
    for i, cells in enumerate(rows):
        lines += ["├" + "┼".join(thin) + "┤"] * (i > 0) + row(cells, "│")
    return [*lines, "└" + "┴".join(thin) + "┘"]
