"""The audit of a study's images, made before training: audit.json in its folder."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.audit import Audit, Finding, check_of
from leadline.runs.folder_files import dump_json, read_json, reading
from leadline.system.durable_files import write_text

AUDIT_RECORD = "audit.json"
FIX = "delete it, and run the study's command again"


@dataclass(frozen=True, eq=False)
class AuditRecord:
    """An audit, kept.

    audited : a digest of the images and the patterns; equal where the audit need not be repeated.
    """

    audit: Audit
    audited: str


def write_audit(folder: Path, record: AuditRecord) -> None:
    """Write audit.json: codes and values, and beside them the pictures."""
    from pydantic import TypeAdapter

    audit = record.audit
    pictures = {
        name: {"size_px": pixels.shape, "pixels": base64.b64encode(pixels.tobytes()).decode()}
        for name, pixels in audit.pictures.items()
    }
    table = TypeAdapter(Audit).dump_python(replace(audit, pictures={}), mode="json")
    table |= {"audited": record.audited, "pictures": pictures}
    write_text(folder / AUDIT_RECORD, dump_json(table))


def read_audit(folder: Path) -> AuditRecord | None:
    """Read what `write_audit` wrote; None where there is none. Raises RunError if damaged."""
    from pydantic import TypeAdapter

    path = folder / AUDIT_RECORD
    if not path.is_file():
        return None
    table = read_json(path, FIX)
    with reading(path, FIX):
        audited = table.pop("audited")
        pictures = {name: _picture(kept) for name, kept in table.pop("pictures").items()}
        audit = TypeAdapter(Audit).validate_python({**table, "pictures": {}})
        for finding in audit.findings:
            _require_complete(finding)
        return AuditRecord(replace(audit, pictures=pictures), str(audited))


def _require_complete(finding: Finding) -> None:
    """Raise KeyError, or what a check raises, if a finding lacks what its page would show."""
    check = check_of(finding)
    for said in (check.message(finding), check.figure(finding)):
        str(said)
    check.exhibit(finding)
    check.pictures(finding)


def _picture(kept: Mapping[str, Any]) -> NDArray[np.uint8]:
    flat = np.frombuffer(base64.b64decode(kept["pixels"]), np.uint8)
    height_px, width_px = kept["size_px"]
    return flat.reshape(height_px, width_px)
