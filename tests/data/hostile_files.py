"""Image files within every bound on bytes and pixels that would keep a decoder busy."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

NOISE = np.random.default_rng(0).integers(0, 256, (48, 64), np.uint8)


def saved(form: str, pixels: np.ndarray = NOISE, **options: object) -> bytes:
    """An image as Pillow writes it."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, **options)
    return buffer.getvalue()


def jpeg_with(segments: bytes) -> bytes:
    """A JPEG with something between its first marker and all others."""
    whole = saved("JPEG")
    return whole[:2] + segments + whole[2:]


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def exif(orientation: int, more: bytes = b"", order: str = "<") -> bytes:
    """An EXIF block: other entries, of 12 bytes each, and an orientation."""
    mark = {"<": b"II*\0\x08\0\0\0", ">": b"MM\0*\0\0\0\x08"}[order]
    entry = struct.pack(f"{order}HHIHH", 0x112, 3, 1, orientation, 0)
    count = struct.pack(f"{order}H", 1 + len(more) // 12)
    return mark + count + more + entry + bytes(4)


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_with(chunks: bytes) -> bytes:
    """A PNG with chunks between its header and its pixels."""
    whole = saved("PNG")
    return whole[:33] + chunks + whole[33:]


def gif_with(blocks: bytes) -> bytes:
    """A GIF with blocks before its first image."""
    whole = saved("GIF")
    at = whole.index(b",", 13 + 3 * 256)
    return whole[:at] + blocks + whole[at:]


def comment(size: int) -> bytes:
    """A comment of a GIF, in blocks of one byte."""
    return b"!\xfe" + b"\x01x" * size + b"\0"


def webp_with(chunks: bytes) -> bytes:
    """A WebP with chunks after its image."""
    whole = saved("WEBP", lossless=True)
    return whole[:4] + struct.pack("<I", len(whole) - 8 + len(chunks)) + whole[8:] + chunks


def tiff(entries: list[tuple[int, int, int, int]], tail: bytes = b"") -> bytes:
    """A TIFF of one directory: entries of tag, type, count, and value or offset."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + packed + bytes(4) + tail


def bmp_in_runs(runs: int) -> bytes:
    """A BMP of 500 x 500 px whose pixels are coded as run lengths."""
    header = struct.pack("<IiiHHIIiiII", 40, 500, 500, 1, 8, 1, 0, 0, 0, 256, 0)
    offset = struct.pack("<IHHI", 0, 0, 0, 54 + 1024)
    return b"BM" + offset + header + bytes(1024) + b"\x01\x07" * runs


def progressive(scans: int) -> bytes:
    """A progressive JPEG of that many scans, the last one repeated."""
    whole = saved("JPEG", progressive=True)
    last = whole.rfind(b"\xff\xda")
    more = scans - whole.count(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * more + whole[-2:]


MIB = 2**20
SLOW = {
    "jpeg of EXIF segments": lambda: jpeg_with(
        segment(0xE1, b"Exif\0\0" + bytes(10)) * (MIB // 2)
    ),
    "jpeg of empty application segments": lambda: jpeg_with(segment(0xE5, b"") * 2 * MIB),
    "jpeg of comments": lambda: jpeg_with(segment(0xFE, b"x") * MIB),
    "jpeg of stray bytes": lambda: jpeg_with(segment(0xE5, b"") + bytes(4 * MIB)),
    "jpeg of fill bytes": lambda: jpeg_with(b"\xff" * 4 * MIB),
    "jpeg of restart markers": lambda: jpeg_with(b"\xff\xd0" * 2 * MIB),
    "jpeg of tables": lambda: jpeg_with(segment(0xDB, (b"\0" + bytes(64)) * 1000) * 60),
    "jpeg of scans": lambda: progressive(5000),
    "png of empty chunks": lambda: png_with(chunk(b"tEXt") * MIB),
    "png of empty pixels": lambda: png_with(chunk(b"IDAT") * MIB),
    "gif of comments": lambda: gif_with(comment(2 * MIB)),
    "gif of comments without an end": lambda: gif_with(comment(2 * MIB)[:-1]),
    "gif of empty extensions": lambda: gif_with(b"!\xfe\0" * MIB),
    "webp of empty chunks": lambda: webp_with((b"XXXX" + bytes(4)) * MIB),
    "tiff of strips": lambda: tiff(
        [(256, 4, 1, 8), (257, 4, 1, 8), (273, 4, MIB, 200), (277, 3, 1, 1)],
        bytes(5 * MIB),
    ),
    "tiff of entries": lambda: tiff([(256, 4, 1, 8), (257, 4, 1, 8)] + [(700, 1, 1, 0)] * 60_000),
    "tiff whose tags share their bytes": lambda: tiff(
        [(256, 4, 1, 8), (257, 4, 1, 8)] + [(60_000 + n, 7, MIB, 0) for n in range(900)],
        bytes(2 * MIB),
    ),
    "bmp of runs": lambda: bmp_in_runs(MIB),
    "ppm of comments": lambda: b"P5\n" + b"#\n" * MIB + b"1 1 255\n\0",
    "ppm of a long comment": lambda: b"P5\n#" + b"x" * MIB + b"\n1 1 255\n\0",
    "plain pgm of comments": lambda: b"P2\n8 8\n255\n" + b"#\n" * MIB,
    "plain pbm of space": lambda: b"P1\n8 8\n" + b" " * MIB,
    "plain ppm of digits": lambda: b"P3\n8 8\n255\n" + b"1" * MIB,
    "jp2 of boxes": lambda: saved("JPEG2000")[:12] + (b"\0\0\0\x08free") * MIB,
    "avif of boxes": lambda: b"\0\0\0\x14ftypavif\0\0\0\0avif" + b"\0\0\0\x08free" * MIB,
    "ico of icons": lambda: b"\0\0\x01\0\xff\xff" + (b"\x10\x10" + bytes(14)) * 65_535,
    "ico of a png of empty chunks": lambda: (
        b"\0\0\x01\0\x01\0" + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, 12 * MIB, 22)
        + png_with(chunk(b"tEXt") * MIB)
    ),
}  # fmt: skip
"""Each takes a decoder seconds, or a gigabyte; of a size within the bounds, minutes."""
