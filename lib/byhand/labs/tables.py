"""Bytes of a CSV file -> columns of numbers.

Written by many programs in many countries: separators , ; tab or |, a point or a comma for decimals, a header or none,
cells without a value.
"""

import codecs
import collections
import csv
import re

import numpy as np

SEPARATORS = "\t;|, "
MISSING = {"", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", "."}
MOST_ROWS = 20_000
FEWEST = 3

POINT = r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?"
COMMA = r"[+-]?(\d{1,3}(\.\d{3})+|\d*),\d+(e[+-]?\d+)?|[+-]?\d+"
THOUSANDS = rf"[+-]?\d{{1,3}}(,\d{{3}})+(\.\d*)?|{POINT}"
SIGNS = r"(?<![^+-])\s*[$€£¥]\s*|\s*[%$€£¥]$"  # before or behind a number
GAP = r"(?<=\d)[ \u00a0\u202f'’](?=\d{3}(?!\d))"  # between thousands


def read_table(data):
    """The columns that hold numbers.

    data: bytes. Returns name -> (T,) float64, nan where a value is missing; at most MOST_ROWS rows; names are the
    header's, or "column 1" ... Raises ValueError, with a sentence for the reader, if there is no column with numbers.
    """
    lines = [line for line in text(data).splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        raise ValueError("This file is empty.")
    separator = separator_of(lines)
    rows = cut(lines[: 2 * MOST_ROWS], separator)
    width = collections.Counter(map(len, rows)).most_common(1)[0][0]
    start = next(i for i, row in enumerate(rows) if len(row) >= width)
    rows = rows[start : start + MOST_ROWS + 1]
    table = [[row[i] if i < len(row) else "" for row in rows] for i in range(width)]
    header = has_header(table, separator)
    body = [numbers(cells[header:][:MOST_ROWS], separator) for cells in table]
    names = named([cells[0] for cells in table] if header else [""] * width)
    columns = {name: values for name, values in zip(names, body) if is_numeric(values)}
    if not columns:
        raise ValueError(f"No column of this file holds at least {FEWEST} numbers.")
    return columns


def text(data):
    """The bytes as text. Raises ValueError for a file that is none."""
    if data[:4] == b"PK\x03\x04" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise ValueError("This is a spreadsheet's own file. Save it as CSV there, and take that file.")
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\0" in data:
        raise ValueError("This file is not text, so it cannot be a CSV file.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def separator_of(lines):
    """The sign that cuts most lines into the same number of cells; "" if there is a single column."""
    if "," not in lines[0] and all(re.fullmatch(COMMA, line.strip()) for line in lines[1:]):
        return ""
    best, share = "", 0.5
    for sign in SEPARATORS:
        widths = [len(row) for row in cut(lines[:200], sign)]
        width, many = collections.Counter(widths).most_common(1)[0]
        if width > 1 and many / len(widths) > share:
            best, share = sign, many / len(widths)
    return best


def cut(lines, separator):
    """The cells of each line. A space as separator means any number of them."""
    if separator in ("", " "):
        return [line.split() if separator else [line.strip()] for line in lines]
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    except csv.Error:
        raise ValueError("This file could not be cut into columns; is it a CSV file?") from None


def numbers(cells, separator):
    """Cells as (T,) numbers, nan where there is none, read in the way that makes sense of most of them."""
    ways = [POINT, THOUSANDS, COMMA] if separator == "," else [POINT, COMMA, THOUSANDS]
    cells = [re.sub(f"{SIGNS}|{GAP}", "", cell.replace("−", "-")) for cell in cells]
    read = [[number(cell, way) for cell in cells] for way in ways]
    return np.array(max(read, key=lambda values: np.isfinite(values).sum()), float)


def number(cell, way):
    if not re.fullmatch(way, cell, re.I):
        return np.nan
    return float(cell.replace(".", "").replace(",", ".") if way is COMMA else cell.replace(",", ""))


def has_header(table, separator):
    """Whether the first row names the columns: in a column of numbers it holds a word."""
    for first, *rest in table:
        word = first.lower() not in MISSING and np.isnan(numbers([first], separator)[0])
        if word and is_numeric(numbers(rest, separator)):
            return True
    return False


def is_numeric(values):
    """Whether a column is worth drawing: enough numbers, and not a few among many words."""
    known = np.isfinite(values).sum()
    return known >= FEWEST and known >= len(values) / 4


def named(words):
    """A name for every column, no two alike."""
    names = []
    for place, word in enumerate(words, 1):
        name = word or f"column {place}"
        while name in names:
            name += "'"
        names.append(name)
    return names


def filled(values):
    """(values with every gap bridged by a straight line, how many were missing). values: (T,), some finite."""
    known = np.isfinite(values)
    at = np.arange(len(values))
    return np.interp(at, at[known], values[known]), int((~known).sum())
