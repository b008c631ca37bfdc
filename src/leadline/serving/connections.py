"""Limits on connections, and on how long a client may keep one waiting.

uvicorn limits neither the time of a request's head nor clients that stop reading, nor connections
of one address. `Connection` does, around uvicorn's protocol: it uses asyncio's interface of
protocols and transports. An ASGI middleware tells it when a request is being answered. The one
method of uvicorn that is replaced is `send_400_response`, so that every error is problem+json.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from leadline.serving.problems import problem
from leadline.serving.security import HEADERS
from leadline.serving.server_settings import Settings

FULL = "The server has as many connections as it takes; try again in a second."
NOT_HTTP = "This is not a request of HTTP/1.1."
TOO_SLOW = "The request did not come within {seconds:g} seconds."
MOST_REFUSED = 2048
"""Connections beyond the limit that get an answer; any further ones are closed at once."""
REFUSED_SHARE = 0.2
"""Share of `head_timeout_s` in which a refused client may send its request, to be answered."""
CHECKS = 8
"""How often a connection is checked in the shorter of its time limits."""


class Connections:
    """ASGI middleware that knows the open connections of a server."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self.open: dict[object, Connection] = {}

    @property
    def protocol(self) -> type[asyncio.Protocol]:
        """The protocol class for uvicorn."""
        return type("ServerConnection", (Connection,), {"server": self})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; meanwhile its client keeps nothing waiting."""
        connection = self.open.get(scope.get("client"))
        if connection is None:
            await self.app(scope, receive, send)
            return

        async def send_while_open(message: Message) -> None:
            # uvicorn closes a connection on a malformed body; it takes no answer after that.
            while connection.is_closing:
                if (await receive())["type"] == "http.disconnect":
                    return
            connection.answer_begun = True
            await send(message)

        connection.answering = True
        try:
            await self.app(scope, receive, send_while_open)
        finally:
            connection.answering = connection.answer_begun = False
            connection.wait_again()

    def excess(self, address: str) -> int:
        """Return how many connections there are beyond the limits: in all, or of one address."""
        settings = self.settings
        mine = sum(one.address == address for one in self.open.values())
        of_one = (
            settings.most_connections if settings.is_local else settings.most_connections_of_one
        )
        return max(len(self.open) - settings.most_connections, mine - of_one)


class _Http(H11Protocol):
    """uvicorn's protocol, which leaves the answer to malformed requests to `Connection`."""

    def __init__(self, refuse: Callable[[], None], **given: Any) -> None:
        super().__init__(**given)
        self._refuse = refuse

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP."""
        del msg  # uvicorn's wording, without our headers
        self._refuse()


class Connection(asyncio.Protocol):
    """uvicorn's connection, with an end to every wait for the client."""

    server: ClassVar[Connections]

    def __init__(self, **given: Any) -> None:
        self._inner = _Http(self.refuse_malformed, **given)
        self.answering = self.answer_begun = False
        self._refused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept the connection, or refuse it where there are too many."""
        self._transport = cast("asyncio.Transport", transport)
        self._loop = asyncio.get_running_loop()
        host, port = (transport.get_extra_info("peername") or ("", 0))[:2]  # None: gone already
        self.address = str(host)
        self._client = (self.address, int(port))
        self.server.open[self._client] = self
        excess = self.server.excess(self.address)
        self._refused = excess > 0
        self._reads_since_s = self._loop.time()
        self._unsent_bytes = 0
        self.wait_again()
        self._check_later()
        if excess > MOST_REFUSED:
            self._drop()
        elif not self._refused:
            self._inner.connection_made(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop checking."""
        self._timer.cancel()
        self.server.open.pop(self._client, None)
        if not self._refused:
            self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass the data on; a refused client is answered as soon as it sends something."""
        if self._refused:
            self._close_with(HTTPStatus.TOO_MANY_REQUESTS, FULL, {"Retry-After": "1"})
            return
        self._begun = True
        self._inner.data_received(data)

    def eof_received(self) -> None:
        """The client sends nothing more; its answer is still sent."""
        if not self._refused:
            self._inner.eof_received()

    def pause_writing(self) -> None:
        """The client reads more slowly than the answer is written."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """The client has read enough to go on."""
        self._inner.resume_writing()

    @property
    def is_closing(self) -> bool:
        """True once nothing can be sent any more."""
        return self._transport.is_closing()

    def refuse_malformed(self) -> None:
        """Answer data that are not HTTP, unless an answer has begun, and close."""
        if not self.answer_begun:
            self._close_with(HTTPStatus.BAD_REQUEST, NOT_HTTP)
        self._transport.close()

    def wait_again(self) -> None:
        """From now on the next request is waited for."""
        self._waits_since_s = self._loop.time()
        self._begun = False

    def _check_later(self) -> None:
        settings = self.server.settings
        wait_s = min(settings.head_timeout_s, settings.stall_timeout_s) / CHECKS
        self._timer = self._loop.call_later(wait_s, self._check)

    def _check(self) -> None:
        """Close the connection if its client has kept the server waiting for too long."""
        settings, now_s = self.server.settings, self._loop.time()
        unsent_bytes = self._transport.get_write_buffer_size()
        if not unsent_bytes or unsent_bytes < self._unsent_bytes:
            self._reads_since_s = now_s
        self._unsent_bytes = unsent_bytes
        patience_s = settings.head_timeout_s * (REFUSED_SHARE if self._refused else 1)
        if now_s - self._reads_since_s > settings.stall_timeout_s:
            self._drop()
        elif not self.answering and now_s - self._waits_since_s > patience_s:
            if self._begun:
                self._close_with(
                    HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW.format(seconds=settings.head_timeout_s)
                )
            else:
                self._transport.close()
        self._check_later()

    def _close_with(
        self, status: HTTPStatus, detail: str, more: dict[str, str] | None = None
    ) -> None:
        """Answer outside of uvicorn, where no answer has begun, and close."""
        if self._transport.is_closing():
            return
        answer = problem(status, detail, {**HEADERS, "Connection": "close", **(more or {})})
        head = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
        head += [name + b": " + value for name, value in answer.raw_headers]
        self._transport.write(b"\r\n".join([*head, b"", bytes(answer.body)]))
        self._transport.close()

    def _drop(self) -> None:
        """Close at once, without sending what the system still holds of the answer."""
        sock = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
