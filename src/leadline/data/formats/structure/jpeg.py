"""JPEG: segments counted, metadata left out, scans bounded (ITU-T T.81, annex B)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from leadline.data.formats.structure.exif_orientation import (
    EXIF,
    UPRIGHT,
    exif_orientation,
    xmp_orientation,
)
from leadline.data.formats.structure.scan_result import Damaged, Layout, Refused

MAGIC = b"\xff\xd8\xff"
MAX_SEGMENTS = 4000
"""Before the first scan, and from there on. An extended XMP block of 10 MB takes 160."""
MAX_TABLE_BYTES = 2**16
"""Of quantization and Huffman tables before the first scan; four of each have 2 kB."""
MAX_STRAY_BYTES = 2**16
"""Between segments, where decoders look for the next marker byte by byte."""
MAX_SCANS = 100
"""Of a progressive file, which usually has ten; each is one more pass over all pixels."""
MAX_SCANNED_PIXELS = 2_000_000_000
"""Pixels times scans: 25 scans of the largest image that is read."""
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
BARE = frozenset({0x00, 0x01, 0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE)})
"""Markers that no length follows, as Pillow reads them."""
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
FIRST_WITH_LENGTH = 0xC0
APP0, APP1, APP14, APP15, COMMENT = 0xE0, 0xE1, 0xEE, 0xEF, 0xFE
XMP = b"http://ns.adobe.com/xap/1.0/\0"
MAX_COLOUR_BYTES = 64
"""Of the segments that say how colours are coded: JFIF has 16, Adobe 14."""
NOT_FF = re.compile(rb"[^\xff]")
MARKER_IN_PIXELS = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""Any but a restart; within coded pixels 0xFF is followed by 0x00, a restart or fill bytes."""


@dataclass
class _Header:
    """Facts about a file before its first scan, and the segments that a decoder needs."""

    kept: list[bytes] = field(default_factory=lambda: [b"\xff\xd8"])
    table_bytes: int = 0
    size_px: tuple[int, int] | None = None
    exif: int | None = None
    xmp: int | None = None

    def add(self, marker: int, segment: bytes) -> None:
        """Take in one segment, from its length on."""
        if marker in FRAMES:
            if self.size_px is not None or len(segment) < 8:
                raise Damaged("its frame header is too short, or there twice")
            height, width = (int.from_bytes(segment[at : at + 2], "big") for at in (3, 5))
            self.size_px = width, height
        elif marker == APP1 and self.exif is None and segment.startswith(EXIF, 2):
            self.exif = exif_orientation(segment[2:])
        elif marker == APP1 and self.xmp is None and segment.startswith(XMP, 2):
            self.xmp = xmp_orientation(segment[2:])
        if _is_needed(marker, segment):
            self.kept += [bytes((0xFF, marker)), segment]
            self.table_bytes += len(segment)
            if self.table_bytes > MAX_TABLE_BYTES:
                raise Refused(f"has more than {MAX_TABLE_BYTES:,} bytes of tables")

    def layout(self, content: bytes, at: int) -> Layout:
        """The layout, once the first scan is reached. at: place after the marker of that scan."""
        if self.size_px is None:
            raise Damaged("its pixels come before their size")
        scans, end = _scans(content, at)
        if scans * self.size_px[0] * self.size_px[1] > MAX_SCANNED_PIXELS:
            raise Refused(f"is a JPEG in {scans:,} scans, too many for its size")
        return Layout(
            "JPEG",
            self.size_px,
            b"".join([*self.kept, content[at - 2 : end]]),
            self.exif or self.xmp or UPRIGHT,
            scans,
            native=True,
        )


def scan_jpeg(content: bytes) -> Layout:
    """Layout of a JPEG; Refused or Damaged where no decoder should see it."""
    header = _Header()
    stray_bytes = 0
    at = 2
    for _ in range(MAX_SEGMENTS):
        at, marker, skipped = _next_marker(content, at)
        stray_bytes += skipped
        if stray_bytes > MAX_STRAY_BYTES:
            raise Refused(f"has more than {MAX_STRAY_BYTES:,} stray bytes between segments")
        if marker == START_OF_SCAN:
            return header.layout(content, at)
        if marker in BARE:
            continue
        end = at + _length(content, at)
        if end < at + 2 or end > len(content):
            raise Damaged("a segment reaches beyond the end of the file")
        header.add(marker, content[at:end])
        at = end
    raise Refused(f"has more than {MAX_SEGMENTS:,} segments before its pixels")


def _next_marker(content: bytes, at: int) -> tuple[int, int, int]:
    """Position after the next marker, its code, and the number of bytes passed over."""
    start = content.find(b"\xff", at)
    code = NOT_FF.search(content, start) if start >= 0 else None
    if code is None:
        raise Damaged("it ends before its pixels")
    return code.end(), content[code.start()], code.start() - at - 1


def _is_needed(marker: int, segment: bytes) -> bool:
    """Tables and frames, and what says how colours are coded; not metadata."""
    if marker == APP0:
        return segment.startswith(b"JFIF", 2) and len(segment) <= MAX_COLOUR_BYTES
    if marker == APP14:
        return segment.startswith(b"Adobe", 2) and len(segment) <= MAX_COLOUR_BYTES
    return not (APP0 <= marker <= APP15 or marker == COMMENT)


def _scans(content: bytes, at: int) -> tuple[int, int]:
    """Number of scans, and the place where the image ends.

    at: place after the marker of the first scan. Phones append a video, cameras further images.
    """
    scans = 1
    at += _length(content, at)
    for _ in range(MAX_SEGMENTS):
        match = MARKER_IN_PIXELS.search(content, at)
        if match is None:
            return scans, len(content)
        at, marker = match.end(), match[0][1]
        if marker == END_OF_IMAGE:
            return scans, at
        if marker < FIRST_WITH_LENGTH or marker in BARE:
            continue
        scans += marker == START_OF_SCAN
        if scans > MAX_SCANS:
            raise Refused(f"is a JPEG in more than {MAX_SCANS} scans")
        at += _length(content, at)
    raise Refused(f"has more than {MAX_SEGMENTS:,} segments after its first scan")


def _length(content: bytes, at: int) -> int:
    """Bytes of a segment, its length included."""
    return int.from_bytes(content[at : at + 2], "big")
