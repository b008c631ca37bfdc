"""A server on a real socket in a thread of this process, and clients that speak to it in bytes."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadline.serving.app import create_app
from leadline.serving.model_registry import open_models
from leadline.serving.server import bound, serving
from leadline.serving.server_settings import Settings

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Spoken:
    """What came back: the head of the answer, its body, and whether the server closed."""

    status: int
    head: str
    body: bytes


class Client:
    """One connection."""

    def __init__(self, port: int, timeout_s: float = 10) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=timeout_s)

    def send(self, *said: bytes | str) -> Client:
        for one in said:
            self.socket.sendall(one.encode("latin-1") if isinstance(one, str) else one)
        return self

    def answer(self) -> Spoken:
        """The next answer; status 0 where the server closed without one."""
        data = b""
        with contextlib.suppress(ConnectionError):
            while b"\r\n\r\n" not in data:
                if not (more := self.socket.recv(65536)):
                    return Spoken(0, data.decode("latin-1"), b"")
                data += more
            head, _, body = data.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head.lower())
            while length and len(body) < int(length[1]):
                if not (more := self.socket.recv(65536)):
                    break
                body += more
            return Spoken(int(head.split()[1]), head.decode("latin-1"), body)
        return Spoken(0, "", b"")

    def closed_after_s(self) -> float:
        """How long until the server closes, whatever it sends until then."""
        start_s = time.perf_counter()
        with contextlib.suppress(ConnectionError):
            while self.socket.recv(65536):
                pass
        return time.perf_counter() - start_s

    def close(self) -> None:
        self.socket.close()


@contextlib.contextmanager
def listening(*models: Path, **settings: Any) -> Iterator[int]:
    """The port of a server of these models."""
    allowed = Settings(**settings)
    app = create_app(open_models(models), allowed)
    with bound(HOST, 0) as place:
        server = serving(app, allowed)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place.socket]})
        thread.start()
        try:
            yield place.socket.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive(), "it stops when it is told to"


def request(method: str, path: str, *headers: str, body: bytes = b"", host: str = HOST) -> bytes:
    """A request as bytes; the length of a body is told."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
