"""The orientation of a photograph, from its EXIF or XMP block, and nothing else from there.

Cameras and editors write tags of wrong types and sizes; a parser that reads all of them to find one
fails on files that every viewer shows. This one reads a single tag and never fails.
"""

from __future__ import annotations

import re
import struct

UPRIGHT = 1
ORIENTATION = 0x0112
EXIF = b"Exif\0\0"
MAX_ENTRIES = 1000
XMP_BYTES = 2**16
"""Of an XMP block that are searched; the tag stands near its beginning."""
UNITS = {1: "B", 3: "H", 4: "I"}
"""BYTE, SHORT and LONG; the standard says SHORT."""
IN_XMP = re.compile(rb"tiff:Orientation\s*(?:=\s*[\"']|>)\s*([1-8])")


def exif_orientation(block: bytes) -> int | None:
    """Orientation, 1 to 8, in an EXIF block (with or without "Exif\\0\\0"); None where it has none.

    Only the first directory is looked at. Tags that are damaged, and tags of other kinds, are
    passed over.
    """
    # Some programs write the mark twice.
    block = block.removeprefix(EXIF).removeprefix(EXIF)
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 10:
        return None
    (at,) = struct.unpack_from(f"{order}I", block, 4)
    if at + 2 > len(block):
        return None
    (entries,) = struct.unpack_from(f"{order}H", block, at)
    for start in range(at + 2, at + 2 + 12 * min(entries, MAX_ENTRIES), 12):
        if start + 12 > len(block):
            return None
        tag, kind, count = struct.unpack_from(f"{order}HHI", block, start)
        if tag == ORIENTATION and kind in UNITS and count:
            (value,) = struct.unpack_from(f"{order}{UNITS[kind]}", block, start + 8)
            return value if 1 <= value <= 8 else None
    return None


def xmp_orientation(block: bytes) -> int | None:
    """Orientation, 1 to 8, in an XMP block; None where it has none."""
    match = IN_XMP.search(block, 0, XMP_BYTES)
    return int(match[1]) if match else None
