"""Result of a scan of a file's bytes, and the error for a file that no decoder should see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Numbers = Literal["unsigned", "signed", "floating-point"]

CHEAP_BYTES = 2**18
CHEAP_PIXELS = 1_000_000
"""Decoded in 20 ms at most, in a few MB."""


class Refused(ValueError):
    """The file is within the bounds on bytes and pixels, but too expensive to decode.

    The message is a clause about the file: "has 5,001 scans, and at most 100 are read".
    """


class Damaged(ValueError):
    """The file breaks its format's rules so that a scan cannot go on; the message says where."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Layout of an image file as read from its bytes, before any decoder.

    Attributes
    ----------
    format : str
        Pillow's name of the format.
    size_px : (int, int) or None
        Width and height before orientation is applied; None where only a decoder knows.
    content : bytes
        The file without what no decoder needs: metadata, further frames, empty chunks.
    orientation : int
        EXIF orientation, 1 to 8, where the decoder does not apply it itself.
    passes : int
        How often a decoder goes over all pixels.
    native : bool
        The decoder's loops run in C, so that its time follows from bytes and pixels.
    bits : int
        Bits of a sample, where the scan knows them; else 8.
    numbers : "unsigned", "signed" or "floating-point"
        What samples are.
    """

    format: str
    size_px: tuple[int, int] | None
    content: bytes
    orientation: int = 1
    passes: int = 1
    native: bool = False
    bits: int = 8
    numbers: Numbers = "unsigned"

    @property
    def is_cheap(self) -> bool:
        """Decoding takes milliseconds and little memory, whatever the content."""
        if self.size_px is None or not self.native or len(self.content) > CHEAP_BYTES:
            return False
        width, height = self.size_px
        return width * height * self.passes <= CHEAP_PIXELS
