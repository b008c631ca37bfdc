"""Writing so that a file is whole or not there, and reading with the file named in errors."""

from __future__ import annotations

import errno
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError, RunError, StorageError

DAMAGE = (
    OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error, DataError,
)  # fmt: skip
"""What reading a file that is not whole, or was changed, may raise."""


REFUSALS = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST}
)
"""What the system says of a place where nothing can be written."""

ELSEWHERE = "write elsewhere: a folder with --out, a file with -o."


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into one line with a mend."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(
                f"{path}: the disk is full; free some space or {ELSEWHERE}"
            ) from error
        if error.errno in REFUSALS:
            raise StorageError(
                f"{path}: cannot be written ({error.strerror}); {ELSEWHERE}"
            ) from error
        raise


def make_folder(path: Path) -> Path:
    """The folder, made where it is missing. Raises StorageError where it cannot be."""
    with storage_errors(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text so that the file is whole or not there."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that it is whole or not there."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with storage_errors(path):
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def reading(path: Path) -> Iterator[Path]:
    """Whatever is wrong with the file becomes a RunError that names it."""
    try:
        yield path
    except FileNotFoundError:
        raise RunError(f"{path}: missing, so this is not a whole run; train it again.") from None
    except KeyError as error:
        raise RunError(
            f"{path}: damaged (no {error}) or of another version; train the run again."
        ) from error
    except DAMAGE as error:
        # NumPy takes what is no array for a pickle, and tells how to load that unsafely.
        reason = "it holds no arrays" if "allow_pickle" in str(error) else _in_one_line(error)
        raise RunError(f"{path}: damaged ({reason}); train the run again.") from error
    except RecursionError as error:
        raise RunError(f"{path}: damaged (nested too deep); train the run again.") from error


def _in_one_line(error: Exception) -> str:
    """What a library says, of Pydantic the key and what is wrong with it."""
    first, *others = str(error).splitlines() or [""]
    return f"{others[0].strip()}: {others[1].split('[')[0].strip()}" if len(others) > 1 else first


def read_json(path: Path) -> dict[str, Any]:
    with reading(path):
        table = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(table, dict):
            raise TypeError(f"expected an object, found {type(table).__name__}")
        return table


def dump_json(value: object) -> str:
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
    """What `as_ranges` wrote, as int64 indices."""
    ends = [(int(part.split("-")[0]), int(part.split("-")[-1])) for part in text.split()]
    return np.concatenate(
        [np.empty(0, np.int64), *(np.arange(low, high + 1) for low, high in ends)]
    )
