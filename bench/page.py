"""From bench/results.json to the page "How fast is by hand?"."""

import ast
import inspect
import textwrap
from pathlib import Path

from byhand import layers

PAGE = Path(__file__).parent.parent / "chapters/speed.md"

TEXT = """# How fast is by hand?

A layer in plain NumPy has no compiler, no graph and no GPU. Is it slow? Here it stands beside Keras, on the
same machine, in the same minute. A number is the time by hand divided by the time of Keras: **below 1, by
hand is faster**.

*Compiled* is Keras inside `tf.function`, its fastest way on a CPU. *Eager* is the layer called directly.
Every number is the median of {rounds} rounds in which all take turns; the second number in small type is the
spread of those rounds. Measured with NumPy {numpy}, matrices multiplied by {blas}. Another machine gives
other numbers; `make bench` measures yours.

## At the size one teaches with

A few cells, as on the pages of this book. A call of Keras costs a fixed price here, and it is larger than the
work.

{teaching}

## At the size one trains with

Batches of 32. Now the multiplications count. A matrix product takes the same road in NumPy and in Keras, so
wide layers are close; where Keras has a kernel of its own for one layer, it is ahead.

{training}

The wide `Conv2D` takes {forward:.2f} times as long as `np.matmul` with the same multiplications and nothing
else, forward and backward {both:.2f} times. No convolution that multiplies with NumPy can be faster than 1.

## What the code costs to read

Lines of code of each class, without comments and docstrings, and with the classes of ours that it stands on.

{lines}

"""


def ratio(found):
    return f"{found['ratio']:.2f} <small>{found['low']:.2f} to {found['high']:.2f}</small>"


def table(rows):
    head = "| layer | forward, µs | compiled | eager | forward and backward, µs | compiled | eager |\n"
    lines = [head + "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for row in rows:
        cells = [f"`{row['case']}`"]
        for way in ("forward", "both"):
            found = row[way]
            cells += [f"{found['microseconds']:.0f}", ratio(found["compiled"]), ratio(found["eager"])]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def code_lines(kind):
    """Lines of a class that hold code: no blank lines, comments or docstrings."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    held = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        ):
            held.add(node.lineno)
            held.update(range(node.lineno, node.end_lineno + 1) if not hasattr(node, "body") else [])
    return len(held)


def lines_table(names):
    rows = ["| layer | its own lines | with what it stands on |", "| --- | ---: | ---: |"]
    for name in names:
        kind = getattr(layers, name)
        family = [c for c in kind.__mro__ if c.__module__.startswith("byhand") and c is not layers.Layer]
        rows.append(f"| `{name}` | {code_lines(kind)} | {sum(map(code_lines, family))} |")
    return "\n".join(rows)


def write(results):
    """Write the page."""
    measured = sorted({row["layer"] for row in results["teaching"] + results["training"]})
    PAGE.write_text(
        TEXT.format(
            rounds=results["rounds"],
            numpy=results["numpy"],
            blas=" and ".join(results["blas"]),
            teaching=table(results["teaching"]),
            training=table(results["training"]),
            forward=results["conv against matmul"]["forward"][0],
            both=results["conv against matmul"]["both"][0],
            lines=lines_table(measured),
        ),
        encoding="utf-8",
    )
