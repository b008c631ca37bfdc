"""How much of a DICOM file is worth reading: a film has some hundred short elements and its pixels.

pydicom makes an object of each element and of each item of a sequence, hundreds of bytes for the
eight that it takes in the file, and of each number in a text; so a file of some MB could take up
all memory.
"""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import pydicom

MOST_READS = 200_000
"""Pieces that are read of one file: one to three for each element, one for each item."""
MOST_VALUE_BYTES = 2**18
"""Of an element beside the pixels; a table of 65,536 entries of 16 bits has half of that."""
PIXEL_DATA = 0x7FE00010


class Sparing:
    """A file that may be read in so many pieces.

    Then it ends; `spent` tells that from its own end, whatever its reader makes of it.
    """

    def __init__(self, file: IO[bytes], start: int = 0) -> None:
        """start: offset in the file at which its reader sees the beginning."""
        self._file = file
        self._left = MOST_READS
        self._start = start
        file.seek(start)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of the file."""
        forward = self._start if whence == os.SEEK_SET else 0
        return self._file.seek(offset + forward, whence) - self._start

    def tell(self) -> int:
        """As of the file."""
        return self._file.tell() - self._start

    @property
    def spent(self) -> bool:
        """Whether more was asked for than there was leave to read."""
        return self._left < 0

    def read(self, size: int = -1) -> bytes:
        """As of the file."""
        self._left -= 1
        if self.spent:
            raise EOFError("too many pieces")
        return self._file.read(size)


def without_bulk(dataset: pydicom.Dataset) -> None:
    """Take away what is too long for anything that showing a film needs; it is not read yet."""
    long = [
        element.tag
        for element in dataset.elements()
        if element.tag != PIXEL_DATA
        and isinstance(element.value, bytes)
        and len(element.value) > MOST_VALUE_BYTES
    ]
    for tag in long:
        del dataset[tag]
