"""Translate Pydantic's errors into messages with key, value and allowed values.

Lists count from 1, as people do and as `--set` does: `layer 3 (Dense).units` is the third layer's.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from leadline.experiments.frozen_model import PATTERNS

MOST_MISTAKES = 5
VALUE_MAX_CHARS = 80
TYPES = {
    "bool_type": "true or false",
    "dict_type": "a table",
    "float_type": "a number",
    "int_type": "a whole number",
    "model_attributes_type": "a table",
    "model_type": "a table",
    "string_type": "a string",
    "tuple_type": "a list",
}

Steps = tuple[int | str, ...]


@dataclass(frozen=True)
class Mistake:
    """Return the location in the file, the value there, and Pydantic's message."""

    steps: Steps
    detail: ErrorDetails


def explain(
    error: ValidationError, table: dict[str, Any], where: str, model: type[BaseModel]
) -> str:
    """One line for all mistakes, at most five of them told. `where`: the file, for its reader."""
    found = [Mistake(tuple(_steps(detail, table)), detail) for detail in error.errors()]
    told = [mistake for mistake in found if not _is_other_form(mistake, found)]
    groups = list(dict.fromkeys(mistake.steps for mistake in told))
    lines = [
        _one_line([mistake for mistake in told if mistake.steps == steps], table, model)
        for steps in groups[:MOST_MISTAKES]
    ]
    more = f"; and {len(groups) - MOST_MISTAKES} more" if len(groups) > MOST_MISTAKES else ""
    return f"{where}: {'; '.join(lines)}{more}."


def _steps(detail: ErrorDetails, table: Any) -> Iterator[int | str]:
    """The keys of a location that are in the file (Pydantic adds the names of union members)."""
    loc = detail["loc"]
    place = table
    for position, step in enumerate(loc):
        in_table = isinstance(place, dict) and step in place
        in_list = isinstance(place, list) and isinstance(step, int) and step < len(place)
        if in_table or in_list:
            place = place[step]
            yield step
        elif position == len(loc) - 1 and detail["type"] == "missing":
            yield step


def _is_other_form(mistake: Mistake, found: Sequence[Mistake]) -> bool:
    """Whether the value was meant in another form: a list is no failed attempt at a number."""
    if mistake.detail["type"] not in TYPES:
        return False
    here = mistake.steps
    return any(
        other.steps[: len(here)] == here
        and (len(other.steps) > len(here) or other.detail["type"] not in TYPES)
        for other in found
    )


def _one_line(mistakes: list[Mistake], table: dict[str, Any], model: type[BaseModel]) -> str:
    steps, detail = mistakes[0].steps, mistakes[0].detail
    key = _key(steps, table)
    kind, context = detail["type"], detail.get("ctx", {})
    tag = str(context.get("discriminator", "")).strip("'")
    if kind == "missing":
        return f"{key} is missing"
    if kind == "extra_forbidden":
        return f"{key} = {_shown(detail['input'])} is not a setting; {_allowed(detail, model)}"
    if kind == "union_tag_not_found":
        return f"{key} needs a {tag}"
    if kind == "union_tag_invalid":
        value = _shown(detail["input"][tag])
        key = key.removesuffix(f" ({detail['input'][tag]})")
        return f"{key}.{tag} = {value}: should be one of {context['expected_tags']}"
    if kind == "value_error":
        message = detail["msg"].removeprefix("Value error, ")
        return f"{key}: {message}" if steps else message
    wanted = " or ".join(dict.fromkeys(_wanted(mistake.detail) for mistake in mistakes))
    wanted = wanted.replace(" or be ", " or ")
    return f"{key} = {_shown(detail['input'])}: should {wanted}"


def _key(steps: Steps, table: dict[str, Any]) -> str:
    """`training.epochs`, `data.size_px.2`, `layer 3 (Dense).units`."""
    if len(steps) >= 2 and steps[0] == "layers" and isinstance(steps[1], int):
        layer = table["layers"][steps[1]]
        kind = layer.get("type") if isinstance(layer, dict) else None
        named = f"layer {steps[1] + 1}" + (f" ({kind})" if isinstance(kind, str) else "")
        return ".".join([named, *_counted(steps[2:])])
    return ".".join(_counted(steps)) or "the file"


def _counted(steps: Steps) -> list[str]:
    return [str(step + 1) if isinstance(step, int) else step for step in steps]


def _wanted(detail: ErrorDetails) -> str:
    """What follows "should": "be a whole number", "be greater than 0"."""
    if detail["type"] in TYPES:
        return f"be {TYPES[detail['type']]}"
    if detail["type"] == "string_pattern_mismatch":
        return PATTERNS[detail["ctx"]["pattern"]]
    message = detail["msg"].partition("should ")[2] or detail["msg"]
    return message.replace(" after validation", "")


def _shown(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= VALUE_MAX_CHARS else f"{text[:VALUE_MAX_CHARS]}…"


def _allowed(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """The settings that stand beside an unknown one, nearest first."""
    *parents, last = detail["loc"]
    known = list(_fields_at(parents, model))
    near = difflib.get_close_matches(str(last), known, n=3, cutoff=0.5)
    return f"nearest: {', '.join(near)}" if near else f"allowed: {', '.join(known)}"


def _fields_at(loc: Sequence[int | str], model: type[BaseModel]) -> Iterator[str]:
    """Names of the settings at a location, read from the JSON Schema."""
    schema = model.model_json_schema()
    places = [schema]
    for step in loc:
        inner = (_inner(place, step) for place in places)
        places = _options(next(found for found in inner if found is not None), schema)
    for place in places:
        yield from place.get("properties", {})


def _inner(option: dict[str, Any], step: int | str) -> dict[str, Any] | None:
    """What the schema `option` says of an item of a list, a union's member, or a key."""
    if isinstance(step, int):
        return option.get("items")
    mapping: dict[str, str] = option.get("discriminator", {}).get("mapping", {})
    properties: dict[str, dict[str, Any]] = option.get("properties", {})
    return {"$ref": mapping[step]} if step in mapping else properties.get(step)


def _options(place: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """A place and what it may be instead, references followed."""
    if "$ref" in place:
        return [schema["$defs"][place["$ref"].rsplit("/", 1)[-1]]]
    return [
        place,
        *(inner for option in place.get("anyOf", []) for inner in _options(option, schema)),
    ]
