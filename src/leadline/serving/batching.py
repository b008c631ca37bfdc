"""Requests for one model, answered together: what waits while the network works is its next batch.

So a lone request waits for nobody, and many share one call.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadline.serving.answering import batch_images
from leadline.serving.predictor import PredictionBatch, Predictor
from leadline.serving.rate_limits import Room

Pixels = NDArray[np.uint8]
MOST_WAITING = 256


@dataclass(frozen=True, eq=False)
class Batched:
    """The answers to one request. latency_ms: of the network for the whole batch, of n images."""

    answers: PredictionBatch
    latency_ms: float
    batch: int


@dataclass(eq=False)
class _Waiting:
    images: Pixels
    answered: asyncio.Future[Batched]


class Batcher:
    """The queue of one model. Used from one event loop; the network runs in `threads`.

    on_batch: told how many images each batch had.
    """

    def __init__(
        self,
        predictor: Predictor,
        threads: Executor,
        *,
        most_waiting: int = MOST_WAITING,
        on_batch: Callable[[int], None] = lambda _images: None,
    ) -> None:
        self._predictor = predictor
        self._threads = threads
        self._on_batch = on_batch
        self._most = batch_images((*predictor.size_px, predictor.channels))
        self._queue: deque[_Waiting] = deque()
        self._room = Room(most_waiting, f"{most_waiting} images wait for one model")
        self._worker: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Images that were taken in and have no answer yet."""
        return self._room.held

    async def answer(self, images: Pixels) -> Batched:
        """Return the model's predictions for these images (n, *size_px, channels).

        Raises Refused (429) where too many wait already, ModelFileError as `Predictor.answer` does.
        """
        with self._room.taken(len(images)):
            mine = _Waiting(images, asyncio.get_running_loop().create_future())
            self._queue.append(mine)
            if self._worker is None or self._worker.done():
                self._worker = asyncio.create_task(self._work())
            return await mine.answered

    async def _work(self) -> None:
        """Until the queue is empty."""
        while self._queue:
            batch = self._next()
            if not batch:
                continue
            images = np.concatenate([one.images for one in batch])
            try:
                said, wall_ms = await asyncio.get_running_loop().run_in_executor(
                    self._threads, self._ask, images
                )
            except Exception as error:  # noqa: BLE001 - passed on to the waiting requests
                for one in batch:
                    _settle(one, error)
                continue
            self._on_batch(len(images))
            self._share(batch, said, wall_ms)

    def _ask(self, images: Pixels) -> tuple[PredictionBatch, float]:
        """In a thread: the answers, and how many milliseconds the network took."""
        start_s = time.perf_counter()
        said = self._predictor.answer(images)
        return said, (time.perf_counter() - start_s) * 1000

    def _next(self) -> list[_Waiting]:
        """Take as many requests as fit in a batch, at least one; skip cancelled ones."""
        batch: list[_Waiting] = []
        count = 0
        while self._queue and (not batch or count + len(self._queue[0].images) <= self._most):
            one = self._queue.popleft()
            if not one.answered.done():
                batch.append(one)
                count += len(one.images)
        return batch

    def _share(self, batch: list[_Waiting], said: PredictionBatch, wall_ms: float) -> None:
        start = 0
        for one in batch:
            mine = slice(start, start + len(one.images))
            start = mine.stop
            scores = None if said.scores is None else said.scores[mine]
            part = PredictionBatch(
                said.probabilities[mine], said.likeliest[mine], said.decided[mine], scores
            )
            _settle(one, Batched(part, wall_ms, len(said.likeliest)))


def _settle(one: _Waiting, result: Batched | Exception) -> None:
    # The client may have gone away while the network worked.
    with contextlib.suppress(asyncio.InvalidStateError):
        if isinstance(result, Exception):
            one.answered.set_exception(result)
        else:
            one.answered.set_result(result)
