"""Cells that belong together, in a still: one letter and one colour. `groups.js` marks them in the page."""

HUES = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a800", "#777777"]
STYLE = ".l{font:bold 9px ui-monospace,monospace;text-anchor:end}"
ABOUT = " Cells with the same letter and colour belong together."


def letter(g):
    return ("" if g < 26 else "A") + chr(65 + g % 26)


def mark(panel, i, box, x, y):
    """SVG lines that mark cell i, whose box and upper right corner (x, y) are given; none for one without a group."""
    g = panel.get("groups", {i: None})[i]
    if g is None:
        return []
    return [
        f'<rect {box} fill="{HUES[g % len(HUES)]}" fill-opacity="0.26"/>',
        f'<text class="l" x="{x:g}" y="{y:g}">{letter(g)}</text>',
    ]


def style(text):
    """The style of a number that shares its cell with a letter."""
    size = 14 if len(text) < 4 else 10 if len(text) < 6 else 9
    return f' style="font-size:{size}px"'
