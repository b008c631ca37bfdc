"""GIF: the first frame, without comments, extensions and the frames that follow (GIF89a)."""

from __future__ import annotations

import struct

from leadline.data.formats.structure.scan_result import Damaged, Layout, Refused

MAGIC = (b"GIF87a", b"GIF89a")
MAX_EXTENSIONS = 1000
MAX_BLOCKS = 500_000
"""Of at most 255 bytes each; the largest image that is read has about 300,000."""
EXTENSION, IMAGE = 0x21, 0x2C
GRAPHIC_CONTROL = 0xF9
"""The extension that says which colour is transparent."""
END = b";"


def scan_gif(content: bytes) -> Layout:
    """Layout of a GIF; Refused or Damaged where no decoder should see it."""
    if len(content) < 13:
        raise Damaged("it is cut off in its header")
    width, height, flags = struct.unpack_from("<HHB", content, 6)
    at = 13 + _palette_bytes(flags)
    kept = [content[:at]]
    control = b""
    blocks = 0
    for _ in range(MAX_EXTENSIONS):
        if at + 2 > len(content):
            raise Damaged("it ends before its first image")
        kind = content[at]
        if kind == EXTENSION:
            end, passed = _after_blocks(content, at + 2, MAX_BLOCKS - blocks)
            if content[at + 1] == GRAPHIC_CONTROL and end - at <= 16:
                control = content[at:end]
            blocks += passed
            at = end
        elif kind == IMAGE:
            if at + 11 > len(content):
                raise Damaged("it is cut off in its first image")
            left, top, wide, high, flags = struct.unpack_from("<HHHHB", content, at + 1)
            start = at + 10 + _palette_bytes(flags)
            end, _ = _after_blocks(content, start + 1, MAX_BLOCKS - blocks)
            kept += [control, content[at:end]]
            if end <= len(content) and content[end - 1] == 0:
                kept.append(END)
            size = max(width, left + wide), max(height, top + high)
            return Layout("GIF", size, b"".join(kept), native=True)
        elif kind == END[0]:
            raise Damaged("it has no image")
        else:
            at += 1
    raise Refused(f"has more than {MAX_EXTENSIONS:,} extensions before its first image")


def _palette_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(content: bytes, at: int, most: int) -> tuple[int, int]:
    """Position after a chain of blocks and its end, and how many there are.

    Where the file ends first, that is its length.
    """
    for count in range(most):
        if at >= len(content):
            return len(content), count
        length = content[at]
        at += 1 + length
        if not length:
            return at, count
    raise Refused(f"has more than {MAX_BLOCKS:,} blocks")
