"""What a reader sees or hears of a page: its texts, those of its figures, what is read aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

READ_ALOUD = ("aria-label", "alt", "title", "placeholder")
SILENT = {"code", "pre", "style", "script", "math"}
VOID = {"br", "hr", "img", "input", "link", "meta", "wbr", "path", "use", "rect", "circle"}


def visible(page: str) -> Iterator[str]:
    """Each text with where it stands, "p: Weights"; code and formulas left out."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return iter(reader.found)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in READ_ALOUD and value:
                self.found.append(f"{tag} {name}: {value}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        # Python's own split() would take narrow and no-break spaces away, which are looked at.
        text = re.sub(r"[ \t\r\n]+", " ", data).strip(" ")
        if text and not SILENT.intersection(self.open):
            self.found.append(f"{self.open[-1] if self.open else ''}: {text}")
