"""The four panels of an explanation, as pictures: what is seen, two maps, strokes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from leadline.explain.hog_drawings import hog_strokes, stroke_degrees
from leadline.explain.overlay import as_grey, overlay

Size = tuple[int, int]
"""Width and height, as Pillow has them."""
SMOOTH_FROM_PX = 64
"""Images of more pixels a side are enlarged smoothly; of fewer, each pixel is to be seen."""
FINER = 3
"""Strokes are drawn so much larger, then made smaller: Pillow's own lines have steps."""
FAINTEST = 0.04
UNDER_STROKES = 0.25
"""How much of the image shines through behind its strokes."""


def seen(image: NDArray[np.uint8], size: Size) -> Image.Image:
    """The image itself, in grey or colour."""
    return enlarged(np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image, size)


def heated(image: NDArray[np.uint8], heat: NDArray[np.float32], size: Size) -> Image.Image:
    """The image in grey under its map."""
    return enlarged(overlay(image, heat), size)


def stroked(image: NDArray[np.uint8], orientations: int, cell_px: int, size: Size) -> Image.Image:
    """Oriented gradients as strokes of light, one a direction and cell, over the image in the dark.

    The stronger an edge, the lighter; the square root of its strength, so that faint ones show.
    """
    strengths = hog_strokes(image, orientations=orientations, cell_px=cell_px)
    dim = (as_grey(image) * UNDER_STROKES).round().astype(np.uint8)
    ground = enlarged(np.repeat(dim[..., None], 3, axis=2), size)
    scale = size[0] * FINER / image.shape[1], size[1] * FINER / image.shape[0]
    lines = Image.new("L", (size[0] * FINER, size[1] * FINER))
    draw = ImageDraw.Draw(lines)
    thickness = max(FINER, round(cell_px * scale[0] * 0.09))
    for (row, column, direction), strength in _faintest_first(strengths):
        angle = np.radians(stroke_degrees(orientations)[direction])
        reach = 0.46 * cell_px * np.array([np.cos(angle), np.sin(angle)])
        middle = (np.array([column, row]) + 0.5) * cell_px
        ends = np.stack([middle - reach, middle + reach]) * scale
        draw.line(ends.ravel().tolist(), fill=round(255 * strength**0.5), width=thickness)
    small = lines.resize(size, Image.Resampling.BOX)
    return ImageChops.lighter(ground, small.convert("RGB"))


def enlarged(pixels: NDArray[np.uint8], size: Size) -> Image.Image:
    """uint8 (height, width, 3) at that size, smoothly or pixel by pixel."""
    image = Image.fromarray(pixels)
    if min(image.size) > SMOOTH_FROM_PX:
        return image.resize(size, Image.Resampling.LANCZOS)
    # Each pixel as a whole number of pixels first, so that all are equally large in the end.
    times = [-(-wanted // there) for wanted, there in zip(size, image.size, strict=True)]
    whole = image.resize(
        (image.width * times[0], image.height * times[1]), Image.Resampling.NEAREST
    )
    return whole.resize(size, Image.Resampling.BOX)


def _faintest_first(
    strengths: NDArray[np.float32],
) -> list[tuple[tuple[int, int, int], float]]:
    """(row, column, direction) and strength of what is to be drawn, the strongest on top."""
    places = np.argwhere(strengths >= FAINTEST)
    values = strengths[tuple(places.T)]
    order = values.argsort(kind="stable")
    return [
        (tuple(map(int, places[one])), float(values[one]))  # type: ignore[misc]
        for one in order
    ]
