"""The curve of a function of one number, in a still. `curve.js` draws it in the page."""

import math

from .windows import written

WIDTH, HEIGHT = 480, 260
STYLE = (
    ".axis{stroke:#8c8c8c}.f{fill:none;stroke:#0072b2;stroke-width:3}"
    ".df{fill:none;stroke:#009e73;stroke-width:2;stroke-dasharray:6 4}.tangent{stroke:#b34700;stroke-width:3}"
)
ABOUT = " Above them the curve of the function, its slope dashed, a dot for each number and a tangent at one."


def shown(v):
    return written(v).replace("-", "−")


def lines(trace, frame, top):
    """SVG lines of the curve below `top`, with the tangent at the point that this frame belongs to."""
    given, panels = trace["curve"], trace["panels"]
    low, high = given["low"], given["high"]
    seen = [v for v in given["y"] + given["slope"] if abs(v) <= 8]
    bottom, most = min(0, *seen) - 0.25, max(1, *seen) + 0.25

    def right(z):
        return 30 + 440 * (z - low) / (high - low)

    def down(v):
        return top + HEIGHT - 10 - (HEIGHT - 20) * (v - bottom) / (most - bottom)

    def path(name, values):
        step = (high - low) / (len(values) - 1)
        inside = [(right(low + k * step), down(v)) for k, v in enumerate(values) if bottom <= v <= most]
        return f'<path class="{name}" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in inside)}"/>'

    out = [
        f'<line class="axis" x1="30" x2="470" y1="{down(0):.1f}" y2="{down(0):.1f}"/>',
        f'<line class="axis" x1="{right(0):g}" x2="{right(0):g}" y1="{top + 10}" y2="{top + HEIGHT - 10}"/>',
        path("df", given["slope"]),
        path("f", given["y"]),
    ]
    for z in range(low, high + 1, 2):
        if z:
            out.append(f'<text style="font-size:11px" x="{right(z):g}" y="{down(0) + 13:.1f}">{shown(z)}</text>')
    for v in sorted({math.trunc(bottom), math.trunc(most)} - {0}):
        out.append(f'<text style="font-size:11px" x="{right(0) - 12:g}" y="{down(v) + 4:.1f}">{shown(v)}</text>')
    places = [[panels[name]["data"][i] for name, i in point[:3]] for point in given["points"]]
    chosen = next((k for k, point in enumerate(given["points"]) if frame["to"] in point), 0)
    for k, (z, s, y) in enumerate(places):
        if not (low <= z <= high and bottom <= y <= most):
            continue
        if k == chosen:
            reach = 1.6 / math.hypot(1, s * (HEIGHT - 20) / (most - bottom) / (440 / (high - low)))
            ends = [(right(z + r), down(y + s * r)) for r in (-reach, reach)]
            (x1, y1), (x2, y2) = ends
            out.append(f'<line class="tangent" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')
        out.append(f'<circle cx="{right(z):.1f}" cy="{down(y):.1f}" r="{5 if k == chosen else 3.5}"/>')
    return out
