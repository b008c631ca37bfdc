"""NPZ files, read without pickle: only the arrays that are asked for, of bounded size."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError

MAX_UNPACKED_BYTES = 16 * 2**30


def array_names(path: Path) -> tuple[str, ...]:
    """Names of the arrays in the file. Raises DataError if it is no NPZ."""
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(name.removesuffix(".npy") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read as NPZ ({_reason(error)}).") from None


def read_arrays(path: Path, names: Iterable[str]) -> dict[str, NDArray[Any]]:
    """These arrays, by name. Raises DataError where one is absent, damaged or pickled."""
    wanted = list(names)
    missing = [name for name in wanted if name not in array_names(path)]
    if missing:
        raise DataError(f"{path}: no array is called {', '.join(missing)}.")
    try:
        with zipfile.ZipFile(path) as archive:
            size_bytes = sum(archive.getinfo(f"{name}.npy").file_size for name in wanted)
        if size_bytes > MAX_UNPACKED_BYTES:
            raise DataError(f"{path}: unpacks to {size_bytes:,} bytes, more than is read.")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in wanted}
    except (OSError, zipfile.BadZipFile, KeyError, EOFError, struct.error, zlib.error) as error:
        raise DataError(f"{path}: damaged NPZ file ({_reason(error)}).") from None
    except MemoryError:
        # NumPy believes an array's header before it has seen the array.
        raise DataError(
            f"{path}: its arrays do not fit in memory; they are damaged, or too many or too large."
        ) from None
    except ValueError as error:
        raise DataError(
            f"{path}: {_reason(error)}; save plain numbers with numpy.savez_compressed."
        ) from None


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".")
