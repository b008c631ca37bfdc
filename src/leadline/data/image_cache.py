"""Images decoded once: the array of a folder's files at one size, kept for the next time.

An array is known by a sum over what decides it: names, sizes and times of the files (in an archive,
sizes and check sums), the size in pixels, the channels, the fit, and the versions of what decodes.
So a file that is changed, added or taken away makes another array.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL
from numpy.typing import NDArray

from leadline.data.formats.image_files import read_images
from leadline.data.formats.npz import MAX_HEADER_BYTES, read_npy
from leadline.data.formats.zip_tree import Entry, ZipEntry
from leadline.data.progress import Progress
from leadline.data.sources.cache_folder import cache_folder, write_atomic
from leadline.errors import DataError, StorageError
from leadline.experiments.image_form import FitMode
from leadline.system.bounded_files import guarded, is_refused, parse_json_object, read_bytes
from leadline.system.durable_files import make_folder, replacing_file

READER_VERSION = 4
"""To be raised with every change of what pixels a file is read as."""
FEWEST = 200
"""Fewer files are decoded again each time, which takes a second or two at most."""
MOST_BYTES = 4 * 2**30
"""Largest total size of the cache; the least recently used entries go first."""
SETTLED_NS = 2 * 10**9
"""Files younger than this may change once more without a change of their times."""
ORPHANED_S = 86_400.0
"""Age at which a sum is without its array because writing that failed."""
MOST_SUM_BYTES = 4096
"""Of the file beside an array that holds its check sum."""

Stamp = tuple[str, int, int, int]


def read_kept(
    files: Sequence[Entry],
    names: Sequence[str],
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode = "stretch",
) -> NDArray[np.uint8]:
    """uint8 (n, *size_px, channels), as `read_images` gives it: decoded, or as it was kept.

    names: the files' names below the data's folder. A cache that cannot be written or is damaged
    is done without. Raises DataError as `read_images` does.
    """
    shape = (len(files), *size_px, channels)
    stamps = _stamps(files, names) if len(files) >= FEWEST else None
    if stamps is None:
        return read_images(files, size_px, channels, on_progress, fit=fit)
    place = cache_folder() / "decoded" / f"{_key(stamps, size_px, channels, fit)}.npy"
    kept = _kept(place, shape)
    if kept is not None:
        on_progress("read", len(files), len(files))
        return kept
    pixels = read_images(files, size_px, channels, on_progress, fit=fit)
    # Files that changed meanwhile may have been read in either state.
    if pixels.nbytes <= MOST_BYTES and _stamps(files, names) == stamps:
        with contextlib.suppress(StorageError, OSError):
            _keep(place, pixels)
    return pixels


def _stamps(files: Sequence[Entry], names: Sequence[str]) -> list[Stamp] | None:
    """Fingerprints that change with the files; None if no file is safe to cache yet."""
    try:
        stamps = [_stamp(file, name) for file, name in zip(files, names, strict=True)]
    except OSError:
        return None
    newest_ns = max((max(stamp[2:]) for stamp in stamps), default=0)
    return stamps if newest_ns + SETTLED_NS < time.time_ns() else None


def _stamp(file: Entry, name: str) -> Stamp:
    if isinstance(file, ZipEntry):
        return name, *file.size_and_sum(), 0
    said = file.stat()
    # Programs can set a file's time of modification back, but not that of its change.
    return name, said.st_size, said.st_mtime_ns, said.st_ctime_ns


def _key(stamps: list[Stamp], size_px: tuple[int, int], channels: int, fit: FitMode) -> str:
    said = [READER_VERSION, PIL.__version__, size_px, channels, fit, stamps]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _kept(place: Path, shape: tuple[int, ...]) -> NDArray[np.uint8] | None:
    """The array, if it is there and whole; a damaged one is removed, and made again."""
    if not place.is_file():
        return None
    try:
        with guarded(place, DataError, "it is decoded again"):
            pixels = _read(place, shape)
    except DataError as error:
        if error.__cause__ is None or not is_refused(error.__cause__):
            _forget(place)
        return None
    with contextlib.suppress(OSError):  # the cache may be read-only
        os.utime(place)
    return pixels


def _read(place: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Raises ValueError, or what a damaged file makes readers raise, unless the array is whole."""
    said = parse_json_object(read_bytes(place.with_suffix(".json"), MOST_SUM_BYTES))
    size_bytes = place.stat().st_size
    if size_bytes > math.prod(shape) + MAX_HEADER_BYTES:
        raise ValueError(f"{size_bytes:,} bytes for an array {shape}")
    with place.open("rb") as file:
        pixels = read_npy(file, size_bytes)
    if pixels.dtype != np.uint8 or pixels.shape != shape:
        raise ValueError(f"{pixels.dtype} {pixels.shape}, expected uint8 {shape}")
    if zlib.crc32(pixels.data) != said["crc32"]:
        raise ValueError("its content is not what was written")
    return pixels


def _forget(place: Path) -> None:
    with contextlib.suppress(OSError):
        place.unlink(missing_ok=True)
        place.with_suffix(".json").unlink(missing_ok=True)


def _keep(place: Path, pixels: NDArray[np.uint8]) -> None:
    make_folder(place.parent)
    said = {"shape": pixels.shape, "crc32": zlib.crc32(pixels.data)}
    # First, for readers remove an array without its sum.
    write_atomic(place.with_suffix(".json"), (json.dumps(said) + "\n").encode())
    with replacing_file(place) as file:
        np.save(file, pixels, allow_pickle=False)
    _prune(place)


def _prune(newest: Path) -> None:
    """Remove what was used longest ago, down to `MOST_BYTES`, and sums without their array."""
    arrays = {path: path.stat() for path in newest.parent.glob("*.npy")}
    by_use = sorted(arrays, key=lambda path: (path == newest, arrays[path].st_mtime_ns))
    total_bytes = 0
    for path in reversed(by_use):
        total_bytes += arrays[path].st_size
        if total_bytes > MOST_BYTES and path != newest:
            _forget(path)
    for path in newest.parent.glob("*.json"):
        if path.with_suffix(".npy") not in arrays and _age_s(path) > ORPHANED_S:
            path.unlink(missing_ok=True)


def _age_s(path: Path) -> float:
    return time.time() - path.stat().st_mtime
