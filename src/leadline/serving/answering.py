"""Files in, answers out: a batch at a time, so that memory does not grow with their number."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.typing import NDArray

from leadline.data.image_files import read_image
from leadline.data.zip_tree import Entry
from leadline.errors import LeadlineError, MissingExtra
from leadline.serving.inputs import Found
from leadline.serving.predictor import Answers, Predictor
from leadline.serving.reading import CHUNK, read_ahead

MOST_IMAGES = 256
MOST_BATCH_BYTES = 2**20
"""Of the raw images in a batch; what a network makes of them may be a hundred times as much."""
FIRST_IMAGES = 8
"""Of the first batch, so that the first answer does not wait for many files."""
MOST_NAMED = 10_000


@dataclass(frozen=True, eq=False)
class Answered:
    """A batch: n files by name, and what the model says of them."""

    names: tuple[str, ...]
    answers: Answers


@dataclass
class Unreadable:
    """What could not be read. reasons: a line for each, up to 10,000; count: of all.

    A missing extra is named once, however many files it would take to read.
    """

    count: int = 0
    reasons: list[str] = field(default_factory=list)
    lacking: int = 0
    """Files that a missing extra would read."""

    def __call__(self, error: LeadlineError) -> None:
        self.count += 1
        self.lacking += isinstance(error, MissingExtra)
        repeated = isinstance(error, MissingExtra) and self.lacking > 1
        if not repeated and len(self.reasons) < MOST_NAMED:
            self.reasons.append(str(error))


def answer_files(
    predictor: Predictor,
    found: Iterable[Found],
    on_unreadable: Callable[[LeadlineError], None],
    *,
    threads: int | None = None,
) -> Iterator[Answered]:
    """Answers in the order of the files, as they come; what cannot be read is handed over.

    threads: that decode; as many as there are processors unless given. Raises ArtefactError as
    `Predictor.answer` does, and whatever `on_unreadable` raises.
    """
    shape = (*predictor.size_px, predictor.channels)

    def read(entry: Entry) -> NDArray[np.uint8]:
        return read_image(entry, predictor.size_px, predictor.channels)

    most = batch_images(shape)
    reading = read_ahead(
        found, read, threads=threads or os.cpu_count() or 1, chunk=min(CHUNK, most)
    )
    names: list[str] = []
    images: list[NDArray[np.uint8]] = []
    wanted = min(FIRST_IMAGES, most)
    with closing(reading):
        for name, pixels in reading:
            if isinstance(pixels, LeadlineError):
                on_unreadable(pixels)
                continue
            names.append(name)
            images.append(pixels)
            if len(images) == wanted:
                yield Answered(tuple(names), predictor.answer(np.stack(images)))
                names, images, wanted = [], [], most
    if images:
        yield Answered(tuple(names), predictor.answer(np.stack(images)))


def batch_images(shape: tuple[int, ...]) -> int:
    """How many images of this shape go through the network at once."""
    return max(1, min(MOST_IMAGES, MOST_BATCH_BYTES // prod(shape)))
