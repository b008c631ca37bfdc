"""Limits and address of a server, with units in the names."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from pathlib import Path

LOOPBACK_NAMES = ("localhost", "localhost.localdomain")


@dataclass(frozen=True)
class Settings:
    """Address and limits of a server.

    host: the address it listens on. token: what clients must show; None for none, which only an
    address of this machine alone may do. runs: the folder whose studies are shown, None for none.
    requests_per_s: of one client in the long run; 0 for no limit.
    """

    host: str = "127.0.0.1"
    token: str | None = None
    runs: Path | None = None
    most_body_bytes: int = 48 * 2**20
    most_waiting_bytes: int = 192 * 2**20
    """Largest size of all request bodies in memory."""
    most_pixels: int = 25_000_000
    """The largest detectors of radiography have 20 million."""
    most_images: int = 64
    """In one request."""
    most_requests: int = 64
    """Most requests in progress or waiting; further ones get status 429."""
    most_explaining: int = 8
    requests_per_s: float = 400.0
    burst_s: float = 2.0
    """A client that was idle may send so many seconds' worth of requests at once."""
    most_connections: int = 512
    most_connections_of_one: int = 128
    """Most connections of one address, if other machines can reach the server."""
    head_timeout_s: float = 10.0
    """Until a request's headers are there, from the connection or the last answer on."""
    stall_timeout_s: float = 20.0
    """Without a byte of an answer being taken."""
    body_timeout_s: float = 20.0
    answer_timeout_s: float = 30.0

    @property
    def burst(self) -> int:
        """Requests of one client at once, at least one."""
        return max(1, math.floor(self.requests_per_s * self.burst_s))

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Return whether a name or an address is this machine's own."""
    if host.lower() in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
