"""What every walk through folders leaves out: hidden images, and links that would lead in a circle.

`class_folders` walks the folders of a data set, `serving.inputs` those that a command line names.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from leadline.data.formats.image_names import SUFFIXES, Reason
from leadline.data.formats.zip_tree import Entry

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
