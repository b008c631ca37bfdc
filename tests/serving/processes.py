"""`leadline serve` in a process of its own, on a free port."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.command_line import START


@contextmanager
def started(
    *arguments: str, cwd: Path | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server, and the address that it prints."""
    process = subprocess.Popen(
        [*START, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd,
        env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()
