"""Names of built-in experiments and studies, read fast enough for shell completion."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from leadline.errors import UnknownName

_CATALOG = Path(__file__).parent.parent / "experiments" / "catalog"


def names(room: str) -> list[str]:
    """Sorted names in a room of the catalogue, "experiments" or "studies"."""
    return sorted(path.stem for path in (_CATALOG / room).glob("*.toml"))


def tables(room: str) -> dict[str, dict[str, Any]]:
    """The TOML table of each file in a room, by name, as it was written."""
    paths = {name: _CATALOG / room / f"{name}.toml" for name in names(room)}
    return {name: tomllib.loads(path.read_text(encoding="utf-8")) for name, path in paths.items()}


def check_room(name: str, room: str) -> None:
    """Raise UnknownName, with the right command, where a study is given for an experiment or back.

    What is in no room is left to the reader of specifications, who knows files and near names.
    """
    other = "studies" if room == "experiments" else "experiments"
    if name in names(room) or name not in names(other):
        return
    if other == "studies":
        raise UnknownName(f"{name!r} is a study, not an experiment; try: leadline study {name}.")
    raise UnknownName(f"{name!r} is an experiment, not a study; try: leadline train {name}.")
