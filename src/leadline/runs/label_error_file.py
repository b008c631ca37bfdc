"""Labels that are likely wrong, with their images, as a file: of a run, or of a whole study."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.label_errors import LabelErrors, LabelRecord, NotSearched
from leadline.runs.folder_files import read_npz, reading
from leadline.runs.typed_json import typed
from leadline.system.bounded_files import parse_json_object
from leadline.system.durable_files import write_bytes

FILE = "label_errors.npz"


def write_label_errors(place: Path, record: LabelRecord | None) -> None:
    """Write label_errors.npz: a table as JSON, and the images of its suspects in their order.

    None takes away what an earlier search left.
    """
    if record is None:
        (place / FILE).unlink(missing_ok=True)
        return
    kind = "found" if isinstance(record.found, LabelErrors) else "not_searched"
    table = json.dumps({kind: asdict(record.found)}, ensure_ascii=False)
    content = io.BytesIO()
    np.savez_compressed(content, table=np.array(table), pixels=record.pixels)
    write_bytes(place / FILE, content.getvalue())


def read_label_errors(folder: Path, n: int | None = None) -> LabelRecord | None:
    """Read what `write_label_errors` wrote; None if there is no file.

    n: how many test images there are, where that is known. Raises RunError for a damaged file, and
    for one of other images.
    """
    if not (folder / FILE).is_file():
        return None
    with reading(folder / FILE) as path:
        arrays = read_npz(path)
        table, pixels = parse_json_object(str(arrays["table"])), arrays["pixels"]
        found = _found(table)
        _check(found, pixels)
        if n is not None and found.n != n:
            raise ValueError(f"of {found.n:,} test images, not of {n:,}")
        return LabelRecord(found, pixels)


def _found(table: dict[str, Any]) -> LabelErrors | NotSearched:
    if "not_searched" in table:
        return typed(NotSearched, table["not_searched"])
    return typed(LabelErrors, table["found"])


def _check(found: LabelErrors | NotSearched, pixels: NDArray[Any]) -> None:
    """ValueError for what no search finds, and for pixels that are not those of its suspects."""
    suspects = found.suspects if isinstance(found, LabelErrors) else ()
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or len(pixels) != len(suspects):
        raise ValueError(f"{len(suspects)} suspects with pixels {pixels.dtype} {pixels.shape}")
    if suspects and (min(pixels.shape[1:3]) < 1 or pixels.shape[3] not in (1, 3)):
        raise ValueError(f"images of {pixels.shape[1:]}")
    if not isinstance(found, LabelErrors):
        return
    if not 0 <= found.likely <= found.n - found.possible <= found.n or not found.n:
        raise ValueError(f"{found.likely} and {found.possible} of {found.n} labels")
    for suspect in suspects:
        shares = suspect.p_given, suspect.p_suggested
        if not (0 <= suspect.index < found.n and all(0 <= share <= 1 for share in shares)):
            raise ValueError(f"image {suspect.index} with probabilities {shares}")
