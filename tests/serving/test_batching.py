"""Requests that share a call, and a queue that does not grow."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.serving.asking import run_alone

from leadline.errors import ModelFileError
from leadline.serving.batching import Batcher
from leadline.serving.problems import Refused


def flat(*levels: int) -> np.ndarray:
    return np.stack([np.full((4, 4, 1), level, np.uint8) for level in levels])


class Held:
    """A predictor that waits for a sign, and keeps how many images each call had."""

    def __init__(self, predictor):
        self.predictor = predictor
        self.calls = []
        self.go = threading.Event()
        self.size_px, self.channels = predictor.size_px, predictor.channels

    def answer(self, images):
        self.go.wait(10)
        self.calls.append(len(images))
        if (images == 13).all():
            raise ModelFileError("thirteen")
        return self.predictor.answer(images)


@pytest.fixture
def held(predictor):
    return Held(predictor)


def run(work):
    """Run a coroutine that is given an executor of one thread."""

    async def whole():
        with ThreadPoolExecutor(1) as threads:
            return await work(threads)

    return run_alone(whole())


def test_what_waits_together_is_asked_together_and_each_gets_its_own(held):
    async def work(threads):
        batches: list[int] = []
        batcher = Batcher(held, threads, on_batch=batches.append)
        first = asyncio.create_task(batcher.answer(flat(0)))
        await asyncio.sleep(0.01)  # the network is at work on the first
        others = [asyncio.create_task(batcher.answer(flat(*levels))) for levels in
                  [(51,), (102, 153), (255,)]]  # fmt: skip
        await asyncio.sleep(0.01)
        assert batcher.waiting == 5
        held.go.set()
        found = [await one for one in [first, *others]]
        assert batcher.waiting == 0
        assert batches == [1, 4]
        return found

    found = run(work)
    assert held.calls == [1, 4]
    light = [one.answers.probabilities[:, 1].tolist() for one in found]
    assert [len(one) for one in light] == [1, 1, 2, 1]
    assert [p for one in light for p in one] == pytest.approx([0, 0.2, 0.4, 0.6, 1])
    assert [one.batch for one in found] == [1, 4, 4, 4]
    assert [one.answers.scores.tolist() for one in found][2] == pytest.approx([0.5, 0.75])


def test_a_full_queue_refuses_at_once_and_takes_again_afterwards(held):
    async def work(threads):
        batcher = Batcher(held, threads, most_waiting=2)
        waiting = asyncio.create_task(batcher.answer(flat(0, 1)))
        await asyncio.sleep(0.01)
        with pytest.raises(Refused) as refused:
            await batcher.answer(flat(2))
        assert (refused.value.status, refused.value.retry_after_s) == (429, 1)
        held.go.set()
        await waiting
        assert (await batcher.answer(flat(255))).answers.likeliest.tolist() == [1]

    run(work)


def test_an_error_reaches_those_who_asked_and_nobody_else(held):
    held.go.set()

    async def work(threads):
        batcher = Batcher(held, threads)
        with pytest.raises(ModelFileError, match="thirteen"):
            await batcher.answer(flat(13))
        assert (await batcher.answer(flat(255))).answers.likeliest.tolist() == [1]
        assert batcher.waiting == 0

    run(work)


def test_who_goes_away_while_waiting_is_not_asked_for(held):
    async def work(threads):
        batcher = Batcher(held, threads)
        first = asyncio.create_task(batcher.answer(flat(0)))
        await asyncio.sleep(0.01)
        gone = asyncio.create_task(batcher.answer(flat(1, 2, 3)))
        stays = asyncio.create_task(batcher.answer(flat(255)))
        await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.sleep(0.01)
        assert batcher.waiting == 2
        held.go.set()
        await first
        assert (await stays).answers.likeliest.tolist() == [1]

    run(work)
    assert held.calls == [1, 1]
