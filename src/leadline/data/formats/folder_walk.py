"""Folders and files as data sets are walked: hidden images and links in a circle are left out.

`class_folders` walks the folders of a data set, `serving.inputs` those that a command line names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from leadline.data.formats.image_names import PLAIN_SYSTEM_NAMES, SUFFIXES, Reason, is_hidden
from leadline.data.formats.zip_tree import Entry, ZipEntry
from leadline.data.labels import natural_key
from leadline.errors import DataError

Skip = Callable[[Entry, Reason], None]
"""Called with a file or link that is left out, and the reason."""


def ignore(_entry: Entry, _why: Reason) -> None:
    """Do nothing: the caller does not count what is left out."""


def count_hidden(entry: Entry, on_skip: Skip) -> None:
    """Images that somebody hid are counted; a system's own files are not."""
    name = entry.name
    own = name.startswith(".") and not name.startswith("._")
    if own and entry.suffix.lower() in SUFFIXES and entry.is_file():
        on_skip(entry, Reason.HIDDEN)


class Walk:
    """Decides which folders a walk enters; it enters none twice.

    folder: where the walk begins.
    """

    def __init__(self, folder: Path) -> None:
        self._start = Path(os.path.realpath(folder))
        self._entered = {self._start}
        """The start, and targets of links."""

    def may_enter(self, path: Path, on_skip: Skip) -> bool:
        """Return True for a folder, and for a link to one that is not walked already."""
        if not os.path.islink(path):  # noqa: PTH114 - a path may be too long for Path.is_symlink
            # A folder below a link may have been reached by another link already.
            return len(self._entered) == 1 or Path(os.path.realpath(path)) not in self._entered
        target = Path(os.path.realpath(path))
        is_inside = not self._entered.isdisjoint((target, *target.parents))
        if is_inside or target in self._start.parents:
            on_skip(path, Reason.LINK)
            return False
        self._entered.add(target)
        return True


def _entries(folder: Entry) -> list[Entry]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror}.") from None


def folders_in(folder: Entry) -> list[Entry]:
    """Folders that a person would call folders, in natural order."""
    seen = [entry for entry in _entries(folder) if entry.is_dir() and not is_hidden(entry.name)]
    return sorted(seen, key=lambda entry: natural_key(entry.name))


def system_folders_in(folder: Entry) -> list[str]:
    """Names of folders that are left out although a person may have named a class so."""
    return sorted(
        entry.name
        for entry in _entries(folder)
        if entry.is_dir() and entry.name.lower() in PLAIN_SYSTEM_NAMES
    )


def files_in(folder: Entry) -> list[Entry]:
    """Files directly in a folder, in natural order."""
    seen = [entry for entry in _entries(folder) if not entry.is_dir() and not is_hidden(entry.name)]
    return sorted(seen, key=lambda entry: natural_key(entry.name))


def files_below(folder: Entry, on_skip: Skip = ignore) -> Iterator[Entry]:
    """Every file below, hidden ones left out. on_skip: called with links that are not followed."""
    if isinstance(folder, ZipEntry):
        for entry in folder.iterdir():
            if is_hidden(entry.name):
                count_hidden(entry, on_skip)
            elif entry.is_dir():
                yield from files_below(entry, on_skip)
            else:
                yield entry
        return
    walk = Walk(folder)
    for place, folders, names in os.walk(folder, onerror=_cannot_list, followlinks=True):
        folders[:] = [
            name
            for name in sorted(folders)
            if not is_hidden(name) and walk.may_enter(Path(place, name), on_skip)
        ]
        for name in names:
            path = Path(place, name)
            if is_hidden(name):
                count_hidden(path, on_skip)
            else:
                yield path


def _cannot_list(error: OSError) -> None:
    raise DataError(f"{error.filename}: cannot be read: {error.strerror}.")
