"""The beginning of a DICOM file: with a preamble, without one, or without a meta header.

Part 10 of the standard asks for 128 bytes of preamble, "DICM", a meta header (group 0002) and the
data set. Old devices and archives write the data set alone, or leave the preamble out.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pydicom

PREAMBLE_BYTES = 128
MAGIC = b"DICM"
FIRST_GROUPS = (0x0002, 0x0008)
"""A file begins with its meta header, or else with the identifying group."""
LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT"})
"""Value representations whose length has four bytes, after two that are reserved."""
SHORT_VRS = frozenset(
    {b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN",
     b"SH", b"SL", b"SS", b"ST", b"SV", b"TM", b"UI", b"UL", b"US", b"UV"}
)  # fmt: skip
MOST_FIRST_BYTES = 1024
"""Length that the first elements of a data set may have; they are codes, dates and UIDs."""
RLE_HEADER = struct.pack("<I", 64)
"""Offset of the first segment of an RLE frame, always the same."""

EXPLICIT_LITTLE, EXPLICIT_BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
RLE = "1.2.840.10008.1.2.5"
JPEG_2000 = "1.2.840.10008.1.2.4.91"
JPEG_BY_FRAME = {
    0xC0: "1.2.840.10008.1.2.4.50",
    0xC1: "1.2.840.10008.1.2.4.51",
    0xC3: "1.2.840.10008.1.2.4.70",
    0xF7: "1.2.840.10008.1.2.4.81",
}
"""Transfer syntaxes by the frame marker: baseline, extended, lossless, JPEG-LS."""


def begins_as_dicom(head: bytes) -> bool:
    """Tell DICOM by the first bytes of a file, 256 or more of them.

    Without the preamble, two elements in order must begin with group 0002 or 0008.
    """
    if has_preamble(head):
        return True
    return _has_elements(head.removeprefix(MAGIC))


def has_preamble(head: bytes) -> bool:
    """True for 128 bytes of any content, then "DICM"."""
    return head[PREAMBLE_BYTES : PREAMBLE_BYTES + len(MAGIC)] == MAGIC


def start_of(head: bytes) -> int:
    """Offset at which a reader should begin: 4 where "DICM" is there without its preamble."""
    return len(MAGIC) if head.startswith(MAGIC) and not has_preamble(head) else 0


def _has_elements(head: bytes) -> bool:
    return any(_two_in_order(head, order) for order in ("<", ">"))


def _two_in_order(head: bytes, order: str) -> bool:
    first = _element(head, 0, order)
    if first is None or first[0][0] not in FIRST_GROUPS:
        return False
    second = _element(head, first[1], order)
    return second is not None and first[0] < second[0] and second[0][0] <= 0x0010


def _element(head: bytes, at: int, order: str) -> tuple[tuple[int, int], int] | None:
    """Tag of the element at an offset, and the offset of the next; None if it is none."""
    if at + 12 > len(head):
        return None
    tag = struct.unpack_from(f"{order}HH", head, at)
    vr = head[at + 4 : at + 6]
    if vr in LONG_VRS:
        begin, length = at + 12, struct.unpack_from(f"{order}I", head, at + 8)[0]
    elif vr in SHORT_VRS:
        begin, length = at + 8, struct.unpack_from(f"{order}H", head, at + 6)[0]
    elif order == "<":
        begin, length = at + 8, struct.unpack_from("<I", head, at + 4)[0]
    else:
        return None
    return (tag, begin + length) if length <= MOST_FIRST_BYTES else None


def ensure_transfer_syntax(dataset: pydicom.Dataset) -> None:
    """Set the transfer syntax of a file that does not give one.

    How its elements are written is known once it is read; a compression is told by the first bytes
    of the first frame. Raises ValueError for compressed pixels of an unknown kind.
    """
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID

    if getattr(dataset, "file_meta", None) is None:
        dataset.file_meta = FileMetaDataset()
    if dataset.file_meta.get("TransferSyntaxUID"):
        return
    implicit, little = dataset.original_encoding
    syntax = IMPLICIT_LITTLE if implicit else EXPLICIT_LITTLE if little else EXPLICIT_BIG
    if dataset["PixelData"].is_undefined_length:
        syntax = _compression(dataset)
    dataset.file_meta.TransferSyntaxUID = UID(syntax)


def _compression(dataset: pydicom.Dataset) -> str:
    from pydicom.encaps import generate_fragments

    fragments = generate_fragments(dataset.PixelData)
    next(fragments, None)  # the offset table
    frame = next(fragments, b"")
    if frame.startswith(b"\xff\xd8"):
        for marker in _jpeg_markers(frame):
            if marker in JPEG_BY_FRAME:
                return JPEG_BY_FRAME[marker]
    if frame.startswith((b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP")):
        return JPEG_2000
    if frame[4:8] == RLE_HEADER and 1 <= struct.unpack("<I", frame[:4])[0] <= 15:
        return RLE
    raise ValueError("it does not name its transfer syntax, and its pixels are compressed")


def _jpeg_markers(frame: bytes) -> list[int]:
    """Markers of the segments before the image's data."""
    found, at = [], 2
    while at + 4 <= len(frame) and frame[at] == 0xFF and frame[at + 1] != 0xDA:
        found.append(frame[at + 1])
        at += 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
    return found
