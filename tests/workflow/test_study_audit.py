"""A study looks at its images once, before anything is trained, and goes on whatever it finds."""

import shutil
from dataclasses import replace

import pytest
from tests.data.audit.making import clean_folder

from leadline.errors import DataError
from leadline.experiments import Data, Study, load_experiment
from leadline.runs import read_audit
from leadline.workflow.events import Download, Event, WarningMessage
from leadline.workflow.preparation import audit_once, prepare

GROUPS = Data(size_px=(32, 32), group_pattern="^(p[0-9]+)_")


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    return clean_folder(tmp_path_factory.mktemp("clean"), {"train": (120, 120), "test": (60, 60)})


@pytest.fixture
def leaking(clean, tmp_path):
    folder = shutil.copytree(clean, tmp_path / "data")
    shutil.copy(folder / "train/cat/p1_0.bmp", folder / "test/cat/p1_7.bmp")
    return folder


@pytest.fixture
def study():
    member = load_experiment("first-pixels").model_copy(update={"data": GROUPS})
    return Study(name="s", experiments=(member,))


def heard(study, folder, out):
    events: list[Event] = []
    audit_once(study, prepare(GROUPS, folder), out, events.append)
    return events


def kept_audit(folder):
    record = read_audit(folder)
    assert record is not None
    return record.audit


def test_what_is_found_is_kept_and_said(study, leaking, tmp_path):
    events = heard(study, leaking, tmp_path / "out")
    record = read_audit(tmp_path / "out")
    assert record is not None
    assert [finding.kind for finding in record.audit.findings] == ["shared-group", "duplicate"]
    assert sorted(record.audit.pictures) == ["test/cat/p1_7.bmp", "train/cat/p1_0.bmp"]
    (said,) = [one.text for one in events if isinstance(one, WarningMessage)]
    assert said == (
        "the audit of the images found 2 things: shared-group, duplicate; the report lists them."
    )


def test_nothing_found_is_kept_in_silence(study, clean, tmp_path):
    assert not any(isinstance(one, WarningMessage) for one in heard(study, clean, tmp_path))
    assert kept_audit(tmp_path).findings == ()


def test_the_same_images_are_looked_at_once(study, clean, tmp_path):
    assert any(isinstance(one, Download) for one in heard(study, clean, tmp_path))
    assert heard(study, clean, tmp_path) == []


def test_other_images_are_looked_at_again(study, clean, leaking, tmp_path):
    heard(study, clean, tmp_path / "out")
    heard(study, leaking, tmp_path / "out")
    assert kept_audit(tmp_path / "out").path == str(leaking)


def test_an_audit_that_fails_stops_nothing(study, clean, tmp_path, monkeypatch):
    def fail(*_arguments, **_named):
        raise DataError("no luck.")

    monkeypatch.setattr("leadline.workflow.preparation.audit", fail)
    assert heard(study, clean, tmp_path) == [
        WarningMessage("the images were not audited: no luck.")
    ]
    assert read_audit(tmp_path) is None


def test_arrays_are_not_audited(study, clean, tmp_path):
    arrays = replace(prepare(GROUPS, clean), place=None)
    audit_once(study, arrays, tmp_path, lambda event: pytest.fail(str(event)))
    assert list(tmp_path.iterdir()) == []
