"""A trace as a picture: SVG with the figure at one or two of its steps, the same text every time."""

import itertools
import math
from html import escape

import numpy as np

from . import curve, groups, wires
from .windows import cells, ravel

CELL, GAP, LINE = 34, 14, 18
WIDEST = 720  # then a row of the layout goes on below
STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1a1a1a;text-anchor:middle}"
    ".c{font-size:12px;fill:#595959;text-anchor:start}"
    ".n{fill:#b34700}.s{fill:#efefef}.p{fill:url(#hatch)}.src{fill:none;stroke:#0072b2;stroke-width:2.5}"
    ".to{fill:none;stroke:#b34700;stroke-width:1.5}"
)


def shown(v):
    """A number with at most three decimals and a true minus."""
    digits = 1 if abs(v) >= 100 else 2 if abs(v) >= 10 else 3
    text = f"{v:.2g}" if 0 < abs(v) < 0.01 else f"{round(v, digits) + 0.0:.{digits}f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")


def places(panel):
    """(x, y) of every cell of a panel by flat index, its (width, height), and the blocks' captions [(x, y, text)]."""
    shape = panel["shape"]
    rows, columns = panel.get("grid") or ([0, 1] if len(shape) > 1 else [None, 0])
    rest = [a for a in reversed(range(len(shape))) if a not in (rows, columns)]
    down = 1 if rows is None else shape[rows]
    at, captions, left = {}, [], 0
    for block in cells([shape[a] for a in rest]):
        for r, c in itertools.product(range(down), range(shape[columns])):
            index = [0] * len(shape)
            for a, k in zip(rest, block):
                index[a] = k
            if rows is not None:
                index[rows] = r
            index[columns] = c
            at[ravel(index, shape)] = (left + c * CELL, r * CELL)
        said = [counted(panel, a, k) for a, k in zip(rest, block) if shape[a] > 1]
        captions += [(left, down * CELL + 13 + 14 * line, text) for line, text in enumerate(said)]
        left += shape[columns] * CELL + GAP
    if not rest:  # words that stand beside and over a table in the page
        sides = (panel.get("names", {}).get(str(axis), []) for axis in (rows, columns))
        words = [(side, names) for side, names in zip(("down", "across"), sides) if max(map(len, names), default=0) > 2]
        said = [f"{side}: {', '.join(names)}" for side, names in words]
        captions += [(0, down * CELL + 13 + 14 * line, text) for line, text in enumerate(said)]
    below = max((y for _, y, _ in captions), default=down * CELL)
    return at, (left - GAP, below + (5 if captions else 0)), captions


def ends(panel):
    """(x, upper edge, lower edge) of what lines to a cell meet, by flat index: the cell, or its block and caption."""
    at, (_, height), _ = places(panel)
    rows, columns = panel.get("grid") or ([0, 1] if len(panel["shape"]) > 1 else [None, 0])
    blocks = {}
    for i in at:
        index = np.unravel_index(i, panel["shape"])
        blocks.setdefault(tuple(k for a, k in enumerate(index) if a not in (rows, columns)), []).append(i)
    if len(blocks) == 1:
        return {i: (x + CELL / 2, 0, height) for i, (x, _) in at.items()}
    middle = {block: np.mean([at[i][0] for i in inside]) + CELL / 2 for block, inside in blocks.items()}
    return {i: (middle[block], 0, height) for block, inside in blocks.items() for i in inside}


def counted(panel, axis, k):
    """What a block along `axis` is called: counted without padding, as its cells are."""
    before, after = panel["pad"][axis] if "pad" in panel else (0, 0)
    inside = before <= k < panel["shape"][axis] - after
    return f"{panel['axes'][axis]} {k - before}" if inside else f"zeros {k}"


def padding(panel):
    """Flat places of a panel that hold no data. Where these belong to the array they are drawn as its other cells."""
    if panel.get("ground"):
        return set()
    shape, pad = panel["shape"], panel.get("pad")
    edge = {
        ravel(index, shape)
        for index in cells(shape)
        if pad and any(i < b or i >= n - a for i, n, (b, a) in zip(index, shape, pad))
    }
    return edge | set(panel.get("zeros", []))


def draw_panel(name, panel, x, y, lit):
    """SVG lines of one panel at (x, y), and its (width, height)."""
    at, (width, height), captions = places(panel)
    head = f"{name}  {panel['label']}"
    out = [f'<text class="c" x="{x}" y="{y + 12}">{escape(head)}</text>']
    empty = padding(panel)
    for i, (cx, cy) in sorted(at.items()):
        left, top = x + cx, y + cy + LINE
        box = f'x="{left + 1}" y="{top + 1}" width="{CELL - 2}" height="{CELL - 2}" rx="4"'
        value = panel["data"][i]
        text = panel.get("padtext", "0").replace("-inf", "−∞") if i in empty else shown(value)
        out.append(f'<rect class="{"p" if i in empty else "s"}" {box}/>')
        out += groups.mark(panel, i, box, left + CELL - 4, top + 10)
        small = f' style="font-size:{10 if len(text) < 7 else 8}px"' if len(text) > 4 else ""
        sign = ' class="n"' if value < 0 and i not in empty else ""
        if "groups" in panel:
            small, sign = groups.style(text), ""
        out.append(f'<text{sign}{small} x="{left + CELL / 2:g}" y="{top + 22}">{text}</text>')
        role = lit.get((name, i))
        if role:
            out.append(f'<rect class="{role}" {box}/>')
        if role == "to":
            inner = f'x="{left + 4}" y="{top + 4}" width="{CELL - 8}" height="{CELL - 8}" rx="2"'
            out.append(f'<rect class="to" {inner}/>')
    for cx, cy, said in captions:
        out.append(f'<text class="c" x="{x + cx}" y="{y + cy + LINE}">{escape(said)}</text>')
    return out, max(width, 7 * len(head)), height + LINE


def lights(trace, frame):
    """{(panel, index): "src" or "to"} of one frame; with wires, "see" for what stands further behind it."""
    lit = {start: "see" for start, _ in wires.kin(trace, frame["to"])} if trace.get("wires") else {}
    for term in frame["terms"] if frame else []:
        for k, part in enumerate(term):
            if isinstance(part, str):
                lit[part, term[k + 1]] = "src"
    if frame:
        lit[tuple(frame["to"])] = "to"
    return lit


def picture(trace, frame, top):
    """SVG lines of the whole layout with one frame lit, from `top` down; also (width, bottom)."""
    out, widest, lit, spots = [], 0, lights(trace, frame), {}
    for row in trace["layout"]:
        x, tallest, sign = 10, 0, ""
        for name in row:
            if name not in trace["panels"]:
                sign = name
                continue
            before = 9 * len(sign) + GAP if sign else 0
            lines, width, height = draw_panel(name, trace["panels"][name], x + before, top, lit)
            if x > 10 and x + before + width > WIDEST:
                x, top, tallest = 10, top + tallest + GAP, 0
                lines, width, height = draw_panel(name, trace["panels"][name], x + before, top, lit)
            if sign:
                out.append(f'<text x="{x + 9 * len(sign) / 2:g}" y="{top + LINE + 22}">{escape(sign)}</text>')
            out += lines
            for i, (cx, upper, lower) in ends(trace["panels"][name]).items():
                spots[name, i] = (x + before + cx, top + LINE + upper, top + LINE + lower)
            x, tallest, sign = x + before + width + GAP, max(tallest, height), ""
            widest = max(widest, x)
        top += tallest + GAP + (wires.GAP if trace.get("wires") else 0)
    if trace.get("wires"):
        out = wires.lines(trace, frame["to"], spots) + out
    return out, widest, top


def key_frames(trace):
    """The first and the middle step, from 1; only the middle one where there are many numbers, the last wired one.

    With a curve only the last step: a tangent needs its slope. A trace that names its stills has those."""
    if "stills" in trace:
        return trace["stills"]
    if "curve" in trace:
        return [len(trace["frames"])]
    if trace.get("wires"):
        led = [trace["wires"] is True or frame["to"][0] in trace["wires"] for frame in trace["frames"]]
        return [len(led) - led[::-1].index(True)]
    middle = math.ceil(len(trace["frames"]) / 2)
    return [middle] if sum(len(p["data"]) for p in trace["panels"].values()) > 150 else sorted({1, middle})


def svg(trace):
    """The still of a trace as SVG text."""
    lines, width, top = [], 0, 12
    for k in key_frames(trace):
        lines.append(f'<text class="c" x="10" y="{top + 8}">step {k} of {len(trace["frames"])}</text>')
        frame = trace["frames"][k - 1]
        if "curve" in trace:
            lines += curve.lines(trace, frame, top + LINE)
            top, width = top + curve.HEIGHT, max(width, curve.WIDTH)
        more, wide, top = picture(trace, frame, top + LINE)
        lines, width = lines + more, max(width, wide)
    panels = ", ".join(f"{name}: {p['label']} {tuple(p['shape'])}" for name, p in trace["panels"].items())
    about = f"{trace['title']} with every number. {panels}. Outlined cells make the cell with the double outline."
    if trace.get("wires"):
        about += " A line leads from each cell to every cell it helps to make; thick ones lead to the outlined cell."
    style = STYLE + (wires.STYLE if trace.get("wires") else "")
    if "curve" in trace:
        about, style = about + curve.ABOUT, style + curve.STYLE
    if any("groups" in panel for panel in trace["panels"].values()):
        about, style = about + groups.ABOUT, style + groups.STYLE
    hatch = (
        '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="6" height="6" fill="#fff"/><rect width="3" height="6" fill="#efefef"/></pattern>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {top:g}" width="{width:g}" role="img" '
        f'aria-label="{escape(about)}">\n<title>{escape(trace["title"])}</title>\n<desc>{escape(about)}</desc>\n'
        f'<style>{style}</style>\n<defs>{hatch}</defs>\n<rect width="100%" height="100%" rx="6" fill="#fff"/>\n'
        + "\n".join(lines)
        + "\n</svg>\n"
    )
