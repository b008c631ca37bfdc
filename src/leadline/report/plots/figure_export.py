"""Figures as files of their own, while a page is drawn: SVG, PNG and PDF, light, on white.

Whatever the page shows goes through `svg.to_svg`, which hands each figure to the keeper in force.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from leadline.report.plots.installed_fonts import FontUse, use_installed_fonts
from leadline.report.plots.matplotlib_setup import standard_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PNG_DPI = 300
FONTS = "'DejaVu Sans', Verdana, Arial, sans-serif"
"""Of the SVG, whose text stays text: the font that it was laid out with, then what is like it."""
SHEETS = ("palette", "style")
_BLOCK = re.compile(r":root \{(.*?)\}", re.DOTALL)
_COLOUR = re.compile(r"--([\w-]+): (#[0-9a-fA-F]{3,6})")

Keeper = Callable[["Drawn"], None]
_keeper: ContextVar[Keeper | None] = ContextVar("keeper", default=None)


@dataclass(frozen=True, eq=False)
class Drawn:
    """One figure of a page. svg: what the page has of it, without a stand-in for a colour."""

    uid: str
    svg: str
    figure: Figure

    @cached_property
    def fonts(self) -> FontUse:
        """Fonts of this machine that PNG and PDF need, and the letters that none of them has."""
        return use_installed_fonts(self.figure)

    def files(self) -> dict[str, bytes]:
        """The figure by the ending of a file's name.

        Equal figures give equal bytes, on machines with the same fonts.
        """
        _ = self.fonts  # sets them
        return {"svg": _alone(self.svg), "png": self._saved("png"), "pdf": self._saved("pdf")}

    def _saved(self, kind: str) -> bytes:
        metadata = {"Creator": None, "Producer": None, "CreationDate": None}
        buffer = io.BytesIO()
        with standard_style(), warnings.catch_warnings():
            # A letter that no font has becomes a box here, which `fonts` is there to warn about;
            # the SVG still has it as text.
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            self.figure.savefig(
                buffer,
                format=kind,
                dpi=PNG_DPI,
                facecolor="white",
                metadata={"Software": None} if kind == "png" else metadata,
            )
        return buffer.getvalue()


@contextmanager
def on_paper(keeper: Keeper) -> Iterator[None]:
    """Until the block ends figures are drawn in the colours of paper, and handed over."""
    token = _keeper.set(keeper)
    try:
        yield
    finally:
        _keeper.reset(token)


def hand_over(uid: str, svg: str, figure: Figure) -> None:
    """Pass a drawn figure to the current collector, if there is one."""
    keeper = _keeper.get()
    if keeper is not None:
        keeper(Drawn(uid, svg, figure))


def palette() -> Mapping[str, str] | None:
    """The colours to draw with, by their name on the page; None while a page alone is drawn."""
    return None if _keeper.get() is None else _light()


@cache
def _light() -> Mapping[str, str]:
    """The page's own colours, light, as it is printed; what lies behind all is white."""
    folder = resources.files("leadline.report").joinpath("templates")
    sheet = "".join(folder.joinpath(f"{name}.css").read_text("utf-8") for name in SHEETS)
    blocks = [dict(_COLOUR.findall(block)) for block in _BLOCK.findall(sheet)]
    return {**blocks[0], **blocks[-1], "paper": "#ffffff", "surface": "#ffffff"}


def _alone(svg: str) -> bytes:
    """A page's figure as a file that any viewer reads."""
    # The text is our own, written by `to_svg`: nothing from outside is parsed.
    root = ET.fromstring(svg)  # noqa: S314
    _, _, width, height = root.get("viewBox", "0 0 640 480").split()
    for key in ("class", "style"):
        root.attrib.pop(key, None)
    root.attrib |= {
        "xmlns": "http://www.w3.org/2000/svg",
        "width": width,
        "height": height,
        "font-family": FONTS,
    }
    ground = ET.Element("rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    root.insert(2, ground)  # after title and description
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
