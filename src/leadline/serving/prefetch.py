"""Ordered, bounded prefetching in a thread pool."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from leadline.data.formats.zip_tree import Entry
from leadline.errors import DataError
from leadline.serving.input_paths import InputFile

Result = TypeVar("Result")
Part = list[Entry | DataError]


def done_ahead(
    found: Iterable[InputFile],
    work: Callable[[Part], Result],
    *,
    threads: int,
    most: int,
    on_end: Callable[[], None] = lambda: None,
) -> Generator[Result, None, None]:
    """The work on each part of at most `most` files, in order; threads + 2 parts are in hand.

    All parts that came before an archive is closed are done before that. If the generator ends
    early, parts that have not begun are dropped, and `on_end` is called before the threads are
    waited for, so that it can make `work` return.
    """
    pending: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for part in _parts(found, most):
            if part is not None:
                pending.append(pool.submit(work, part))
            while pending and (part is None or len(pending) > threads + 1):
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        on_end()
        pool.shutdown(cancel_futures=True)


def _parts(found: Iterable[InputFile], most: int) -> Iterator[Part | None]:
    """So many at a time; None where all that came before must be done."""
    gathered: Part = []
    for one in found:
        if one is not None:
            gathered.append(one)
        if gathered and (one is None or len(gathered) == most):
            yield gathered
            gathered = []
        if one is None:
            yield None
    if gathered:
        yield gathered
