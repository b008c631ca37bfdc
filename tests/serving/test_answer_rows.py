"""Rows to the letter: CSV, JSON Lines, Parquet, and names that mean harm."""

import csv
import io
import json
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.errors import MissingExtra
from leadline.serving import NamedPredictions, PredictionBatch
from leadline.serving.answer_rows import CsvRows, JsonRows, ParquetRows, columns
from leadline.system.spreadsheet_csv import no_formula

CLASSES = ("cat", "dog, big")


def batch(names=("a.png", "b/c.png"), light=(0.25, 0.1), scores=(0.5, 1.5)) -> NamedPredictions:
    p = np.array(light, np.float32)
    rows = np.stack([1 - p, p], axis=1)
    # Decided from 0.2 on, so that the decision is not the likeliest class.
    return NamedPredictions(
        tuple(names),
        PredictionBatch(
            rows,
            rows.argmax(axis=1),
            (p >= 0.2).astype(np.int64),
            None if scores is None else np.array(scores, np.float32),
        ),
    )


def written(kind, *batches: NamedPredictions, classes=CLASSES) -> bytes:
    file = io.BytesIO()
    rows = kind(file, classes)
    for one in batches:
        rows.write(one)
    rows.close()
    return file.getvalue()


def test_csv_to_the_letter():
    assert written(CsvRows, batch(), batch(("d.png",), (1.0,), None)).decode() == (
        'path,class,probability,decision,in_scope,p_cat,"p_dog, big"\n'
        'a.png,cat,0.75,"dog, big",true,0.75,0.25\n'
        "b/c.png,cat,0.9,cat,false,0.9,0.1\n"
        'd.png,"dog, big",1.0,"dog, big",,0.0,1.0\n'
    )


def test_json_lines_to_the_letter():
    assert written(JsonRows, batch(), batch(("é\n.png",), (0.0,), None)).decode() == (
        '{"path": "a.png", "class": "cat", "probability": 0.75, "decision": "dog, big",'
        ' "in_scope": true, "p_cat": 0.75, "p_dog, big": 0.25}\n'
        '{"path": "b/c.png", "class": "cat", "probability": 0.9, "decision": "cat",'
        ' "in_scope": false, "p_cat": 0.9, "p_dog, big": 0.1}\n'
        '{"path": "é\\n.png", "class": "cat", "probability": 1.0, "decision": "cat",'
        ' "in_scope": null, "p_cat": 1.0, "p_dog, big": 0.0}\n'
    )


def test_parquet_has_types_and_groups(monkeypatch):
    pq = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr("leadline.serving.answer_rows.ROW_GROUP", 3)
    content = written(ParquetRows, batch(), batch(), batch(("d.png",), (1.0,), None))
    file = pq.ParquetFile(io.BytesIO(content))
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [4, 1]
    table = file.read()
    assert tuple(table.column_names) == columns(CLASSES)
    kinds = [str(kind) for kind in table.schema.types]
    assert kinds == ["string", "string", "float", "string", "bool", "float", "float"]
    assert table["in_scope"].to_pylist() == [True, False, True, False, None]
    assert table["decision"].to_pylist()[:2] == ["dog, big", "cat"]
    assert table["p_dog, big"].to_pylist()[0] == 0.25


def test_no_answers_are_no_bytes():
    assert written(CsvRows) == written(JsonRows) == written(ParquetRows) == b""


def test_parquet_without_pyarrow(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtra, match=r"pip install 'leadline\[train\]' \(not installed: py"):
        written(ParquetRows, batch())


def test_digits_are_the_fewest_that_give_the_same_number():
    one = np.float32(0.1) + np.float32(1e-7)
    text = written(CsvRows, batch(("a",), (one,), None)).decode().splitlines()[1].split(",")[-1]
    assert np.float32(text) == one
    assert len(text) <= 10
    assert written(CsvRows, batch(("a",), (1e-10,), None)).decode().endswith(",1e-10\n")


@pytest.mark.parametrize(
    ("path", "cell"),
    [
        ("=1+1.png", "./=1+1.png"), ("-a.png", "./-a.png"), ("@a", "./@a"), ("+a", "./+a"),
        ("\ta", "./\ta"), ("a=.png", "a=.png"), ("/=.png", "/=.png"),
        ('a"b,c\nd\r.png', 'a"b,c\nd\r.png'),
    ],
)  # fmt: skip
def test_a_path_that_looks_like_a_formula_still_names_its_file(path, cell):
    text = written(CsvRows, batch((path,), (0.5,), None)).decode()
    header, row = csv.reader(io.StringIO(text, newline=""))
    assert row[0] == cell
    assert len(row) == len(header)
    # In JSON nothing is a formula.
    assert json.loads(written(JsonRows, batch((path,), (0.5,), None)))["path"] == path


@pytest.mark.parametrize(
    ("name", "cell"),
    [("=HYPERLINK()", "'=HYPERLINK()"), ("@x", "'@x"), ("-x", "'-x"), ("\rx", "'\rx"),
     ("-1", "-1"), ("+1.5", "+1.5"), ("cat", "cat"), ("", "")],
)  # fmt: skip
def test_a_class_that_looks_like_a_formula_is_text(name, cell):
    assert no_formula(name) == cell
    if name:
        text = written(CsvRows, batch(("a",), (0.0,), None), classes=(name, "other")).decode()
        header, row = csv.reader(io.StringIO(text, newline=""))
        assert header[-2:] == [f"p_{name}", "p_other"]
        assert (row[1], row[3]) == (cell, cell)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_csv_and_json_give_names_back(name):
    text = written(CsvRows, batch((name,), (0.5,), None), classes=("a" + name, "b")).decode()
    header, row = csv.reader(io.StringIO(text, newline=""))
    assert row[0].removeprefix("./") == name.removeprefix("./")
    assert header[5] == f"p_a{name}"
    (line,) = written(JsonRows, batch((name,), (0.5,), None)).decode().split("\n")[:-1]
    assert json.loads(line)["path"] == name


def test_halves_of_characters_in_the_names_of_classes():
    said = written(JsonRows, batch(("a",), (0.0,), None), classes=("\ud800", "b"))
    assert b'"class": "\\ud800"' in said
