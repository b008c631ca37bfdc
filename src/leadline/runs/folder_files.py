"""Files of run and study folders: read within bounds, with the file named in errors."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.formats.npz import unpack_arrays
from leadline.errors import DamagedRun
from leadline.runs.checksums import FIX, read_checked
from leadline.system.bounded_files import MOST_JSON_BYTES, guarded, parse_json_object

MOST_ARRAY_BYTES = 512 * 2**20
"""Limit for all arrays in one file of a run: ten images of the largest size."""


@contextmanager
def reading(path: Path, fix: str = FIX) -> Iterator[Path]:
    """Whatever is wrong with the file becomes a DamagedRun that names it."""
    with guarded(path, DamagedRun, fix):
        yield path


def is_file(path: Path) -> bool:
    """True for a regular file; False, not an error, in a folder that may not be opened."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises PermissionError there


def read_json(path: Path, fix: str = FIX, most_bytes: int = MOST_JSON_BYTES) -> dict[str, Any]:
    """The object in a JSON file. Raises DamagedRun where it is missing or damaged."""
    with reading(path, fix):
        return parse_json_object(read_checked(path, most_bytes), most_bytes)


def read_npz(path: Path, most_bytes: int = MOST_ARRAY_BYTES) -> dict[str, NDArray[Any]]:
    """The arrays of an NPZ file by name. Use it in `reading`: it raises what it meets."""
    return unpack_arrays(io.BytesIO(read_checked(path)), most_bytes=most_bytes)


def dump_json(value: object) -> str:
    """The value as indented JSON text; NumPy's numbers and arrays as numbers and lists."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: object) -> object:
    """NumPy numbers and arrays as JSON has them."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def as_ranges(indices: NDArray[np.int64]) -> str:
    """Sorted indices as a person reads them: [0, 1, 2, 7] is "0-2 7"."""
    breaks = np.flatnonzero(np.diff(indices) != 1) + 1
    stretches = [stretch for stretch in np.split(indices, breaks) if len(stretch)]
    return " ".join(
        str(stretch[0]) if len(stretch) == 1 else f"{stretch[0]}-{stretch[-1]}"
        for stretch in stretches
    )


def from_ranges(text: str) -> NDArray[np.int64]:
    """Expand what `as_ranges` wrote into int64 indices."""
    ends = [(int(part.split("-")[0]), int(part.split("-")[-1])) for part in text.split()]
    return np.concatenate(
        [np.empty(0, np.int64), *(np.arange(low, high + 1) for low, high in ends)]
    )
