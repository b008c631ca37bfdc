"""Labels that are likely wrong, written into a folder and read back."""

import json

import numpy as np
import pytest

from leadline.analysis.label_errors import LabelErrors, LabelRecord, NotSearched, Suspect
from leadline.errors import RunError, StorageError
from leadline.runs import read_label_errors, write_label_errors

SUSPECT = Suspect(7, "ж/7.png", "six", "four", 0.005, 0.96, 2, 3, likely=True)
FOUND = LabelErrors(100, 3, 9, 1, 0, (SUSPECT,))
PIXELS = np.arange(4, dtype=np.uint8).reshape(1, 2, 2, 1)


def test_what_is_written_is_read(tmp_path):
    write_label_errors(tmp_path, LabelRecord(FOUND, PIXELS))
    back = read_label_errors(tmp_path)
    assert back is not None
    assert back.found == FOUND
    assert (back.pixels == PIXELS).all()


def test_why_nothing_was_looked_for_is_read_too(tmp_path):
    missing = NotSearched(16, "rare class", "c", 2, 10)
    write_label_errors(tmp_path, LabelRecord(missing, PIXELS[:0]))
    back = read_label_errors(tmp_path)
    assert back is not None
    assert back.found == missing


def test_an_older_folder_has_none(tmp_path):
    assert read_label_errors(tmp_path) is None


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "label_errors.npz"
    write_label_errors(tmp_path, LabelRecord(FOUND, PIXELS))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunError, match=r"label_errors\.npz: damaged"):
        read_label_errors(tmp_path)


@pytest.mark.parametrize("pixels", [PIXELS[:0], PIXELS.astype(np.float32), PIXELS[0]])
def test_images_that_are_not_those_of_the_suspects_are_damage(tmp_path, pixels):
    write_label_errors(tmp_path, LabelRecord(FOUND, pixels))
    with pytest.raises(RunError, match="1 suspects with pixels"):
        read_label_errors(tmp_path)


@pytest.mark.parametrize("shape", [(1, 0, 2, 1), (1, 2, 2, 2), (1, 2, 2, 5)])
def test_images_of_no_size_and_of_other_channels_are_damage(tmp_path, shape):
    write_label_errors(tmp_path, LabelRecord(FOUND, np.zeros(shape, np.uint8)))
    with pytest.raises(RunError, match=r"label_errors\.npz: damaged \(images of"):
        read_label_errors(tmp_path)


@pytest.mark.parametrize(
    ("where", "key", "value"),
    [
        ("found", "n", 0),
        ("found", "n", "100"),
        ("found", "likely", -1),
        ("found", "likely", 101),
        ("found", "possible", 100),
        ("suspect", "p_given", "0.005"),
        ("suspect", "p_given", None),
        ("suspect", "p_suggested", 1.5),
        ("suspect", "p_suggested", float("nan")),
        ("suspect", "index", 100),
        ("suspect", "name", 3),
        ("suspect", "likely", 1),
    ],
)
def test_values_that_no_search_finds_are_damage(tmp_path, where, key, value):
    write_label_errors(tmp_path, LabelRecord(FOUND, PIXELS))
    with np.load(tmp_path / "label_errors.npz") as file:
        table = json.loads(str(file["table"]))
    (table["found"] if where == "found" else table["found"]["suspects"][0])[key] = value
    np.savez(tmp_path / "label_errors.npz", table=np.array(json.dumps(table)), pixels=PIXELS)
    with pytest.raises(RunError, match=r"label_errors\.npz: damaged"):
        read_label_errors(tmp_path)


def test_a_newer_file_with_more_in_it_is_read(tmp_path):
    write_label_errors(tmp_path, LabelRecord(FOUND, PIXELS))
    with np.load(tmp_path / "label_errors.npz") as file:
        table = json.loads(str(file["table"]))
    table["found"]["new"] = 1
    np.savez(tmp_path / "label_errors.npz", table=np.array(json.dumps(table)), pixels=PIXELS)
    back = read_label_errors(tmp_path)
    assert back is not None
    assert back.found == FOUND


def test_a_file_is_whole_or_as_it_was(tmp_path, monkeypatch):
    """The disk is full while the file is written again."""
    write_label_errors(tmp_path, LabelRecord(NotSearched(16, "rare class", "c", 2, 10), PIXELS[:0]))

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="the disk is full"):
        write_label_errors(tmp_path, LabelRecord(FOUND, PIXELS))
    back = read_label_errors(tmp_path)
    assert back is not None
    assert isinstance(back.found, NotSearched)
    assert [path.name for path in tmp_path.iterdir()] == ["label_errors.npz"]
