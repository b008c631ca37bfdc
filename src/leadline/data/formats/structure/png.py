"""PNG: chunks counted, all but those that carry pixels left out (ISO/IEC 15948)."""

from __future__ import annotations

import contextlib
import re
import struct
import zlib
from dataclasses import dataclass, field

from leadline.data.formats.structure.exif_orientation import (
    UPRIGHT,
    exif_orientation,
    xmp_orientation,
)
from leadline.data.formats.structure.scan_result import Damaged, Layout, Refused

MAGIC = b"\x89PNG\r\n\x1a\n"
HEAD = struct.Struct(">I4s")
MAX_CHUNKS = 100_000
"""An image of 512 MiB in chunks of 8 kB, as libpng writes them, has 65,000."""
PALETTE = frozenset({b"PLTE", b"tRNS"})
ONCE = PALETTE | {b"IHDR", b"IEND"}
METADATA = frozenset({b"eXIf", b"iTXt", b"tEXt", b"zTXt"})
MAX_PALETTE_BYTES = 768
NAME = re.compile(rb"[A-Za-z]{4}")
XMP = b"XML:com.adobe.xmp\0\0\0"
"""Keyword, and that the text is not compressed."""
RAW_EXIF = b"Raw profile type exif\0"
"""ImageMagick's: hexadecimal digits, in zTXt compressed, after a byte that says how."""
MAX_RAW_EXIF_BYTES = 2**18
DEEP_PASSES = 4
"""Colours of 16 bits are decoded twice and scaled (`sample_depth`)."""
GREY = 0
"""Colour type without colour and transparency."""


@dataclass
class _Chunks:
    """Facts about a file so far, and the chunks that a decoder needs."""

    kept: list[bytes] = field(default_factory=lambda: [MAGIC])
    names: set[bytes] = field(default_factory=set)
    size_px: tuple[int, int] | None = None
    orientation: int | None = None
    bits: int = 8
    colour_type: int = GREY

    def add(self, name: bytes, chunk: bytes, length: int) -> None:
        """Take in one chunk, from its length to its sum. length: of its body, as it says."""
        if (name == b"IHDR") != (self.size_px is None):
            raise Damaged("its header is missing, or there twice")
        if name == b"IHDR":
            if length != 13 or len(chunk) < 25:
                raise Damaged("its header has the wrong length")
            width, height, self.bits, self.colour_type = struct.unpack_from(">IIBB", chunk, 8)
            self.size_px = width, height
        if name in PALETTE and length > MAX_PALETTE_BYTES:
            raise Damaged("its palette is too long")
        if name in ONCE - self.names or (name == b"IDAT" and length):
            self.kept.append(chunk)
        elif self.orientation is None and name in METADATA:
            self.orientation = _orientation(name, chunk[8 : 8 + length])
        self.names.add(name)


def scan_png(content: bytes) -> Layout:
    """Layout of a PNG; Refused or Damaged where no decoder should see it."""
    chunks = _Chunks()
    at = len(MAGIC)
    for _ in range(MAX_CHUNKS):
        if at + 8 > len(content) or b"IEND" in chunks.names:
            break
        length, name = HEAD.unpack_from(content, at)
        if not NAME.fullmatch(name):
            if b"IDAT" in chunks.names:  # what follows the pixels is not needed
                break
            raise Damaged(f"a chunk is called {name!r}")
        end = at + 12 + length
        chunks.add(name, content[at:end], length)
        at = end
    else:
        raise Refused(f"has more than {MAX_CHUNKS:,} chunks")
    return Layout(
        "PNG",
        chunks.size_px,
        b"".join(chunks.kept),
        chunks.orientation or UPRIGHT,
        passes=DEEP_PASSES if chunks.bits == 16 and chunks.colour_type != GREY else 1,
        native=True,
        bits=chunks.bits,
    )


def _orientation(name: bytes, body: bytes) -> int | None:
    if name == b"eXIf":
        return exif_orientation(body)
    if name == b"iTXt" and body.startswith(XMP):
        return xmp_orientation(body[len(XMP) :])
    if name == b"zTXt" and body.startswith(RAW_EXIF):
        return _of_packed_digits(body[len(RAW_EXIF) + 1 :])
    if name == b"tEXt" and body.startswith(RAW_EXIF):
        return _of_digits(body[len(RAW_EXIF) :][:MAX_RAW_EXIF_BYTES])
    return None


def _of_packed_digits(packed: bytes) -> int | None:
    with contextlib.suppress(zlib.error):
        return _of_digits(zlib.decompressobj().decompress(packed, MAX_RAW_EXIF_BYTES))
    return None


def _of_digits(digits: bytes) -> int | None:
    """Orientation in ImageMagick's block: a line break, "exif", the length, then digits."""
    with contextlib.suppress(ValueError):
        return exif_orientation(bytes.fromhex("".join(digits.decode("ascii").split("\n")[3:])))
    return None
