"""Labels that are likely wrong, with their images, as a file: of a run, or of a whole study."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from leadline.evaluation.label_errors import LabelErrors, LabelRecord, NotSearched, Suspect
from leadline.runs.files import reading

FILE = "label_errors.npz"


def write_label_errors(place: Path, record: LabelRecord) -> None:
    """Write label_errors.npz: a table as JSON, and the images of its suspects in their order."""
    kind = "found" if isinstance(record.found, LabelErrors) else "not_searched"
    table = json.dumps({kind: asdict(record.found)}, ensure_ascii=False)
    np.savez_compressed(place / FILE, table=np.array(table), pixels=record.pixels)


def read_label_errors(folder: Path) -> LabelRecord | None:
    """What `write_label_errors` wrote; None where there is none. RunError for a damaged file."""
    if not (folder / FILE).is_file():
        return None
    with reading(folder / FILE) as path:
        with np.load(path, allow_pickle=False) as file:
            table, pixels = json.loads(str(file["table"])), file["pixels"]
        found = _found(table)
        shown = len(found.suspects) if isinstance(found, LabelErrors) else 0
        if pixels.dtype != np.uint8 or pixels.ndim != 4 or len(pixels) != shown:
            raise ValueError(f"{shown} suspects with pixels {pixels.dtype} {pixels.shape}")
        return LabelRecord(found, pixels)


def _found(table: dict[str, Any]) -> LabelErrors | NotSearched:
    if "not_searched" in table:
        return NotSearched(**table["not_searched"])
    found = dict(table["found"])
    suspects = tuple(Suspect(**one) for one in found.pop("suspects"))
    return LabelErrors(**found, suspects=suspects)
