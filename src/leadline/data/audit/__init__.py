"""What is wrong with a data set, found before anything is trained on it.

| module | looks for |
|---|---|
| `scan`, `records` | every image, read once; files that cannot be read |
| `names` | whose image it is, and of which subtype, from its name |
| `identical`, `similar` | the same image twice, and nearly the same |
| `composition` | shared patients, small splits and classes, missing subtypes, shifted prevalence |
| `shortcut`, `logistic` | what image size, border and brightness alone reach |
| `statistics` | tests of shares, in NumPy |
| `findings` | what was found, as values and as JSON |

It runs on the base install: no torch, Keras, SciPy or scikit-learn.
"""

from __future__ import annotations

from pathlib import Path

from leadline.data.audit.audit_findings import (
    ADVICE,
    Audit,
    Finding,
    Measured,
    counted,
    pictured,
)
from leadline.data.audit.exact_duplicates import identical_images
from leadline.data.audit.file_name_facts import identify
from leadline.data.audit.image_scan import Records, scan
from leadline.data.audit.near_duplicates import similar_images
from leadline.data.audit.shortcut_probe import shortcuts
from leadline.data.audit.split_checks import (
    missing_subgroups,
    prevalence_shifts,
    shared_groups,
    small_classes,
    small_splits,
)
from leadline.data.formats.image_names import Reason
from leadline.data.formats.omitted_files import left_out_text
from leadline.data.progress import Progress
from leadline.system.durable_files import spelt

__all__ = ["ADVICE", "SIZE_PX", "Audit", "Finding", "Measured", "audit", "pictured"]

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
    probe, taken = shortcuts(records, identities.groups)
    findings = (
        *_unreadable(records),
        *_left_out(records),
        *shared_groups(records, identities),
        *identical_images(records),
        *similar_images(records, on_progress),
        *small_splits(records),
        *small_classes(records),
        *missing_subgroups(records, identities),
        *prevalence_shifts(records),
        *taken,
    )
    pictures = (name for one in findings for group in pictured(one) for name in group)
    return Audit(
        path=spelt(str(path)),
        splits=records.counts(),
        findings=findings,
        probe=probe,
        notes=(*records.notes, *_beside(records), *identities.notes),
        left_out=records.left_out,
        pictures=records.pictures(pictures),
    )


def _unreadable(records: Records) -> tuple[Finding, ...]:
    if not records.unreadable:
        return ()
    count = len(records.unreadable)
    first = records.unreadable[0]
    return (
        Finding(
            "unreadable",
            tuple(dict.fromkeys(one.split for one in records.unreadable)),
            count,
            f"{counted(count, 'file')} that cannot be read; the first: {first.reason}",
            {
                "files": [
                    {"name": one.name, "split": one.split, "reason": one.reason}
                    for one in records.unreadable
                ]
            },
        ),
    )


def _left_out(records: Records) -> tuple[Finding, ...]:
    """Files that a person might take for images of the data set, and that are not read."""
    kinds = tuple(one for one in records.left_out if one.reason != Reason.BESIDE)
    if not kinds:
        return ()
    count = sum(one.count for one in kinds)
    details = {"kinds": [one.as_json() for one in kinds]}
    return (Finding("left-out", (), count, left_out_text(kinds), details),)


def _beside(records: Records) -> tuple[str, ...]:
    kinds = tuple(one for one in records.left_out if one.reason == Reason.BESIDE)
    return (left_out_text(kinds),) if kinds else ()
