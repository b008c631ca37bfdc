"""What every walk through folders leaves out: hidden images, and links that would lead in a circle.

`class_folders` walks the folders of a data set, `serving.inputs` those that a command line names.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from leadline.data.image_names import SUFFIXES, Reason
from leadline.data.zip_tree import Entry

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


def may_follow(path: Path, walked: list[str], on_skip: Skip) -> bool:
    """Return True for a folder, and for a link to one that is not walked already.

    walked: real paths of the folder that is walked and of those that links led to so far.
    """
    folder, *linked = walked
    if not os.path.islink(path):  # noqa: PTH114 - a path may be too long for Path.is_symlink
        # A folder below a link may have been reached by another link already.
        return not linked or os.path.realpath(path) not in linked
    target = os.path.realpath(path)
    if _is_within(folder, target) or any(_is_within(target, one) for one in walked):
        on_skip(path, Reason.LINK)
        return False
    walked.append(target)
    return True


def _is_within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)
