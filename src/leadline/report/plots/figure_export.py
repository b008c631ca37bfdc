"""The figures of a page as files of their own: SVG, PNG and PDF, light, on white.

Every figure of a page goes through `svg.to_svg`, which passes it to the collector in force: a page
is rendered once, and its figures are saved from that rendering.
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

import numpy as np

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

COLOUR_NAMES = (
    "ink", "muted", "grid", "surface", "train", "validation", "pixels", "hog", "cnn",
    *(f"heat-{step}" for step in range(8)), "heat-ink", "heat-ink-strong", "caution", "paper",
)  # fmt: skip
STAND_INS: Mapping[str, str] = {
    name: f"#fe01{number:02x}" for number, name in enumerate(COLOUR_NAMES, start=1)
}
"""Colours that figures are drawn in: one for each custom property of the page."""
_VARIABLE = re.compile(r"var\(--([\w-]+)\)")
NOT_COLOURS = ("none", "auto")
_PROPERTIES = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor")

Collector = Callable[["SavedFigure"], None]
_collector: ContextVar[Collector | None] = ContextVar("collector", default=None)


@dataclass(frozen=True, eq=False)
class SavedFigure:
    """One figure of a page. svg: as the page has it; figure: in stand-ins for colours."""

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
        _recolour(self.figure)
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
def collect_figures(collector: Collector) -> Iterator[None]:
    """Pass every figure that is drawn until the block ends to a collector."""
    token = _collector.set(collector)
    try:
        yield
    finally:
        _collector.reset(token)


def hand_over(uid: str, svg: str, figure: Figure) -> None:
    """Pass a drawn figure to the current collector, if there is one."""
    collector = _collector.get()
    if collector is not None:
        collector(SavedFigure(uid, svg, figure))


def _recolour(figure: Figure) -> None:
    """Replace the stand-ins of all artists by the light colours of the page."""
    from matplotlib.colors import to_rgb, to_rgba_array

    light = _light()
    by_stand_in = {
        tuple(np.round(to_rgb(code), 6)): to_rgb(light[name]) for name, code in STAND_INS.items()
    }

    for artist in figure.findobj():
        for name in _PROPERTIES:
            read = getattr(artist, f"get_{name}", None)
            write = getattr(artist, f"set_{name}", None)
            value = None if read is None or write is None else read()
            if value is None or not len(value) or (isinstance(value, str) and value in NOT_COLOURS):
                continue
            rgba = to_rgba_array(value)
            found = [by_stand_in.get(tuple(np.round(row[:3], 6))) for row in rgba]
            if write is not None and any(found):
                for row, light_rgb in zip(rgba, found, strict=True):
                    row[:3] = light_rgb or row[:3]
                write(rgba if np.ndim(value) > 1 else tuple(rgba[0]))


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
    light = _light()
    root = ET.fromstring(_VARIABLE.sub(lambda match: light[match[1]], svg))  # noqa: S314
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
