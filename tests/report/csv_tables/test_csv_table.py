"""Records laid flat, and CSV that spreadsheets and data frames read alike."""

import csv
import io
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.metrics.estimates import Estimate
from leadline.report.csv_tables import Table, flat


@dataclass(frozen=True)
class Inner:
    mean: float
    parts: tuple[Estimate, ...] = ()


@dataclass(frozen=True)
class Outer:
    name: str
    loss: Inner
    loss_interval: tuple[float, float] | None
    sizes: tuple[int | None, ...]


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_record_becomes_one_row():
    value = Outer("a", Inner(0.5, (Estimate(1.0, 0.0, 1.0, "wilson"),)), (0.4, 0.6), (None, 28, 3))
    assert flat(value) == {
        "name": "a",
        "loss_mean": 0.5,
        "loss_interval_low": 0.4,
        "loss_interval_high": 0.6,
        "sizes": "28 3",
    }


def test_an_interval_that_is_not_there_keeps_its_columns():
    row = flat(Outer("a", Inner(float("nan")), None, ()))
    assert (row["loss_interval_low"], row["loss_interval_high"], row["loss_mean"]) == (None,) * 3


def test_a_part_that_some_rows_lack_leaves_no_column_of_its_own():
    table = Table("t", ({"a": 1, "part": None}, {"a": None, "part_x": 2}))
    assert table.columns == ("a", "part_x")


def test_csv_is_that_of_the_standard():
    table = Table("t", ({"a": 1, "b": 'said "so", and\nmore'}, {"a": None, "c": True}))
    assert table.csv() == 'a,b,c\r\n1,"said ""so"", and\nmore",\r\n,,true\r\n'


def test_numbers_are_read_back_as_they_were():
    table = Table("t", ({"x": 0.1 + 0.2, "y": -1e-7},))
    (row,) = read(table.csv())
    assert (float(row["x"]), float(row["y"])) == (0.1 + 0.2, -1e-7)


@pytest.mark.parametrize("name", ["=1+1", "+1+1", "-x", "@SUM(A1)", "\tx", "\rx", "=cmd|'/C'!A0"])
def test_no_name_becomes_a_formula(name):
    (row,) = read(Table("t", ({"class": name},)).csv())
    assert row["class"] == f"'{name}"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_any_other_name_is_read_back(name):
    (row,) = read(Table("t", ({"class": name, "n": 1},)).csv())
    assert row["class"].removeprefix("'") == name.removeprefix("'")
    assert row["n"] == "1"
