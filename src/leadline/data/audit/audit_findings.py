"""Values of an audit: findings, the checks that make them, and the whole audit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from leadline.data.audit.file_name_facts import Identities
from leadline.data.audit.image_scan import ImageRecords
from leadline.data.formats.omitted_files import LeftOut
from leadline.data.progress import Progress
from leadline.data.remarks import Remark
from leadline.data.short_repr import ShortRepr
from leadline.system.messages import Message

MOST_EXAMPLES = 10
"""The number of examples that a finding names; it counts them all."""

Severity = Literal["serious", "caution", "minor"]
"""serious: results on these splits are wrong. caution: they are uncertain, or need a remark."""


@dataclass(frozen=True)
class Finding:
    """One problem in a data set.

    kind : code of the check. count : of what the check counts. details : numbers and names, which
    JSON holds beside the other fields.
    """

    kind: str
    splits: tuple[str, ...]
    count: int
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The finding as an English sentence."""
        return str(check_of(self).message(self))


@dataclass(frozen=True)
class Measured:
    """Score of some features alone on images that they were not fitted on.

    features : code of a group of features. auc : 0 to 1, one class against the rest, averaged over
    classes; interval: its 95% bounds. flagged : the whole interval is above the level of a finding.
    """

    features: str
    auc: float
    interval: tuple[float, float]
    flagged: bool


@dataclass(frozen=True, eq=False)
class Searched:
    """Input of a check.

    splits : names of the two splits, or the one, that the probe was fitted and evaluated on.
    on_progress : gets (what, done, total).
    """

    records: ImageRecords
    identities: Identities
    probe: tuple[Measured, ...] = ()
    probed_splits: tuple[str, ...] = ()
    on_progress: Progress = lambda *_: None


@dataclass(frozen=True)
class IntervalBar:
    """A share with its 95% interval, each from 0 to 1, to draw."""

    low: float
    high: float
    share: float
    form: Literal["interval"] = "interval"


@dataclass(frozen=True)
class Examples:
    """Names of examples."""

    names: tuple[str, ...]
    form: Literal["examples"] = "examples"


@dataclass(frozen=True)
class FileReasons:
    """Files, each with what is wrong with it."""

    files: tuple[tuple[str, Message], ...]
    form: Literal["files"] = "files"


@dataclass(frozen=True)
class ShareTable:
    """Shares of the classes by split, 0 to 1."""

    shares: Mapping[str, Mapping[str, float]]
    form: Literal["shares"] = "shares"


Exhibit = IntervalBar | Examples | FileReasons | ShareTable
"""Lines below the message of a finding."""


class Check(ABC):
    """A kind of problem that an audit looks for; `register` adds one.

    code : in JSON and before a message in the terminal. title, advice : as on the page.
    """

    code: ClassVar[str]
    title: ClassVar[Message]
    advice: ClassVar[Message]

    @abstractmethod
    def search(self, searched: Searched) -> Iterable[Finding]:
        """Find the problems of this kind."""

    @abstractmethod
    def message(self, finding: Finding) -> Message:
        """Say what was found, in lower case and with a full stop."""

    @abstractmethod
    def figure(self, finding: Finding) -> Message:
        """Give the most important number, in a few words: "16 images"."""

    def severity(self, finding: Finding) -> Severity:
        """Judge how serious a finding is."""
        del finding
        return "caution"

    def exhibit(self, finding: Finding) -> Exhibit | None:
        """Return what is shown below the message, None for nothing."""
        del finding
        return None

    def pictures(self, finding: Finding) -> tuple[tuple[str, ...], ...]:
        """Return names of images to show side by side, a tuple for each group."""
        del finding
        return ()


CHECKS: list[Check] = []
"""All checks, in the order in which they search; `checks` has those of leadline."""


def register(check: Check) -> None:
    """Add a check. Raises ValueError for a code that another check has."""
    if any(check.code == known.code for known in CHECKS):
        raise ValueError(f"check code {check.code!r} is taken; choose another.")
    CHECKS.append(check)


def check_of(finding: Finding) -> Check:
    """Return the check that makes findings of this kind. Raises KeyError if there is none."""
    by_code = {check.code: check for check in CHECKS}
    return by_code[finding.kind]


@dataclass(frozen=True, repr=False)
class Audit(ShortRepr):
    """All that was found in a data set, and what was measured on the way."""

    __pydantic_config__: ClassVar = {"arbitrary_types_allowed": True}  # for the pictures

    path: str
    splits: Mapping[str, Mapping[str, int]]
    """Readable images by split and class."""
    findings: tuple[Finding, ...]
    probe: tuple[Measured, ...]
    notes: tuple[Remark, ...]
    """Remarks on how the data were read: patterns that were used, checks that were not possible."""
    left_out: tuple[LeftOut, ...] = ()
    """Files that are not read, by reason and suffix."""
    pictures: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    """Small grey copies (px, px) of the first examples of copies and near-copies, by name."""

    def as_json(self) -> dict[str, Any]:
        """The audit as `--json` prints it: codes, values and English messages."""

        def finding_json(finding: Finding) -> dict[str, Any]:
            check = check_of(finding)
            return {
                "kind": finding.kind,
                "splits": list(finding.splits),
                "count": finding.count,
                "message": str(check.message(finding)),
                "advice": str(check.advice),
                **finding.details,
            }

        return {
            "path": self.path,
            "splits": {split: dict(counts) for split, counts in self.splits.items()},
            "findings": [finding_json(finding) for finding in self.findings],
            "probe": [
                {**asdict(measured), "interval": list(measured.interval)} for measured in self.probe
            ],
            "notes": [note.as_json() for note in self.notes],
            "left_out": [kind.as_json() for kind in self.left_out],
        }
