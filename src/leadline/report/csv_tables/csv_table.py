"""A table of plain values, and how a record's value becomes a row of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from leadline.report.json_report import plain
from leadline.system.spreadsheet_csv import no_formula

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows of plain values by column; a row may lack some. name: that of its file."""

    name: str
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that a row has, in the order in which they come up.

        But that of a part which some rows lack: where it is there, it has columns of its own.
        """
        found = tuple(dict.fromkeys(chain.from_iterable(self.rows)))
        parts = {name for name in found if any(one.startswith(f"{name}_") for one in found)}
        lacking = {name for name in parts if all(row.get(name) is None for row in self.rows)}
        return tuple(name for name in found if name not in lacking)

    def csv(self) -> str:
        """RFC 4180: commas, quotes where needed, CR LF; the first line names the columns.

        Numbers are written as Python reads them back, a value that is not there as nothing. A text
        that a spreadsheet would take for a formula gets an apostrophe before it.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(self.columns)
        writer.writerows([_cell(row.get(name)) for name in self.columns] for row in self.rows)
        return text.getvalue()


def flat(value: Any, prefix: str = "") -> Row:
    """A record's value as one row; lists of records have no place in it and are left out."""
    return dict(_flat(plain(value), prefix))


def _flat(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}_{key}" if name else key)
    elif name.endswith("interval"):
        low, high = value or (None, None)
        yield f"{name}_low", low
        yield f"{name}_high", high
    elif not isinstance(value, list):
        yield name, value
    elif not any(isinstance(one, Mapping | list) for one in value):
        yield name, " ".join(str(one) for one in value if one is not None)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return no_formula(value) if isinstance(value, str) else value
