"""Output format and file of predictions; a file that was read is never overwritten."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from leadline.errors import StorageError
from leadline.system.spreadsheet_csv import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


class Format(StrEnum):
    """Output formats of predictions; the table is for people."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


CHUNK_BYTES = 2**20

SUFFIXES = {
    ".csv": Format.CSV,
    ".json": Format.JSON,
    ".jsonl": Format.JSON,
    ".ndjson": Format.JSON,
    ".parquet": Format.PARQUET,
}


def chosen(form: Format | None, output: Path | None) -> Format:
    """Choose the requested format, else by the file's suffix, else a table on a terminal and CSV
    elsewhere.

    Raises StorageError for a form that cannot go there.
    """
    if form is None:
        form = _usual() if output is None else SUFFIXES.get(output.suffix.lower())
    if form is None:
        raise StorageError(
            f"{output}: unknown output format; use one of the suffixes {', '.join(SUFFIXES)}, or "
            f"add --format."
        )
    if form is Format.TABLE and output is not None:
        raise StorageError(
            f"{output}: a table can only be printed; use --format csv, json or parquet."
        )
    if form is Format.PARQUET:
        from leadline.serving.answer_rows import require_parquet

        require_parquet()
        if output is None:
            raise StorageError("Parquet needs an output file, as in -o answers.parquet.")
    return form


def _usual() -> Format:
    return Format.TABLE if sys.stdout is not None and sys.stdout.isatty() else Format.CSV


def check(output: Path, model: Path, paths: Sequence[str]) -> None:
    """Raise StorageError if the output cannot be written there, or is one of the inputs."""
    if output.is_dir():
        raise StorageError(f"{output}: is a folder; give a file name.")
    if not output.parent.is_dir():
        raise StorageError(f"{output}: there is no folder {output.parent}.")
    if not output.exists():
        return
    if not output.is_file():
        raise StorageError(
            f"{output}: is a pipe or a device; omit -o and redirect standard output to it."
        )
    if _is_of(model, output):
        raise StorageError(f"{output}: belongs to the model; choose another file with -o.")
    if _is_named(output, paths):
        raise StorageError(f"{output}: is one of the images; choose another file with -o.")


def _is_of(model: Path, output: Path) -> bool:
    """Return whether the file is the model, or in the folder of its run."""
    if not model.exists():
        return False
    return model.samefile(output) or (model.is_dir() and model.samefile(output.parent))


def _is_named(output: Path, paths: Sequence[str]) -> bool:
    """Return whether the file may be one of the inputs: a named path, or any image."""
    from leadline.data.formats.image_names import is_image, is_zip
    from leadline.serving.input_paths import matching

    if is_image(output) or is_zip(output) or output.suffix.lower() == ".onnx":
        return True
    named = (Path(one) for path in paths for one in matching(path))
    return any(one.exists() and one.samefile(output) for one in named)


@contextlib.contextmanager
def opened(output: Path | None, *, spreadsheet: bool = False) -> Iterator[BinaryIO]:
    """The file, which appears when all is written; or standard output.

    spreadsheet: a file that holds other letters than ASCII gets a byte order mark.
    """
    if output is not None:
        from leadline.system.durable_files import replacing_file

        with replacing_file(output) as file:
            rows = _Watched(file)
            yield cast("BinaryIO", rows)
            if spreadsheet and not rows.ascii:
                put_in_front(file, BYTE_ORDER_MARK.encode())
    elif sys.stdout is None:
        raise StorageError("standard output is closed; give an output file with -o.")
    elif sys.stdout.isatty():
        yield cast("BinaryIO", _Spelt(sys.stdout.buffer))
    else:
        yield sys.stdout.buffer


class _Watched:
    """A file that knows whether all that was written to it is ASCII."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.ascii = True
        self.flush, self.tell = file.flush, file.tell

    def write(self, rows: bytes) -> int:
        """Write whole rows of UTF-8."""
        self.ascii = self.ascii and bytes(rows).isascii()
        return self._file.write(rows)

    @property
    def closed(self) -> bool:
        return self._file.closed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def put_in_front(file: BinaryIO, mark: bytes) -> None:
    """Insert a few bytes at the beginning of a named file that is open for writing."""
    file.flush()
    with Path(file.name).open("rb") as source:
        carried, at = mark, 0
        while carried:
            # Read further than is written, so that nothing is overwritten unread.
            chunk = source.read(CHUNK_BYTES)
            pending = carried + chunk
            written = pending[: len(chunk)] if chunk else pending
            file.seek(at)
            file.write(written)
            file.flush()
            at += len(written)
            carried = pending[len(written) :]


class _Spelt(io.BufferedIOBase):
    """A terminal that obeys no name: what does not print, but for line feeds, is spelt out."""

    def __init__(self, terminal: BinaryIO) -> None:
        self._terminal = terminal

    def write(self, rows: Buffer) -> int:
        """Write whole rows of UTF-8."""
        text = bytes(rows).decode("utf-8", "backslashreplace")
        spelt = "".join(
            one if one.isprintable() or one == "\n" else f"\\u{ord(one):04x}" for one in text
        )
        return self._terminal.write(spelt.encode("utf-8", "backslashreplace"))

    def flush(self) -> None:
        """Let the terminal show them."""
        self._terminal.flush()
