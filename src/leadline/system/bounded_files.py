"""Files read within bounds: whatever is wrong with one becomes our error, with the file's name.

A damaged or hostile file can make a library raise anything: errors of the tokenizer, of a
decompressor, of integers that are too large, and from native code exceptions that are not even an
`Exception`. `guarded` therefore lists what it lets through, not what it expects. Sizes are checked
before memory is taken for them.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

from leadline.errors import DamagedRun, LeadlineError, RunError, StorageError

MIB = 2**20
MOST_JSON_BYTES = 32 * MIB
"""Parsed JSON needs up to twenty times its size in memory."""
MOST_TEXT_BYTES = 16 * MIB
MOST_REASON_CHARACTERS = 200
REFUSALS = frozenset(
    {errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE,
     errno.EBUSY, errno.EAGAIN, errno.ETIMEDOUT, errno.ENXIO, errno.ENODEV}
)  # fmt: skip
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
"""An escape that may stand for half a character, which no file or terminal can hold."""

Raised = TypeVar("Raised", bound=LeadlineError)


@contextmanager
def guarded(path: object, raised: type[Raised], fix: str) -> Iterator[None]:
    """Turn every error inside the block into `raised`: one line with the file's name and the fix.

    path: the file as it is shown. Errors that are a `raised` already pass, and so do StorageError,
    KeyboardInterrupt, SystemExit and GeneratorExit. What the system refuses (access, too many open
    files, too little memory) says nothing of the file: never a DamagedRun, for the run may be
    whole, but a RunError.
    """
    try:
        yield
    except (raised, StorageError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except FileNotFoundError:
        raise raised(f"{path}: missing; {fix}.") from None
    except BaseException as error:
        if is_refused(error):
            kind = RunError if issubclass(raised, DamagedRun) else raised
            raise kind(f"{path}: cannot be read ({reason_of(error, path)}).") from error
        raise raised(f"{path}: damaged ({reason_of(error, path)}); {fix}.") from error


def is_refused(error: BaseException) -> bool:
    """Return True where the system refuses to read a file, whatever is in it."""
    return isinstance(error, MemoryError) or getattr(error, "errno", None) in REFUSALS


def reason_of(error: BaseException, path: object = "") -> str:
    """A short reason, on one line, for an error of any library.

    path: taken off the beginning, for the message will name it.
    """
    if isinstance(error, KeyError):
        return _short(f"no {error}")
    if isinstance(error, MemoryError):
        return "too little memory"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, OSError) and error.strerror:
        return _short(error.strerror)
    text = str(error)
    if "integer string conversion" in text:
        return "a number of thousands of digits"
    first, *others = text.splitlines() or [""]
    if len(others) > 1 and "pydantic" in type(error).__module__:  # the key, and what is wrong
        first = f"{others[0].strip()}: {others[1].split('[')[0].strip()}"
    return _short(first.removeprefix(f"{path}: ")) or type(error).__name__


def _short(text: str) -> str:
    """One printable line of bounded length, without a full stop."""
    cut = text[:MOST_REASON_CHARACTERS].strip().rstrip(".;:")
    shown = "".join(one if one.isprintable() else " " for one in cut)
    return shown + ("…" if len(text) > MOST_REASON_CHARACTERS else "")


def read_bytes(path: Path, most_bytes: int) -> bytes:
    """The content of a regular file of at most `most_bytes`.

    Raises ValueError for a larger one, and for pipes and devices, which may never end.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("not a regular file")
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > most_bytes:
            raise ValueError(f"{size:,} bytes, at most {most_bytes:,} are read")
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ValueError(f"more than {most_bytes:,} bytes")
    return content


def read_exactly(file: IO[bytes], count: int) -> bytes:
    """So many bytes of a stream that may give them in pieces. Raises ValueError where it ends."""
    parts = []
    while count:
        part = file.read(count)
        if not part:
            raise ValueError(f"cut short, {count:,} bytes are missing")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def parse_json(content: bytes | str, most_bytes: int = MOST_JSON_BYTES) -> Any:
    """The value of a JSON text.

    Raises ValueError where it is too long, or holds half characters.
    """
    if len(content) > most_bytes:
        raise ValueError(f"{len(content):,} bytes of JSON, at most {most_bytes:,} are read")
    text = content if isinstance(content, str) else content.decode("utf-8")
    value = json.loads(text)
    if SURROGATE.search(text):
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def parse_json_object(content: bytes | str, most_bytes: int = MOST_JSON_BYTES) -> dict[str, Any]:
    """As `parse_json`, for a text that holds an object."""
    value = parse_json(content, most_bytes)
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, found {type(value).__name__}")
    return value


def parse_csv(content: bytes, most_bytes: int = MOST_TEXT_BYTES) -> list[dict[str, str]]:
    """Rows under the names of the first line; every row has a cell for each name."""
    if len(content) > most_bytes:
        raise ValueError(f"{len(content):,} bytes of CSV, at most {most_bytes:,} are read")
    names, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    for number, row in enumerate(rows, start=2):
        if len(row) != len(names):
            raise ValueError(f"line {number} has {len(row)} cells, expected {len(names)}")
    return [dict(zip(names, row, strict=True)) for row in rows]
