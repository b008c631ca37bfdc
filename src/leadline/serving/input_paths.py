"""The images that a command line names: files, folders, patterns and archives, in order.

Folders are walked file by file, in natural order, so that what is held are the names of one folder
and of those above it. Hidden and system files, pipes and devices, and files whose names are no
image's, are left out of folders and archives, and counted; a file that is named itself is read
whatever it is called. Links are followed, but not to where the walk is or has been.
"""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from leadline.data.formats.folder_walk import Walk, count_hidden
from leadline.data.formats.image_names import Exclusion, Reason, exclusion, is_hidden, is_zip
from leadline.data.formats.omitted_files import OmittedFileCounter
from leadline.data.formats.zip_tree import Entry, ZipEntry, opened_zip
from leadline.data.labels import natural_key
from leadline.errors import DataError
from leadline.system.durable_files import spelt

InputFile = Entry | DataError | None
"""An image to be read; or why what was named has none; or (None) that an archive is about to be
closed, so that what was found in it must have been read."""

PATTERN = re.compile(r"[*?[]")
ANY_DEPTH = "**"


class Inputs:
    """Iterate over the files at these paths, in the given order; a path given twice counts twice.

    left_out: files in folders and archives that are not read, by reason. remarks: sentences on how
    the names in archives were decoded, where that was a guess.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        self.left_out = OmittedFileCounter()
        self.remarks: list[str] = []

    def __iter__(self) -> Iterator[InputFile]:
        for path in self.paths:
            yield from self._named(path)

    def _named(self, path: str) -> Iterator[InputFile]:
        if not path:
            yield DataError("'': an empty path; give a file or a folder.")
            return
        matches = matching(path)
        for match in matches:
            yield from self._one(Path(match))
        if not matches:
            yield DataError(f"{path}: not a valid file name.")

    def _one(self, path: Path) -> Iterator[InputFile]:
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            yield DataError(f"{path}: {_reason(error)}.")
            return
        if stat.S_ISDIR(mode):
            yield from self._or_none(path, self._folder(path))
        elif not stat.S_ISREG(mode):
            yield DataError(f"{path}: is a pipe or a device; give a file.")
        elif is_zip(path):
            yield from self._archive(path)
        else:
            yield path

    def _or_none(self, path: Path, found: Iterator[InputFile]) -> Iterator[InputFile]:
        """The images, or that there are none."""
        nothing = True
        for one in found:
            nothing = False
            yield one
        if nothing:
            yield DataError(f"{path}: holds no images.")

    def _archive(self, path: Path) -> Iterator[InputFile]:
        try:
            with opened_zip(path) as root:
                self.remarks += [f"{path}: {remark}" for remark in root.remarks]
                yield from self._or_none(path, self._members(root))
                yield None
        except DataError as error:
            yield error

    def _folder(self, folder: Path) -> Iterator[InputFile]:
        walk = Walk(folder)
        waiting = [self._listed(folder)]
        while waiting:
            top = waiting[-1]
            if isinstance(top, DataError):
                waiting.pop()
                yield top
                continue
            entry = next(top, None)
            if entry is None:
                waiting.pop()
            elif _is_folder(entry):
                if walk.may_enter(Path(entry.path), self._skip):
                    waiting.append(self._listed(Path(entry.path)))
            else:
                yield from self._if_image(Path(entry.path))

    def _members(self, folder: ZipEntry) -> Iterator[InputFile]:
        waiting = [self._children(folder)]
        while waiting:
            entry = next(waiting[-1], None)
            if entry is None:
                waiting.pop()
            elif entry.is_dir():
                waiting.append(self._children(entry))
            else:
                yield from self._if_image(entry)

    def _if_image(self, path: Entry) -> Iterator[Entry]:
        why = exclusion(path)
        if why is None:
            yield path
        else:
            self.left_out.add(name_of(path), why)

    def _skip(self, path: Entry, why: Reason) -> None:
        self.left_out.add(name_of(path), Exclusion(why))

    def _listed(self, folder: Path) -> Iterator[os.DirEntry[str]] | DataError:
        """List a folder in natural order, or return why it cannot be listed."""
        try:
            with os.scandir(folder) as entries:
                seen = sorted(entries, key=lambda entry: natural_key(entry.name))
        except OSError as error:
            return DataError(f"{folder}: {_reason(error)}.")
        for entry in seen:
            if is_hidden(entry.name):
                count_hidden(Path(entry.path), self._skip)
        return iter([entry for entry in seen if not is_hidden(entry.name)])

    def _children(self, folder: ZipEntry) -> Iterator[ZipEntry]:
        seen = sorted(folder.iterdir(), key=lambda entry: natural_key(entry.name))
        for entry in seen:
            if is_hidden(entry.name):
                count_hidden(entry, self._skip)
        return iter([entry for entry in seen if not is_hidden(entry.name)])


def matching(path: str) -> list[str]:
    """Expand a pattern like a shell, in natural order; return other paths unchanged.

    "**" goes through no links to folders, which may lead round in a circle. Folders that a pattern
    with "**" walks already are left out.
    """
    if os.path.lexists(path) or not PATTERN.search(path):
        return [path]
    return sorted(set(_expanded(path)), key=natural_key)


def _expanded(pattern: str) -> Iterator[str]:
    """Return all matches in any order; patterns with two or more "**" may repeat one."""
    steps = pattern.split("/")
    if ANY_DEPTH not in steps:
        yield from glob.iglob(pattern)  # noqa: PTH207 - takes absolute patterns too
        return
    place = steps.index(ANY_DEPTH)
    before = "/".join(steps[:place]) or "/" * (place > 0)
    inside = "/".join(step for step in steps[place + 1 :] if step) or "*"
    for top in glob.iglob(before) if before else [""]:  # noqa: PTH207
        for folder in _folders(top):
            for match in _expanded(os.path.join(glob.escape(folder), inside)):  # noqa: PTH118
                if not Path(match).is_dir():
                    yield match


def _folders(top: str) -> Iterator[str]:
    """A folder and all below it, but hidden ones, through no links."""
    for folder, below, _files in os.walk(top or os.curdir):
        below[:] = [name for name in below if not name.startswith(".")]
        yield folder if top else folder[2:]  # without the "./" that nobody gave


def name_of(entry: Entry) -> str:
    r"""The path as text that any file format can hold; bytes that are not UTF-8 as "\xff"."""
    return spelt(str(entry))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file or folder"
    return f"cannot be read ({getattr(error, 'strerror', None) or error})"
