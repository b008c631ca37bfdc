"""Files that are left out of a data set, counted by reason, format and suffix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from leadline.data.formats.image_formats import BY_CODE
from leadline.data.formats.image_names import Exclusion, Reason, suffix_of

MOST_KINDS = 6
"""Of so many kinds a sentence gives the number; JSON holds all."""
IN_WORDS: dict[str, str] = {
    Reason.NOT_AN_IMAGE: "not an image",
    Reason.OUTSIDE_CLASSES: "an image outside the class folders",
    Reason.OUTSIDE_SPLITS: "an image in a folder beside the splits",
    Reason.UNLABELLED: "an image of a split without class folders",
    Reason.BESIDE: "not an image, and not in a class folder",
    Reason.HIDDEN: "a hidden image",
    Reason.SPECIAL_FILE: "a pipe or a device",
    Reason.BROKEN_LINK: "a link that leads nowhere",
    Reason.LINK: "a link that is not followed",
    Reason.NO_ACCESS: "a file that cannot be opened",
}


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


class Tally:
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


def left_out_text(kinds: Sequence[LeftOut]) -> str:
    """One sentence: how many files are left out, of which suffix and why, and what to do.

    "Left out: 21 files: 12 .txt (not an image), such as a/notes.txt; 9 .heic (a HEIC photograph:
    convert it to ...), such as a/IMG_1.heic."
    """
    total = sum(one.count for one in kinds)
    said = [_kind(one) for one in kinds[:MOST_KINDS]]
    more = len(kinds) - MOST_KINDS
    if more > 0:
        count = sum(one.count for one in kinds[MOST_KINDS:])
        said.append(f"{count:,} of {more} other kind{'s' * (more != 1)}")
    return f"Left out: {total:,} file{'s' * (total != 1)}: {'; '.join(said)}."


def _kind(one: LeftOut) -> str:
    known = BY_CODE.get(one.format)
    if known is None:
        what = IN_WORDS.get(one.reason, one.reason)
    else:
        what = f"{known.title}: {known.way_on}" if known.way_on else known.title
    return f"{one.count:,} {one.suffix or 'without suffix'} ({what}), such as {one.first}"
