"""Marks of the families, and names beside marks, where they cover least."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

MARKERS = {"pixels": "s", "hog": "^", "cnn": "o"}
CHARACTER_PX = 7.2
LABEL_HEIGHT_PX = 15.0

Box = tuple[float, float, float, float]


def label_boxes(
    labels: Sequence[tuple[str, float, float]], taken: list[Box], frame: Box
) -> list[Box]:
    """A box for each label (text, x, y of its marker), where it covers least, in pixels.

    taken: boxes that markers and bars hold already. frame: the box that labels should stay in.
    """
    held, boxes = list(taken), []
    for text, x, y in labels:
        box = min(
            _candidates(x, y, len(text) * CHARACTER_PX),
            key=lambda box: sum(_shared(box, other) for other in held) + 4 * _outside(box, frame),
        )
        held.append(box)
        boxes.append(box)
    return boxes


def _candidates(x: float, y: float, width: float) -> list[Box]:
    """Boxes around a marker: right and left first, then above and below, then further away."""
    reaches, drops = (10, 16, 24), (0, 12, -12, 22, -22, 34, -34)
    corners = [
        (left, y + drop - LABEL_HEIGHT_PX / 2)
        for reach, drop in itertools.product(reaches, drops)
        for left in (x + reach, x - reach - width)
    ]
    return [(left, low, left + width, low + LABEL_HEIGHT_PX) for left, low in corners]


def _shared(one: Box, other: Box) -> float:
    """Area that two boxes have in common, in square pixels."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)


def _outside(box: Box, frame: Box) -> float:
    whole = (box[2] - box[0]) * (box[3] - box[1])
    return whole - _shared(box, frame)
