"""Detect clients that have disconnected."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.requests import Request


@asynccontextmanager
async def present(request: Request) -> AsyncIterator[Callable[[], bool]]:
    """Ask again and again, from any thread, whether the client is there; once its body is read."""

    async def leaves() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    leaving = asyncio.create_task(leaves())
    try:
        yield lambda: not leaving.done()
    finally:
        leaving.cancel()
