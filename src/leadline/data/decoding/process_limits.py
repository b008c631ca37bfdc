"""Limits that a decoding process sets on itself; where a system has none, the others remain."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

BASE_BYTES = 256 * 2**20
BYTES_PER_PIXEL = 32
"""The most that decoding takes for each pixel: a film, windowed in 64-bit floats."""


@dataclass(frozen=True)
class Limits:
    """Limits on decoding one file.

    Attributes
    ----------
    memory_bytes : int
        Beyond what the process takes when it starts.
    cpu_s : int
        Processor time.
    wall_s : float
        Wall time, enforced by the process that waits for the result.
    """

    memory_bytes: int
    cpu_s: int
    wall_s: float

    @classmethod
    def for_pixels(cls, max_pixels: int, *, cpu_s: int, wall_s: float) -> Limits:
        """Limits under which the largest image that is read can be decoded."""
        return cls(BASE_BYTES + BYTES_PER_PIXEL * max_pixels, cpu_s, wall_s)

    def as_text(self) -> str:
        """One argument of a command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Limits:
        """Limits from `as_text`."""
        return cls(**json.loads(text))


def limit_memory(memory_bytes: int) -> None:
    """Bound this process's address space to what it has now and so much more; no core dumps."""
    with contextlib.suppress(ImportError, OSError, ValueError, IndexError):
        import resource  # of Unix

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + memory_bytes)


def limit_cpu(cpu_s: int) -> None:
    """End this process (SIGXCPU) once it has taken so many more seconds of processor time."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # of Unix

        _lower(resource.RLIMIT_CPU, int(time.process_time()) + cpu_s + 1)


def _lower(kind: int, most: int) -> None:
    """Set a soft limit, no higher than the hard one."""
    import resource  # of Unix

    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
