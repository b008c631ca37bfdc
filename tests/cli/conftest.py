"""A command line run in this process, or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from leadline.cli import run

START = (sys.executable, "-c", "from leadline.cli import main; main()")


@dataclass(frozen=True)
class Said:
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


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """An 80-column screen without colour, whatever this test run is shown on."""
    for name in ("FORCE_COLOR", "NO_COLOR", "CLICOLOR_FORCE", "LEADLINE_DEBUG", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def leadline(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`leadline("show", "cnn-3")`, run in this process."""

    def call(*arguments: str) -> Said:
        capsys.readouterr()
        status = run(arguments)
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    return call


@pytest.fixture
def process() -> Callable[..., Said]:
    """`process("show", "cnn-3", LEADLINE_DEBUG="1")`, run in a process of its own."""

    def call(*arguments: str, **environment: str) -> Said:
        ended = subprocess.run(
            [*START, *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            timeout=120,
            check=False,
        )
        return Said(ended.returncode, ended.stdout, ended.stderr)

    return call
