"""Files that are an image and something else besides.

An image is decoded here and never passed on, so a file that other programs would take for something
else could do no harm; but nobody sends one by accident, and the operator should hear of
it.
"""

from __future__ import annotations

from leadline.data.formats.dicom_start import begins_as_dicom
from leadline.data.formats.structure.jpeg import MAGIC as JPEG_MAGIC
from leadline.data.formats.structure.jpeg import MAX_SCANS, START_OF_SCAN
from leadline.errors import DataError

SIGNATURES = {
    b"MZ": "a Windows program",
    b"\x7fELF": "a Linux program",
    b"#!": "a script",
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP archive",
    b"\x89PNG": "a PNG",
    b"\xff\xd8\xff": "a JPEG",
    b"GIF8": "a GIF",
    b"RIFF": "a RIFF file",
    b"BM": "a BMP",
}
"""Beginnings, which the 128 free bytes of a DICOM file have room for. TIFF's is allowed there."""
HEAD_BYTES = 1024
"""Within which readers of PDF look for its beginning, and browsers for HTML."""
MARKS = {b"%pdf-": "a PDF", b"<script": "a web page", b"<html": "a web page", b"<?php": "a script"}
ZIP_END = b"PK\x05\x06"
ZIP_END_BYTES = 22
DEFLATED = b"1.2.840.10008.1.2.1.99"
"""DICOM's transfer syntax that is one stream of deflate, of unknown size."""
JPEG_SYNTAXES = b"1.2.840.10008.1.2.4."
SCAN = bytes((0xFF, START_OF_SCAN))
PNG, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
NAMED = {"image/png": PNG, "image/jpeg": JPEG_MAGIC, "image/gif": b"GIF8"}


def check_alone(content: bytes, name: str, kind: str) -> None:
    """Raise DataError if a file is not of the declared type, or is of another type as well.

    kind: its media type, "" where none was given.
    """
    other = _other(content)
    if other:
        raise DataError(
            f"{name}: is {other} as well as an image, so it is refused; save it as PNG."
        )
    begins = NAMED.get(kind)
    if begins is not None and not content.startswith(begins):
        raise DataError(f"{name}: is said to be {kind}, but its content is something else.")
    # Pillow takes it where no more than the end is missing; but what else is, nobody knows.
    if content.startswith(PNG) and PNG_END not in content:
        raise DataError(f"{name}: cannot be read as an image: it is cut off; send the whole file.")
    if _is_dicom(content) and DEFLATED in content[:HEAD_BYTES]:
        raise DataError(f"{name}: deflated DICOM is not read here; save it uncompressed.")
    scans = (
        content.count(SCAN) if _is_dicom(content) and JPEG_SYNTAXES in content[:HEAD_BYTES] else 0
    )
    if scans > MAX_SCANS:
        raise DataError(
            f"{name}: holds a JPEG in {scans:,} scans, and at most {MAX_SCANS} are read; refused. "
            "Save it again, as PNG."
        )


def _is_dicom(content: bytes) -> bool:
    return begins_as_dicom(content[:HEAD_BYTES])


def _other(content: bytes) -> str:
    """Return another file type that the bytes also match, or ""."""
    if _is_dicom(content):
        for begins, what in SIGNATURES.items():
            if content.startswith(begins):
                return what
    head = content[:HEAD_BYTES].lower()
    for mark, what in MARKS.items():
        if mark in head:
            return what
    return "a ZIP archive" if _ends_as_zip(content) else ""


def _ends_as_zip(content: bytes) -> bool:
    """Return whether an archive's last record is present and reaches to the very end."""
    at = content.rfind(ZIP_END, max(0, len(content) - ZIP_END_BYTES - 2**16))
    if at < 0 or at + ZIP_END_BYTES > len(content):
        return False
    comment_bytes = int.from_bytes(content[at + 20 : at + 22], "little")
    return at + ZIP_END_BYTES + comment_bytes == len(content)
