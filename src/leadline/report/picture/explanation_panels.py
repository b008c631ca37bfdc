"""The four panels of an explanation: the image, two heat maps, and its edges as strokes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from leadline.explain.hog_drawings import hog_strokes, stroke_degrees
from leadline.explain.overlay import as_grey, overlay

Size = tuple[int, int]
"""(width, height), as in Pillow."""
SMOOTH_FROM_PX = 64
"""Larger images are enlarged smoothly; in smaller ones, each pixel stays visible."""
FINER = 3
"""Strokes are drawn at this multiple of the size and reduced: Pillow's lines are aliased."""
FAINTEST = 0.04
UNDER_STROKES = 0.25
"""Brightness of the image behind its strokes, relative to the original."""


def seen(image: NDArray[np.uint8], size: Size) -> Image.Image:
    """Return the image, in grey or colour."""
    return enlarged(np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image, size)


def heated(image: NDArray[np.uint8], heat: NDArray[np.float32], size: Size) -> Image.Image:
    """Return the image in grey, with its heat map on top."""
    return enlarged(overlay(image, heat), size)


def stroked(image: NDArray[np.uint8], orientations: int, cell_px: int, size: Size) -> Image.Image:
    """Draw oriented gradients as light strokes, one per direction and cell, on the darkened image.

    Brightness is the square root of the edge's strength, so that faint edges are visible.
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
    """Resize uint8 (height, width, 3), smoothly or with visible pixels."""
    image = Image.fromarray(pixels)
    if min(image.size) > SMOOTH_FROM_PX:
        return image.resize(size, Image.Resampling.LANCZOS)
    # An integer factor first, so that all pixels end up equally large.
    times = [-(-wanted // there) for wanted, there in zip(size, image.size, strict=True)]
    whole = image.resize(
        (image.width * times[0], image.height * times[1]), Image.Resampling.NEAREST
    )
    return whole.resize(size, Image.Resampling.BOX)


def _faintest_first(
    strengths: NDArray[np.float32],
) -> list[tuple[tuple[int, int, int], float]]:
    """Return (row, column, direction) and strength of each stroke; the strongest is drawn last."""
    places = np.argwhere(strengths >= FAINTEST)
    values = strengths[tuple(places.T)]
    order = values.argsort(kind="stable")
    return [
        (tuple(map(int, places[one])), float(values[one]))  # type: ignore[misc]
        for one in order
    ]
