"""Where `pybabel extract` finds the words of built-in experiments and studies: in their TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import BinaryIO

CONTEXT = "catalog"
"""Tells a built-in title from what a user wrote with the same words."""

Extracted = tuple[int, str, tuple[str, str], list[str]]


def extract_toml(
    file: BinaryIO, _keywords: object, _comments: object, **_options: object
) -> Iterator[Extracted]:
    """Title, description and limits of one TOML file, as Babel's extractors give messages."""
    text = file.read().decode("utf-8")
    for key in ("title", "description", "limits"):
        said = tomllib.loads(text).get(key)
        if said:
            yield _line(text, key), "pgettext", (CONTEXT, said), []


def _line(text: str, key: str) -> int:
    lines = text.splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(key))
