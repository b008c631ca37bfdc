"""The place where a run is made, and how it becomes the run's folder.

A run is written beside its folder, as `<folder>.partial`. When it is whole, its files are synced,
then checksums.json is written, then the folder is renamed, and only then the checkpoint goes. After
a kill or a power cut at any moment there is either a whole run or a checkpoint to resume from.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadline.errors import DamagedRun, OtherFormat, RunError
from leadline.runs.checksums import CHECKSUMS, LISTED, check_sizes, check_sums, write_checksums
from leadline.runs.progress_files import PROGRESS
from leadline.system.durable_files import (
    make_folder,
    rename_folder,
    storage_errors,
    sync_folder,
    sync_tree,
)
from leadline.system.temporary_files import is_running, is_scratch, is_stale, scratch_name

PARTIAL = ".partial"
DAMAGED = ".damaged"
"""A damaged run is kept under this name when it is trained again."""
SET_ASIDE = re.compile(r".*\.damaged(-[0-9]+)?")
CHECKPOINT = "checkpoint.npz"
ATTEMPT = "attempt-"
"""An empty folder, named by the digest of what the checkpoint beside it is of: made at once, never
half-written."""
OWNER = ".owner"
"""Suffix of the empty file that names the process at work."""
PAGES = ("report.html", "report.json")


def partial_of(folder: Path) -> Path:
    """The place where the run of this folder is made."""
    return folder.with_name(folder.name + PARTIAL)


def checkpoint_of(folder: Path) -> Path:
    """Return where the checkpoint of an interrupted attempt at a run lies, if there is one."""
    return partial_of(folder) / CHECKPOINT


def is_set_aside(folder: Path) -> bool:
    """True for the places of unfinished runs and for damaged runs that were trained again."""
    return folder.name.endswith(PARTIAL) or is_kept_damaged(folder)


def is_kept_damaged(folder: Path) -> bool:
    """True for the names of damaged runs that were trained again."""
    return SET_ASIDE.fullmatch(folder.name) is not None


@contextmanager
def writing(folder: Path, attempt: str, *, resume: bool = False) -> Iterator[Path]:
    """A place to write a run: renamed to `folder` if all went well.

    attempt: a digest, equal where the run would be. resume: keep the checkpoint that an interrupted
    attempt left in the place, if it was the same attempt. Else the place is empty. A damaged run
    that lies in `folder` is renamed, not removed.
    Raises RunError where the checkpoint is of another attempt, or another process is at work in the
    place, and StorageError when the disk is full or the place cannot be written.
    """
    partial = partial_of(folder)
    checkpoint, mark = partial / CHECKPOINT, partial / (ATTEMPT + attempt)
    progress = partial / PROGRESS
    with storage_errors(partial), _alone(partial):
        sweep_places(folder.parent)
        if not resume:
            _keep_only(partial)
        if checkpoint.exists() and not mark.exists():
            raise RunError(
                f"{checkpoint}: belongs to another experiment or to other images; delete {partial} "
                "to start again, or give another folder with --out."
            )
        mark.mkdir(exist_ok=True)
        # A killed process could not do this itself.
        _keep_only(partial, checkpoint, mark, *[progress] * checkpoint.exists())
        (partial / scratch_name(OWNER)).touch()
        try:
            yield partial
        except BaseException:
            _keep_only(partial, checkpoint, mark, progress)
            if not checkpoint.exists():
                shutil.rmtree(partial)
            raise
        sync_tree(partial)
        write_checksums(partial)
        _put_in_place(partial, folder)


def is_recoverable(folder: Path) -> bool:
    """True where a run is whole, and was killed before its folder got its name."""
    partial = partial_of(folder)
    if not (partial / CHECKSUMS).is_file():
        return False
    try:
        check_sums(partial)
    except (DamagedRun, OtherFormat):
        return False
    return True


def recover(folder: Path) -> None:
    """Give a run its folder for which `is_recoverable` holds. Raises as `writing`."""
    partial = partial_of(folder)
    with storage_errors(partial), _alone(partial):
        _put_in_place(partial, folder)


def tidy(folder: Path) -> None:
    """Remove from a finished run what a process that was killed at the very end has left."""
    with storage_errors(folder):
        _drop_leftovers(folder)


def _put_in_place(partial: Path, folder: Path) -> None:
    with storage_errors(folder):
        if folder.exists() and any(folder.iterdir()):
            _set_aside(folder)
        rename_folder(partial, folder)
        _drop_leftovers(folder)
        sync_folder(folder)


def _set_aside(folder: Path) -> None:
    """Rename a damaged run. Raises RunError where the folder holds a whole one."""
    try:
        check_sizes(folder)
        check_sums(folder)
    except DamagedRun:
        rename_folder(folder, aside(folder))
        return
    raise RunError(f"{folder}: another process has finished this run meanwhile.")


def aside(folder: Path) -> Path:
    """The first free name for a damaged run beside its folder."""
    number, place = 1, folder.with_name(folder.name + DAMAGED)
    while place.exists():
        number += 1
        place = folder.with_name(f"{folder.name}{DAMAGED}-{number}")
    return place


def _drop_leftovers(folder: Path) -> None:
    for path in list(folder.iterdir()):
        if path.name.startswith(ATTEMPT) and path.is_dir():
            path.rmdir()
        elif path.name in (CHECKPOINT, PROGRESS) or is_scratch(path.name):
            path.unlink(missing_ok=True)


def discard(folder: Path) -> None:
    """Remove the place of a run that failed, its checkpoint too: it is trained from the start."""
    shutil.rmtree(partial_of(folder), ignore_errors=True)


@contextmanager
def _alone(partial: Path) -> Iterator[None]:
    """Make the place and hold it; the system frees it if the process dies."""
    make_folder(partial)
    if sys.platform == "win32":  # which has no flock
        yield
        return
    import fcntl

    busy = RunError(
        f"{partial}: another process is training this run; wait for it, or give another "
        "folder with --out."
    )
    handle = os.open(partial, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            # Network file systems and some containers have no flock (ENOLCK, ENOTSUP, EBADF).
            if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN) or _has_owner(partial):
                raise busy from None
        yield
    finally:
        os.close(handle)


def _has_owner(partial: Path) -> bool:
    """True where a living process of this host has left its name."""
    return any(is_running(path.name) for path in partial.glob(f".*{OWNER}"))


def _keep_only(partial: Path, *kept: Path) -> None:
    """Remove what is half-written: an attempt goes on from its checkpoint, or from nothing."""
    for path in partial.iterdir():
        if path in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def sweep_places(parent: Path) -> None:
    """Remove the places beside a run that killed processes left without anything to resume."""
    for place in parent.glob(f"*{PARTIAL}"):
        if place.is_symlink() or not place.is_dir():
            continue
        names = [path.name for path in place.iterdir()]
        owners = [name for name in names if name.endswith(OWNER)]
        if owners and all(is_stale(place / name) for name in owners) and _is_worthless(names):
            shutil.rmtree(place, ignore_errors=True)


def _is_worthless(names: list[str]) -> bool:
    """True for files of ours without a checkpoint, and without the sums of a whole run."""
    ours = {*LISTED, *PAGES, PROGRESS}
    return all(name in ours or name.startswith(ATTEMPT) or is_scratch(name) for name in names)
