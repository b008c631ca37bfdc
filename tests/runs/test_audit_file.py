"""audit.json: what was found, kept with its pictures and read back."""

import json
from dataclasses import replace

import numpy as np
import pytest

from leadline.data.audit import Audit, Finding, Measured
from leadline.data.formats.omitted_files import LeftOut
from leadline.data.remarks import remark
from leadline.errors import RunError
from leadline.runs import AuditRecord, read_audit, write_audit

PICTURE = np.arange(6, dtype=np.uint8).reshape(2, 3)
FINDING = Finding("small-split", ("test",), 16, {"right": 15, "interval": [0.7167, 0.9889]})
AUDIT = Audit(
    "pets",
    {"train": {"a": 1}},
    (FINDING,),
    (Measured("brightness", 0.5, (0.4, 0.6), False),),
    (remark("no-group-pattern"), remark("unlabelled-files", n=1, names=["x.csv"])),
    (LeftOut("hidden", "", ".png", 2, ".a.png"),),
)


@pytest.fixture
def folder(tmp_path):
    write_audit(tmp_path, AuditRecord(replace(AUDIT, pictures={"a/1.png": PICTURE}), "abc"))
    return tmp_path


def test_what_is_written_is_read_back(folder):
    record = read_audit(folder)
    assert record is not None
    assert record.audited == "abc"
    assert list(record.audit.pictures) == ["a/1.png"]
    assert (record.audit.pictures["a/1.png"] == PICTURE).all()
    assert replace(record.audit, pictures={}) == AUDIT


def test_the_file_holds_codes_and_values(folder):
    written = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    assert written["findings"] == [
        {"kind": "small-split", "splits": ["test"], "count": 16, "details": FINDING.details}
    ]
    assert written["notes"][0] == {"code": "no-group-pattern", "values": {}}
    assert written["pictures"]["a/1.png"]["size_px"] == [2, 3]


def test_no_file_no_audit(tmp_path):
    assert read_audit(tmp_path) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.pop("pictures"),
        lambda table: table["pictures"]["a/1.png"].update(size_px=[9, 9]),
        lambda table: table["pictures"].update({"a/1.png": 3}),
        lambda table: table["findings"][0].update(kind="no-such-kind"),
        lambda table: table["findings"][0]["details"].pop("interval"),
        lambda table: table["findings"][0].update(count="many"),
        lambda table: table["notes"][0].update(code="no-such-code"),
        lambda table: table["notes"][1]["values"].pop("names"),
    ],
)
def test_a_damaged_file_is_named(folder, change):
    path = folder / "audit.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    change(table)
    path.write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(RunError, match=r"audit\.json: damaged"):
        read_audit(folder)
