"""Figures that follow the page's theme, shrink on a phone and can be read aloud.

A figure is shown as inline SVG. Black is the ink: every black line, tick and letter takes the colour of the text around
the figure, so one drawing serves the light and the dark page. The colours of the data stay.
"""

import html
import io
import itertools
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.legend import Legend

# Okabe and Ito's colours that keep a contrast of 3 to 1 on white and on a dark page alike.
BLUE, RED, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
COLOURS = (BLUE, RED, GREEN, PINK)

STYLE = {
    "figure.figsize": (5.6, 2.8),
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": mpl.cycler(color=COLOURS, linestyle=["-", "--", "-.", ":"]),
    "axes.titlesize": 11,
    "font.size": 11,
    "grid.color": "black",
    "grid.alpha": 0.15,
    "image.cmap": "gray",
    "image.interpolation": "none",
    "legend.frameon": False,
}
SVG = {"svg.fonttype": "none", "svg.hashsalt": "byhand", "svg.image_inline": True}
SHORTEST_ALT = 30

numbers = itertools.count(1)


def use_style():
    """Make the book's style matplotlib's default for the rest of the notebook."""
    mpl.rcParams.update(STYLE)


def show(fig=None, *, alt):
    """Display `fig` (the current figure if None) as SVG and close it.

    alt: what the figure shows, for readers who cannot see it: what is drawn, and what there is to notice.
    Raises ValueError if alt is missing or too short to say that.
    """
    display_html(finished(plt.gcf() if fig is None else fig, alt), alt)


def finished(fig, alt):
    """The figure as HTML, and closed. Raises ValueError as `show` does."""
    alt = checked(alt)
    plt.close(fig)
    return to_html(fig, alt)


def display_html(markup, alt):
    from IPython.display import display

    display({"text/html": markup, "text/plain": checked(alt)}, raw=True)


def checked(alt):
    """`alt` in one line. Raises ValueError if it says too little."""
    alt = " ".join(str(alt or "").split())
    if len(alt) < SHORTEST_ALT or len(alt.split()) < 5:
        raise ValueError(f"alt needs a sentence that tells what the figure shows and what to notice; got {alt!r}")
    return alt


def to_html(fig, alt):
    """The figure as one `<figure>` element around an SVG that follows the theme."""
    frames = [legend.get_frame() for legend in fig.findobj(Legend)]
    for ground in [fig.patch, *(axes.patch for axes in fig.axes), *frames]:
        if ground.get_facecolor()[:3] == (1, 1, 1):
            ground.set_facecolor("none")
    buffer = io.StringIO()
    with mpl.rc_context(SVG):
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    body = themed(small(buffer.getvalue()), f"byhand-plot-{next(numbers)}")
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', body)
    width, height = (round(float(n) * 4 / 3) for n in size.groups())
    label = html.escape(alt, quote=True)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-label="{label}" viewBox="{size[0][9:-1]}" width="{width}" height="{height}" fill="currentColor" '
        f'stroke-linejoin="round" style="max-width:100%;height:auto">'
    )
    inside = body[body.index(">", body.index("<svg")) + 1 :]
    return f'<figure class="byhand-plot" style="margin:0;color:inherit">{head}{inside}</figure>'


def small(svg):
    """The SVG without header, comments, metadata, line breaks and unused ids, rounded to a hundredth of a point."""
    svg = svg[svg.index("<svg") :]
    # Matplotlib's style sheet says `*`: inline it would restyle the whole page.
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.S)
    svg = re.sub(r"(data:image/png;base64,)([^\"]*)", lambda m: m[1] + "".join(m[2].split()), svg)
    svg = re.sub(r' transform="rotate\(-?0 [^"]*\)"', "", svg)
    svg = re.sub(r'(?<= )(d|x|y|transform)="[^"]*"', rounded, svg)
    used = set(re.findall(r'(?:url\(|href=")#([^")]+)', svg))
    svg = re.sub(r' id="([^"]*)"', lambda m: m[0] if m[1] in used else "", svg)
    return re.sub(r"(>)\s+(?=<)|\s+", lambda m: m[1] or " ", svg).strip()


def rounded(attribute):
    """The matched attribute with two decimals; a scale keeps all of its digits."""
    if "scale" in attribute[0] or "matrix" in attribute[0]:
        return attribute[0]
    return re.sub(r"-?\d+\.\d{3,}", lambda n: f"{float(n[0]):.2f}", attribute[0])


def themed(svg, prefix):
    """The SVG with black as the page's ink, the page's font, and ids that no other figure has."""
    svg = re.sub(r"(?<=[:\"])\s*#000000\b", "currentColor", svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: system-ui, sans-serif", svg)
    svg = re.sub(r"(font: [^'\";]*?)'[^\";]*", r"\1system-ui, sans-serif", svg)
    svg = re.sub(r' id="', f' id="{prefix}-', svg)
    return re.sub(r'(url\(#|href="#)', rf"\1{prefix}-", svg)


def image_row(images, titles, alt, *, limits=None, width=5.6):
    """Show images side by side, each with its title, and with `alt` as the text for readers who cannot see them.

    images: arrays (H, W) drawn in greys, or (H, W, 3) in colour; titles: one for each.
    limits: (black, white) for all grey images; without it each image uses its own smallest and largest number.
    """
    display_html(image_row_html(images, titles, alt, limits=limits, width=width), alt)


def image_row_html(images, titles, alt, *, limits=None, width=5.6):
    """What `image_row` shows, as HTML."""
    if len(images) != len(titles):
        raise ValueError(f"every image needs a title; got {len(images)} images and {len(titles)} titles")
    tallest = max(np.shape(image)[0] / np.shape(image)[1] for image in images)
    low, high = limits or (None, None)
    with mpl.rc_context(STYLE):
        fig, row = plt.subplots(1, len(images), figsize=(width, width / len(images) * tallest + 0.4), squeeze=False)
        for axes, image, title in zip(row[0], images, titles):
            axes.imshow(image, vmin=low, vmax=high)
            axes.set_title(title)
            axes.axis("off")
        return finished(fig, alt)


def signal(curves, alt, *, x=None, xlabel="time step", ylabel="", markers=False, apart=False):
    """Show one-dimensional signals in one pair of axes, with `alt` as the text for readers who cannot see them.

    curves: name -> numbers (T,); x: the positions (T,), 0 ... T-1 without it. Curves differ in colour and in dashes.
    apart: each curve has a scale of its own and stands below the one before.
    """
    display_html(signal_html(curves, alt, x=x, xlabel=xlabel, ylabel=ylabel, markers=markers, apart=apart), alt)


def signal_html(curves, alt, *, x=None, xlabel="time step", ylabel="", markers=False, apart=False):
    """What `signal` shows, as HTML."""
    with mpl.rc_context(STYLE):
        rows = len(curves) if apart else 1
        fig, column = plt.subplots(rows, sharex=True, squeeze=False, figsize=(5.6, 2.8 + 1.8 * (rows - 1)))
        for number, (name, values) in enumerate(curves.items()):
            axes = column[number % rows, 0]
            own = {"color": COLOURS[number % len(COLOURS)]} if apart else {}
            positions = range(len(values)) if x is None else x
            axes.plot(positions, values, label=name, marker="o" if markers else None, **own)
            axes.set_ylabel(name if apart else ylabel)
            axes.grid(True)
        axes.set_xlabel(xlabel)
        if len(curves) > 1 and not apart:
            axes.legend()
        return finished(fig, alt)


def in_words(values, digits=1):
    """Numbers as a piece of alt text: "7 values from 20 to 28, highest at position 4". values: (T,)."""
    values = np.ravel(values)
    low, high = (f"{round(float(v), digits):g}" for v in (values.min(), values.max()))
    return f"{len(values)} values from {low} to {high}, highest at position {int(values.argmax())}"
