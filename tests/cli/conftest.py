"""A command line run in this process, or in one of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.command_line import START, CommandOutput

from leadline.cli import run


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
def leadline(capsys: pytest.CaptureFixture[str]) -> Callable[..., CommandOutput]:
    """`leadline("show", "cnn-3")`, run in this process."""

    def call(*arguments: str) -> CommandOutput:
        capsys.readouterr()
        status = run(arguments)
        said = capsys.readouterr()
        return CommandOutput(status, said.out, said.err)

    return call


@pytest.fixture
def process() -> Callable[..., CommandOutput]:
    """`process("show", "cnn-3", LEADLINE_DEBUG="1")`, run in a process of its own."""

    def call(*arguments: str, **environment: str) -> CommandOutput:
        ended = subprocess.run(
            [*START, *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            timeout=120,
            check=False,
        )
        return CommandOutput(ended.returncode, ended.stdout, ended.stderr)

    return call
