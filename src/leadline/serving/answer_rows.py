"""Answers as rows: CSV, JSON Lines and Parquet, each written as it comes.

All have the columns path, class, probability, decision, in_scope, and p_NAME for each class. CSV
keeps a spreadsheet from taking a text for a formula: a path that begins like one gets "./" in
front, which names the same file; a class that begins like one, and is no number, an apostrophe.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Protocol

import numpy as np

from leadline.errors import MissingExtra
from leadline.serving.answering import NamedPredictions
from leadline.system.spreadsheet_csv import FORMULA, no_formula

QUOTED = re.compile(r'[,"\r\n]')
ROW_GROUP = 10_000
"""Rows that Parquet holds until it writes them."""


class Rows(Protocol):
    """Writer of predictions."""

    def write(self, batch: NamedPredictions) -> None:
        """Write a batch."""

    def close(self) -> None:
        """Write what is left; the file stays open."""


def columns(classes: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the columns, in order."""
    fixed = ("path", "class", "probability", "decision", "in_scope")
    return (*fixed, *(f"p_{name}" for name in classes))


def rows(batch: NamedPredictions, classes: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """A tuple for each image, in the order of `columns`; in_scope is None where it is not known."""
    answers = batch.answers
    # The shortest digits that are still the same float32.
    probabilities = answers.probabilities.astype(str).astype(np.float64).tolist()
    scope = [None] * len(batch.names) if answers.in_scope is None else answers.in_scope.tolist()
    told = zip(
        batch.names, answers.likeliest.tolist(), answers.decided.tolist(), scope, probabilities,
        strict=True,
    )  # fmt: skip
    for name, likeliest, decided, inside, row in told:
        yield (name, classes[likeliest], row[likeliest], classes[decided], inside, *row)


class CsvRows:
    """Comma-separated, RFC 4180 with line feeds, UTF-8; true, false or empty for in_scope."""

    def __init__(self, file: BinaryIO, classes: tuple[str, ...]) -> None:
        self._file = file
        self._classes = classes
        self._cells = {name: _cell(no_formula(name)) for name in classes}
        self._begun = False

    def write(self, batch: NamedPredictions) -> None:
        """Write a batch; the first brings the header."""
        lines = [] if self._begun else [",".join(map(_cell, columns(self._classes)))]
        self._begun = True
        for path, likeliest, probability, decided, inside, *row in rows(batch, self._classes):
            cells = (
                _cell(f"./{path}" if FORMULA.match(path) else path),
                self._cells[likeliest],
                repr(probability),
                self._cells[decided],
                "" if inside is None else str(inside).lower(),
                *map(repr, row),
            )
            lines.append(",".join(cells))
        _put(self._file, lines)

    def close(self) -> None:
        """Nothing is left."""


class JsonRows:
    """An object a line, UTF-8; null for in_scope where it is not known."""

    def __init__(self, file: BinaryIO, classes: tuple[str, ...]) -> None:
        self._file = file
        self._classes = classes
        self._columns = columns(classes)

    def write(self, batch: NamedPredictions) -> None:
        """Write a batch."""
        lines = [
            json.dumps(dict(zip(self._columns, row, strict=True)), ensure_ascii=False)
            for row in rows(batch, self._classes)
        ]
        _put(self._file, lines)

    def close(self) -> None:
        """Nothing is left."""


class ParquetRows:
    """Parquet: probabilities as float32, in_scope as a flag or null; 10,000 rows a group."""

    def __init__(self, file: BinaryIO, classes: tuple[str, ...]) -> None:
        require_parquet()
        import pyarrow as pa

        self._file = file
        self._classes = classes
        kinds = (pa.string(), pa.string(), pa.float32(), pa.string(), pa.bool_())
        named = zip(columns(classes), (*kinds, *[pa.float32()] * len(classes)), strict=True)
        self._schema = pa.schema(list(named))
        self._waiting: list[tuple[Any, ...]] = []
        self._writer: Any = None

    def write(self, batch: NamedPredictions) -> None:
        """Keep a batch, and write a group where that is full."""
        self._waiting += rows(batch, self._classes)
        if len(self._waiting) >= ROW_GROUP:
            self._flush()

    def close(self) -> None:
        """Write the last group, and what makes the file whole."""
        self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not self._waiting:
            return
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, self._schema)
        values = zip(zip(*self._waiting, strict=True), self._schema.types, strict=True)
        arrays = [pa.array(column, kind) for column, kind in values]
        self._writer.write_table(pa.table(arrays, schema=self._schema))
        self._waiting = []


FORMATS: dict[str, type[CsvRows] | type[JsonRows] | type[ParquetRows]] = {
    "csv": CsvRows,
    "json": JsonRows,
    "parquet": ParquetRows,
}


def require_parquet() -> None:
    """Raise MissingExtra, with what to install, where Parquet cannot be written."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise MissingExtra(
            "Parquet needs the training extra: pip install 'leadline[train]' (not installed: "
            "pyarrow); or give --format csv."
        ) from None


def _cell(text: str) -> str:
    """The text as a cell, quoted where RFC 4180 asks for it (csv forgets lone carriage returns)."""
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text


def _put(file: BinaryIO, lines: list[str]) -> None:
    # Halves of characters, which no UTF-8 can hold, may stand in a stranger's class names.
    file.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
    file.flush()
