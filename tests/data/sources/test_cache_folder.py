"""The cache folder: where it is, whole files only, one process at a time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from leadline.data.sources.cache_folder import cache_folder, locked, write_atomic
from leadline.errors import StorageError


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LEADLINE_CACHE": "/own", "XDG_CACHE_HOME": "/shared"}, "/own"),
        ({"XDG_CACHE_HOME": "/shared"}, "/shared/leadline"),
        ({"XDG_CACHE_HOME": "relative"}, "/home/x/.cache/leadline"),
        ({"LEADLINE_CACHE": "", "XDG_CACHE_HOME": ""}, "/home/x/.cache/leadline"),
        ({"LEADLINE_CACHE": "~/mine"}, "/home/x/mine"),
    ],
)
def test_where_it_is(monkeypatch, variables, expected):
    for name in ("LEADLINE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/x")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(expected)


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "new" / "file"
    write_atomic(path, b"old")
    write_atomic(path, b"new content")
    assert path.read_bytes() == b"new content"
    assert list(path.parent.iterdir()) == [path]


def test_others_may_read_it_as_the_umask_says(tmp_path):
    before = os.umask(0o022)
    try:
        write_atomic(tmp_path / "file", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


def test_a_full_disk_leaves_the_old_file_and_no_half_one(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomic(path, b"old")

    def full(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        StorageError, match="file: the disk is full; free some space, or write else"
    ):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot be written"):
        write_atomic(tmp_path / "file" / "inside", b"x")
    with pytest.raises(StorageError, match="cannot be written"), locked(tmp_path / "file"):
        pass


HOLDER = """
import sys, time
from pathlib import Path
from leadline.data.sources.cache_folder import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
    (Path(sys.argv[1]) / "let go").touch()
"""


def hold(folder: Path, seconds: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", HOLDER, str(folder), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_the_lock_is_waited_for(tmp_path):
    with hold(tmp_path, 0.5), locked(tmp_path):
        assert (tmp_path / "let go").exists()


def test_a_killed_process_frees_its_lock(tmp_path):
    with hold(tmp_path, 60) as process:
        process.kill()
        with locked(tmp_path):
            pass
