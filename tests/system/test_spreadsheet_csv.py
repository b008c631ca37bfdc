"""CSV for spreadsheets: no formulas, numbers stay numbers, and a byte order mark where needed."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.cli import answer_file
from leadline.report.csv_tables import Table
from leadline.system.spreadsheet_csv import marked, no_formula

MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-x", "'-x"),
        ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("\n=1", "'\n=1"),
        ("\uff1d1+1", "'\uff1d1+1"), ("-1", "-1"), ("+1.5", "+1.5"), ("-1+1", "'-1+1"),
        ("cat", "cat"), ("", ""), ("a=1", "a=1"), ("1e5", "1e5"),
    ],
)  # fmt: skip
def test_text_is_no_formula(text, cell):
    assert no_formula(text) == cell


@given(st.text())
def test_no_text_begins_as_a_formula(text):
    first, second = no_formula(text)[:1], no_formula(text)[1:2]
    assert first not in set("=@\t\r\n")
    assert first not in set("+-") or second.isdigit()


def test_tables_keep_numbers_and_neutralize_text():
    rows = ({"name": "=1+1", "value": -0.5, "count": -3, "none": None, "flag": True},)
    read = list(csv.reader(io.StringIO(Table("t", rows).csv())))
    assert read == [["name", "value", "count", "none", "flag"], ["'=1+1", "-0.5", "-3", "", "true"]]


def test_a_mark_where_it_is_needed():
    assert marked("a,b\r\n") == "a,b\r\n"
    assert marked("\u00e9\r\n").encode() == MARK + "\u00e9\r\n".encode()


@pytest.mark.parametrize("size", [0, 1, 3, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20 + 7])
def test_bytes_are_put_in_front_of_a_file(tmp_path, size):
    content = bytes(index % 251 for index in range(size))
    with (tmp_path / "a").open("xb") as file:
        file.write(content)
        answer_file.put_in_front(file, MARK)
    assert (tmp_path / "a").read_bytes() == MARK + content


@pytest.mark.parametrize(
    ("spreadsheet", "rows", "expected"),
    [
        (True, ["path\n", "a\n"], b"path\na\n"),
        (True, ["path\n", "\u7fd8\n"], MARK + "path\n\u7fd8\n".encode()),
        (False, ["path\n", "\u7fd8\n"], "path\n\u7fd8\n".encode()),
    ],
)
def test_answers_that_are_not_ascii_get_a_mark(tmp_path, spreadsheet, rows, expected):
    path = tmp_path / "answers.csv"
    with answer_file.opened(path, spreadsheet=spreadsheet) as file:
        for row in rows:
            file.write(row.encode())
    assert path.read_bytes() == expected
