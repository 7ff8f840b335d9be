"""From what was measured to bench/results.json and to the page "How fast is by hand?".

`python -m bench.page` writes the page anew from the stored results.
"""

import json
import statistics
from pathlib import Path

from .cases import REACH, TEACHING_REACH
from .lines import count
from .reasons import why

RESULTS = Path(__file__).parent / "results.json"
PAGE = Path(__file__).parent.parent / "chapters/speed.md"

TEXT = """# How fast is by hand?

A layer in plain NumPy has no compiler, no graph and no GPU. Is it slow? Here every layer of the book stands beside
Keras, on the same machine and in the same minute.

{short}

## How to read the numbers

A number is a **ratio**: the time by hand divided by the time of the other. 0.25 means a quarter of the time, so by
hand is four times as fast. 1 is a draw. 2 means that by hand takes twice as long.

- **Compiled** is Keras inside `tf.function`, its fastest way on a processor. **Eager** is a call of the Keras layer
  as one writes it in a notebook; the tables at the end show it.
- **Forward** is one call of the layer. **Back too** is that call and all gradients: of the inputs and of the weights.
- In each of {rounds} rounds all take their turns, and the ratio is taken within the round. So a slow moment of the
  machine slows all of them. The tables give the median of the rounds, and in small type
  how far the middle half of the rounds spreads.
- µs are microseconds by hand, a millionth of a second each.

{machine}With more cores Keras gains where numbers are handled one by one, as it shares that work out; NumPy shares
out matrix products alone. Another machine gives other numbers: `make bench` measures yours and writes this page anew.

## At the size one teaches with

A few cells, as on the pages of this book. Keras takes about a tenth of a millisecond for any call, however small; the
work itself is a few microseconds. This is why the numbers in the figures can come from the layers themselves.
Each line is a family: its middle layer, and in small type its fastest and its slowest.

{teaching}

## At the size one trains with

Batches of 32, and of 8 where there is a third axis of space. Now the work counts, and what counts is who does it. A
matrix product takes much the same road in NumPy and in Keras. Where Keras has code for one layer alone, it is ahead.
The last column says what the book asks of itself, if it asks: at most so many times the time of compiled Keras,
forward and back.

{training}

## A step of training

The same network, the same batch of 32, once through `train_on_batch`: forward, loss, gradients and the update of the
weights. The MLP has one hidden layer of 128; the LeNet has two convolutions and three dense layers, for images of
28 × 28.

{steps}

A step of a small network is many small pieces of work. Keras pays for each call before the work begins, NumPy pays
next to nothing. In the LeNet the convolutions are the work, and there neither is far ahead.
{digits}
## Against plain loops

This is why the layers of this book are not written as loops over every number, as one writes them first. The same
result, at the size one teaches with:

{loops}

## What is slower, and why

These are all layers that take longer than compiled Keras at the size one trains with, forward and back. Where the book
asked more of itself than it reached, what it asked stands beside the ratio.

{slower}

No convolution that multiplies with NumPy can be faster than the multiplication itself. The wide `Conv2D` above takes
{forward} times as long as `np.matmul` alone with the same number of multiplications, forward and back {both} times.

## What it costs to read

Speed could be had for code that nobody can read. These are the lines of code of each layer together with every
function and class it stands on, without comments, docstrings, and what all layers share. Layers that share their code
stand together.

:::{{dropdown}} Lines of code, layer by layer
{lines}
:::

## Every layer

Open a family to see its layers, each with its input. In bold the ratio to compiled Keras, then the spread; below, the
time by hand and the ratio to eager Keras. Layers that Keras does not have show the time alone.

{families}

## Before the first number

`import byhand.layers` takes {layers_ms} ms longer than starting Python, and {numpy_ms} ms of that is NumPy.{figure}
"""

DIGITS = """
What that comes to: a small LeNet by hand, trained for {seconds} s on scikit-learn's digits and copies of them moved by
one pixel, reads {percent} % of 360 digits that it has never seen.
"""


def number(value):
    """Short, and as exact as the measurement: 0.0004, 0.012, 0.13, 1.30, 13, 1,300."""
    if value < 0.00095:
        return f"{value:.4f}"
    return f"{value:.3f}" if value < 0.095 else f"{value:.2f}" if value < 9.95 else f"{value:,.0f}"


def spread(found):
    return f"<small>{number(found['low'])}–{number(found['high'])}</small>"


def cell(found):
    """One way of a row: ratio and spread against compiled Keras; below, time and eager Keras."""
    if not found:
        return ""
    time = f"<small>{number(found['microseconds'])} µs"
    if "compiled" not in found:
        return f"{time}</small>"
    eager = number(found["eager"]["ratio"])
    return f"**{number(found['compiled']['ratio'])}**<br>{spread(found['compiled'])}<br>{time}<br>eager {eager}</small>"


def layer_cell(row):
    return f"`{row['code']}`<br><small>{' × '.join(map(str, row['shape']))}</small>"


def table(head, rows, align):
    lines = [head, ["---" if a == "l" else "---:" for a in align], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def families(results):
    """For each family a part to open: its layers at both sizes."""
    parts = []
    for family in dict.fromkeys(r["family"] for r in results["teaching"]):
        tables = []
        for size, said in (("teaching", "To teach with"), ("training", "To train with")):
            found = [r for r in results[size] if r["family"] == family]
            body = [[layer_cell(r), cell(r["forward"]), cell(r.get("both"))] for r in found]
            tables.append(table([said, "forward", "back too"], body, "lrr"))
        parts.append(f":::{{dropdown}} {family}\n" + "\n\n".join(tables) + "\n:::")
    return "\n\n".join(parts)


def summary(rows, asked):
    """One line a family: the ratio to compiled Keras in the middle of its layers, and of its fastest and slowest."""
    body = []
    for family in dict.fromkeys(r["family"] for r in rows):
        cells = [family]
        for way in ("forward", "both"):
            found = compiled([r for r in rows if r["family"] == family], way)
            span = f"<br><small>{number(min(found))}–{number(max(found))}</small>" if len(found) > 1 else ""
            cells.append(f"**{number(statistics.median(found))}**{span}" if found else "")
        body.append(cells + [str(REACH.get(family, ""))] * asked)
    return table(["layers", "forward", "back too"] + ["asked"] * asked, body, "lrr" + "r" * asked)


def compiled(rows, way):
    """The ratios to compiled Keras of those rows that have one."""
    return [r[way]["compiled"]["ratio"] for r in rows if "compiled" in r.get(way, {})]


def in_short(results):
    """What the tables say, counted."""
    small, large = compiled(results["teaching"], "forward"), compiled(results["training"], "both")
    times = 1 / statistics.median(small)
    quick = sum(r <= TEACHING_REACH for r in small)
    ahead, close = sum(r <= 1 for r in large), sum(1 < r <= 2 for r in large)
    return (
        f"- At the size one **teaches** with, {quick} of {len(small)} settings are at least three times as fast as\n"
        f"  compiled Keras, forward. Half of them are more than {times:.0f} times as fast.\n"
        f"- At the size one **trains** with, {ahead} of {len(large)} are as fast or faster, forward and back,\n"
        f"  and {close} take up to twice as long. The slowest takes {number(max(large))} times as long.\n"
        "- Which ones, and why, is said below."
    )


def machine(results):
    found = results["machine"]
    cores = "one core" if found["cores"] == 1 else f"{found['cores']} cores"
    return (
        f"Measured on {cores} of this processor: {found['processor']}. NumPy {found['numpy']} with {found['blas']},\n"
        f"Keras {found['keras']} on TensorFlow {found['tensorflow']}, Python {found['python']}; no GPU.\n"
    )


def steps_table(rows):
    body = [
        [
            f"{r['model']}, {r['optimizer']}<br><small>{r['parameters']:,} weights</small>",
            f"**{number(r['keras']['ratio'])}**<br>{spread(r['keras'])}<br>"
            f"<small>{number(r['microseconds'])} µs</small>",
            str(r["reach"]),
        ]
        for r in rows
    ]
    return table(["network, optimizer", "by hand / Keras", "asked"], body, "lrr")


def loops_table(rows):
    found = [r for r in rows if "loops" in r["forward"]]
    body = []
    for row in found:
        loops = row["forward"]["loops"]
        span = f"<br><small>{number(1 / loops['high'])}–{number(1 / loops['low'])}</small>"
        body.append([layer_cell(row), f"**{number(1 / loops['ratio'])}** times as long{span}"])
    return table(["layer", "plain loops take"], body, "lr")


def slower(rows):
    """The layers beyond compiled Keras, slowest first, gathered by the reason for it."""
    found = [r for r in rows if "compiled" in r.get("both", {}) and r["both"]["compiled"]["ratio"] > 1]
    told = {}
    for row in sorted(found, key=lambda r: -r["both"]["compiled"]["ratio"]):
        reach, ratio = REACH.get(row["family"]), row["both"]["compiled"]["ratio"]
        missed = f" (asked: {reach})" if reach and ratio > reach else ""
        told.setdefault(why(row), []).append(f"`{row['code']}` **{number(ratio)}**{missed}")
    return "\n".join(f"- {', '.join(layers)}. {reason}" for reason, layers in told.items())


def lines_table(rows):
    """Layers that share all their code in one row."""
    body = []
    for family in dict.fromkeys(r["family"] for r in rows):
        together = {}
        for name in dict.fromkeys(r["layer"] for r in rows if r["family"] == family):
            together.setdefault((name.rstrip("123D"), count(name)), []).append(f"`{name}`")
        body += [[", ".join(names), str(lines)] for (_, lines), names in together.items()]
    return table(["layers", "lines"], body, "lr")


def text(results):
    """The page that these results make."""
    seconds = results["import"]
    figure = results.get("first figure")
    read = results.get("digits")
    learned = read and DIGITS.format(seconds=f"{read['seconds']:.0f}", percent=f"{100 * read['accuracy']:.1f}")
    drawn = f" A page of the book, opened from disk, has drawn its first figure after {figure:.1f} s." if figure else ""
    return TEXT.format(
        short=in_short(results),
        rounds=results["rounds"],
        machine=machine(results),
        steps=steps_table(results["steps"]),
        digits=learned or "",
        loops=loops_table(results["teaching"]),
        teaching=summary(results["teaching"], asked=False),
        training=summary(results["training"], asked=True),
        families=families(results),
        slower=slower(results["training"]),
        forward=number(results["matmul"]["forward"]["ratio"]),
        both=number(results["matmul"]["both"]["ratio"]),
        lines=lines_table(results["teaching"]),
        layers_ms=f"{1000 * (seconds['byhand.layers'] - seconds['python']):.0f}",
        numpy_ms=f"{1000 * (seconds['numpy'] - seconds['python']):.0f}",
        figure=drawn,
    )


def rounded(value):
    """Numbers with four digits that count: the rest is noise."""
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(v) for v in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def store(results):
    """Write what was measured, and the page made of what was written."""
    RESULTS.write_text(json.dumps(rounded(results), indent=1) + "\n", encoding="utf-8")
    write()


def write():
    """Write the page from the stored results."""
    PAGE.write_text(text(json.loads(RESULTS.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    write()
