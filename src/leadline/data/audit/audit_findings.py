"""What an audit says: findings as values, and as the JSON that machines read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.formats.omitted_files import LeftOut
from leadline.data.short_repr import ShortRepr

ADVICE = {
    "shared-group": "Move every image of a patient to one split, or let leadline carve the splits "
    "with data.group_pattern; figures on the split as it is are too good.",
    "duplicate": "Keep one copy. An image in two splits is judged after it was learnt; one in two "
    "classes has a wrong label.",
    "near-duplicate": "Look at the pairs. Copies that were saved again, resized, shifted or "
    "changed in brightness belong in one split.",
    "small-split": 'Carve validation out of train (data.validation = "carve"), and choose nothing '
    "by this split.",
    "missing-subgroup": "What is chosen or judged on this split says nothing of these subgroups; "
    "carve it again, stratified.",
    "prevalence-shift": "Choose thresholds at the prevalence where they will be used, and do not "
    "read accuracies of the two splits side by side.",
    "small-class": "Recall on so few images is a guess: add images, or carve larger splits.",
    "unreadable": "Replace these files or remove them; training refuses them.",
    "left-out": "Convert pictures in other formats to PNG or JPEG, move images into class folders, "
    "and remove what is not an image.",
    "shortcut": "The probe measures how well properties such as size, border and brightness "
    "separate the classes. It matters if they come from how the images were made (device, crop, "
    "file format): a model may learn them and fail elsewhere, so make them equal across "
    "the classes. It does not matter if they belong to the classes, as brightness does "
    "for dark and light garments. Report this AUC beside your model's.",
}
"""What to do about each kind of finding."""

MOST_EXAMPLES = 10
"""How many examples a finding names; it counts them all."""
PICTURED_GROUPS, PICTURED_COPIES = 4, 4
"""Of so many examples, so many copies each are kept as pictures."""


def counted(count: int, what: str) -> str:
    """ "1 pair", "2,000 pairs"."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a data set.

    count is of what `docs/audit.md` says for the kind; details are further keys of the JSON.
    """

    kind: str
    splits: tuple[str, ...]
    count: int
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The finding as `--json` prints it."""
        return {
            "kind": self.kind,
            "splits": list(self.splits),
            "count": self.count,
            "message": self.message,
            "advice": ADVICE[self.kind],
            **self.details,
        }


def pictured(finding: Finding) -> tuple[tuple[str, ...], ...]:
    """Names of images to be looked at side by side, a tuple for each group of copies."""
    if finding.kind not in ("duplicate", "near-duplicate"):
        return ()
    examples = finding.details["examples"][:PICTURED_GROUPS]
    groups = (one["images"] if isinstance(one, dict) else one for one in examples)
    return tuple(tuple(group[:PICTURED_COPIES]) for group in groups)


@dataclass(frozen=True)
class Measured:
    """What some features alone reach on images they were not fitted on.

    auc: 0 to 1, one class against the rest, averaged over classes; interval: its 95% bounds.
    """

    features: str
    auc: float
    interval: tuple[float, float]
    flagged: bool

    def as_json(self) -> dict[str, Any]:
        """One entry of the JSON's "probe"."""
        return {
            "features": self.features,
            "auc": self.auc,
            "interval": list(self.interval),
            "flagged": self.flagged,
        }


@dataclass(frozen=True, repr=False)
class Audit(ShortRepr):
    """All that was found in a data set, and what was measured on the way."""

    path: str
    splits: Mapping[str, Mapping[str, int]]
    """Readable images by split and class."""
    findings: tuple[Finding, ...]
    probe: tuple[Measured, ...]
    notes: tuple[str, ...]
    """How the data were read: which patterns were taken, what could not be checked."""
    left_out: tuple[LeftOut, ...] = ()
    """Files that are not read, by reason and suffix."""
    pictures: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    """Small grey copies (px, px) of the first examples of copies and near-copies, by name."""

    def as_json(self) -> dict[str, Any]:
        """The audit as `--json` prints it."""
        return {
            "path": self.path,
            "splits": {split: dict(counts) for split, counts in self.splits.items()},
            "findings": [finding.as_json() for finding in self.findings],
            "probe": [measured.as_json() for measured in self.probe],
            "notes": list(self.notes),
            "left_out": [one.as_json() for one in self.left_out],
        }
