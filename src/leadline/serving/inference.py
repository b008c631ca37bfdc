"""Request handling: images are read in threads and predicted in batches, within limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus

import numpy as np

from leadline.data.decoding import DecoderPool, DecoderUnavailable, Stopped
from leadline.data.decoding.process_limits import Limits
from leadline.data.formats.image_files import DecodingEffort
from leadline.data.labels import class_index
from leadline.serving.api_schema import Explanation, ImageAnswer
from leadline.serving.batching import Batched, Batcher
from leadline.serving.heat_map_requests import explain
from leadline.serving.model_registry import Models, ServedModel
from leadline.serving.problems import STOPPED, Refused
from leadline.serving.prometheus import Metrics
from leadline.serving.rate_limits import Room
from leadline.serving.serializers import explanation, image_answer, model_answer
from leadline.serving.server_settings import Settings
from leadline.serving.uploaded_images import Picture, Prepare, UploadedImage
from leadline.serving.uploads import Upload
from leadline.system.threads import choose_threads

DECODERS = 4
"""Processes that decode, where so many are needed; images that take long leave one for others."""
DECODING_CPU_S = 10
"""Time limit for one image, in seconds. The largest films take two or three."""


class InferenceWorkers:
    """The threads and queues of one server."""

    def __init__(self, models: Models, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self._closed = False
        processors = choose_threads().count
        self._decoders = DecoderPool(
            DECODERS,
            Limits.for_pixels(
                settings.most_pixels, cpu_s=DECODING_CPU_S, wall_s=settings.answer_timeout_s
            ),
        )
        self._reading = ThreadPoolExecutor(processors, "read")
        # To read a small image is Python's work for the most part, for which threads contend.
        self._reading_small = ThreadPoolExecutor(1, "read small")
        self._decoding = ThreadPoolExecutor(DECODERS, "decode")
        self._decoding_long = ThreadPoolExecutor(DECODERS - 1, "decode long")
        self._asking = ThreadPoolExecutor(processors, "ask")
        self._explaining = ThreadPoolExecutor(1, "explain")
        self.requests = Room(settings.most_requests, "the request queue is full")
        self.explains = Room(settings.most_explaining, "the heat map queue is full")
        self.memory = Room(settings.most_waiting_bytes, "the image buffer is full")
        self._batchers = {one.name: self._batcher(one, metrics) for one in models.all}
        metrics.gauge(
            "requests_in_hand", "Requests without a response yet.", lambda: self.requests.held
        )
        metrics.gauge(
            "heat_maps_in_hand",
            "Requests for heat maps without a response yet.",
            lambda: self.explains.held,
        )
        metrics.gauge("body_bytes", "Request bodies in memory.", lambda: self.memory.held)
        metrics.gauge(
            "images_waiting",
            "Images that wait for a model or are being predicted.",
            lambda: sum(batcher.waiting for batcher in self._batchers.values()),
        )

    def _batcher(self, model: ServedModel, metrics: Metrics) -> Batcher:
        def counted(images: int) -> None:
            metrics.batch(model.name, images)

        return Batcher(model.predictor, self._asking, on_batch=counted)

    def close(self) -> None:
        """Begin nothing more; decoders are killed and heat maps broken off."""
        self._closed = True
        self._decoders.close()
        for pool in (
            self._reading, self._reading_small, self._decoding, self._decoding_long,
            self._asking, self._explaining,
        ):  # fmt: skip
            pool.shutdown(wait=False, cancel_futures=True)

    async def read(
        self,
        found: Sequence[Upload],
        models: Sequence[ServedModel],
        prepare: Prepare,
        *,
        keep: bool = False,
    ) -> list[Picture]:
        """All uploads, read one after the other; DataError for the first that cannot be."""
        most = self._settings.most_pixels
        end_s = time.monotonic() + self._settings.answer_timeout_s
        async with self._in_time():
            return [
                await self._read(
                    UploadedImage(one, models, prepare, max_pixels=most, keep=keep), end_s
                )
                for one in found
            ]

    async def _read(self, reading: UploadedImage, end_s: float) -> Picture:
        loop = asyncio.get_running_loop()
        threads = self._reading_small if reading.is_small else self._reading
        picture = await loop.run_in_executor(threads, reading.here)
        if isinstance(picture, Picture):
            return picture
        threads = self._decoding_long if picture is DecodingEffort.LONG else self._decoding
        try:
            return await loop.run_in_executor(threads, reading.in_process, self._decoders, end_s)
        except DecoderUnavailable as error:
            detail = STOPPED if isinstance(error, Stopped) else str(error)
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, detail, retry_after_s=1) from None

    async def answer(
        self, pictures: Sequence[Picture], models: Sequence[ServedModel]
    ) -> tuple[ImageAnswer, ...]:
        """Return each model's predictions for each image."""
        async with self._in_time():
            batched = await asyncio.gather(
                *(self._ask(model, pictures, at) for at, model in enumerate(models))
            )
        return tuple(
            image_answer(
                picture,
                tuple(
                    model_answer(model, said, row, picture, at)
                    for at, (model, said) in enumerate(zip(models, batched, strict=True))
                ),
            )
            for row, picture in enumerate(pictures)
        )

    async def _ask(self, model: ServedModel, pictures: Sequence[Picture], at: int) -> Batched:
        images = np.stack([picture.inputs[at] for picture in pictures])
        return await self._batchers[model.name].answer(images)

    async def explain(
        self,
        picture: Picture,
        models: Sequence[ServedModel],
        class_name: str | None,
        waiting: Callable[[], bool],
    ) -> tuple[Explanation, ...]:
        """Return each model's heat map of an image, for the given class or for the decision.

        waiting: whether anybody waits for it still; else it is broken off, for it takes long.
        """
        async with self._in_time():
            return tuple(
                [
                    await self._explain(picture, model, at, class_name, waiting)
                    for at, model in enumerate(models)
                ]
            )

    async def _explain(
        self,
        picture: Picture,
        model: ServedModel,
        at: int,
        class_name: str | None,
        waiting: Callable[[], bool],
    ) -> Explanation:
        number = None if class_name is None else class_index(class_name, model.predictor.classes)
        work = partial(
            explain,
            model.predictor,
            picture.inputs[at],
            number,
            timeout_s=self._settings.answer_timeout_s,
            wanted=lambda: waiting() and not self._closed,
        )
        found = await asyncio.get_running_loop().run_in_executor(self._explaining, work)
        return explanation(model, found, picture, at)

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Work that is waited for so long and no longer; of what a thread has begun it is left to
        finish one image."""
        try:
            async with asyncio.timeout(self._settings.answer_timeout_s):
                yield
        except TimeoutError:
            raise _too_slow(self._settings.answer_timeout_s) from None


def _too_slow(timeout_s: float) -> Refused:
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"No response within {timeout_s:g} seconds; try again later, or send fewer images.",
        retry_after_s=1,
    )
