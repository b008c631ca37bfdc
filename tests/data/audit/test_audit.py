"""Whole audits: a folder without fault, planted faults, and the real chest X-rays."""

import re
import shutil
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from tests.data.audit.making import clean_folder, made_records, save, search, textured

from leadline.data.audit import audit, check_of
from leadline.data.audit.checks.split_checks import SharedGroup
from leadline.data.audit.file_name_facts import identify

COUNTS = {"train": (120, 120), "val": (60, 60), "test": (60, 60)}
PERSON = "^(p[0-9]+)_"
CHEST_CLASSES = ("NORMAL", "PNEUMONIA")


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    return clean_folder(tmp_path_factory.mktemp("clean"), COUNTS)


@pytest.fixture
def folder(clean, tmp_path):
    return shutil.copytree(clean, tmp_path / "data")


def kinds(found):
    return [(one.kind, one.splits, one.count) for one in found.findings]


def test_nothing_is_found_where_nothing_is_wrong(clean):
    found = audit(clean, group_pattern=PERSON)
    assert found.findings == ()
    assert found.notes == ()
    assert found.splits["validation"] == {"cat": 60, "dog": 60}
    assert {one.features for one in found.probe} == {"border pixels", "brightness", "together"}


def test_planted_faults_are_found_and_nothing_else(folder):
    shutil.copy(folder / "train/cat/p1_0.bmp", folder / "test/cat/p9000_0.bmp")
    shutil.copy(folder / "train/cat/p1_1.bmp", folder / "train/dog/p9001_0.bmp")
    with Image.open(next((folder / "val/dog").iterdir())) as image:
        image.point(lambda value: value * 0.9).save(folder / "train/dog/p9002_0.bmp")
    save(folder / "test/dog/p2_0.bmp", textured(np.random.default_rng(9), 1)[0])
    (folder / "train/dog/p9003_0.bmp").write_bytes(b"BM")
    found = audit(folder, group_pattern=PERSON)
    assert kinds(found) == [
        ("unreadable", ("train",), 1),
        ("shared-group", ("train", "test"), 1),
        ("duplicate", ("train",), 2),
        ("duplicate", ("train", "test"), 2),
        ("near-duplicate", ("train", "validation"), 1),
    ]
    assert found.findings[0].details["files"][0]["name"] == "train/dog/p9003_0.bmp"


def test_json_has_the_documented_keys(folder):
    shutil.rmtree(folder / "val/dog")
    found = audit(folder)
    told = found.as_json()
    assert list(told) == ["path", "splits", "findings", "probe", "notes", "left_out"]
    assert told["splits"]["validation"] == {"cat": 60, "dog": 0}
    by_kind = {one["kind"]: one for one in told["findings"]}
    assert set(by_kind) == {"small-split", "small-class", "prevalence-shift"}
    for finding, one in zip(found.findings, told["findings"], strict=True):
        assert one["advice"] == str(check_of(finding).advice)
        assert one["splits"][-1] == "validation"


def test_known_chest_names_bring_their_patterns(tmp_path):
    rng = np.random.default_rng(0)
    for split, people in (("train", (1, 2, 3)), ("test", (1, 4))):
        for name in ("NORMAL", "PNEUMONIA"):
            (tmp_path / split / name).mkdir(parents=True)
        for person in people:
            kind = "virus" if split == "train" else "bacteria"
            normal, sick = textured(rng, 2)
            save(tmp_path / split / f"NORMAL/IM-{person:04}-0001.png", normal)
            save(tmp_path / split / f"PNEUMONIA/person{person}_{kind}_7.png", sick)
    found = audit(tmp_path)
    by_kind = {(one.kind, one.splits): one for one in found.findings}
    # person1 of both types are two people; IM-0001 is one.
    assert by_kind["shared-group", ("train", "test")].details["examples"] == ["IM-0001"]
    assert set(by_kind["missing-subgroup", ("test",)].details["subgroups"]) == {"virus"}


@pytest.fixture(scope="module")
def official(chest_folder):
    return audit(chest_folder)


@pytest.mark.slow
def test_the_official_chest_split_gets_its_true_findings(official):
    found = official
    rows = Counter((one.kind, one.splits) for one in found.findings if one.kind != "shortcut")
    assert set(rows) == {
        ("duplicate", ("train",)),
        ("duplicate", ("test",)),
        ("small-split", ("validation",)),
        ("small-class", ("validation",)),
        ("missing-subgroup", ("validation",)),
        ("prevalence-shift", ("train", "test")),
    }
    assert found.splits["test"] == {"NORMAL": 234, "PNEUMONIA": 390}
    messages = " ".join(one.message for one in found.findings)
    assert "15 right of 16 would have a 95% interval of 72 to 99%" in messages
    assert "virus (1,345 in train, 148 in test)" in messages
    assert "PNEUMONIA is 74.3% of train and 62.5% of test" in messages


@pytest.mark.slow
def test_its_copies_are_62_files_in_30_groups_of_one_class_and_split(official):
    copies = [one for one in official.findings if one.kind == "duplicate"]
    assert sum(one.details["byte_identical"] for one in copies) == 62
    assert sum(one.details["byte_identical_groups"] for one in copies) == 30
    assert all(one.details["same_class"] and len(one.splits) == 1 for one in copies)


@pytest.mark.slow
def test_what_the_probe_measures_on_it(official):
    reached = {one.features: one for one in official.probe}
    # In this copy all images are 224 px; the publisher's have sizes of their own.
    if "image size" not in reached:
        assert reached["file size"].auc == pytest.approx(0.834, abs=0.01)
        assert reached["border pixels"].auc == pytest.approx(0.694, abs=0.01)
        assert reached["brightness"].auc == pytest.approx(0.427, abs=0.01)


@pytest.mark.parametrize(
    ("pattern", "shared"), [(None, []), (r"person(\d+)_|((?:NORMAL2-)?IM-\d+)", [170])]
)
def test_patients_by_number_alone_would_be_a_false_alarm(chest_folder, pattern, shared):
    paths = {
        split: [sorted((chest_folder / split / name).iterdir()) for name in CHEST_CLASSES]
        for split in ("train", "test")
    }
    names = tuple(str(path) for two in paths.values() for files in two for path in files)
    counts = {split: tuple(map(len, two)) for split, two in paths.items()}
    records = made_records(counts, names=names, thumbnails=np.zeros((len(names), 2, 2), np.uint8))
    found = search(SharedGroup(), records, identify(names, pattern, None).groups)
    assert [one.count for one in found] == shared


@pytest.mark.slow
def test_a_split_of_it_by_image_is_caught(chest_folder, tmp_path):
    """Links only: 70% train, 15% validation, 15% test, drawn without regard to patients."""
    rng = np.random.default_rng(0)
    for path in sorted(chest_folder.glob("*/*/*.jp*g")):
        split = rng.choice(["train", "val", "test"], p=[0.70, 0.15, 0.15])
        folder = tmp_path / split / path.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / path.name).symlink_to(path.resolve())
    found = audit(tmp_path)
    shared = {one.splits: one for one in found.findings if one.kind == "shared-group"}
    assert shared["train", "test"].details["share"] > 1 / 3
    assert re.search(r"of \d+ test images \(\d\d\.\d%\)", shared["train", "test"].message)
    assert set(shared) == {("train", "validation"), ("train", "test"), ("validation", "test")}
    assert "small-split" not in {one.kind for one in found.findings}
