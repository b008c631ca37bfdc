"""What was found in the images of a study before anything was trained: audit.json in its folder."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.runs.folder_files import dump_json, read_json, reading
from leadline.system.durable_files import write_text

AUDIT_RECORD = "audit.json"
FIX = "delete it, and repeat the command that trained the study"


@dataclass(frozen=True, eq=False)
class AuditRecord:
    """An audit, kept.

    table: what `leadline data audit --json` says. pictures: uint8 (height, width) by name of the
    image. audited: a digest of what was looked at, and how; equal where it need not be done again.
    """

    table: Mapping[str, Any]
    pictures: Mapping[str, NDArray[np.uint8]]
    audited: str


def write_audit(folder: Path, record: AuditRecord) -> None:
    """Write audit.json: the table, and beside it the pictures."""
    pictures = {
        name: {"size_px": pixels.shape, "pixels": base64.b64encode(pixels.tobytes()).decode()}
        for name, pixels in record.pictures.items()
    }
    table = {**record.table, "audited": record.audited, "pictures": pictures}
    write_text(folder / AUDIT_RECORD, dump_json(table))


def read_audit(folder: Path) -> AuditRecord | None:
    """What `write_audit` wrote; None where there is none. Raises RunError for a damaged file."""
    path = folder / AUDIT_RECORD
    if not path.is_file():
        return None
    table = read_json(path, FIX)
    with reading(path, FIX):
        pictures = {name: _picture(one) for name, one in table.pop("pictures").items()}
        return AuditRecord(table, pictures, table.pop("audited"))


def _picture(kept: Mapping[str, Any]) -> NDArray[np.uint8]:
    flat = np.frombuffer(base64.b64decode(kept["pixels"]), np.uint8)
    height_px, width_px = kept["size_px"]
    return flat.reshape(height_px, width_px)
