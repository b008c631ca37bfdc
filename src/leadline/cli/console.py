"""Terminal output: text goes to standard error, machine output to standard output."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadline.errors import StorageError
from leadline.system.durable_files import spelt

if TYPE_CHECKING:
    from rich.console import Console

    from leadline.cli.terminal_tables import Column, TerminalTable

# Blue and orange-yellow are told apart by all common kinds of colour vision; no meaning hangs on
# colour alone.
ACCENT = "cyan"
CAUTION = "yellow"
FAILURE = "bold red"


def people() -> Console:
    """The console on standard error; plain text in a pipe, and no colour with NO_COLOR."""
    from rich.console import Console

    nowhere = io.StringIO() if sys.stderr is None else None  # closed by the parent process
    return Console(file=nowhere, stderr=True, highlight=False, emoji=False, markup=False)


def machine(value: Any) -> None:
    """One JSON value on standard output, and nothing else; StorageError where that is closed."""
    if sys.stdout is None:
        raise StorageError("standard output is closed; --json needs it open.")
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    # Bytes of a path that are not UTF-8 are surrogates in Python, which JSON can escape.
    _write(text.encode("utf-8", "backslashreplace"))


def machine_path(path: Path) -> None:
    """A path on a line of standard output, byte for byte as the system has it."""
    _write(os.fsencode(path) + b"\n")


def on_a_terminal() -> bool:
    """Return whether people see standard error as it is written; FORCE_COLOR does not change it."""
    return sys.stderr is not None and sys.stderr.isatty()


def _write(content: bytes) -> None:
    """Write bytes to standard output, whatever encoding its text has."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def said(what: str, path: Path) -> None:
    """Say where something was written, to people alone."""
    people().print(f"{what}: {spelt(str(path))}", soft_wrap=True)


def where(what: str, path: Path) -> None:
    """Say where something was written; in a script, the path alone goes to standard output.

    On a terminal that shows both streams the path is said once.
    """
    said(what, path)
    if sys.stdout is None:  # closed by the parent process
        return
    if not (sys.stdout.isatty() and on_a_terminal()):
        machine_path(path)


def limits(text: str) -> None:
    """Print the population that a model's images represent, and its limits; nothing for no text."""
    if text:
        people().print(one_line(text), style=CAUTION, soft_wrap=True)


def fail(line: str, style: str = FAILURE) -> None:
    """One line in colour on standard error, whatever the message holds; never wrapped."""
    people().print(one_line(line), style=style, soft_wrap=True)


def one_line(text: str) -> str:
    """The text on one line, with control characters (a file name may hold them) spelt out."""
    joined = spelt(" ".join(text.split()))
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in joined)


def table(title: str, *columns: str | Column) -> TerminalTable:
    """A table without frame, the first column in colour; a plain header is that of words."""
    from dataclasses import replace

    from leadline.cli.terminal_tables import Column, TerminalTable

    made = [Column(column) if isinstance(column, str) else column for column in columns]
    made[0] = replace(made[0], style=ACCENT)
    return TerminalTable(title, *made)


def size(count_bytes: int) -> str:
    """ "1.55 MB" for 1,628,200 bytes, as everywhere else in leadline."""
    # Inside, for it brings Pydantic along, which `leadline --help` does without.
    from leadline.models.weight_table import format_bytes

    return format_bytes(count_bytes)
