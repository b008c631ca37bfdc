"""Tables that stay readable on a screen of any width: no number is broken, no column is lost.

A table that is too wide for the screen first moves its secondary columns to a line below each row,
then turns every row into a block of lines "header  value". Text wraps at spaces, but not inside a
sum such as "(28 ÷ 4) × (28 ÷ 4) × 8".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from leadline.report.formatting import chunks, terms

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.text import Text

GAPS = (2, 1)
"""Columns between two columns of a table, where there is room and where there is less."""
LEAST_WORDS, LEAST_PATH, LONGEST_WORD = 16, 24, 32
INDENT = 2

Kind = Literal["words", "number", "path"]


@dataclass(frozen=True)
class Column:
    """Layout of one column.

    kind: "words" wrap at spaces; a "number", which may be an interval, is never broken and stands
    on the right; a "path" may be broken anywhere. secondary: below the row on a narrow screen.
    """

    header: str = ""
    kind: Kind = "words"
    secondary: bool = False
    style: str = ""


class TerminalTable:
    """A title, columns and rows; laid out when printed, for the screen's width."""

    def __init__(self, title: str, *columns: Column) -> None:
        self.title = title
        self.columns = columns
        self.rows: list[tuple[Sequence[str], str]] = []

    def add_row(self, *cells: str, style: str = "") -> None:
        """One row; a cell for each column."""
        self.rows.append((cells, style))

    def __rich_console__(
        self, _console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        from rich.text import Text

        if self.title:
            yield Text("\n".join(wrapped(self.title, options.max_width)), style="bold")
        yield from self._body(options.max_width)

    def _body(self, width: int) -> Iterator[RenderableType]:
        every = range(len(self.columns))
        primary = [place for place in every if not self.columns[place].secondary]
        for places in (every, primary):
            for gap in GAPS:
                if sum(map(self._least, places)) + gap * (len(places) - 1) <= width:
                    yield from self._lines(places, gap, width)
                    return
        yield from self._stacked(width)

    def _lines(self, places: Sequence[int], gap: int, width: int) -> Iterator[Text]:
        """A line, or several where words wrap, for the headers and for each row."""
        from rich.text import Text

        widths = self._widths(places, width - gap * (len(places) - 1))
        rest = [place for place in range(len(self.columns)) if place not in places]
        if any(column.header for column in self.columns):
            headers = [
                wrapped(self.columns[place].header, size)
                for place, size in zip(places, widths, strict=True)
            ]
            deepest = max(map(len, headers))
            headers = [[""] * (deepest - len(lines)) + lines for lines in headers]
            yield from self._joined(places, headers, widths, gap, "dim")
        for cells, style in self.rows:
            lines = [
                self._wrapped(place, cells[place], size)
                for place, size in zip(places, widths, strict=True)
            ]
            yield from self._joined(places, lines, widths, gap, style)
            for line in packed(self._labelled(cells, rest), width - INDENT):
                yield Text(" " * INDENT + line, style="dim", no_wrap=True)

    def _joined(
        self,
        places: Sequence[int],
        cells: Sequence[Sequence[str]],
        widths: Sequence[int],
        gap: int,
        style: str,
    ) -> Iterator[Text]:
        from rich.text import Text

        for number in range(max(map(len, cells))):
            line = Text(style=style, no_wrap=True, overflow="ignore")
            for position, (place, lines, size) in enumerate(
                zip(places, cells, widths, strict=True)
            ):
                column = self.columns[place]
                text = lines[number] if number < len(lines) else ""
                blank = " " * max(0, size - _width(text))
                line.append(" " * gap if position else "")
                padded = blank + text if column.kind == "number" else text + blank
                line.append(padded, style=column.style if style != "dim" else "")
            line.rstrip()
            yield line

    def _stacked(self, width: int) -> Iterator[Text]:
        """For each row its first cell, then a line "header  value" for each other cell."""
        from rich.text import Text

        head = max((_width(_one_line(column.header)) for column in self.columns[1:]), default=0)
        head = min(head, max(width // 2 - INDENT, 0))
        for cells, style in self.rows:
            for line in self._wrapped(0, cells[0], width):
                yield Text(line, style=style or self.columns[0].style, no_wrap=True)
            for column, cell in zip(self.columns[1:], cells[1:], strict=True):
                if cell == "":
                    continue
                room = max(width - INDENT - head - (1 if head else 0), 1)
                name = _one_line(column.header)
                left, right = wrapped(name, head) if head else [""], wrapped(cell, room)
                for number in range(max(len(left), len(right))):
                    first = left[number] if number < len(left) else ""
                    second = right[number] if number < len(right) else ""
                    line = f"{' ' * INDENT}{first}{' ' * (head - _width(first))}"
                    yield Text(f"{line} {second}".rstrip(), style=style, no_wrap=True)

    def _labelled(self, cells: Sequence[str], places: Iterable[int]) -> list[str]:
        """Each cell with its header, for the line below a row."""
        return [
            f"{_one_line(self.columns[place].header)} {cells[place]}".strip()
            for place in places
            if cells[place]
        ]

    def _wrapped(self, place: int, cell: str, width: int) -> list[str]:
        if self.columns[place].kind == "number":
            return [cell] if _width(cell) <= width else wrapped(cell, width)
        return wrapped(cell, width, anywhere=self.columns[place].kind == "path")

    def _natural(self, place: int) -> int:
        """The widest cell, unbroken; of a number's header, the longest word."""
        column = self.columns[place]
        cells = [line for row, _style in self.rows for line in row[place].split("\n")]
        return max(map(_width, [*_header_words(column), *cells]), default=0)

    def _least(self, place: int) -> int:
        """The narrowest that a column may become."""
        column, natural = self.columns[place], self._natural(place)
        if column.kind == "number":
            return natural
        header = max(map(_width, _header_words(column)), default=0)
        if column.kind == "path":
            return max(header, min(natural, LEAST_PATH))
        parts = (chunk for row, _style in self.rows for chunk in chunks(row[place]))
        longest = min(max(map(_width, parts), default=0), LONGEST_WORD)
        return max(header, min(natural, max(longest, LEAST_WORDS)))

    def _widths(self, places: Sequence[int], width: int) -> list[int]:
        """Distribute the width: minimum widths first, the rest to columns that need more."""
        widths = [self._least(place) for place in places]
        wanted = [self._natural(place) for place in places]
        left = width - sum(widths)
        while left > 0 and widths != wanted:
            short = [place for place, size in enumerate(widths) if size < wanted[place]]
            for place in short[:left]:
                widths[place] += 1
            left -= len(short[:left])
        return widths


def wrapped(text: str, width: int, *, anywhere: bool = False) -> list[str]:
    """The text in lines of at most so many columns.

    It is broken at spaces, but not within a sum, unless a sum is longer than a line; then before a
    sign. What is longer still, or any text with `anywhere`, is cut at the end of a line.
    """
    lines = []
    for paragraph in text.split("\n"):
        whole = [paragraph] if anywhere else chunks(paragraph)
        short = [
            part
            for chunk in whole
            for part in ([chunk] if _width(chunk) <= width else terms(chunk))
        ]
        lines += _filled(short, width)
    return lines


def packed(items: Iterable[str], width: int) -> list[str]:
    """Items with commas between them, in lines that break only between items where they fit."""
    items = list(items)
    if not items:
        return []
    ends = [f"{item}," for item in items[:-1]] + items[-1:]
    return _filled([part for item in ends for part in _fitting(item, width)], width)


def _fitting(item: str, width: int) -> list[str]:
    return [item] if _width(item) <= width else wrapped(item, width)


def _filled(parts: Iterable[str], width: int) -> list[str]:
    """Fill lines with as many parts as fit; a longer part is cut."""
    lines: list[str] = []
    line = ""
    for part in parts:
        joined = f"{line} {part}" if line else part
        if _width(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _cut(part, width)
        lines += full
    return [*lines, line]


def _cut(text: str, width: int) -> list[str]:
    from rich.cells import chop_cells

    return chop_cells(text, width) if text and width > 0 else [text]


def _header_words(column: Column) -> list[str]:
    """Parts that a header is not broken within: words over a number, lines over text."""
    return column.header.split() if column.kind == "number" else column.header.split("\n")


def _one_line(header: str) -> str:
    return header.replace("\n", " ")


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)
