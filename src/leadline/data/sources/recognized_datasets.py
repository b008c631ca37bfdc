"""Data sets that are known by the names of their files, wherever they lie."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from leadline.data.sources import kermany_chest


@dataclass(frozen=True)
class Naming:
    """A data set whose file names are known: every name matches `group`.

    name: as `data.source` calls it. group: whose image it is. subgroup: of which subtype.
    """

    name: str
    group: str
    subgroup: str


NAMINGS = (
    Naming(
        name=kermany_chest.NAME,
        # Patient numbers restart for each type, and so do both ranges of normal images.
        group=r"^(person\d+_(?:bacteria|virus)|(?:NORMAL2-)?IM-\d+)[-_]",
        subgroup=r"^person\d+_(bacteria|virus)_",
    ),
)


def known_by_names(names: Sequence[str]) -> Naming | None:
    """The data set all of whose file names look like these; folders are not looked at."""
    return next((naming for naming in NAMINGS if names and _fits(naming, names)), None)


def _fits(naming: Naming, names: Sequence[str]) -> bool:
    compiled = re.compile(naming.group)
    return all(compiled.search(name.rpartition("/")[2]) for name in names)
