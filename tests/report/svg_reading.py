"""What a figure shows, read back from its SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET


def texts(svg: str) -> list[str]:
    """Every text, in the order of drawing."""
    return [element.text or "" for element in ET.fromstring(svg).iter("text")]


def marks(svg: str) -> dict[str, tuple[float, float]]:
    """Where each mark that says something lies, in pixels from the left and from the top."""
    found = {}
    for group in ET.fromstring(svg).iter("g"):
        title, use = group.find("title"), group.find(".//use")
        if title is not None and use is not None:
            found[title.text or ""] = (float(use.attrib["x"]), float(use.attrib["y"]))
    return found


def lines(svg: str, colour: str) -> list[list[tuple[float, float]]]:
    """The corners of each line of that colour, in pixels."""
    found = []
    for path in ET.fromstring(svg).iter("path"):
        style = path.get("style", "")
        if f"stroke: var(--{colour})" in style and "fill: none" in style:
            numbers = re.findall(r"-?[\d.]+", path.attrib["d"])
            pairs = zip(numbers[::2], numbers[1::2], strict=True)
            found.append([(float(x), float(y)) for x, y in pairs])
    return found


def description(svg: str) -> str:
    return ET.fromstring(svg).findtext("desc") or ""


def size(svg: str) -> tuple[float, float]:
    """Width and height of the picture, in pixels."""
    _, _, width, height = ET.fromstring(svg).attrib["viewBox"].split()
    return float(width), float(height)
