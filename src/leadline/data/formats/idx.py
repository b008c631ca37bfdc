"""IDX, the format of MNIST's own files: a magic number, the sizes, then the bytes.

Magic: two zero bytes, the type (0x08 is uint8), the number of dimensions; each size is a
big-endian uint32. Only uint8 is read, which is all that MNIST and its relatives use.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError
from leadline.system.bounded_files import guarded, read_bytes

UINT8_CODE = 0x08
MAX_IDX_BYTES = 2**32
"""Nothing larger is unpacked: ninety times MNIST."""


def decode_idx(raw: bytes, where: str, dimensions: int) -> NDArray[np.uint8]:
    """The uint8 array in `raw`, read-only, of that many dimensions.

    Raises DataError for a wrong magic number, a short file, or bytes after the end.
    """
    if len(raw) < 4:
        raise DataError(f"{where}: {len(raw)} bytes are too few for an IDX file; fetch it again.")
    expected = (UINT8_CODE << 8) | dimensions
    (magic,) = struct.unpack(">I", raw[:4])
    if magic != expected:
        raise DataError(
            f"{where}: IDX magic number is 0x{magic:08x}, expected 0x{expected:08x} "
            f"(uint8, {dimensions} dimensions); is this the right file?"
        )
    header = 4 + 4 * dimensions
    if len(raw) < header:
        raise DataError(f"{where}: short IDX file, its header ends early; fetch it again.")
    shape = struct.unpack(f">{dimensions}I", raw[4:header])
    _check_length(len(raw) - header, shape, where)
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)


def _check_length(found: int, shape: tuple[int, ...], where: str) -> None:
    needed = math.prod(shape)
    sizes = " × ".join(str(size) for size in shape)
    if found < needed:
        raise DataError(
            f"{where}: short IDX file, {found:,} of {needed:,} bytes ({sizes}); fetch it again."
        )
    if found > needed:
        raise DataError(
            f"{where}: {found - needed:,} bytes after the end of the {sizes} IDX array; "
            "the file is damaged, fetch it again."
        )


def encode_idx(array: NDArray[np.uint8]) -> bytes:
    """The IDX file that holds this uint8 array; `decode_idx` reads it back equal."""
    magic = struct.pack(">I", (UINT8_CODE << 8) | array.ndim)
    return magic + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def read_idx_bytes(path: Path, max_bytes: int = MAX_IDX_BYTES) -> bytes:
    """The raw IDX bytes of a file, unpacked where it is gzip, whatever its name says."""
    with guarded(path, DataError, "fetch it again"):
        packed = read_bytes(path, max_bytes)
    return gunzip(packed, str(path), max_bytes) if packed[:2] == b"\x1f\x8b" else packed


def gunzip(packed: bytes, where: str, max_bytes: int) -> bytes:
    """Unpack one gzip member of at most `max_bytes`. Raises DataError if damaged or larger."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        raw = unpacker.decompress(packed, max_bytes + 1)
    except zlib.error as error:
        raise DataError(f"{where}: damaged gzip file ({error}); fetch it again.") from None
    if len(raw) > max_bytes:
        raise DataError(f"{where}: unpacks to more than {max_bytes:,} bytes; refused.")
    if not unpacker.eof:
        raise DataError(f"{where}: the gzip file ends early; fetch it again.")
    return raw
