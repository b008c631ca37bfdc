"""What a server allows: one frozen value, with the unit of each bound in its name."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from pathlib import Path

LOOPBACK_NAMES = ("localhost", "localhost.localdomain")


@dataclass(frozen=True)
class Settings:
    """How a server is reached, and how much is too much.

    host: the address it listens on. token: what clients must show; None for none, which only an
    address of this machine alone may do. runs: the folder whose studies are shown, None for none.
    requests_per_s: of one client in the long run; 0 for no limit.
    """

    host: str = "127.0.0.1"
    token: str | None = None
    runs: Path | None = None
    most_body_bytes: int = 48 * 2**20
    most_waiting_bytes: int = 192 * 2**20
    """Of all bodies that are in memory at a time."""
    most_pixels: int = 25_000_000
    """The largest detectors of radiography have 20 million."""
    most_images: int = 64
    """In one request."""
    most_requests: int = 64
    """That are worked on or waiting at a time; further ones are told to come back."""
    most_explaining: int = 8
    requests_per_s: float = 400.0
    burst_s: float = 2.0
    """A client that was idle may send so many seconds' worth of requests at once."""
    most_connections: int = 512
    most_connections_of_one: int = 128
    """Of one address, where others than this machine can reach the server."""
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
    """Whether a name or an address means this machine itself."""
    if host.lower() in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
