"""A look at a study's images before anything is trained on them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from leadline import runs
from leadline.data.audit import audit
from leadline.errors import DamagedRun, DataError
from leadline.experiments import Study
from leadline.runs import AuditRecord
from leadline.workflow.events import Download, Warned, Watcher
from leadline.workflow.preparation import Prepared


def audit_once(study: Study, prepared: Prepared, folder: Path, on_event: Watcher) -> None:
    """Write audit.json into the study's folder, unless it holds that of the same images.

    Images that came as arrays have no files to look at, and are not audited. What is found stops
    nothing, nor does an audit that fails: that is said.
    """
    place = prepared.place
    if place is None:
        return
    group = next((one.data.group_pattern for one in study.experiments), None)
    subgroup = next((one.decision.subgroup_pattern for one in study.experiments), None)
    audited = _digest(prepared, group, subgroup)
    try:
        kept = runs.read_audit(folder)
    except DamagedRun:  # it is written again
        kept = None
    if kept is not None and kept.audited == audited:
        return

    def progress(what: str, done: int, total: int) -> None:
        on_event(Download(what, done, total))

    try:
        found = audit(place, group_pattern=group, subgroup_pattern=subgroup, on_progress=progress)
    except DataError as error:
        on_event(Warned(f"no audit of the images: {error}"))
        return
    folder.mkdir(parents=True, exist_ok=True)
    runs.write_audit(folder, AuditRecord(found.as_json(), found.pictures, audited))
    if found.findings:
        count = len(found.findings)
        on_event(
            Warned(
                f"the audit of the images found {count} thing{'s' * (count > 1)}: "
                f"{', '.join(dict.fromkeys(one.kind for one in found.findings))}; "
                "the report lists them."
            )
        )


def _digest(prepared: Prepared, group: str | None, subgroup: str | None) -> str:
    """SHA-256 (64 hex digits) of the images as they were read, and of the patterns."""
    parts = prepared.record["parts"]
    said = [group, subgroup, {name: part["sha256"] for name, part in parts.items()}]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
