"""CSV files as programs and people really write them."""

import numpy as np
import pytest

from byhand.labs.tables import MOST_ROWS, filled, read_table

NAN = np.nan

FILES = {
    "comma and header": (b"a,b\n1,2\n3,4\n5,6\n", {"a": [1, 3, 5], "b": [2, 4, 6]}),
    "no header": (b"1,2\n3,4\n5,6\n", {"column 1": [1, 3, 5], "column 2": [2, 4, 6]}),
    "words are left out": (b"day,t\nMo,1\nTu,2\nWe,3\n", {"t": [1, 2, 3]}),
    "semicolon and decimal comma": (b"day;t\nMo;3,5\nTu;4,25\nWe;-1,0\n", {"t": [3.5, 4.25, -1]}),
    "decimal comma and points between thousands": (b"t;n\n1.234,5;1\n2.000,0;2\n3,5;3\n", {"t": [1234.5, 2000, 3.5]}),
    "commas between thousands": (b'day,t\nMo,"1,234.5"\nTu,"2,000"\nWe,3.5\n', {"t": [1234.5, 2000, 3.5]}),
    "per cent": (b"day,share\nMo,12%\nTu,13 %\nWe,9.5%\n", {"share": [12, 13, 9.5]}),
    "prices": (b'day,price\nMo,$3.50\nTu,-$4\nWe,"$1,200.00"\n', {"price": [3.5, -4, 1200]}),
    "prices behind": ("d;p\nMo;3,50 €\nDi;1.200,00 €\nMi;-4 €\n".encode(), {"p": [3.5, 1200, -4]}),
    "spaces between thousands": (
        "t;n\n1 200,5;1\n1\u202f100;2\n12\u00a0345\u00a0678;3".encode(),
        {"t": [1200.5, 1100, 12345678]},
    ),
    "a minus as in print": ("t,u\n−1.5,1\n2,2\n3,3".encode(), {"t": [-1.5, 2, 3]}),
    "tabs": (b"a\tb\n1\t2,5\n3\t4,5\n5\t6,5\n", {"a": [1, 3, 5], "b": [2.5, 4.5, 6.5]}),
    "spaces": (b"1 2\n3   4\n5 6\n", {"column 1": [1, 3, 5], "column 2": [2, 4, 6]}),
    "one column": (b"t\n1.5\n2\n-3e2\n", {"t": [1.5, 2, -300]}),
    "one column with decimal commas": (b"t\n1,5\n2\n3,25\n", {"t": [1.5, 2, 3.25]}),
    "missing values": (b"a,b\n1,2\nNA,3\n,4\n?,5\n7,6\n8,x\n", {"a": [1, NAN, NAN, NAN, 7, 8]}),
    "short rows": (b"a,b\n1,2\n3\n5,6\n7,8\n", {"a": [1, 3, 5, 7], "b": [2, NAN, 6, 8]}),
    "words above the header": (b"Station 7\nby hand\nd,t\nx,1\ny,2\nz,3\n", {"t": [1, 2, 3]}),
    "comments, empty lines, Windows line ends": (b"# made\r\na,b\r\n1,2\r\n\r\n3,4\r\n5,6\r\n", {"a": [1, 3, 5]}),
    "byte order mark": ("t,u\n1,1\n2,2\n3,3".encode("utf-8-sig"), {"t": [1, 2, 3]}),
    "UTF-16, as spreadsheets write it": ("°C\tu\n1\t1\n2\t2\n3\t3".encode("utf-16"), {"°C": [1, 2, 3]}),
    "old Windows letters": ("°C;u\n1;1\n2;2\n3;3".encode("cp1252"), {"°C": [1, 2, 3]}),
    "two columns of one name": (b"t,t\n1,2\n3,4\n5,6\n", {"t": [1, 3, 5], "t'": [2, 4, 6]}),
    "a header of numbers is taken for a row": (b"2019,2020\n1.5,2\n3,4\n5,6\n", {"column 1": [2019, 1.5, 3, 5]}),
}


@pytest.mark.parametrize("data, columns", FILES.values(), ids=FILES)
def test_columns_of_numbers(data, columns):
    read = read_table(data)
    for name, values in columns.items():
        np.testing.assert_array_equal(read[name], values)


REFUSED = {
    "empty": (b"", "empty"),
    "blank": (b"\n  \n", "empty"),
    "words": (b"once upon\na time\nthere was", "No column of this file holds at least 3 numbers."),
    "too few": (b"a,b\n1,2\n", "No column"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not text"),
    "a workbook": (b"PK\x03\x04\x14\0", "Save it as CSV"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1", "Save it as CSV"),
    "a cell without end": (b'a;b\n1;"' + b"x" * 200_000, "could not be cut"),
}


@pytest.mark.parametrize("data, sentence", REFUSED.values(), ids=REFUSED)
def test_a_foreign_file_gets_a_sentence(data, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_table(data)


def test_a_long_file_is_cut():
    rows = "\n".join(map(str, range(MOST_ROWS + 500)))
    assert len(read_table(f"t\n{rows}".encode())["t"]) == MOST_ROWS


def test_gaps_are_bridged_by_straight_lines():
    values, missing = filled(np.array([NAN, 1, NAN, NAN, 4, NAN]))
    assert values.tolist() == [1, 1, 2, 3, 4, 4] and missing == 4
