"""PBM, PGM and PPM that Pillow decodes number by number in Python, or cuts to 8 bits.

These are the plain forms (P1 to P3), whose numbers are text, and binary ones whose white is not
255. See https://netpbm.sourceforge.net/doc/ for the formats.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.formats.sample_depth import DEEP_WHITE, Samples

HEADER = re.compile(rb"P([1-6])\n([0-9]+) ([0-9]+)(?: ([0-9]+))?\s")
"""As `structure.scan` rewrites it."""
COMMENT = re.compile(rb"#[^\r\n]*")
NOT_A_NUMBER = re.compile(rb"[^0-9\s]")
SPACE = re.compile(rb"\s")
WHITESPACE = b" \t\n\r\v\f"
CHUNK_BYTES = 2**20
"""Of text that is parsed at once, which bounds the memory for 64-bit numbers."""
BITMAP, PLAIN_BITMAP, COLOUR = b"4", b"1", b"36"


def read_netpbm(content: bytes) -> Samples | None:
    """Samples of a file whose header `structure.scan` has normalized.

    Returns None for a binary file that Pillow decodes in C without loss. Raises ValueError where
    the data are cut off or hold something that is not a sample.
    """
    header = HEADER.match(content)
    if header is None:
        return None
    kind, width, height = header[1], int(header[2]), int(header[3])
    white = int(header[4] or 1)
    if kind == BITMAP or (kind in b"56" and white == 255):
        return None
    if not 0 < white <= DEEP_WHITE:
        raise ValueError(f"its header gives {white} as white; 1 to 65535 is possible")
    channels = 3 if kind in COLOUR else 1
    count = width * height * channels
    data = content[header.end() :]
    if kind == PLAIN_BITMAP:
        values = _bits(data, count)
    elif kind in b"23":
        values = _numbers(data, count)
    else:
        values = _binary(data, count, white)
    if values.size and int(values.max()) > white:
        raise ValueError(f"a sample of {int(values.max())} is above its white, {white}")
    # Programs write a maximum of 65,535 for 12 bits as well, so it says little.
    declared = white if white < DEEP_WHITE else None
    return Samples(values.reshape(height, width, channels), white=declared)


def _bits(text: bytes, count: int) -> NDArray[np.uint16]:
    """Samples of a plain bitmap, whose digits need no space between them: 1 is black."""
    digits = COMMENT.sub(b"", text).translate(None, WHITESPACE)[:count]
    if len(digits) < count:
        raise ValueError("image file is truncated")
    if digits.translate(None, b"01"):
        raise ValueError("a sample of a bitmap is neither 0 nor 1")
    return (ord("1") - np.frombuffer(digits, np.uint8)).astype(np.uint16)


def _numbers(text: bytes, count: int) -> NDArray[np.uint16]:
    """Numbers in decimal digits, with space between them."""
    text = COMMENT.sub(b" ", text)
    other = NOT_A_NUMBER.search(text)
    end = len(text) if other is None else other.start()
    values = np.empty(count, np.uint16)
    done = at = 0
    while done < count and at < end:
        space = SPACE.search(text, min(at + CHUNK_BYTES, end), end)
        stop = end if space is None else space.start()
        piece = text[at:stop].strip()
        if piece:
            numbers = np.fromstring(piece, np.int64, sep=" ")[: count - done]
            if numbers.max() > DEEP_WHITE:
                raise ValueError(f"a sample of {numbers.max()} is above {DEEP_WHITE}")
            values[done : done + len(numbers)] = numbers
            done += len(numbers)
        at = max(stop, at + 1)
    if done < count:
        cut_off = "image file is truncated"
        raise ValueError(cut_off if other is None else f"{other[0]!r} stands among its numbers")
    return values


def _binary(data: bytes, count: int, white: int) -> NDArray[np.uint16]:
    """Samples of one byte, or of two with the most significant one first."""
    dtype: np.dtype[Any] = np.dtype(np.uint8 if white < 256 else ">u2")
    if len(data) < count * dtype.itemsize:
        raise ValueError("image file is truncated")
    return np.frombuffer(data, dtype, count).astype(np.uint16)
