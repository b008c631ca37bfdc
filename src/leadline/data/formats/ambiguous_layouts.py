"""Remarks on folders that are read as classes and may be something else.

Nothing is refused for them: folders of any name may be classes.
"""

from __future__ import annotations

from collections.abc import Mapping

from leadline.data.formats.folder_walk import folders_in
from leadline.data.formats.split_names import FILLERS, TOKEN
from leadline.data.formats.zip_tree import Entry
from leadline.data.labels import caseless, natural_key
from leadline.data.remarks import Remark, remark
from leadline.system.durable_files import spelt

PARTS = (frozenset(FILLERS) - {"class", "classes"}) | {
    "parts", "fold", "folds", "batch", "batches", "chunk", "chunks", "shard", "shards", "archive",
    "volume", "vol", "disc", "disk", "block", "zip", "tar",
}  # fmt: skip
"""Words for pieces of a set, beside a number."""
MOST_NAMED = 10


def layout_questions(classes: Mapping[str, list[Entry]], table: str = "") -> tuple[Remark, ...]:
    """Remarks on folders that may not be the classes.

    Parameters
    ----------
    classes : mapping of str to list of folders
        The folders of the training images by the name of their class.
    table : str
        The name of a table beside the folders that may hold the labels, "" for none.
    """
    if len(classes) < 2:
        return ()
    names, more = _first(list(classes))
    if are_parts(list(classes)):
        return (remark("numbered-classes", names=names, more=more, table=table),)
    if shared := shared_folders(classes):
        folders, more_folders = _first(shared)
        return (
            remark(
                "equal-folders", names=names, more=more, folders=folders, more_folders=more_folders
            ),
        )
    return ()


def are_parts(names: list[str]) -> bool:
    """True for "images_part_1" and "images_part_2"; False for "class_1", and for "1" and "2"."""
    tokens = [[token.lower() for token in TOKEN.findall(name)] for name in names]
    words = [tuple(one for one in here if not _is_number(one)) for here in tokens]
    numbered = all(len(here) > len(there) for here, there in zip(tokens, words, strict=True))
    return numbered and len(set(words)) == 1 and not PARTS.isdisjoint(words[0])


def _is_number(token: str) -> bool:
    return token.isdecimal() or len(token) == 1


def shared_folders(classes: Mapping[str, list[Entry]]) -> list[str]:
    """Names of folders that all classes hold, if those are at least half of all such names.

    A folder called "entrainement" holds every class, one called "verification" perhaps fewer.
    Folders of patients, each in one class or a few, are not shared.
    """
    inside = [
        {caseless(name): name for one in place for name in _names_in(one)}
        for place in classes.values()
    ]
    shared = set(inside[0]).intersection(*inside[1:])
    every = set(inside[0]).union(*inside[1:])
    if len(every) < 2 or 2 * len(shared) < len(every):
        return []
    return sorted((inside[0][key] for key in shared), key=natural_key)


def _names_in(folder: Entry) -> list[str]:
    return [spelt(inner.name) for inner in folders_in(folder)]


def _first(names: list[str]) -> tuple[list[str], int]:
    """The first names, and the number of others."""
    return names[:MOST_NAMED], max(0, len(names) - MOST_NAMED)
