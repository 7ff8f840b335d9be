"""A table drawn with lines, in a given width: cells wrap at spaces, what is too long ends in an ellipsis."""

import re

ALIGN = {"left": str.ljust, "right": str.rjust}


def fit(widths, total):
    """Column widths with their padding, shrunk or stretched in proportion so that they add up to `total`."""
    excess, rest, fitted = sum(widths) - total, sum(widths), []
    for width in widths:
        part = round(width * excess / rest) if rest else 0
        fitted.append(width - part)
        excess, rest = excess - part, rest - width
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
        filled = [part + [""] * (height - len(part)) for part in parts]
        return [
            f"{bar} " + f" {bar} ".join(place(t, w - 2, a) for t, w, a in zip(line, widths, aligns)) + f" {bar}"
            for line in zip(*filled)
        ]

    lines = ["┏" + "┳".join(rule) + "┓", *row(header, "┃"), "┡" + "╇".join(rule) + "┩"]
    thin = ["─" * w for w in widths]
    for i, cells in enumerate(rows):
        lines += ["├" + "┼".join(thin) + "┤"] * (i > 0) + row(cells, "│")
    return [*lines, "└" + "┴".join(thin) + "┘"]
