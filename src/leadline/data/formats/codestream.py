"""Size of a compressed picture by its own header, without decoding it."""

from __future__ import annotations

JPEG = b"\xff\xd8"
JPEG_2000 = b"\xff\x4f\xff\x51"
BOXES_BYTES = 4096
"""Within which the codestream of a JPEG 2000 begins, where boxes come before it."""
NOT_FRAMES = frozenset({0xC4, 0xC8, 0xCC})
"""Between SOF0 and SOF15, and yet tables."""
JPEG_LS_FRAME = 0xF7
DEPTH_AT = 42
"""Place of the first component's depth in a codestream (ISO 15444-1, A.5.1)."""


def codestream_size(stream: bytes) -> tuple[int, int] | None:
    """(height, width) in pixels of a JPEG, JPEG-LS or JPEG 2000; None where it is none of them."""
    at = stream.find(JPEG_2000, 0, BOXES_BYTES)
    if at >= 0:
        return _jpeg_2000(stream[at : at + 24])
    return _jpeg(stream) if stream.startswith(JPEG) else None


def codestream_bits(stream: bytes) -> int | None:
    """Bits of a sample of a JPEG 2000's first component; None where it is none."""
    at = stream.find(JPEG_2000, 0, BOXES_BYTES)
    depth = stream[at + DEPTH_AT : at + DEPTH_AT + 1]
    return (depth[0] & 0x7F) + 1 if at >= 0 and depth else None


def _jpeg_2000(head: bytes) -> tuple[int, int] | None:
    """ISO 15444-1, A.5.1: after marker, length and capabilities, width and height of the grid."""
    if len(head) < 16:
        return None
    return int.from_bytes(head[12:16], "big"), int.from_bytes(head[8:12], "big")


def _jpeg(stream: bytes) -> tuple[int, int] | None:
    """ITU-T T.81, B.2.2: segments up to the one that begins a frame."""
    at = len(JPEG)
    while at + 9 <= len(stream) and stream[at] == 0xFF:
        marker = stream[at + 1]
        if marker == 0xFF:  # fill
            at += 1
        elif (0xC0 <= marker <= 0xCF and marker not in NOT_FRAMES) or marker == JPEG_LS_FRAME:
            return (
                int.from_bytes(stream[at + 5 : at + 7], "big"),
                int.from_bytes(stream[at + 7 : at + 9], "big"),
            )
        else:
            at += 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
    return None
