"""Text in a picture: a bundled typeface, and installed fonts for characters that it lacks.

The bundled typeface is Inter in two weights, reduced to Latin, Greek and Cyrillic (a tenth of its
size). Other characters are drawn with an installed font. Characters that no font has are written as
escapes. docs/dependencies.md explains how the font files were made.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from PIL import ImageDraw, ImageFont, features

from leadline.report.plots.installed_fonts import font_for, needs_no_glyph

ELLIPSIS = "…"
LETTERS = (
    (0x20, 0x7E), (0xA0, 0x148), (0x14A, 0x17F), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x218, 0x21B),
    (0x384, 0x38A), (0x38C, 0x38C), (0x38E, 0x3A1), (0x3A3, 0x3CE), (0x400, 0x45F), (0x490, 0x491),
    (0x1E9E, 0x1E9E), (0x1EA0, 0x1EF9), (0x2010, 0x2027), (0x2030, 0x203A), (0x20AC, 0x20AC),
    (0x2122, 0x2122), (0x2190, 0x2193), (0x2212, 0x2212), (0x2248, 0x2248), (0x2260, 0x2260),
    (0x2264, 0x2265),
)  # fmt: skip
"""The characters of the bundled font files: first and last of each range."""


@dataclass(frozen=True, eq=False)
class Font:
    """The bundled typeface at one size, with installed fonts for characters that it lacks."""

    own: ImageFont.FreeTypeFont
    size_px: int

    def getlength(self, text: str) -> float:
        """Return the width of a line of text, in pixels."""
        return sum(font.getlength(piece) for font, piece in self._pieces(text))

    def draw(
        self, sheet: ImageDraw.ImageDraw, place: tuple[float, float], text: str, colour: str
    ) -> None:
        """Draw a line of text; `place` is the start of its base line, in pixels."""
        x, y = place
        for font, piece in self._pieces(text):
            sheet.text((x, y), piece, fill=colour, font=font, anchor="ls")
            x += font.getlength(piece)

    def _pieces(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        """Split the text into pieces of one font each; a space belongs to the piece before it."""
        fonts: list[ImageFont.FreeTypeFont] = []
        for one in text:
            blank = one.isspace() and fonts
            fonts.append(fonts[-1] if blank else self._font_of(one))
        for font, piece in groupby(zip(fonts, text, strict=True), key=lambda pair: pair[0]):
            yield font, "".join(one for _, one in piece)

    def _font_of(self, character: str) -> ImageFont.FreeTypeFont:
        installed = None if is_own(character) else font_for(character)
        return self.own if installed is None else _installed(installed.path, self.size_px)


@cache
def typeface(size_px: int, *, bold: bool = False) -> Font:
    """Return the bundled typeface. Its layout is the basic one, which every build of Pillow has."""
    name = f"Inter-{'SemiBold' if bold else 'Regular'}.otf"
    content = files("leadline.report").joinpath("fonts", name).read_bytes()
    own = ImageFont.truetype(io.BytesIO(content), size_px, layout_engine=ImageFont.Layout.BASIC)
    return Font(own, size_px)


@cache
def _installed(path: Path, size_px: int) -> ImageFont.FreeTypeFont:
    """Return an installed font. Scripts that join or reorder letters need Pillow's RAQM layout."""
    return ImageFont.truetype(str(path), size_px)


def is_own(character: str) -> bool:
    """Return True for characters of the bundled typeface."""
    return any(first <= ord(character) <= last for first, last in LETTERS)


def lacking(texts: Iterable[str]) -> frozenset[str]:
    """Return the characters that no font has, and that are written as escapes."""
    letters = {one for text in texts for one in unicodedata.normalize("NFC", text)}
    return frozenset(
        one for one in letters if not (needs_no_glyph(one) or is_own(one) or _is_drawn(one))
    )


def _is_drawn(character: str) -> bool:
    """Return True if an installed font has the character and Pillow can lay it out."""
    plain = unicodedata.bidirectional(character) not in ("R", "AL", "NSM")
    plain = plain and unicodedata.category(character) not in ("Mc", "Mn")
    return (plain or bool(features.check("raqm"))) and font_for(character) is not None


def spelt(text: str) -> str:
    """Return the text with escapes for characters without a font, and spaces for control codes."""
    whole = unicodedata.normalize("NFC", text)
    return "".join(_spelt(one) for one in whole)


def shortened(text: str, font: Font, most_px: float, *, keep_end: bool = False) -> str:
    """Return the text, cut to `most_px` with an ellipsis if it is wider.

    keep_end: cut the beginning instead, for file names, which differ at their ends.
    """
    if font.getlength(text) <= most_px:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = font.getlength(_part(text, middle, keep_end)) <= most_px
        low, high = (middle, high) if fits else (low, middle - 1)
    return _part(text, low, keep_end)


def wrapped(text: str, font: Font, most_px: float, most_lines: int = 100) -> list[str]:
    """Wrap text into lines of at most `most_px`; longer words are broken.

    Text beyond `most_lines` is replaced by an ellipsis.
    """
    lines: list[str] = []
    line = ""
    for word in _words(text, font, most_px):
        longer = f"{line} {word}" if line else word
        if line and font.getlength(longer) > most_px:
            lines.append(line)
            longer = word
        line = longer
    lines.append(line)
    if len(lines) <= most_lines:
        return lines
    last = shortened(lines[most_lines - 1] + ELLIPSIS, font, most_px)
    return [*lines[: most_lines - 1], last]


def _words(text: str, font: Font, most_px: float) -> list[str]:
    found = []
    for word in text.split():
        rest = word
        while font.getlength(rest) > most_px and len(rest) > 1:
            fitting = shortened(rest, font, most_px)
            kept = max(1, len(fitting) - len(ELLIPSIS))
            found.append(rest[:kept])
            rest = rest[kept:]
        found.append(rest)
    return found


def _part(text: str, count: int, keep_end: bool) -> str:
    if keep_end:
        return ELLIPSIS + text[len(text) - count :].lstrip()
    return text[:count].rstrip() + ELLIPSIS


def _spelt(character: str) -> str:
    if character.isspace() or not character.isprintable():
        return " "
    known = is_own(character) or _is_drawn(character)
    return character if known else ascii(character)[1:-1]
