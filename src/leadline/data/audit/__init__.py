"""Problems of a data set, found before anything is trained on it.

| module | contents |
|---|---|
| `checks` | one class for each kind of problem; `register` adds one |
| `audit_findings` | findings and the audit as values and as JSON; the base class of checks |
| `image_scan` | every image, read once; files that cannot be read |
| `file_name_facts` | the patient and the subtype of an image, from its name |
| `near_duplicates`, `small_near_duplicates` | images with nearly the same detail |
| `shortcut_probe` | what image size, border and brightness alone reach |
| `share_tests` | tests of shares, in NumPy |

It runs on the base install: no torch, Keras, SciPy or scikit-learn.
"""

from __future__ import annotations

from pathlib import Path

from leadline.data.audit import checks  # noqa: F401 - registers them
from leadline.data.audit.audit_findings import (
    CHECKS,
    Audit,
    Check,
    Finding,
    Measured,
    Searched,
    check_of,
    register,
)
from leadline.data.audit.file_name_facts import identify
from leadline.data.audit.image_scan import ImageRecords, scan
from leadline.data.audit.shortcut_probe import probe_shortcuts
from leadline.data.formats.image_names import Reason
from leadline.data.formats.omitted_files import left_out_remarks
from leadline.data.progress import Progress
from leadline.data.remarks import Remark
from leadline.system.durable_files import spelt

__all__ = [
    "CHECKS", "SIZE_PX", "Audit", "Check", "Finding", "Measured", "Searched", "audit", "check_of",
    "register",
]  # fmt: skip

SIZE_PX = 64
"""At this size images are compared and measured; finer detail is noise and compression."""


def audit(
    path: Path,
    *,
    group_pattern: str | None = None,
    subgroup_pattern: str | None = None,
    size_px: int = SIZE_PX,
    on_progress: Progress = lambda *_: None,
) -> Audit:
    """Everything that is wrong with the images at `path`: a folder, a zip of one, or arrays.

    The patterns find in a file name, without its folder, whose image it is and of which subtype; a
    known data set brings its own. Images are compared at size_px x size_px. Raises DataError where
    there is nothing to audit, or a pattern does not read or finds no group in some names.
    """
    records = scan(path, size_px, on_progress)
    identities = identify(records.names, group_pattern, subgroup_pattern)
    probe, probed_splits = probe_shortcuts(records, identities.groups)
    searched = Searched(records, identities, probe, probed_splits, on_progress)
    findings = tuple(finding for check in CHECKS for finding in check.search(searched))
    pictured = (
        name
        for finding in findings
        for group in check_of(finding).pictures(finding)
        for name in group
    )
    return Audit(
        path=spelt(str(path)),
        splits=records.counts(),
        findings=findings,
        probe=probe,
        notes=(*records.notes, *_beside(records), *identities.notes),
        left_out=records.left_out,
        pictures=records.pictures(pictured),
    )


def _beside(records: ImageRecords) -> tuple[Remark, ...]:
    return left_out_remarks([kind for kind in records.left_out if kind.reason == Reason.BESIDE])
