"""Files that survive a power cut: what is synced, in which order, and what a crash leaves."""

import errno
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.scratch_names import dead_scratch_name, foreign_scratch_name

from leadline.errors import DataError, StorageError
from leadline.system import durable_files, temporary_files
from leadline.system.durable_files import (
    make_folder,
    replacing,
    replacing_file,
    sync_tree,
    write_bytes,
    write_text,
)
from leadline.system.temporary_files import is_scratch, is_stale, scratch_name, sweep


class Calls:
    """The system calls that matter, in order, with the names of their files."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[tuple[str, ...]] = []
        fsync, replace, rename, unlink = os.fsync, Path.replace, Path.rename, Path.unlink

        def named(path: object) -> str:
            name = Path(str(path)).name
            return "temporary" if is_scratch(name) else name

        def record_fsync(handle: int) -> None:
            self.made.append(("sync", named(Path(f"/proc/self/fd/{handle}").readlink())))
            fsync(handle)

        def record_replace(path: Path, target: Path) -> Path:
            self.made.append(("rename", named(path), named(target)))
            return replace(path, target)

        def record_rename(path: Path, target: Path) -> Path:
            self.made.append(("rename", named(path), named(target)))
            return rename(path, target)

        def record_unlink(path: Path, *, missing_ok: bool = False) -> None:
            if path.exists():
                self.made.append(("remove", named(path)))
            unlink(path, missing_ok=missing_ok)

        monkeypatch.setattr(os, "fsync", record_fsync)
        monkeypatch.setattr(Path, "replace", record_replace)
        monkeypatch.setattr(Path, "rename", record_rename)
        monkeypatch.setattr(Path, "unlink", record_unlink)


@pytest.fixture
def calls(monkeypatch):
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc to name what is synced")
    return Calls(monkeypatch)


def test_content_is_synced_before_the_name_and_the_name_after(tmp_path, calls):
    write_bytes(tmp_path / "file", b"new")
    assert calls.made == [
        ("sync", "temporary"),
        ("rename", "temporary", "file"),
        ("sync", tmp_path.name),
    ]
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_tree_is_synced_from_the_inside(tmp_path, calls):
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("one", "a/two", "a/b/three"):
        (tmp_path / name).write_text("x")
    sync_tree(tmp_path)
    assert [name for _, name in calls.made] == ["three", "b", "two", "a", "one", tmp_path.name]


def test_new_folders_are_synced_into_those_above(tmp_path, calls):
    make_folder(tmp_path / "a" / "b")
    assert [name for _, name in calls.made] == [tmp_path.name, "a"]


def test_what_may_be_lost_is_not_waited_for(tmp_path, calls):
    write_text(tmp_path / "progress", "x", sync=False)
    assert calls.made == [("rename", "temporary", "progress")]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS])
def test_a_file_system_that_cannot_sync_is_written_all_the_same(tmp_path, monkeypatch, number):
    def refuse(_handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    write_bytes(tmp_path / "file", b"x")
    assert (tmp_path / "file").read_bytes() == b"x"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("write", [replacing, replacing_file])
def test_an_error_keeps_the_old_file_and_leaves_nothing(tmp_path, monkeypatch, number, write):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def refuse(_handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageError, match=r"file: (the disk is full|the file is la|cannot be w)"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_exception_in_between_keeps_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write():
        with replacing(path, ".onnx") as temporary:
            assert temporary.suffix == ".onnx"
            temporary.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_written_through_and_permissions_stay(tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"old")
    target.chmod(0o600)
    (tmp_path / "link").symlink_to(target)
    write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o600


def test_the_longest_name_can_be_written(tmp_path):
    write_bytes(tmp_path / ("n" * 255), b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["n" * 255]


def test_a_name_that_is_too_long_is_one_line(tmp_path):
    with pytest.raises(StorageError, match="cannot be written"):
        write_bytes(tmp_path / ("n" * 256), b"x")


CODE = """
import os, signal, sys
from pathlib import Path
from leadline.system.durable_files import replacing
with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_file_of_a_killed_process_is_removed_by_the_next_writer(tmp_path):
    path = tmp_path / "answers.csv"
    killed = subprocess.run([sys.executable, "-c", CODE, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    [left] = tmp_path.iterdir()
    assert is_stale(left)
    temporary_files._swept.clear()
    write_bytes(path, b"whole")
    assert list(tmp_path.iterdir()) == [path]


def test_only_what_is_ours_and_dead_is_swept(tmp_path):
    ours = [dead_scratch_name(), dead_scratch_name(".onnx")]
    kept = [
        scratch_name(),  # of this process, which lives
        foreign_scratch_name(),  # of another host, and new
        ".leadline-notes.tmp", ".answers.csv.tmp", "leadline.tmp", ".leadline-12345678-1-1.tmp",
    ]  # fmt: skip
    for name in (*ours, *kept):
        (tmp_path / name).write_text("x")
    link = dead_scratch_name()
    (tmp_path / link).symlink_to(tmp_path / kept[0])
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*kept, link}


def test_what_another_host_left_goes_after_a_day(tmp_path):
    path = tmp_path / foreign_scratch_name()
    path.write_text("x")
    assert not is_stale(path)
    old = path.stat().st_mtime - temporary_files.ABANDONED_S - 60
    os.utime(path, (old, old))
    assert is_stale(path)


def test_a_reused_process_id_is_another_process(tmp_path):
    named = temporary_files.NAME.fullmatch(scratch_name())
    assert named is not None
    host, pid, start = named.groups()
    path = tmp_path / f".leadline-{host}-{pid}-{int(start) + 1}-00000000.tmp"
    path.write_text("x")
    assert is_stale(path)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (OSError(errno.ENOSPC, "x"), durable_files.DISK_FULL),
        (OSError(errno.EDQUOT, "x"), durable_files.DISK_FULL),
        (OSError(errno.EFBIG, "x"), durable_files.FILE_TOO_LARGE),
        (RuntimeError("write failed: No space left on device"), durable_files.DISK_FULL),
        (OSError("Can't write (error message = 'File too large')"), durable_files.FILE_TOO_LARGE),
        (OSError(errno.EACCES, "x"), None),
        (ValueError("x"), None),
        (DataError("a.png: File too large"), None),
        (KeyboardInterrupt(), None),
    ],
)
def test_faults_of_a_place_are_recognized_by_number_and_by_message(error, fault):
    assert durable_files.storage_fault(error) == fault


@pytest.mark.parametrize(
    ("name", "converted"),
    [("out/a.csv", True), ("out", True), (".", True), (None, True), (7, True),
     (".leadline-0123abcd-1-2-89abcdef.tmp", True), ("labels.txt", False), ("outer", False),
     ("out.txt", False)],
)  # fmt: skip
@pytest.mark.parametrize("number", [errno.ENOENT, errno.ENOSPC])
def test_only_errors_of_this_place_are_converted(tmp_path, name, converted, number):
    named = tmp_path / name if isinstance(name, str) else name
    expected = pytest.raises(StorageError if converted else OSError)
    with expected as raised, durable_files.storage_errors(tmp_path / "out"):
        raise OSError(number, "no", named)
    assert isinstance(raised.value, StorageError) == converted


def test_no_process_is_signalled_on_windows(tmp_path, monkeypatch):
    path = tmp_path / dead_scratch_name()
    path.write_text("x")
    old = path.stat().st_mtime - temporary_files.ABANDONED_S - 60
    monkeypatch.setattr("leadline.system.temporary_files._start", lambda pid: None)
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("os.kill", lambda *_: pytest.fail("signalled"))
    assert not is_stale(path)
    os.utime(path, (old, old))
    assert is_stale(path)
    assert not temporary_files.is_running(path.name)


@pytest.mark.parametrize("name", [".", "..", "/", "sub", "link"])
def test_a_folder_is_not_replaced_by_a_file(tmp_path, monkeypatch, name):
    (tmp_path / "sub").mkdir()
    (tmp_path / "link").symlink_to("sub")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        StorageError, match=rf"^{re.escape(name)}: is a folder; give a file name\.$"
    ):
        write_bytes(Path(name), b"x")
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["link", "sub"]
