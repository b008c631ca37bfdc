"""The folder where fetched data are kept, and how two processes share it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from leadline.errors import StorageError
from leadline.system.durable_files import make_folder, write_bytes

NOWHERE = Path(os.devnull) / "leadline"
"""The cache folder where none is known: nothing is ever found there, and nothing can be written."""
NO_HOME = "no home folder is known, so nothing is cached; set LEADLINE_CACHE to a folder"


def cache_folder() -> Path:
    """Return the folder for fetched data, which may not exist yet.

    It is $LEADLINE_CACHE, else $XDG_CACHE_HOME/leadline, else ~/.cache/leadline, else `NOWHERE`:
    in a container whose user has no HOME and no entry in the password database.
    """
    own = os.environ.get("LEADLINE_CACHE")
    if own:
        return _expanded(Path(own))
    shared = os.environ.get("XDG_CACHE_HOME")
    # The XDG specification says that a relative path is to be ignored.
    if shared and Path(shared).is_absolute():
        return Path(shared) / "leadline"
    home = _expanded(Path("~"))
    # An empty HOME would stand for /, and a relative one for a folder of the current one.
    if os.environ.get("HOME") == "" or not home.is_absolute():
        return NOWHERE
    return NOWHERE if home.is_relative_to(NOWHERE) else home / ".cache" / "leadline"


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        return NOWHERE


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file of the cache, whole or not at all, and its folder where that is missing.

    Raises StorageError where the disk is full or the folder cannot be written.
    """
    make_folder(path.parent)
    write_bytes(path, content)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, waiting for it; the system frees it if the process dies.

    Raises StorageError where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        if folder.is_relative_to(NOWHERE):
            raise StorageError(f"{NO_HOME}.") from None
        raise StorageError(f"{folder}: cannot be written: {error.strerror or error}.") from None
    try:
        _wait_for(handle)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int) -> None:
    """Wait for the lock. Where there are no locks, atomic writes alone keep the files whole."""
    if sys.platform == "win32":
        return
    import fcntl

    # Network file systems and some containers have no flock (ENOLCK, ENOTSUP, ENOSYS, EBADF).
    with contextlib.suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_EX)
