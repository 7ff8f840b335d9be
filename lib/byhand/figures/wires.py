"""Lines in a still, from each cell that a sum reads to the cell it makes. `wires.js` draws them in the page."""

STYLE = (
    ".w{stroke:#8c8c8c;stroke-width:.7}.odd{stroke:#009e73;stroke-dasharray:7 4}.lit{stroke:#0072b2;stroke-width:2.5}"
    ".see{fill:none;stroke:#0072b2;stroke-width:2;stroke-dasharray:2 2}"
)
GAP = 26  # more room between the rows, for the lines


def pairs(trace):
    """[(from, to)] in the order of the frames, weights aside; a cell is (panel, index)."""
    found = []
    for frame in trace["frames"]:
        if trace["wires"] is not True and frame["to"][0] not in trace["wires"]:
            continue
        for term in frame["terms"]:
            ends = [(name, i) for name, i in zip(term, term[1:]) if isinstance(name, str)]
            found += [(e, tuple(frame["to"])) for e in ends if trace["panels"][e[0]]["role"] != "weight"]
    return list(dict.fromkeys(found))


def kin(trace, cell):
    """Those pairs by which `cell` came about, back to the beginning. Frames read only what earlier ones made."""
    reached, found = {tuple(cell)}, []
    for start, end in reversed(pairs(trace)):
        if end in reached:
            reached.add(start)
            found.append((start, end))
    return found


def between(start, end):
    """(x1, y1, x2, y2) of a line that runs between two panels and never behind their cells and captions."""
    (x1, top1, bottom1), (x2, top2, bottom2) = start, end
    return (x1, bottom1, x2, top2) if bottom1 <= top2 else (x1, top1, x2, bottom2)


def lines(trace, cell, spots):
    """SVG lines between cells, those behind `cell` lit. spots: cell -> (x, upper edge, lower edge) of what lines meet.

    Cells of one block share their spot, and so one line, which is lit if one of them is.
    """
    lit = set(kin(trace, cell))
    odd = {tuple(frame["to"]) for frame in trace["frames"] if frame.get("group", 0) % 2}
    looks = {}
    for pair in sorted(pairs(trace), key=lambda pair: pair in lit):
        if all(end in spots for end in pair):
            look = "lit" if pair in lit else "w"
            looks[between(*(spots[end] for end in pair))] = f"odd {look}" if pair[1] in odd else look
    return [
        f'<line class="{look}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>'
        for (x1, y1, x2, y2), look in sorted(looks.items(), key=lambda line: line[1].endswith("lit"))
    ]
