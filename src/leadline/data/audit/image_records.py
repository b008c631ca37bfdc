"""The images of a data set as the audit sees them: names, sums and small grey copies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadline.data.formats.omitted_files import LeftOut
from leadline.data.short_repr import ShortRepr

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be read, and why."""

    name: str
    split: str
    reason: str


@dataclass(frozen=True, eq=False, repr=False)
class Records(ShortRepr):
    """What is kept of n images, in the order train, validation, test.

    splits, labels: int64 (n,), positions in `SPLITS` and in `classes`. file_sums, pixel_sums:
    SHA-256 of the file and of the decoded pixels; file_sums is empty for images that came in an
    array. sizes: float64 (n, 3), width and height in px and bytes of the file, 0 in an array.
    thumbnails: uint8 (n, size_px, size_px), grey.
    """

    classes: tuple[str, ...]
    names: tuple[str, ...]
    splits: NDArray[np.int64]
    labels: NDArray[np.int64]
    file_sums: tuple[str, ...]
    pixel_sums: tuple[str, ...]
    sizes: NDArray[np.float64]
    thumbnails: NDArray[np.uint8]
    unreadable: tuple[Unreadable, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    """What the reader says of the data set."""

    def __len__(self) -> int:
        return len(self.names)

    def split_names(self) -> tuple[str, ...]:
        """The splits that hold images, in order."""
        return tuple(name for place, name in enumerate(SPLITS) if (self.splits == place).any())

    def counts(self) -> dict[str, dict[str, int]]:
        """Images by split and class."""
        found = {}
        for split in self.split_names():
            here = self.labels[self.splits == SPLITS.index(split)]
            per_class = np.bincount(here, minlength=len(self.classes)).tolist()
            found[split] = dict(zip(self.classes, per_class, strict=True))
        return found

    def pictures(self, names: Iterable[str]) -> dict[str, NDArray[np.uint8]]:
        """The small copies of these images, by name."""
        places = {name: index for index, name in enumerate(self.names)}
        return {name: self.thumbnails[places[name]] for name in names}

    def of(self, split: str) -> NDArray[np.int64]:
        """Positions of the images of one split."""
        return np.flatnonzero(self.splits == SPLITS.index(split))
