"""Files decoded ahead of whoever asks for them: in threads, in order, few at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from leadline.data.zip_tree import Entry
from leadline.errors import DataError, LeadlineError
from leadline.serving.inputs import Found

Read = tuple[str, NDArray[np.uint8] | LeadlineError]
"""A file's name, and its pixels or why there are none."""
CHUNK = 16
"""Files that a thread takes at once: small ones are read faster than a thread is told to."""


def read_ahead(
    found: Iterable[Found],
    read: Callable[[Entry], NDArray[np.uint8]],
    *,
    threads: int,
    chunk: int = CHUNK,
) -> Generator[Read]:
    """Each file read, in order; at most (threads + 2) × chunk files are held."""
    pending: deque[Future[list[Read]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for part in _chunks(found, chunk):
            if part is None:
                while pending:
                    yield from pending.popleft().result()
                continue
            pending.append(pool.submit(_read_all, part, read))
            if len(pending) > threads + 1:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()


def _chunks(found: Iterable[Found], most: int) -> Iterator[list[Entry | DataError] | None]:
    """So many at a time; None where all that came before must have been read."""
    gathered: list[Entry | DataError] = []
    for one in found:
        if one is not None:
            gathered.append(one)
        if len(gathered) == most or (one is None and gathered):
            yield gathered
            gathered = []
        if one is None:
            yield None
    if gathered:
        yield gathered


def _read_all(
    entries: list[Entry | DataError], read: Callable[[Entry], NDArray[np.uint8]]
) -> list[Read]:
    return [_read(entry, read) for entry in entries]


def _read(entry: Entry | DataError, read: Callable[[Entry], NDArray[np.uint8]]) -> Read:
    if isinstance(entry, DataError):
        return "", entry
    try:
        return name_of(entry), read(entry)
    except LeadlineError as error:
        return name_of(entry), error


def name_of(entry: Entry) -> str:
    r"""The path as text that any file format can hold; bytes that are no UTF-8 as "\xff"."""
    return os.fsencode(str(entry)).decode("utf-8", "backslashreplace")
