"""How tests start a command line in a process of its own, and what it leaves."""

from __future__ import annotations

import sys
from dataclasses import dataclass

START = (sys.executable, "-c", "from leadline.cli import main; main()")


@dataclass(frozen=True)
class CommandOutput:
    """What a command line left: its exit status and its two streams."""

    status: int
    out: str
    err: str

    def is_one_line(self, *parts: str, status: int = 2) -> None:
        """Fail unless this is one clear line on standard error that holds each part."""
        assert self.status == status, self
        assert self.out == ""
        assert self.err.count("\n") == 1, self.err
        assert self.err.endswith("\n")
        assert "Traceback" not in self.err
        for part in parts:
            assert part in self.err
