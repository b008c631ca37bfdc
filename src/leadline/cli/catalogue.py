"""What is built in, read straight from the files: cheap enough for shell completion."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_CATALOG = Path(__file__).parent.parent / "catalog"


def names(room: str) -> list[str]:
    """Sorted names in a room of the catalogue, "experiments" or "studies"."""
    return sorted(path.stem for path in (_CATALOG / room).glob("*.toml"))


def tables(room: str) -> dict[str, dict[str, Any]]:
    """The TOML table of each file in a room, by name, as it was written."""
    paths = sorted((_CATALOG / room).glob("*.toml"))
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in paths}
