"""Files and folders that are whole or absent, even after a crash or a power cut.

A file is written under a temporary name, synced to the disk, renamed into place, and then the
folder that lists it is synced. Renaming alone is not enough: file systems may store the new name
before the content, and a power cut then leaves an empty file under it. All other modules write
through this one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from leadline.errors import LeadlineError, StorageError
from leadline.system.temporary_files import is_scratch, remove, scratch_name, sweep

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
TOO_LARGE = frozenset({errno.EFBIG})
DISK_FULL = "the disk is full; free some space"
FILE_TOO_LARGE = (
    "the file is larger than ulimit -f or the file system allows; allow more with ulimit -f "
    "unlimited"
)
REFUSALS = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EEXIST,
        errno.ENAMETOOLONG,
    }
)
"""Errors that mean: nothing can be written at this place."""
CANNOT_SYNC = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EBADF})
"""Errors of file systems that have no way to sync a file or a folder."""
ELSEWHERE = "write elsewhere: a folder with --out, a file with -o (LEADLINE_CACHE moves the cache)."

SURROGATE = re.compile("[\ud800-\udfff]")
ESCAPED_BYTES = re.compile("[\udc80-\udcff]+")
"""Bytes of a path that Python could not decode (PEP 383)."""


def storage_fault(error: BaseException) -> str | None:
    """Return cause and fix for a full disk or a file larger than allowed; None for other errors.

    Libraries such as HDF5 have the system's reason in their message only.
    """
    if isinstance(error, LeadlineError) or not isinstance(error, Exception):
        return None
    for codes, fault in ((FULL, DISK_FULL), (TOO_LARGE, FILE_TOO_LARGE)):
        if isinstance(error, OSError) and error.errno in codes:
            return fault
        if any(os.strerror(code) in str(error) for code in codes):
            return fault
    return None


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn errors of a place that is full or cannot be written into a StorageError with the fix.

    Errors of files elsewhere pass: in a training, a user's callback may miss one.
    """
    try:
        yield
    except StorageError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and _lies_elsewhere(error, path):
            raise
        if (fault := storage_fault(error)) is not None:
            raise StorageError(f"{path}: {fault}, or {ELSEWHERE}") from error
        if isinstance(error, OSError) and error.errno in REFUSALS:
            raise StorageError(
                f"{path}: cannot be written ({error.strerror}); {ELSEWHERE}"
            ) from error
        raise


def _lies_elsewhere(error: OSError, path: Path) -> bool:
    """True if the error names files, of which none is the path, below it, above it or temporary."""
    names = [
        Path(os.fsdecode(name)) for name in (error.filename, error.filename2) if _is_name(name)
    ]
    here = path.resolve()
    return bool(names) and not any(
        is_scratch(name.name)
        or (there := name.resolve()).is_relative_to(here)
        or here.is_relative_to(there)
        for name in names
    )


def _is_name(name: object) -> bool:
    """False for None, and for the number of an open file."""
    return isinstance(name, str | bytes | os.PathLike)


@contextlib.contextmanager
def _every_error(path: Path) -> Iterator[None]:
    """Like `storage_errors`, for system calls on this file only: no OSError passes."""
    try:
        with storage_errors(path):
            yield
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror}); {ELSEWHERE}") from error


@contextlib.contextmanager
def replacing(path: Path, suffix: str = ".tmp") -> Iterator[Path]:
    """A temporary path beside `path` that becomes `path` at the end; readers see the old file.

    suffix: for libraries that look at it. On any error the old file stays and nothing is left.
    Raises StorageError where the disk is full or the folder cannot be written.
    """
    target = Path(os.path.realpath(path)) if os.path.islink(path) else path  # noqa: PTH114 - never raises
    if os.path.isdir(target):  # noqa: PTH112 - never raises
        raise StorageError(f"{path}: is a folder; give a file name.")
    sweep(target.parent)
    temporary = target.with_name(scratch_name(suffix))
    try:
        with storage_errors(path):
            yield temporary
        with _every_error(path):
            sync_file(temporary)
            _keep_mode(target, temporary)
            temporary.replace(target)
            sync_folder(target.parent)
    finally:
        remove(temporary)


@contextlib.contextmanager
def replacing_file(path: Path) -> Iterator[BinaryIO]:
    """Like `replacing`, with the temporary file open for writing."""
    with replacing(path) as temporary, temporary.open("xb") as file:
        yield file


def write_bytes(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Write a file that is whole or absent.

    sync: False for what may be lost in a power cut, such as how far a training is.
    """
    if sync:
        with replacing_file(path) as file:
            file.write(content)
        return
    temporary = path.with_name(scratch_name())
    try:
        with _every_error(path):
            temporary.write_bytes(content)
            temporary.replace(path)
    finally:
        remove(temporary)


def write_text(path: Path, text: str, *, sync: bool = True) -> None:
    r"""Write UTF-8 text as `write_bytes` does.

    Bytes of a path that are not UTF-8, which Python keeps as surrogates, are written as "\xff",
    other surrogates as "\ud800".
    """
    write_bytes(path, spelt(text, path.suffix).encode("utf-8"), sync=sync)


def spelt(text: str, suffix: str = "") -> str:
    r"""The text without surrogates, so that any file can hold it.

    Bytes that form UTF-8 become their characters: in the C locale Python keeps every byte of a path
    that is not ASCII as a surrogate. Other surrogates are spelled out as "\xff", with two
    backslashes in JSON and TOML.
    """
    text = ESCAPED_BYTES.sub(_as_utf8, text)
    backslash = "\\\\" if suffix in (".json", ".toml") else "\\"
    return SURROGATE.sub(lambda one: backslash + _code(ord(one[0])), text)


def _as_utf8(escaped: re.Match[str]) -> str:
    """The bytes behind surrogates as UTF-8; those that are not UTF-8 stay as they are."""
    return escaped[0].encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _code(surrogate: int) -> str:
    """Name a surrogate: "xff" for a byte that Python could not decode, else "ud800"."""
    byte = surrogate - 0xDC00
    return f"x{byte:02x}" if 0x80 <= byte <= 0xFF else f"u{surrogate:04x}"


def make_folder(path: Path) -> Path:
    """The folder, created and synced where it is missing. Raises StorageError if it cannot be."""
    with storage_errors(path):
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
        for folder in reversed(missing):
            sync_folder(folder.parent)
    return path


def rename_file(source: Path, target: Path) -> None:
    """Rename a synced file over another, and sync the folder that lists it."""
    with _every_error(target):
        source.replace(target)
        sync_folder(target.parent)


def rename_folder(source: Path, target: Path) -> None:
    """Rename a folder whose files are synced, and sync the folder that lists it."""
    source.rename(target)
    sync_folder(target.parent)


def sync_tree(folder: Path) -> None:
    """Sync every file below a folder, then each folder, the innermost first."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in sorted(names):
            sync_file(Path(place, name))
        sync_folder(Path(place))


def sync_file(path: Path) -> None:
    """Wait until a file's content is on the disk. Links and special files are left alone."""
    if stat.S_ISREG(path.lstat().st_mode):
        # Windows syncs only what is open for writing; elsewhere the file may be read-only.
        _sync(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    if sys.platform != "win32":  # which has no such call
        _sync(path, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    try:
        handle = os.open(path, flags)
    except PermissionError:  # a folder may be writable without being readable
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in CANNOT_SYNC:
            raise
    finally:
        os.close(handle)


def _keep_mode(target: Path, temporary: Path) -> None:
    """A replaced file keeps its permissions: what was private stays private."""
    with contextlib.suppress(OSError):
        if stat.S_ISREG(target.lstat().st_mode):
            shutil.copymode(target, temporary)
