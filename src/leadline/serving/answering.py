"""Files in, answers out: a batch at a time, so that memory does not grow with their number.

Each thread reads the files of one batch and asks the network about them. That keeps all processors
busy whether reading or the network takes longer, and what one batch needs stays in the cache. Small
files are read by one thread at a time: most of that is Python's, which runs one thread at a time
anyway, and takes half as long again where two contend for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from math import prod

import numpy as np

from leadline.data.formats.image_files import read_image
from leadline.errors import LeadlineError, MissingExtra
from leadline.serving.input_paths import InputFile, name_of
from leadline.serving.predictor import Pixels, PredictionBatch, Predictor
from leadline.serving.prefetch import Part, done_ahead
from leadline.system import process
from leadline.system.threads import choose_threads

BATCH_BYTES = 2**16
"""Bytes of raw images per batch; a few films or some eighty digits are fastest
(benchmarks/predict.py).
"""
MOST_IMAGES = 256
MOST_THREADS = 8
"""More wait for each other, for much of reading is Python's."""
MOST_NAMED = 10_000
SMALL_S = 1e-3
"""Files that take longer are mostly decoded, which threads can do in parallel."""


@dataclass(frozen=True, eq=False)
class NamedPredictions:
    """A batch of n files by name, with their predictions."""

    names: tuple[str, ...]
    answers: PredictionBatch


@dataclass
class Unreadable:
    """Files that could not be read. reasons: one line each, up to 10,000; count: of all.

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
    found: Iterable[InputFile],
    on_unreadable: Callable[[LeadlineError], None],
    *,
    threads: int | None = None,
) -> Generator[NamedPredictions, None, None]:
    """Answers in the order of the files, as they come; what cannot be read is handed over.

    threads: one for each processor, up to 8, unless given; the predictor does best with one of its
    own. Raises ModelFileError as `Predictor.answer` does, and whatever `on_unreadable` raises.
    """

    turns = _Turns()
    ended = threading.Event()

    def work(part: Part) -> tuple[NamedPredictions, list[LeadlineError]]:
        return _answer(predictor, part, turns, ended)

    def end() -> None:
        ended.set()
        process.stopping.end_helpers()  # a decoder may take minutes

    ahead = done_ahead(
        found,
        work,
        threads=threads or min(MOST_THREADS, choose_threads().count),
        most=batch_images((*predictor.size_px, predictor.channels)),
        on_end=end,
    )
    with closing(ahead):
        for batch, errors in ahead:
            for error in errors:
                on_unreadable(error)
            if batch.names:
                yield batch


def batch_images(shape: tuple[int, ...]) -> int:
    """Return how many images of this shape form a batch."""
    return max(1, min(MOST_IMAGES, BATCH_BYTES // prod(shape)))


class _Turns:
    """Schedule reading: one thread at a time while files are small, else all at once."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._small = True

    @contextmanager
    def reading(self, files: int) -> Iterator[None]:
        """While so many files are read; how long they take tells what the next ones are like."""
        with self._turn if self._small else nullcontext():
            start_s = time.perf_counter()
            yield
            self._small = time.perf_counter() - start_s <= SMALL_S * files


def _answer(
    predictor: Predictor, part: Part, turns: _Turns, ended: threading.Event
) -> tuple[NamedPredictions, list[LeadlineError]]:
    with turns.reading(len(part)):
        names, images, errors = _read(predictor, part, ended)
    return NamedPredictions(tuple(names), predictor.answer(images)), errors


def _read(
    predictor: Predictor, part: Part, ended: threading.Event
) -> tuple[list[str], Pixels, list[LeadlineError]]:
    """Names and pixels of the files that can be read, as far as it gets before `ended` is set."""
    size_px, channels = predictor.size_px, predictor.channels
    images = np.empty((len(part), *size_px, channels), np.uint8)
    names: list[str] = []
    errors: list[LeadlineError] = []
    for entry in part:
        if ended.is_set():
            break
        try:
            if isinstance(entry, LeadlineError):
                raise entry
            images[len(names)] = read_image(
                entry, size_px, channels, fit=predictor.fit, prepare=predictor.prepare
            )
            names.append(name_of(entry))
        except LeadlineError as error:
            errors.append(error.alone())
    return names, images[: len(names)], errors
