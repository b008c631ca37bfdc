"""Fonts of this machine for letters that leadline's own typefaces lack.

Font files are looked for where each system keeps them, and asked which characters they map. The
first in a fixed order that has a character is taken, so that one machine always draws the same.
"""

from __future__ import annotations

import os
import struct
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ImageFont

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
MOST_FONTS = 5_000
MOST_TABLE_BYTES = 4 * 2**20
"""Of a table that maps characters; the largest have some 400 kB."""
OUTLINES = (b"glyf", b"CFF ", b"CFF2")
"""Tables that hold outlines; a font of coloured bitmaps alone can be drawn in one size only."""
PREFERRED = (
    "notosanscjk", "sourcehansans", "notosanssc", "notosansjp", "notosanskr", "wqy", "msyh",
    "pingfang", "hiragino", "malgun", "applesdgothic", "dejavusans.", "notosans-", "notosans",
    "arial", "segoeui", "notoemoji", "symbola",
)  # fmt: skip
"""How names of files begin, in the order of preference."""
AVOIDED = (
    "bold",
    "black",
    "italic",
    "oblique",
    "light",
    "thin",
    "medium",
    "mono",
    "serif",
    "condensed",
)


@dataclass(frozen=True)
class Script:
    """Letters of one kind: the ranges of their code points, and a font that has them."""

    name: str
    ranges: tuple[tuple[int, int], ...]
    font: str
    package: str
    """On Debian and Ubuntu."""


SCRIPTS = (
    Script(
        "Chinese, Japanese or Korean",
        ((0x1100, 0x11FF), (0x2E80, 0x9FFF), (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xF900, 0xFAFF),
         (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF)),
        "Noto Sans CJK", "fonts-noto-cjk",
    ),
    Script(
        "emoji", ((0x2600, 0x27BF), (0x1F000, 0x1FAFF)), "Symbola", "fonts-symbola"
    ),
    Script("other", ((0, 0x10FFFF),), "Noto Sans", "fonts-noto-core"),
)  # fmt: skip


@dataclass(frozen=True)
class InstalledFont:
    """One font file. starts, ends: the ranges of the code points it has, in order."""

    path: Path
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def has(self, character: str) -> bool:
        place = bisect_right(self.starts, ord(character)) - 1
        return place >= 0 and ord(character) <= self.ends[place]


def font_folders(environment: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Folders in which this system keeps fonts."""
    known = os.environ if environment is None else environment
    home = Path(known.get("HOME") or known.get("USERPROFILE") or os.sep)
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    if sys.platform == "win32":
        local = Path(known.get("LOCALAPPDATA") or home)
        return (
            Path(known.get("WINDIR", "C:\\Windows")) / "Fonts",
            local / "Microsoft/Windows/Fonts",
        )
    data = Path(known.get("XDG_DATA_HOME") or home / ".local/share")
    return (
        Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), data / "fonts", home / ".fonts"
    )  # fmt: skip


def needs_no_glyph(character: str) -> bool:
    """True for spaces, controls, joiners and variation selectors, which draw nothing themselves."""
    selector = 0xFE00 <= ord(character) <= 0xFE0F
    return selector or character.isspace() or unicodedata.category(character) in ("Cc", "Cf")


def font_for(character: str, folders: tuple[Path, ...] | None = None) -> InstalledFont | None:
    """The installed font to draw a character with; None where no font has it."""
    for font in _installed(font_folders() if folders is None else folders):
        if font.has(character) and _draws(font.path, character):
            return font
    return None


@cache
def _draws(path: Path, character: str) -> bool:
    """Return True if a font can draw a character that it maps; a damaged one may list it only."""
    try:
        _opened(path).getmask(character)
    except (OSError, ValueError):
        return False
    return True


@cache
def _opened(path: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), 12)


def missing_letters_text(characters: Iterable[str]) -> str:
    """Return one line that names characters, and for each script a font to install."""
    left = sorted(set(characters))
    parts = []
    for script in SCRIPTS:
        own = [one for one in left if any(a <= ord(one) <= b for a, b in script.ranges)]
        left = [one for one in left if one not in own]
        if own:
            shown = " ".join(own[:10]) + (f" and {len(own) - 10:,} more" if len(own) > 10 else "")
            parts.append(f"{shown} (install {script.font}; Debian and Ubuntu: {script.package})")
    return "; ".join(parts)


@cache
def _installed(folders: tuple[Path, ...]) -> tuple[InstalledFont, ...]:
    """Every font of outlines in these folders, the preferred first."""
    paths: list[Path] = []
    for folder in folders:
        for place, _, names in os.walk(folder):
            paths += [Path(place, name) for name in names if name.lower().endswith(SUFFIXES)]
    found = []
    for path in sorted(paths, key=_preference)[:MOST_FONTS]:
        try:
            ranges = read_ranges(path)
        except (OSError, ValueError, struct.error):
            continue
        if ranges:
            starts, ends = zip(*ranges, strict=True)
            found.append(InstalledFont(path, starts, ends))
    return tuple(found)


def _preference(path: Path) -> tuple[int, int, str]:
    name = path.name.lower()
    rank = next((i for i, start in enumerate(PREFERRED) if name.startswith(start)), len(PREFERRED))
    return sum(word in name for word in AVOIDED), rank, str(path)


def read_ranges(path: Path) -> list[tuple[int, int]]:
    """Ranges of code points that a font file maps, sorted; none for a font without outlines.

    Of a collection the first font is read. Raises ValueError or struct.error for what is no font.
    """
    with path.open("rb") as file:
        start = 0
        if file.read(4) == b"ttcf":
            file.seek(12)
            (start,) = struct.unpack(">I", file.read(4))
        file.seek(start + 4)
        (count,) = struct.unpack(">H", file.read(2))
        file.seek(start + 12)
        records = file.read(16 * count)
        tables = {
            bytes(tag): (offset, length)
            for tag, _sum, offset, length in struct.iter_unpack(">4sIII", records)
        }
        if b"cmap" not in tables or not any(tag in tables for tag in OUTLINES):
            return []
        offset, length = tables[b"cmap"]
        file.seek(offset)
        return _mapped(file.read(min(length, MOST_TABLE_BYTES)))


def _mapped(table: bytes) -> list[tuple[int, int]]:
    """Ranges of the largest Unicode subtable of format 4 or 12."""
    (count,) = struct.unpack_from(">H", table, 2)
    best: list[tuple[int, int]] = []
    for index in range(count):
        platform, _encoding, offset = struct.unpack_from(">HHI", table, 4 + 8 * index)
        if platform not in (0, 3):
            continue
        (form,) = struct.unpack_from(">H", table, offset)
        found = _format_12(table, offset) if form == 12 else []
        found = _format_4(table, offset) if form == 4 else found
        best = max(best, found, key=_size)
    return sorted(best)


def _size(ranges: list[tuple[int, int]]) -> int:
    return sum(end - start + 1 for start, end in ranges)


def _format_4(table: bytes, offset: int) -> list[tuple[int, int]]:
    (double,) = struct.unpack_from(">H", table, offset + 6)
    ends = struct.unpack_from(f">{double // 2}H", table, offset + 14)
    starts = struct.unpack_from(f">{double // 2}H", table, offset + 16 + double)
    pairs = zip(starts, ends, strict=True)
    return [(start, end) for start, end in pairs if start <= end and start != 0xFFFF]


def _format_12(table: bytes, offset: int) -> list[tuple[int, int]]:
    (count,) = struct.unpack_from(">I", table, offset + 12)
    if 12 * count > len(table):
        raise ValueError("more groups than the table has room for")
    groups = table[offset + 16 : offset + 16 + 12 * count]
    return [(start, end) for start, end, _glyph in struct.iter_unpack(">III", groups)]


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
