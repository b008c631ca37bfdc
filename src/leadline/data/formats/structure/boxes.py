"""Formats of nested pieces: WebP (RIFF chunks), AVIF and JPEG 2000 (ISO boxes, codestreams)."""

from __future__ import annotations

import struct

from leadline.data.formats.codestream import JPEG_2000, codestream_bits, codestream_size
from leadline.data.formats.structure.exif_orientation import (
    UPRIGHT,
    exif_orientation,
    xmp_orientation,
)
from leadline.data.formats.structure.scan_result import Damaged, Layout, Refused

JP2 = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
AVIF_BRANDS = (b"avif", b"avis")
MAX_PIECES = 10_000
NESTED = frozenset({b"meta", b"iprp", b"ipco", b"jp2h", b"res "})
FULL = frozenset({b"meta"})
"""Boxes with four bytes of version and flags before the boxes inside."""


def scan_webp(content: bytes) -> Layout:
    """Layout of a WebP; Refused or Damaged where no decoder should see it."""
    size: tuple[int, int] | None = None
    exif = xmp = None
    at = 12
    for _ in range(MAX_PIECES):
        if at + 8 > len(content):
            return Layout("WEBP", size, content, exif or xmp or UPRIGHT)
        name = content[at : at + 4]
        end = at + 8 + int.from_bytes(content[at + 4 : at + 8], "little")
        if size is None:
            size = _webp_size(name, content[at + 8 : at + 18])
        if name == b"EXIF" and exif is None:
            exif = exif_orientation(content[at + 8 : end])
        elif name == b"XMP " and xmp is None:
            xmp = xmp_orientation(content[at + 8 : end])
        at = end + (end - at) % 2
    raise Refused(f"has more than {MAX_PIECES:,} chunks")


def _webp_size(name: bytes, body: bytes) -> tuple[int, int] | None:
    """Width and height in the first chunk of each of the three kinds of file."""
    if name == b"VP8X" and len(body) == 10:
        return _u24(body[4:7]) + 1, _u24(body[7:10]) + 1
    if name == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    if name == b"VP8L" and body[:1] == b"\x2f":
        (bits,) = struct.unpack_from("<I", body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _u24(three: bytes) -> int:
    return int.from_bytes(three, "little")


def scan_jpeg_2000(content: bytes) -> Layout:
    """Layout of a JPEG 2000; Refused or Damaged where no decoder should see it."""
    if not content.startswith(JPEG_2000):
        _count_boxes(content, 0, len(content), MAX_PIECES)
    size = codestream_size(content)
    bits = codestream_bits(content) or 8
    return Layout("JPEG2000", size and (size[1], size[0]), content, bits=bits)


def is_avif(content: bytes) -> bool:
    """Tell AVIF from HEIC and films, by the brands in the first box."""
    end = min(int.from_bytes(content[:4], "big"), 256)
    brands = [content[at : at + 4] for at in (8, *range(16, end, 4))]
    return content[4:8] == b"ftyp" and any(brand in AVIF_BRANDS for brand in brands)


def scan_avif(content: bytes) -> Layout:
    """Layout of an AVIF; Refused or Damaged where no decoder should see it."""
    sizes: list[tuple[int, int]] = []
    _count_boxes(content, 0, len(content), MAX_PIECES, sizes)
    largest = max(sizes, key=lambda one: one[0] * one[1], default=None)
    return Layout("AVIF", largest, content)


def _count_boxes(
    content: bytes,
    at: int,
    end: int,
    left: int,
    sizes: list[tuple[int, int]] | None = None,
    depth: int = 0,
) -> int:
    """Number of boxes that may still follow; `ispe` boxes add an image's size to `sizes`."""
    while at + 8 <= end:
        left -= 1
        if left < 0 or depth > 8:
            raise Refused(f"has more than {MAX_PIECES:,} boxes")
        length, name, head = (
            int.from_bytes(content[at : at + 4], "big"),
            content[at + 4 : at + 8],
            8,
        )
        if length == 1:
            length, head = int.from_bytes(content[at + 8 : at + 16], "big"), 16
        if length == 0:
            length = end - at
        if length < head:
            raise Damaged("a box is shorter than its own header")
        inside, stop = at + head + 4 * (name in FULL), min(at + length, end)
        if name == b"ispe" and sizes is not None and stop - inside >= 12:
            width, height = struct.unpack_from(">II", content, inside + 4)
            sizes.append((width, height))
        if name in NESTED:
            left = _count_boxes(content, inside, stop, left, sizes, depth + 1)
        at += length
    return left
