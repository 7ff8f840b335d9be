"""Cases, results and errors in as few lines as they can be read in."""

import linecache
import textwrap
import traceback

import numpy as np

WIDTH = 88


def labelled(pairs):
    """Lines "  name  value", the values of all pairs starting in one column."""
    width = max(len(name) for name, _ in pairs)
    return "\n".join(f"  {name:<{width}}  {indented(value, width + 4)}" for name, value in pairs)


def indented(value, by):
    return compact(value).replace("\n", "\n" + " " * by)


def compact(value, digits=4):
    """A value as text: numbers with few digits, an array row by row with its shape behind it."""
    if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind in "biuf":
        style = {"separator": ", ", "max_line_width": 100, "threshold": 60, "formatter": columns(value, digits)}
        text = np.array2string(value, **style)
        return f"{text}  shape {value.shape}" if value.ndim > 1 or not value.size else text
    if isinstance(value, tuple | list):
        open_, close = "()" if isinstance(value, tuple) else "[]"
        inside = [compact(v, digits) for v in value]
        joint = ",\n" if any("\n" in v for v in inside) else ", "
        return open_ + joint.join(inside) + ("," if open_ == "(" and len(inside) == 1 else "") + close
    if isinstance(value, float | np.floating):
        return f"{value:.{digits}g}"
    if isinstance(value, np.generic):
        return str(value)
    text = repr(value)
    return text if len(text) <= 100 else text[:97] + "..."


def columns(array, digits):
    """A formatter that lets the numbers of an array stand under each other."""
    width = max((len(f"{v:.{digits}g}") for v in array.flat), default=0)
    return {"float_kind": lambda v: f"{v:>{width}.{digits}g}"}


def wrapped(text, indent=0):
    """The text in lines that can be read without scrolling; those after the first are indented."""
    return textwrap.fill(text, WIDTH, subsequent_indent=" " * indent)


def error_lines(error, function):
    """The error in one line, and the line of the reader's function that raised it."""
    said = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
    code = getattr(function, "__code__", None)
    frames = [f for f in traceback.walk_tb(error.__traceback__) if code and f[0].f_code.co_filename == code.co_filename]
    inside = [(frame, line) for frame, line in frames if frame.f_code is code] or frames[-1:]
    if not inside:
        return [("error", said)]
    frame, line = inside[-1]
    number = line - frame.f_code.co_firstlineno + 1
    text = linecache.getline(code.co_filename, line, frame.f_globals).strip()
    return [("error", Words(said)), (f"line {number}", Words(f"{text}   (of {frame.f_code.co_name})"))]


class Words(str):
    """Text that stands as it is, without quotes."""

    def __repr__(self):
        return str(self)
