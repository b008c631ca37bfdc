"""Image files looked at before they are decoded: format, size, and what would make decoding slow.

A file of a few MB can keep a decoder busy for minutes, or make it take gigabytes, within any bound
on bytes and pixels: by thousands of metadata segments, empty chunks, comments, scans or directory
entries. A scan walks over a file's segments in bounded time, refuses what no camera or program
writes, and leaves out what no decoder needs.

| format | bounded | left out |
|---|---|---|
| JPEG | segments, stray bytes, tables, scans | EXIF, XMP, ICC, comments, what follows the image |
| PNG | chunks | all but IHDR, PLTE, tRNS, IDAT, IEND |
| GIF | extensions, blocks | comments, extensions, frames after the first |
| WebP, AVIF, JPEG 2000 | chunks or boxes | |
| TIFF | entries, strips, tiles, bytes of tags | |
| BMP, PPM, ICO | run lengths, header, text of plain files, icons | comments in a header |
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from leadline.data.formats.codestream import JPEG_2000
from leadline.data.formats.structure import bitmaps, boxes, gif, jpeg, png, tiff
from leadline.data.formats.structure.exif_orientation import exif_orientation, xmp_orientation
from leadline.data.formats.structure.scan_result import Damaged, Layout, Refused

__all__ = [
    "Damaged", "Layout", "Refused", "exif_orientation", "scan", "sniff", "xmp_orientation"
]  # fmt: skip

SCANS: dict[str, Callable[[bytes], Layout]] = {
    "JPEG": jpeg.scan_jpeg,
    "PNG": png.scan_png,
    "GIF": gif.scan_gif,
    "WEBP": boxes.scan_webp,
    "BMP": bitmaps.scan_bmp,
    "TIFF": tiff.scan_tiff,
    "JPEG2000": boxes.scan_jpeg_2000,
    "AVIF": boxes.scan_avif,
    "PPM": bitmaps.scan_ppm,
    "ICO": bitmaps.scan_ico,
}


def sniff(content: bytes) -> str | None:
    """Pillow's name of the format that a file's first bytes belong to; None for any other."""
    for magic, name in (
        (jpeg.MAGIC, "JPEG"),
        (png.MAGIC, "PNG"),
        (gif.MAGIC, "GIF"),
        (tiff.MAGIC, "TIFF"),
        ((JPEG_2000, boxes.JP2), "JPEG2000"),
        (bitmaps.BMP, "BMP"),
        (bitmaps.ICO, "ICO"),
    ):
        if content.startswith(magic):
            return name
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if bitmaps.PPM.match(content):
        return "PPM"
    return "AVIF" if boxes.is_avif(content) else None


def scan(content: bytes) -> Layout | None:
    """Look at an image file's structure, in bounded time.

    Returns
    -------
    Layout or None
        None where the format is not one that is scanned; such files belong in a process with
        limits.

    Raises
    ------
    Refused
        Decoding would take too long or too much memory.
    Damaged
        The file breaks its format's rules.
    """
    name = sniff(content)
    if name is None:
        return None
    try:
        return SCANS[name](content)
    except (struct.error, IndexError, OverflowError):
        raise Damaged("it is cut off in its header") from None
