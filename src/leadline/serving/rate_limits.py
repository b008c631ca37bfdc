"""Rate limits per client, and limits on the total load."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from leadline.serving.problems import Refused

MOST_CLIENTS = 10_000


class Rate:
    """A bucket of tokens for each client, refilled at an even pace.

    per_s: requests a second in the long run, 0 for no limit; burst: at once. The clients that were
    away longest are forgotten beyond 10,000.
    """

    def __init__(
        self, per_s: float, burst: int, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._clock_s = clock_s
        self._clients: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """0 if the client may go on; else how many seconds it should wait."""
        if not self._per_s:
            return 0.0
        now_s = self._clock_s()
        left, then_s = self._clients.pop(client, (self._burst, now_s))
        left = min(self._burst, left + (now_s - then_s) * self._per_s)
        allowed = left >= 1
        self._clients[client] = (left - allowed, now_s)
        if len(self._clients) > MOST_CLIENTS:
            self._clients.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._per_s

    def check(self, client: str) -> None:
        """Raise Refused (429) for a client that asks too much."""
        wait_s = self.take(client)
        if wait_s:
            raise Refused(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"More than {self._per_s:g} requests a second; wait, or send images in batches.",
                retry_after_s=math.ceil(wait_s),
            )


class Room:
    """Counting semaphore that rejects with status 429 instead of waiting.

    what: in the words of the refusal.
    """

    def __init__(self, most: int, what: str) -> None:
        self.most = most
        self.held = 0
        self._what = what

    def take(self, amount: int = 1) -> None:
        """Hold so much more. Raises Refused (429) where that is beyond the most."""
        if self.held + amount > self.most:
            raise Refused(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"The server is busy: {self._what}; try again in a second.",
                retry_after_s=1,
            )
        self.held += amount

    def give(self, amount: int = 1) -> None:
        """Hold so much less."""
        self.held -= amount

    @contextmanager
    def taken(self, amount: int = 1) -> Iterator[None]:
        """`take` and, at the end, `give`."""
        self.take(amount)
        try:
            yield
        finally:
            self.give(amount)
