"""Files that are left out of a data set, counted by reason, format and suffix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from leadline.data.formats.image_names import Exclusion, suffix_of
from leadline.data.remarks import Remark, remark


@dataclass(frozen=True)
class LeftOut:
    """Files of one suffix that are left out for one reason.

    format: code of the format of the content, "" where it is not known. suffix: in small letters
    with its dot, "" for none. first: name of the first such file.
    """

    reason: str
    format: str
    suffix: str
    count: int
    first: str

    def as_json(self) -> dict[str, Any]:
        """The entry as JSON files hold it."""
        return asdict(self)


class OmittedFileCounter:
    """Counts files that are left out, in order of their first appearance."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Exclusion, str], int] = {}
        self._first: dict[tuple[Exclusion, str], str] = {}

    def add(self, name: str, exclusion: Exclusion) -> None:
        """Count one file; name: as it is shown."""
        key = exclusion, suffix_of(name)
        self._counts[key] = self._counts.get(key, 0) + 1
        self._first.setdefault(key, name)

    def kinds(self) -> tuple[LeftOut, ...]:
        """All kinds, the most frequent first."""
        ordered = sorted(self._counts, key=lambda key: -self._counts[key])
        return tuple(
            LeftOut(
                reason=key[0].reason.value,
                format=key[0].format.code if key[0].format else "",
                suffix=key[1],
                count=self._counts[key],
                first=self._first[key],
            )
            for key in ordered
        )


def left_out_remarks(kinds: Sequence[LeftOut]) -> tuple[Remark, ...]:
    """A remark on how many files are left out, of which suffix and why, if there are any."""
    return (remark("left-out", kinds=[kind.as_json() for kind in kinds]),) if kinds else ()
