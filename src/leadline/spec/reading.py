"""TOML in, frozen specifications out; every mistake named by file, key and value."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from leadline.errors import SpecError, UnknownName
from leadline.spec.experiment import Experiment, Study

CATALOG = Path(__file__).parent.parent / "catalog"
SPEC_MAX_BYTES = 1_000_000


def experiment_names() -> list[str]:
    """Names of the built-in experiments, sorted."""
    return sorted(path.stem for path in (CATALOG / "experiments").glob("*.toml"))


def study_names() -> list[str]:
    """Names of the built-in studies, sorted."""
    return sorted(path.stem for path in (CATALOG / "studies").glob("*.toml"))


def load_experiment(name_or_path: str | Path, overrides: Sequence[str] = ()) -> Experiment:
    """The experiment of that name, or in that TOML file, with `key.path=value` overrides.

    Raises UnknownName with the nearest names, or SpecError with file, key, value and mend.
    """
    path = _find(name_or_path, "experiments", experiment_names())
    table = _read_toml(path)
    table.setdefault("name", path.stem)
    for override in overrides:
        _apply(table, override)
    return _experiment(table, str(path))


def load_study(name_or_path: str | Path, overrides: Sequence[str] = ()) -> Study:
    """The study of that name, or in that TOML file; its experiments resolved.

    `experiments` lists built-in names or paths of TOML files relative to the study's own file. A
    table `[common]` and every override go to each experiment.
    """
    path = _find(name_or_path, "studies", study_names())
    table = _read_toml(path)
    table.setdefault("name", path.stem)
    common = table.pop("common", {})
    members = table.get("experiments", [])
    if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
        raise SpecError(
            f"{path}: experiments = {members!r} should be a list of names or of TOML files."
        )
    table["experiments"] = [_member(path, member, common, overrides) for member in members]
    try:
        return Study.model_validate(table)
    except ValidationError as error:
        raise SpecError(_explain(error, table, str(path))) from None


def parse_experiment(text: str, where: str) -> Experiment:
    """An experiment from resolved TOML text, as run folders hold it. `where` is for messages."""
    return _experiment(_parse(text, where), where)


def _member(
    study: Path, member: str, common: dict[str, Any], overrides: Sequence[str]
) -> Experiment:
    path = study.parent / member if member.endswith(".toml") else Path(member)
    path = _find(path, "experiments", experiment_names())
    table = _read_toml(path)
    table.setdefault("name", path.stem)
    _merge(table, common)
    for override in overrides:
        _apply(table, override)
    return _experiment(table, str(path))


def _experiment(table: dict[str, Any], where: str) -> Experiment:
    try:
        return Experiment.model_validate(table)
    except ValidationError as error:
        raise SpecError(_explain(error, table, where)) from None


def _find(name_or_path: str | Path, room: str, known: list[str]) -> Path:
    text = str(name_or_path)
    path = Path(name_or_path)
    if text in known:
        return CATALOG / room / f"{text}.toml"
    if path.suffix == ".toml" or path.is_file():
        if not path.is_file():
            raise SpecError(f"{path}: no such file.")
        return path
    near = difflib.get_close_matches(text, known, n=3, cutoff=0.4) or known
    raise UnknownName(
        f"No {'experiment' if room == 'experiments' else 'study'} is called {text!r}. "
        f"Nearest: {', '.join(near)}. A file's name must end in .toml."
    )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > SPEC_MAX_BYTES:
            raise SpecError(f"{path}: larger than {SPEC_MAX_BYTES:,} bytes; this is no experiment.")
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(
            f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8."
        ) from None
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror}.") from None
    return _parse(text, str(path))


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{where}: not valid TOML: {error}.") from None


def _merge(table: dict[str, Any], extra: dict[str, Any]) -> None:
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(table.get(key), dict):
            _merge(table[key], value)
        else:
            table[key] = value


def _apply(table: dict[str, Any], override: str) -> None:
    """Set `training.epochs=3`, or `layers.0.units=64`; the value is TOML, or else a string."""
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise SpecError(f"--set {override!r}: write key=value, as in training.epochs=3.")
    *parents, last = key.strip().split(".")
    try:
        place: Any = table
        for step in parents:
            place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
        place[int(last) if isinstance(place, list) else last] = _value(text.strip())
    except (ValueError, IndexError, TypeError, AttributeError):
        raise SpecError(f"--set {override!r}: there is no place {key.strip()!r} to set.") from None


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _explain(error: ValidationError, table: dict[str, Any], where: str) -> str:
    """One line: each mistake as key, value and what is allowed; at most five of them."""
    details = error.errors()
    lines = [_one_mistake(detail, table) for detail in details[:5]]
    more = f"; and {len(details) - 5} more" if len(details) > 5 else ""
    return f"{where}: {'; '.join(lines)}{more}."


def _one_mistake(detail: ErrorDetails, table: dict[str, Any]) -> str:
    steps = list(_steps(detail["loc"], table))
    key = ".".join(str(step) for step in steps) or "the whole"
    if detail["type"] == "missing":
        return f"{key} is missing"
    if detail["type"] == "extra_forbidden":
        return f"{key} = {detail['input']!r} is not a setting; {_allowed_keys(detail['loc'])}"
    if detail["type"] == "union_tag_invalid":
        context = detail.get("ctx", {})
        tag = str(context.get("discriminator", "")).strip("'")
        return f"{key}.{tag} = {context.get('tag')!r}; choose one of {context.get('expected_tags')}"
    if detail["type"] == "union_tag_not_found":
        tag = str(detail.get("ctx", {}).get("discriminator", "")).strip("'")
        return f"{key} needs a {tag}"
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{key} = {detail['input']!r}: {message}" if steps else message


def _steps(loc: tuple[int | str, ...], table: Any) -> Iterator[int | str]:
    """The keys of a location that are in the file (Pydantic adds the names of union members)."""
    place = table
    for position, step in enumerate(loc):
        in_table = isinstance(place, dict) and step in place
        in_list = isinstance(place, list) and isinstance(step, int) and step < len(place)
        if in_table or in_list:
            place = place[step]
            yield step
        elif position == len(loc) - 1:
            yield step


def _allowed_keys(loc: tuple[int | str, ...]) -> str:
    """The settings that stand beside an unknown one, nearest first."""
    known = list(_fields_at(loc[:-1]))
    near = difflib.get_close_matches(str(loc[-1]), known, n=3, cutoff=0.5)
    if near:
        return f"nearest: {', '.join(near)}"
    return f"allowed: {', '.join(known)}" if known else "remove it"


def _fields_at(loc: tuple[int | str, ...]) -> Iterator[str]:
    """Names of the settings at a location, read from the JSON Schema."""
    schema = Experiment.model_json_schema()
    place: dict[str, Any] = schema
    for step in loc:
        place = _resolve(place, schema)
        options = [_resolve(option, schema) for option in place.get("anyOf", [])]
        for option in [place, *options]:
            if isinstance(step, int) and ("items" in option):
                place = option["items"]
                break
            if step in option.get("properties", {}):
                place = option["properties"][step]
                break
            if step in option.get("discriminator", {}).get("mapping", {}):
                place = {"$ref": option["discriminator"]["mapping"][step]}
                break
    yield from _resolve(place, schema).get("properties", {})


def _resolve(place: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in place:
        place = schema["$defs"][place["$ref"].rsplit("/", 1)[-1]]
    return place
