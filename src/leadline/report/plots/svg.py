"""A matplotlib figure as SVG that lives inside a page.

Colours are drawn as stand-ins and replaced by CSS custom properties, so that one figure serves
light and dark; text keeps the page's font; ids carry the figure's own prefix; title and
description are inside for those who do not see it.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from xml.etree import ElementTree as ET

from matplotlib import style
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from leadline.report.formatting import written
from leadline.report.plots.figure_export import COLOUR_NAMES, STAND_INS, hand_over
from leadline.report.plots.matplotlib_setup import standard_style

HEAT_STEPS = 8
COLOURS = STAND_INS
"""Colours to draw with, by the name of their custom property on the page."""

_STAND_IN = re.compile(r"#fe01([0-9a-f]{2})")
# matplotlib writes either the short form of all font properties, or one by one.
_FONT_FAMILY = re.compile(r"font-family: [^;]*;? ?")
_FONT = re.compile(r"font: (?:(?:normal|oblique|italic) )?(?:(\d+|bold) )?([\d.]+)px [^;]*")
_PLACES = {"d", "x", "y", "width", "height", "transform", "points"}
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_RC_COLOURS = {
    "text.color": "ink", "axes.edgecolor": "muted", "axes.labelcolor": "muted",
    "xtick.color": "muted", "ytick.color": "muted", "grid.color": "grid",
}  # fmt: skip


class Ticks(ScalarFormatter):
    """Ticks all to the same digits, as matplotlib has them, in the signs of the language."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return written(super().__call__(x, pos))


@contextmanager
def theme() -> Iterator[None]:
    """Draw inside this, so that neither a user's matplotlibrc nor a notebook changes the page."""
    colours = {key: COLOURS[name] for key, name in _RC_COLOURS.items()}
    with standard_style(colours):
        yield


def new_figure(width_px: float, height_px: float) -> Figure:
    """An empty figure of that size; one point is one CSS pixel."""
    figure = Figure(figsize=(width_px / 72, height_px / 72), dpi=72)
    FigureCanvasSVG(figure)
    return figure


def to_svg(
    figure: Figure,
    *,
    uid: str,
    title: str,
    description: str,
    tips: Mapping[str, str] | None = None,
    css_class: str = "",
) -> str:
    """The figure as one `<svg>` element.

    uid: prefix of every id inside, unique on the page. tips: text shown on hover, by the `gid`
    of the artist. Equal figures give equal text.
    """
    buffer = io.StringIO()
    with style.context({"svg.hashsalt": uid}), warnings.catch_warnings():
        # Text stays text in SVG; the reader's fonts draw it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    # The text is matplotlib's own, written a line above: nothing from outside is parsed.
    root = ET.fromstring(buffer.getvalue())  # noqa: S314
    _undress(root)
    _tighten(root)
    _add_tips(root, tips or {})
    _prefix_ids(root, uid)
    _describe(root, uid, title, description, css_class)
    text = ET.tostring(root, encoding="unicode", short_empty_elements=True)
    text = re.sub(r">\s+<", "><", text).strip()
    hand_over(uid, text, figure)
    return text


def _undress(root: ET.Element) -> None:
    """Drop what would leak into the page: namespaces, metadata, global styles, fonts."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.endswith(("}metadata", "}style")):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for key in list(element.attrib):
            value = element.attrib.pop(key)
            element.attrib[key.rpartition("}")[2]] = _themed(value)


def _themed(value: str) -> str:
    value = _STAND_IN.sub(lambda match: f"var(--{COLOUR_NAMES[int(match[1], 16) - 1]})", value)
    return _FONT.sub(_font_size, _FONT_FAMILY.sub("", value))


def _font_size(match: re.Match[str]) -> str:
    weight = f"; font-weight: {match[1]}" if match[1] else ""
    return f"font-size: {match[2]}px{weight}"


def _tighten(root: ET.Element) -> None:
    """Places to a hundredth of a pixel, which nobody sees, and no empty groups."""
    for element in root.iter():
        for key in _PLACES & element.attrib.keys():
            short = _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.2f}", element.attrib[key])
            element.set(key, " ".join(short.split()))
        if element.get("transform", "").startswith("rotate(-0 "):
            del element.attrib["transform"]
        for child in list(element):
            if child.tag == "g" and not len(child) and not child.attrib:
                element.remove(child)


def _add_tips(root: ET.Element, tips: Mapping[str, str]) -> None:
    for element in root.iter():
        tip = tips.get(element.get("id", ""))
        if tip is not None:
            title = ET.Element("title")
            title.text = tip
            element.insert(0, title)


def _prefix_ids(root: ET.Element, uid: str) -> None:
    """Ids that something refers to get the prefix, the others go."""
    used = set(re.findall(r"#([\w.-]+)", " ".join(_references(root))))
    for element in root.iter():
        name = element.attrib.pop("id", None)
        if name in used:
            element.set("id", f"{uid}-{name}")
        for key, value in element.attrib.items():
            if key == "href":
                element.set(key, value.replace("#", f"#{uid}-"))
            elif "url(#" in value:
                element.set(key, value.replace("url(#", f"url(#{uid}-"))


def _references(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "href" or "url(#" in value:
                yield value


def _describe(root: ET.Element, uid: str, title: str, description: str, css_class: str) -> None:
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{uid}-title {uid}-desc")
    root.set("class", f"plot {css_class}".strip())
    root.set("style", f"max-width: {root.get('viewBox', '0 0 640 480').split()[2]}px")
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(tag, {"id": f"{uid}-{tag}"})
        element.text = text
        root.insert(position, element)
