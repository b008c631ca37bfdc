"""audit.json: what was found, kept with its pictures and read back."""

import json

import numpy as np
import pytest

from leadline.errors import RunError
from leadline.runs import AuditRecord, read_audit, write_audit

TABLE = {"path": "pets", "splits": {"train": {"a": 1}}, "findings": [], "probe": [], "notes": []}
PICTURE = np.arange(6, dtype=np.uint8).reshape(2, 3)


@pytest.fixture
def folder(tmp_path):
    write_audit(tmp_path, AuditRecord(TABLE, {"a/1.png": PICTURE}, "abc"))
    return tmp_path


def test_what_is_written_is_read_back(folder):
    record = read_audit(folder)
    assert record is not None
    assert (record.table, record.audited) == (TABLE, "abc")
    assert list(record.pictures) == ["a/1.png"]
    assert (record.pictures["a/1.png"] == PICTURE).all()


def test_the_file_begins_as_the_command_prints_it(folder):
    written = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    assert {key: written[key] for key in TABLE} == TABLE
    assert written["pictures"]["a/1.png"]["size_px"] == [2, 3]


def test_no_file_no_audit(tmp_path):
    assert read_audit(tmp_path) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.pop("pictures"),
        lambda table: table["pictures"]["a/1.png"].update(size_px=[9, 9]),
        lambda table: table["pictures"].update({"a/1.png": 3}),
    ],
)
def test_a_damaged_file_is_named(folder, change):
    path = folder / "audit.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    change(table)
    path.write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(RunError, match=r"audit\.json: damaged"):
        read_audit(folder)
