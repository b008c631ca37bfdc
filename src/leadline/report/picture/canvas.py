"""A sheet of paper in units that do not depend on how finely it is drawn."""

from __future__ import annotations

from PIL import Image, ImageDraw

from leadline.report.picture.lettering import Font, shortened, typeface, wrapped

PAPER = "#ffffff"
LEADING = 1.36
"""From one line to the next, in sizes of the type."""


class Sheet:
    """White paper of so many units. scale: pixels of a unit. Places are units from the top left."""

    def __init__(self, width: float, height: float, scale: float) -> None:
        self.scale = scale
        self.image = Image.new("RGB", (self.px(width), self.px(height)), PAPER)
        self._draw = ImageDraw.Draw(self.image)

    def px(self, units: float) -> int:
        return max(1, round(units * self.scale))

    def font(self, size: float, *, bold: bool = False) -> Font:
        return typeface(self.px(size), bold=bold)

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Units that a line of text takes."""
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
        """One line, its top at `place` (its right end if `right`), cut to `most` units; where the
        next line has its top."""
        font = self.font(size, bold=bold)
        if most is not None:
            text = shortened(text, font, most * self.scale, keep_end=keep_end)
        x, y = place
        # All letters of a size stand on one line, whatever accents they have.
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
        """Text in lines of at most so many units; where the next line has its top."""
        x, y = place
        font = self.font(size, bold=bold)
        for one in wrapped(text, font, most * self.scale, most_lines):
            y = self.line((x, y), one, size, colour, bold=bold)
        return y

    def box(self, place: tuple[float, float], width: float, height: float, colour: str) -> None:
        """A filled rectangle; none where it has no width."""
        x, y = (round(one * self.scale) for one in place)
        if round(width * self.scale) > 0:
            right, below = x + round(width * self.scale) - 1, y + self.px(height) - 1
            self._draw.rectangle((x, y, right, below), fill=colour)

    def paste(self, place: tuple[float, float], picture: Image.Image, rim: str = "") -> None:
        """A picture, with a line around it in the colour of `rim`."""
        x, y = (round(one * self.scale) for one in place)
        self.image.paste(picture, (x, y))
        if rim:
            self._draw.rectangle((x, y, x + picture.width - 1, y + picture.height - 1), outline=rim)

    def cut(self, height: float) -> Image.Image:
        """What has been drawn down to there."""
        return self.image.crop((0, 0, self.image.width, self.px(height)))
