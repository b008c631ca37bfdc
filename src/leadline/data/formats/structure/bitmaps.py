"""Formats without compression, or next to none: BMP, PBM, PGM, PPM, ICO."""

from __future__ import annotations

import re
import struct

from leadline.data.formats.structure.scan_result import Damaged, Layout, Refused

BMP = b"BM"
ICO = b"\0\0\1\0"
RUN_LENGTHS = frozenset({1, 2})
MAX_RUNS_BYTES = 2**20
"""Of a BMP in run lengths, which Pillow reads one by one, in Python."""
MAX_ICON_BYTES = 4 * 2**20
"""Icons hold PNGs of their own, of 256 px a side at most."""
MAX_ICONS = 256
MAX_HEADER_BYTES = 2**16
"""Of a PPM, with its comments, which Pillow reads byte by byte."""
PPM = re.compile(rb"P([1-6])(?=[\s#])")
FIELD = re.compile(rb"(?:\s|#[^\r\n]*[\r\n])*([0-9]{1,10})(?=\s)")
PLAIN = frozenset(b"123")
BITS = frozenset(b"14")
COLOUR = frozenset(b"36")
MAX_SAMPLE_BYTES = 16
"""Of text for each number of a plain file: five digits, and ample space."""
SPARE_BYTES = 2**16
"""For comments between the numbers, and what follows them."""
PLAIN_PASSES = 20
"""Parsing a number takes as long as so many passes over a pixel."""


def scan_bmp(content: bytes) -> Layout:
    """Layout of a BMP; Refused or Damaged where no decoder should see it."""
    if len(content) < 34:
        raise Damaged("it is cut off in its header")
    (header_bytes,) = struct.unpack_from("<I", content, 14)
    if header_bytes == 12:
        width, height = struct.unpack_from("<HH", content, 18)
        compression = 0
    else:
        width, height = struct.unpack_from("<ii", content, 18)
        (compression,) = struct.unpack_from("<I", content, 30)
    in_runs = compression in RUN_LENGTHS
    if in_runs and len(content) > MAX_RUNS_BYTES:
        raise Refused("is a compressed BMP of more than 1 MiB, which is not read")
    if width < 0:
        raise Damaged("its width is negative")
    return Layout("BMP", (width, abs(height)), content, native=not in_runs)


def scan_ppm(content: bytes) -> Layout:
    """Layout of a PBM, PGM or PPM; Refused or Damaged where no decoder should see it."""
    kind = content[1]
    numbers: list[int] = []
    at = 2
    for _ in range(2 if kind in BITS else 3):
        field = FIELD.match(content, at, MAX_HEADER_BYTES)
        if field is None:
            raise Damaged(f"its header does not end within {MAX_HEADER_BYTES:,} bytes")
        numbers.append(int(field[1]))
        at = field.end()
    # Comments in a header make decoders slow; the numbers say the same.
    head = b"P%c\n%s" % (kind, b" ".join(b"%d" % number for number in numbers))
    samples = numbers[0] * numbers[1] * (3 if kind in COLOUR else 1)
    is_plain = kind in PLAIN
    if is_plain:
        _check_plain(len(content) - at, samples)
    return Layout(
        "PPM",
        (numbers[0], numbers[1]),
        head + content[at:],
        passes=PLAIN_PASSES if is_plain else 1,
        native=not is_plain,
    )


def _check_plain(data_bytes: int, samples: int) -> None:
    """Refuse a plain file with far more text than its numbers take."""
    most = samples * MAX_SAMPLE_BYTES + SPARE_BYTES
    if data_bytes > most:
        raise Refused(
            f"has {data_bytes:,} bytes of text for {samples:,} samples; at most {most:,} are read"
        )


def scan_ico(content: bytes) -> Layout:
    """Layout of an icon; Refused where no decoder should see it."""
    icons = int.from_bytes(content[4:6], "little")
    if len(content) > MAX_ICON_BYTES or icons > MAX_ICONS:
        raise Refused(
            f"is a set of {icons:,} icons in {len(content):,} bytes; at most {MAX_ICONS} in "
            f"{MAX_ICON_BYTES:,} are read"
        )
    return Layout("ICO", None, content)
