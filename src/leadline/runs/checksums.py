"""The sizes and SHA-256 sums of a run's files, by which a damaged run is recognized.

`checksums.json` is written last, when all other files of the run are on the disk. The sizes are
compared when a run is loaded, and each file's sum when the file is read. Pages, tables and figures
are not listed: `leadline report` writes them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadline.errors import DamagedRun, OtherFormat
from leadline.system.bounded_files import guarded, parse_json_object, read_bytes
from leadline.system.durable_files import write_text

CHECKSUMS = "checksums.json"
FORMAT = 1
LISTED = (
    "experiment.toml",
    "environment.json",
    "split.json",
    "history.csv",
    "predictions.parquet",
    "metrics.json",
    "examples.npz",
    "label_errors.npz",
    "ood.npz",
    "explanations.npz",
    "model.keras",
    "model.onnx",
    "card.md",
)
MOST_BYTES = 64 * 1024
MOST_FILE_BYTES = 2**30
"""Read limit for files whose size is not recorded, or is smaller."""
FIX = "train the run again"


@dataclass(frozen=True)
class Stored:
    """A file as it was written: its size, and its SHA-256 as 64 hex digits."""

    bytes: int
    sha256: str


def write_checksums(folder: Path) -> None:
    """Write checksums.json for the files that are in the folder now."""
    found = {name: _stored(folder / name) for name in LISTED if (folder / name).is_file()}
    rows = (
        f'    "{name}": {{"bytes": {one.bytes}, "sha256": "{one.sha256}"}}'
        for name, one in found.items()
    )
    files = ",\n".join(rows)
    write_text(folder / CHECKSUMS, f'{{\n  "format": {FORMAT},\n  "files": {{\n{files}\n  }}\n}}\n')


def read_checksums(folder: Path) -> Mapping[str, Stored]:
    """Read what `write_checksums` wrote.

    Raises DamagedRun where it is missing or damaged, OtherFormat where another version wrote it.
    """
    path = folder / CHECKSUMS
    with guarded(path, DamagedRun, FIX):
        table = parse_json_object(read_bytes(path, MOST_BYTES))
    check_format(path, table, FORMAT)
    with guarded(path, DamagedRun, FIX):
        found = {name: Stored(row["bytes"], row["sha256"]) for name, row in table["files"].items()}
        for name, one in found.items():
            if name not in LISTED or type(one.bytes) is not int or not isinstance(one.sha256, str):
                raise ValueError(f"{name[:100]!a} is not a file of a run")
        return found


def check_format(path: Path, table: Mapping[str, Any], expected: int) -> None:
    """Raise OtherFormat where another version of leadline wrote a file, DamagedRun for no format.

    A run of another version may be whole: it is not renamed and trained again as a damaged one is.
    """
    found = table.get("format")
    if type(found) is not int or found < 1:
        raise DamagedRun(f"{path}: damaged (format {found!r:.40}); {FIX}.")
    if found != expected:
        version = "an earlier" if found < expected else "a later"
        raise OtherFormat(
            f"{path}: written by {version} version of leadline (format {found}, this version reads "
            f"{expected}); remove the run, or give another folder with --out, and train it again."
        )


def check_sizes(folder: Path) -> None:
    """Raise DamagedRun unless every listed file is there with its size. Reads no content."""
    for name, stored in read_checksums(folder).items():
        path = folder / name
        with guarded(path, DamagedRun, FIX):
            size = path.stat().st_size
            if size != stored.bytes:
                raise ValueError(_difference(size, stored))


def check_sums(folder: Path) -> None:
    """Raise DamagedRun unless every listed file has the content that was written."""
    for name, stored in read_checksums(folder).items():
        _check_sum(folder / name, stored)


def check_sum(path: Path) -> None:
    """Raise DamagedRun unless a file, of any size, has the content that was written.

    Nothing is compared where no checksums.json lies beside it, or lists it.
    """
    stored = _recorded(path)
    if stored is not None:
        _check_sum(path, stored)


def _check_sum(path: Path, stored: Stored) -> None:
    with guarded(path, DamagedRun, FIX):
        now = _stored(path)
        if now != stored:
            raise ValueError(_difference(now.bytes, stored))


def _recorded(path: Path) -> Stored | None:
    """Return the entry of a file in checksums.json; None if it is missing."""
    if path.name in LISTED and (path.parent / CHECKSUMS).exists():
        return read_checksums(path.parent).get(path.name)
    return None


def read_checked(path: Path, most_bytes: int = MOST_FILE_BYTES) -> bytes:
    """The content of a file, compared with checksums.json where that lies beside it and lists it.

    Raises ValueError for other content; use it in `guarded`.
    """
    stored = _recorded(path)
    content = read_bytes(path, most_bytes if stored is None else max(most_bytes, stored.bytes))
    if stored is not None and hashlib.sha256(content).hexdigest() != stored.sha256:
        raise ValueError(_difference(len(content), stored))
    return content


def _difference(size_bytes: int, stored: Stored) -> str:
    if size_bytes == stored.bytes:
        return "its content is not what was written"
    return f"{size_bytes:,} bytes, {stored.bytes:,} were written"


def _stored(path: Path) -> Stored:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Stored(path.stat().st_size, digest)
