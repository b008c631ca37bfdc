"""NumPy's NPZ and NPY files, read without pickle and within bounds.

An NPY file is a magic string, the length of a header, the header (a Python literal with the type,
the order and the shape of the array), and the numbers. NumPy allocates what the header claims
before it has seen the numbers; here the claim must agree with the size of the file first.
"""

from __future__ import annotations

import ast
import contextlib
import math
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.formats.zip_directory import check_member, open_directory
from leadline.errors import DataError
from leadline.system.bounded_files import guarded, read_exactly, reason_of

MAX_UNPACKED_BYTES = 16 * 2**30
MAX_MEMBERS = 10_000
MAX_HEADER_BYTES = 10_000
MAX_DIMENSIONS = 32
MAX_EMPTY_SIDE = 2**16
"""Of an array that takes no bytes, which could otherwise claim any number of rows."""
MAGIC = b"\x93NUMPY"
LENGTH_BYTES = {1: 2, 2: 4, 3: 4}
"""Number of bytes that give the length of the header, by major version."""
CHUNK_BYTES = 2**20
LARGEST_CHARACTER = 0x10FFFF
OBJECTS = (
    "holds Python objects (dtype=object), which are not read because they can run code; save text "
    "labels as y.astype(str), numbers as y.astype(int), images of one size as numpy.stack(images)"
)
RECORDS = "holds records (a structured dtype); save each field as an array of its own"
FIX = "get it again, or save plain numbers with numpy.savez_compressed"


class UnsupportedArray(ValueError):
    """An undamaged array of a type that is not read. The message begins with a verb."""


def array_names(path: Path) -> tuple[str, ...]:
    """Names of the arrays in the file. Raises DataError if it is not an NPZ file."""
    with array_errors(path), open_directory(path, MAX_MEMBERS) as archive:
        return tuple(name.removesuffix(".npy") for name in archive.namelist())


def read_arrays(path: Path, names: Iterable[str]) -> dict[str, NDArray[Any]]:
    """These arrays, by name. Raises DataError where one is absent, damaged or pickled."""
    with array_errors(path):
        return unpack_arrays(path, names)


@contextlib.contextmanager
def array_errors(path: Path, fix: str = FIX) -> Iterator[None]:
    """Turn every error of reading a user's arrays into a DataError with the fix.

    An array of Python objects is not called damaged: saving it in another type is the fix.
    """
    with guarded(path, DataError, fix):
        try:
            yield
        except UnsupportedArray as error:
            raise DataError(f"{path}: {error}.") from None


def unpack_arrays(
    source: Path | IO[bytes],
    names: Iterable[str] | None = None,
    most_bytes: int | None = None,
) -> dict[str, NDArray[Any]]:
    """Arrays of an NPZ file by name, all of them or those of `names`.

    most_bytes: of these arrays together, `MAX_UNPACKED_BYTES` unless given.

    Raises ValueError and whatever a damaged archive makes zipfile raise: use it in `guarded`.
    """
    with open_directory(source, MAX_MEMBERS) as archive:
        members = {one.filename.removesuffix(".npy"): one for one in archive.infolist()}
        wanted = list(members) if names is None else list(names)
        if missing := [name for name in wanted if name not in members]:
            raise ValueError(f"no array is called {', '.join(missing)}")
        size_bytes = sum(members[name].file_size for name in wanted)
        most_bytes = MAX_UNPACKED_BYTES if most_bytes is None else most_bytes
        if size_bytes > most_bytes:
            raise ValueError(f"unpacks to {size_bytes:,} bytes, at most {most_bytes:,} are read")
        return {name: _unpack(archive, members[name]) for name in wanted}


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    try:
        check_member(member)
        with archive.open(member) as file:
            return read_npy(file, member.file_size)
    except UnsupportedArray as error:
        name = member.filename.removesuffix(".npy")[:100]
        raise UnsupportedArray(f"array {name!a} {error}") from None
    except Exception as error:
        raise ValueError(f"array {member.filename[:100]!a}: {reason_of(error)}") from error


def read_npy(file: IO[bytes], size_bytes: int) -> NDArray[Any]:
    """The array of an NPY file.

    size_bytes: of the whole file. Raises ValueError where it is not such a file, holds objects or
    records, or where its header and its size disagree.
    """
    dtype, fortran_order, shape, header_bytes = _read_header(file)
    count = math.prod(shape)
    needed, held = count * dtype.itemsize, size_bytes - header_bytes
    if needed != held:
        raise ValueError(f"its header claims {needed:,} bytes of numbers, the file holds {held:,}")
    if needed == 0 and max(shape, default=0) > MAX_EMPTY_SIDE:
        raise ValueError(f"its header claims {_as_text(shape)} values of no size")
    flat = np.empty(count, dtype)
    _fill(file, flat)
    _check_text(flat)
    return flat.reshape(shape, order="F" if fortran_order else "C")


def _read_header(file: IO[bytes]) -> tuple[np.dtype[Any], bool, tuple[int, ...], int]:
    """Type, order, shape, and the bytes read."""
    start = read_exactly(file, len(MAGIC) + 2)
    major = start[len(MAGIC)]
    if not start.startswith(MAGIC) or major not in LENGTH_BYTES:
        raise ValueError("not an array of NumPy's NPY format")
    width = LENGTH_BYTES[major]
    length = int.from_bytes(read_exactly(file, width), "little")
    if length > MAX_HEADER_BYTES:
        raise ValueError(f"a header of {length:,} bytes, at most {MAX_HEADER_BYTES:,} are read")
    header = ast.literal_eval(read_exactly(file, length).decode("utf-8").strip())
    dtype, shape = _checked_dtype(header["descr"]), _checked_shape(header["shape"])
    return dtype, bool(header["fortran_order"]), shape, len(start) + width + length


def _checked_dtype(description: object) -> np.dtype[Any]:
    if not isinstance(description, str):
        raise UnsupportedArray(RECORDS)
    dtype = np.dtype(description)
    if dtype.hasobject:
        raise UnsupportedArray(OBJECTS)
    return dtype


def _checked_shape(shape: object) -> tuple[int, ...]:
    if not isinstance(shape, tuple) or len(shape) > MAX_DIMENSIONS:
        raise ValueError("a header without a shape")
    if not all(type(side) is int and 0 <= side < 2**63 for side in shape):
        raise ValueError("a shape that no array has")
    return shape


def _fill(file: IO[bytes], flat: NDArray[Any]) -> None:
    """Read the numbers into an array, and the end of the member, where its sum is checked."""
    octets = flat.view(np.uint8) if flat.nbytes else np.empty(0, np.uint8)
    for start in range(0, len(octets), CHUNK_BYTES):
        part = octets[start : start + CHUNK_BYTES]
        part[:] = np.frombuffer(read_exactly(file, len(part)), np.uint8)
    if file.read(1):
        raise ValueError("bytes after the end of the array")


def _check_text(flat: NDArray[Any]) -> None:
    """Raise ValueError for numbers that stand for no character: Python fails on each of them."""
    if flat.dtype.kind != "U" or not flat.size:
        return
    codes = flat.view(np.dtype(np.uint32).newbyteorder(flat.dtype.byteorder))
    if ((codes > LARGEST_CHARACTER) | ((codes >= 0xD800) & (codes <= 0xDFFF))).any():
        raise ValueError("text that is not Unicode")


def _as_text(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{side:,}" for side in shape)
