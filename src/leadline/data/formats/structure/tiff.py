"""TIFF and BigTIFF: entries and strips of the first directory, counted (TIFF 6.0, section 2)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from leadline.data.formats.structure.scan_result import Damaged, Layout, Numbers, Refused

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
MAX_ENTRIES = 1000
MAX_NUMBERS = 400_000
"""Of all tags together: offsets and lengths of 200,000 strips, each one row of one of the three
channels of the tallest image that is read."""
UNIT_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4,
              16: 8, 17: 8, 18: 8}  # fmt: skip
NUMBERS = frozenset({3, 4, 5, 8, 9, 10, 11, 12, 13, 16, 17, 18})
"""Types that become one Python object a value."""
WIDTH, HEIGHT, TILE_WIDTH, TILE_HEIGHT = 256, 257, 322, 323
BITS, SAMPLES, SAMPLE_FORMAT = 258, 277, 339
ONE_PER_SAMPLE = frozenset({BITS, SAMPLE_FORMAT})
"""Tags with a value for each channel, of which the first is read."""
SAMPLE_FORMATS: Mapping[int, Numbers] = {2: "signed", 3: "floating-point"}
UNITS = {3: "H", 4: "I", 16: "Q"}
DEEP_PASSES = 4
"""Colours of 16 bits are decoded twice and scaled (`sample_depth`)."""


@dataclass(frozen=True)
class _Form:
    """Encoding of a directory: plain or Big, and its byte order."""

    order: str
    is_big: bool

    @property
    def entry(self) -> struct.Struct:
        return struct.Struct(f"{self.order}{'HHQ8s' if self.is_big else 'HHI4s'}")


def scan_tiff(content: bytes) -> Layout:
    """Layout of a TIFF; Refused or Damaged where no decoder should see it."""
    order = "<" if content[:2] == b"II" else ">"
    form = _Form(order, content[2:4] in (b"+\0", b"\0+"))
    try:
        found = _first_directory(content, form)
    except struct.error:
        raise Damaged("its directory reaches beyond the end of the file") from None
    if WIDTH not in found or HEIGHT not in found:
        raise Damaged("it has no width or no height")
    for side, full in ((TILE_WIDTH, WIDTH), (TILE_HEIGHT, HEIGHT)):
        if found.get(side, 0) > max(4096, 2 * found[full]):
            raise Refused("has tiles much larger than the image")
    bits = found.get(BITS, 1)
    return Layout(
        "TIFF",
        (found[WIDTH], found[HEIGHT]),
        content,
        passes=DEEP_PASSES if bits == 16 and found.get(SAMPLES, 1) > 1 else 1,
        bits=bits,
        numbers=SAMPLE_FORMATS.get(found.get(SAMPLE_FORMAT, 1), "unsigned"),
    )


def _first_directory(content: bytes, form: _Form) -> dict[int, int]:
    """First value of the entries that hold one number, or one per sample; counts are checked."""
    at_format, at_start = ("Q", 8) if form.is_big else ("I", 4)
    (at,) = struct.unpack_from(f"{form.order}{at_format}", content, at_start)
    count_format = "Q" if form.is_big else "H"
    (entries,) = struct.unpack_from(f"{form.order}{count_format}", content, at)
    if entries > MAX_ENTRIES:
        raise Refused(f"has {entries:,} directory entries, and at most {MAX_ENTRIES:,} are read")
    at += struct.calcsize(count_format)
    values: dict[int, int] = {}
    total_bytes = numbers = 0
    for number in range(entries):
        tag, kind, count, value = form.entry.unpack_from(content, at + number * form.entry.size)
        total_bytes += count * UNIT_BYTES.get(kind, 0)
        if total_bytes > len(content):
            raise Refused("has tags that together claim more bytes than the file has")
        numbers += count * (kind in NUMBERS)
        if numbers > MAX_NUMBERS:
            raise Refused(f"has more than {MAX_NUMBERS:,} numbers in its tags")
        if tag in values or kind not in UNITS:
            continue
        if count == 1:
            (values[tag],) = struct.unpack_from(f"{form.order}{UNITS[kind]}", value)
        elif count > 1 and tag in ONE_PER_SAMPLE:
            values[tag] = _first_of_many(content, form, kind, count, value)
    return values


def _first_of_many(content: bytes, form: _Form, kind: int, count: int, value: bytes) -> int:
    """First of several numbers, which are in the entry itself if they fit there."""
    unit = f"{form.order}{UNITS[kind]}"
    if count * UNIT_BYTES[kind] <= len(value):
        (first,) = struct.unpack_from(unit, value)
    else:
        (at,) = struct.unpack_from(f"{form.order}{'Q' if form.is_big else 'I'}", value)
        (first,) = struct.unpack_from(unit, content, at)
    return int(first)
