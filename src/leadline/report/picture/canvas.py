"""A drawing surface whose units do not depend on its resolution."""

from __future__ import annotations

from PIL import Image, ImageDraw

from leadline.report.picture.lettering import Font, shortened, typeface, wrapped

PAPER = "#ffffff"
LEADING = 1.36
"""Distance of two lines of text, relative to the font size."""


class Sheet:
    """A white sheet. `scale` is pixels per unit; positions are in units from the top left."""

    def __init__(self, width: float, height: float, scale: float) -> None:
        self.scale = scale
        self.image = Image.new("RGB", (self.px(width), self.px(height)), PAPER)
        self._draw = ImageDraw.Draw(self.image)

    def px(self, units: float) -> int:
        return max(1, round(units * self.scale))

    def font(self, size: float, *, bold: bool = False) -> Font:
        return typeface(self.px(size), bold=bold)

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a line of text, in units."""
        return self.font(size, bold=bold).getlength(text) / self.scale

    def line(
        self,
        place: tuple[float, float],
        text: str,
        size: float,
        colour: str,
        *,
        bold: bool = False,
        most: float | None = None,
        right: bool = False,
        keep_end: bool = False,
    ) -> float:
        """Draw one line of text and return the top of the next line.

        `place` is its top left, or top right if `right`. Text wider than `most` units is shortened.
        """
        font = self.font(size, bold=bold)
        if most is not None:
            text = shortened(text, font, most * self.scale, keep_end=keep_end)
        x, y = place
        # A common base line, whatever accents the letters have.
        base = self.px(y + size * 1.04)
        begin = round(x * self.scale) - (font.getlength(text) if right else 0)
        font.draw(self._draw, (begin, base), text, colour)
        return y + size * LEADING

    def lines(
        self,
        place: tuple[float, float],
        text: str,
        size: float,
        colour: str,
        *,
        most: float,
        bold: bool = False,
        most_lines: int = 100,
    ) -> float:
        """Draw text wrapped to `most` units and return the top of the next line."""
        x, y = place
        font = self.font(size, bold=bold)
        for one in wrapped(text, font, most * self.scale, most_lines):
            y = self.line((x, y), one, size, colour, bold=bold)
        return y

    def box(self, place: tuple[float, float], width: float, height: float, colour: str) -> None:
        """Draw a filled rectangle, unless its width rounds to 0."""
        x, y = (round(one * self.scale) for one in place)
        if round(width * self.scale) > 0:
            right, below = x + round(width * self.scale) - 1, y + self.px(height) - 1
            self._draw.rectangle((x, y, right, below), fill=colour)

    def paste(self, place: tuple[float, float], picture: Image.Image, rim: str = "") -> None:
        """Paste a picture, with a border in the colour `rim` if given."""
        x, y = (round(one * self.scale) for one in place)
        self.image.paste(picture, (x, y))
        if rim:
            self._draw.rectangle((x, y, x + picture.width - 1, y + picture.height - 1), outline=rim)

    def cut(self, height: float) -> Image.Image:
        """Return the drawing down to this height."""
        return self.image.crop((0, 0, self.image.width, self.px(height)))
