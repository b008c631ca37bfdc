"""Settings laid over those of a file: `[common]` of a study, `--set key.path=value`."""

from __future__ import annotations

import tomllib
from typing import Any

from leadline.errors import SpecError

MOST_DIGITS = 9
"""Of the number of a layer."""
TEXTS = frozenset(
    {"name", "title", "description", "data.source", "data.group_pattern", "decision.positive",
     "decision.subgroup_pattern"}
)  # fmt: skip
"""Settings that are text: a class may be called 1, 01, true or 2024-01-01."""


def merge(table: dict[str, Any], extra: dict[str, Any]) -> None:
    """Lay `extra` over `table`, table by table; a list or a value replaces what was there."""
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(table.get(key), dict):
            merge(table[key], value)
        else:
            table[key] = value


def apply_override(table: dict[str, Any], override: str) -> None:
    """Set `training.epochs=3`, or `layers.1.units=64`; the value is TOML, or else a string.

    Without a value, as in `data.group_pattern=`, the setting is left out, for its default to hold.
    Lists count from 1. Names and patterns are text, whatever they look like. Raises SpecError where
    there is no such place.
    """
    key, equals, text = override.partition("=")
    *parents, last = (step.strip() for step in key.split("."))
    if not equals or not all([*parents, last]):
        raise SpecError(f"--set {override!r}: write key=value, as in training.epochs=3.")
    place: Any = table
    for step in parents:
        place = _inside(place, step, override)
    where = _step(place, last, override)
    if text.strip():
        value = _value(text.strip())
        is_text = ".".join([*parents, last]) in TEXTS
        place[where] = text.strip() if is_text and not isinstance(value, str) else value
    elif isinstance(place, dict):
        place.pop(where, None)
    else:
        raise SpecError(f"--set {override!r}: say what {key.strip()} should be.")


def _inside(place: Any, step: str, override: str) -> Any:
    key = _step(place, step, override)
    return place.setdefault(key, {}) if isinstance(place, dict) else place[key]


def _step(place: Any, step: str, override: str) -> str | int:
    """The key or the index that `step` means in this table or list."""
    if isinstance(place, dict):
        return step
    if not isinstance(place, list):
        raise SpecError(f"--set {override!r}: {step!r} is no setting, for {place!r} is no table.")
    short = step.isdecimal() and len(step) <= MOST_DIGITS  # int() refuses 4,301 digits
    if not short or not 1 <= int(step) <= len(place):
        raise SpecError(
            f"--set {override!r}: {step!r} should be a number from 1 to {len(place)}; "
            "lists count from 1."
        )
    return int(step) - 1


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except ValueError:
        return text
