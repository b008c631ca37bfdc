"""Data sets: raw uint8 images, labels, and their source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadline.data.formats.omitted_files import LeftOut
from leadline.data.remarks import Remark
from leadline.data.short_repr import ShortRepr
from leadline.errors import DataError

UInt8Array = NDArray[np.uint8]
Int64Array = NDArray[np.int64]

UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters and halves of characters: no page, table or figure can hold them."""


@dataclass(frozen=True, eq=False, repr=False)
class Images(ShortRepr):
    """Images of one size with their labels.

    pixels: uint8 (n, height, width, channels), 0 to 255. labels: int64 (n,), 0 to classes - 1.
    names: n file names, or indices in the source's own order. groups: for each image whose it is,
    a patient or a writer, or None where that is not known; no split divides a group.
    """

    pixels: UInt8Array
    labels: Int64Array
    names: tuple[str, ...]
    groups: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 4:
            raise DataError(
                "expected uint8 pixels (n, height, width, channels). Received: "
                f"{self.pixels.dtype} {self.pixels.shape}."
            )
        if not len(self.pixels) == len(self.labels) == len(self.names):
            raise DataError(
                "images, labels and names differ in number: "
                f"{len(self.pixels)}, {len(self.labels)}, {len(self.names)}."
            )
        if self.groups is not None and len(self.groups) != len(self.labels):
            raise DataError(
                f"{len(self.groups)} groups for {len(self.labels)} images; each image has one."
            )

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: Int64Array) -> Images:
        """The images at these indices, in their order."""
        names = tuple(self.names[index] for index in indices)
        groups = self.groups and tuple(self.groups[index] for index in indices)
        return Images(self.pixels[indices], self.labels[indices], names, groups)


@dataclass(frozen=True, eq=False, repr=False)
class Dataset(ShortRepr):
    """A data set as it was found: its own splits, nothing carved yet."""

    name: str
    classes: tuple[str, ...]
    train: Images
    validation: Images | None = None
    test: Images | None = None
    source: str = ""
    """Source of the bytes: a code of `data.sources`, such as "cache", or a path."""
    warnings: tuple[Remark, ...] = ()
    """Caveats for the reader of a report, for example that these are 5,000 images of MNIST."""
    left_out: tuple[LeftOut, ...] = ()
    """Files beside the images that were not read, by reason and suffix."""
    place: Path | None = None
    """The folder, or the zip, of the image files; None for images that came as arrays."""
    white: float = 255
    """The number that was white in whole numbers of an array."""

    def __post_init__(self) -> None:
        for name in self.classes:
            if UNWRITABLE.search(name):
                raise DataError(
                    f"class {name!a}: its name holds a control character, or one that is no "
                    "UTF-8, which no report can show; rename it."
                )


@dataclass(frozen=True, eq=False, repr=False)
class Part(ShortRepr):
    """One part of a split: the images, and which images of the source they are.

    origin: the source's own split they were taken from, "train", "validation" or "test".
    indices: int64 (n,), positions in that split.
    """

    images: Images
    origin: str
    indices: Int64Array


@dataclass(frozen=True, eq=False, repr=False)
class Split(ShortRepr):
    """The parts that models are trained, selected and tested on."""

    classes: tuple[str, ...]
    train: Part
    validation: Part
    test: Part
    validation_is_test: bool
    """True where an experiment reproduces the lab, which validated on test."""
