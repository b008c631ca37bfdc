"""Installed fonts for the letters of a figure that its own font lacks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from leadline.report.plots.installed_fonts import font_for, needs_no_glyph

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class FontUse:
    """Fonts that were used beside DejaVu Sans, and letters that no font of this machine has."""

    families: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()

    def with_others(self, other: FontUse) -> FontUse:
        """The fonts and letters of both."""
        return FontUse(self.families | other.families, self.lacking | other.lacking)


def use_installed_fonts(figure: Figure) -> FontUse:
    """Let texts fall back on installed fonts for letters that DejaVu Sans lacks."""
    from matplotlib.text import Text

    lacking: set[str] = set()
    used: set[str] = set()
    for text in figure.findobj(Text):
        families = list(text.get_fontfamily())
        for character in dict.fromkeys(text.get_text()):
            if needs_no_glyph(character) or ord(character) in _own_characters():
                continue
            font = font_for(character)
            if font is None:
                lacking.add(character)
            elif (family := _family(font.path)) not in families:
                families.append(family)
                used.add(family)
        text.set_fontfamily(families)
    return FontUse(frozenset(used), frozenset(lacking))


@cache
def _own_characters() -> frozenset[int]:
    """Code points of DejaVu Sans, the font of all figures, which comes with matplotlib."""
    from matplotlib import font_manager, ft2font

    return frozenset(ft2font.FT2Font(font_manager.findfont("DejaVu Sans")).get_charmap())


@cache
def _family(path: Path) -> str:
    """The name by which matplotlib finds the font of a file."""
    from matplotlib import font_manager, ft2font

    manager = font_manager.fontManager
    if not any(entry.fname == str(path) for entry in manager.ttflist):
        manager.addfont(str(path))
    return str(ft2font.FT2Font(str(path)).family_name)
