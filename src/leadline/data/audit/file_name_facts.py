"""Whose image it is, and of which subtype, read from file names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from leadline.data.groups import group_names
from leadline.data.remarks import Remark, remark
from leadline.data.sources.source import Source
from leadline.data.sources.source_list import known_by_names
from leadline.errors import DataError


@dataclass(frozen=True)
class Identities:
    """For each image its group and its subtype.

    groups is None where nothing says whose an image is. A subgroup is "" where the name holds none.
    """

    groups: tuple[str, ...] | None
    subgroups: tuple[str, ...]
    notes: tuple[Remark, ...]


def identify(
    names: Sequence[str], group_pattern: str | None, subgroup_pattern: str | None
) -> Identities:
    """Groups and subgroups by these patterns, or by those of a known data set.

    names: with their folders, which are not looked at. Raises DataError for a pattern that is no
    regular expression, or that finds a group in some names only; which, it says.
    """
    known = known_by_names(names)
    group = group_pattern or (known.group if known else None)
    subgroup = subgroup_pattern or (known.subgroup if known else None)
    compiled = _compiled("--subgroup-pattern", subgroup) if subgroup else None
    return Identities(
        groups=_groups(names, group),
        subgroups=tuple(_subgroup(compiled, name) for name in names),
        notes=_notes(known, group_pattern, subgroup_pattern),
    )


def _groups(names: Sequence[str], pattern: str | None) -> tuple[str, ...] | None:
    if pattern is None:
        return None
    _compiled("--group-pattern", pattern)
    return group_names(names, pattern, setting="--group-pattern")


def _compiled(option: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise DataError(
            f"{option} {pattern!r} is not a valid regular expression ({error}); for example, "
            "'^(patient[0-9]+)_'."
        ) from None


def _subgroup(compiled: re.Pattern[str] | None, name: str) -> str:
    match = compiled and compiled.search(_file_name(name))
    if not match:
        return ""
    return "_".join(filter(None, match.groups())) if match.re.groups else match.group()


def _file_name(name: str) -> str:
    return name.rpartition("/")[2]


def _notes(
    known: Source | None, group_pattern: str | None, subgroup_pattern: str | None
) -> tuple[Remark, ...]:
    if known is None and group_pattern is None:
        return (remark("no-group-pattern"),)
    if known is None or (group_pattern and subgroup_pattern):
        return ()
    taken = {
        "group": known.group if group_pattern is None else "",
        "subgroup": known.subgroup if subgroup_pattern is None else "",
    }
    return (remark("known-names", name=known.name, **taken),)
