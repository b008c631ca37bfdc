"""The directory of a zip archive, read within bounds before zipfile takes memory for it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LEAST_ENTRY_BYTES = 46
"""Of one member in the directory, without its name."""
MOST_NAME_BYTES = 512
"""Of a member's name and extra fields on average; a single one may have more."""
END = b"PK\5\6"
END_BYTES = 22
ZIP64_END, ZIP64_LOCATOR = b"PK\6\6", b"PK\6\7"
ZIP64_END_BYTES, ZIP64_LOCATOR_BYTES = 56, 20
MOST_COMMENT_BYTES = 2**16
MOST_DEFLATE_RATIO = 1_032
"""Largest number of bytes that one byte of deflate can unpack to (zlib's technical notes)."""
SLACK_BYTES = 1_024
ENCRYPTED = 1


@contextmanager
def open_directory(source: Path | IO[bytes], most_members: int) -> Iterator[zipfile.ZipFile]:
    """A zip archive of at most so many members, open for reading.

    Raises ValueError where its directory is larger, and what zipfile raises for a damaged one.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            _check_size(file, most_members)
    else:
        _check_size(source, most_members)
    with zipfile.ZipFile(source) as archive:
        if len(archive.infolist()) > most_members:
            count = len(archive.infolist())
            raise ValueError(f"holds {count:,} members, at most {most_members:,} are read")
        yield archive


def _check_size(file: IO[bytes], most_members: int) -> None:
    """Bound the directory by the size that the end records give, as zipfile reads them."""
    size = file.seek(0, os.SEEK_END)
    records_bytes = ZIP64_END_BYTES + ZIP64_LOCATOR_BYTES + END_BYTES
    file.seek(max(0, size - records_bytes - MOST_COMMENT_BYTES))
    tail = file.read()
    file.seek(0)
    place = tail.rfind(END)
    if place < 0 or len(tail) < place + END_BYTES:
        raise ValueError("not a zip archive, or cut short")
    claimed = _zip64_directory_bytes(tail[:place])
    if claimed is None:
        claimed = int.from_bytes(tail[place + 12 : place + 16], "little")
    directory_bytes = min(claimed, size)
    if directory_bytes > most_members * (LEAST_ENTRY_BYTES + MOST_NAME_BYTES):
        raise ValueError(f"a directory of {directory_bytes:,} bytes")


def _zip64_directory_bytes(before: bytes) -> int | None:
    """Size of the directory by the ZIP64 record, or None without one.

    before: what precedes the end record, in which ZIP64 archives have 2**32 - 1.
    """
    locator = len(before) - ZIP64_LOCATOR_BYTES
    record = locator - ZIP64_END_BYTES
    if record < 0 or not before.startswith(ZIP64_LOCATOR, locator):
        return None
    if not before.startswith(ZIP64_END, record):
        return None
    return int.from_bytes(before[record + 40 : record + 48], "little")


def check_member(member: zipfile.ZipInfo) -> None:
    """Raise ValueError for a member that is encrypted, packed in an unusual way, or that claims
    more bytes than it can hold."""
    if member.flag_bits & ENCRYPTED:
        raise ValueError("encrypted")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"packed by method {member.compress_type}, and only deflate is read")
    ratio = 1 if member.compress_type == zipfile.ZIP_STORED else MOST_DEFLATE_RATIO
    if member.file_size > ratio * member.compress_size + SLACK_BYTES * (ratio > 1):
        raise ValueError(
            f"claims to unpack from {member.compress_size:,} to {member.file_size:,} bytes"
        )
