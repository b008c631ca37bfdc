"""Connections that are worth keeping: so many, and none that sends nothing, or takes nothing.

What a request says is bounded elsewhere; this is about clients that never finish one.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import ClassVar

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from leadline.serving.problems import problem
from leadline.serving.security import HEADERS
from leadline.serving.server_settings import Settings

FULL = "The server has as many connections as it takes; come back in a second."
NO_HTTP = "This is no request of HTTP/1.1."
TOO_SLOW = "The request did not come within {seconds:g} seconds."
MOST_REFUSED = 2048
"""Connections beyond the most that are told so; what comes on top of them is closed at once."""
PATIENCE_WITH_REFUSED = 0.2
"""How much of the usual time they have to say what they want, and be told no."""
CHECKS = 8
"""How often a connection is looked at, until its time is over."""


def protocol(settings: Settings) -> type[H11Protocol]:
    """The protocol of one server, by its bounds."""
    return type("Connection", (Connection,), {"settings": settings})


class Connection(H11Protocol):
    """uvicorn's, with an end to every wait for the client."""

    settings: ClassVar[Settings] = Settings()

    def connection_made(  # type: ignore[override]  # as uvicorn's own
        self, transport: asyncio.Transport
    ) -> None:
        """Take it in, or say that there are too many."""
        super().connection_made(transport)
        self._waits_since_s = self._flows_since_s = self.loop.time()
        self._unsent_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        if self._beyond(MOST_REFUSED):
            self._drop()
            return
        if self._beyond(0):
            self.app = _full
            self._waits_since_s -= self.settings.head_timeout_s * (1 - PATIENCE_WITH_REFUSED)
        self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        super().connection_lost(exc)
        if self._timer is not None:
            self._timer.cancel()

    def on_response_complete(self) -> None:
        """From now on the next request is waited for."""
        self._waits_since_s = self.loop.time()
        super().on_response_complete()

    def shutdown(self) -> None:
        """Close where no answer is under way, whatever the client is at."""
        if self._answering:
            super().shutdown()
        else:
            self.transport.close()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing came after the last answer."""
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """What was sent is no HTTP."""
        del msg  # uvicorn's words, for logs
        self._refuse(400, NO_HTTP)

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _beyond(self, more: int) -> bool:
        """Whether there are more connections than may be: of all, or of this client."""
        bounds = self.settings
        mine = [one for one in self.connections if _address(one) == _address(self)]
        of_one = bounds.most_connections if bounds.is_local else bounds.most_connections_of_one
        return len(self.connections) > bounds.most_connections + more or len(mine) > of_one + more

    def _look_again(self) -> None:
        wait_s = min(self.settings.head_timeout_s, self.settings.stall_timeout_s) / CHECKS
        self._timer = self.loop.call_later(wait_s, self._look)

    def _look(self) -> None:
        """Whether the client keeps the server waiting."""
        now_s, unsent_bytes = self.loop.time(), self.transport.get_write_buffer_size()
        if not unsent_bytes or unsent_bytes < self._unsent_bytes:
            self._flows_since_s = now_s
        self._unsent_bytes = unsent_bytes
        if self._answering:
            self._waits_since_s = now_s
        if now_s - self._flows_since_s > self.settings.stall_timeout_s:
            self._drop()
            return
        if now_s - self._waits_since_s > self.settings.head_timeout_s:
            self._end_wait()
        self._look_again()

    def _drop(self) -> None:
        """Close at once; what the system holds of the answer goes too."""
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _end_wait(self) -> None:
        if self.transport.is_closing():
            return
        begun, _ = self.conn.trailing_data
        if begun and self.conn.our_state is h11.IDLE:
            self._refuse(408, TOO_SLOW.format(seconds=self.settings.head_timeout_s))
        else:
            self.transport.close()

    def _refuse(self, status: int, detail: str) -> None:
        """A problem in place of an answer, where none has begun; then the end."""
        if self._answering:  # what is being worked out has nobody to go to
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            said = problem(status, detail, {**HEADERS, "Connection": "close"})
            self.transport.write(
                b"".join(
                    self.conn.send(event) or b""
                    for event in (
                        h11.Response(status_code=status, headers=said.raw_headers),
                        h11.Data(data=bytes(said.body)),
                        h11.EndOfMessage(),
                    )
                )
            )
        self.transport.close()


def _address(connection: object) -> str:
    client = getattr(connection, "client", None)
    return str(client[0]) if client else ""


async def _full(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer to all who are too many."""
    headers = {**HEADERS, "Connection": "close", "Retry-After": "1"}
    await problem(429, FULL, headers)(scope, receive, send)
