"""Files that are whole or not there."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.errors import RunError, StorageError
from leadline.runs import as_ranges, from_ranges, write_text
from leadline.runs.folder_files import read_json, reading
from leadline.system.durable_files import spelt, storage_errors


@pytest.mark.parametrize(
    ("indices", "text"),
    [([], ""), ([4], "4"), ([0, 1, 2, 7], "0-2 7"), ([3, 5, 6], "3 5-6"), ([9, 2, 3], "9 2-3")],
)
def test_ranges_by_hand(indices, text):
    assert as_ranges(np.array(indices, dtype=np.int64)) == text


@given(st.lists(st.integers(0, 10_000)))
def test_ranges_are_read_back_as_they_were(indices):
    array = np.array(indices, dtype=np.int64)
    assert from_ranges(as_ranges(array)).tolist() == indices


def test_text_replaces_what_was_there_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "one")
    write_text(path, "zwölf")
    assert path.read_text(encoding="utf-8") == "zwölf"
    assert list(tmp_path.iterdir()) == [path]


def test_surrogates_are_spelt_out(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "\udcff, \ud800 and \udc41")
    assert path.read_text(encoding="utf-8") == r"\xff, \ud800 and \udc41"
    record = tmp_path / "a.json"
    write_text(record, '{"name": "\udcff"}')
    assert json.loads(record.read_text(encoding="utf-8")) == {"name": r"\xff"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("猫é/1.png".encode(), "猫é/1.png"),
        ("cafe\u0301".encode(), "cafe\u0301"),
        (b"caf\xe9", r"caf\xe9"),
        ("猫".encode() + b"\xe9" + "é".encode(), r"猫\xe9é"),
        ("猫".encode()[:2], r"\xe7\x8c"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),  # UTF-8 cannot encode a surrogate either
        (b"plain", "plain"),
    ],
)
def test_paths_in_the_c_locale_are_read_as_utf_8(content, expected):
    assert spelt(content.decode("ascii", "surrogateescape")) == expected


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "the disk is full"), (errno.EACCES, "cannot be written"),
     (errno.EROFS, "cannot be written"), (errno.ENOENT, "cannot be written")],
)  # fmt: skip
def test_what_the_disk_refuses_is_one_line_with_a_mend(number, words):
    expected = pytest.raises(StorageError, match=rf"runs/x: .*{words}.*--out")
    with expected, storage_errors(Path("runs/x")):
        raise OSError(number, os.strerror(number))


def test_what_a_file_of_another_version_lacks_is_named(tmp_path):
    expected = pytest.raises(RunError, match=r"x: damaged \(no 'positive'\); train the run again")
    with expected, reading(tmp_path / "x"):
        raise KeyError("positive")


def test_other_errors_of_the_system_pass_through():
    with pytest.raises(OSError, match="Input/output"), storage_errors(Path("x")):
        raise OSError(errno.EIO, "Input/output error")


def test_a_full_disk_is_said_by_name():
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    expected = pytest.raises(StorageError, match="/dev/full: the disk is full")
    with expected, storage_errors(Path("/dev/full")):
        Path("/dev/full").write_text("x", encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "damaged"), ("[1]", "expected an object, found list"), (None, "missing")],
)
def test_damaged_json_is_named(tmp_path, text, words):
    path = tmp_path / "metrics.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(RunError, match=rf"metrics\.json: .*{words}"):
        read_json(path)
