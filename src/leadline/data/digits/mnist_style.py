"""A digit as people make them, as MNIST's makers would have it.

Dark on light or light on dark, anywhere in a picture of any size, drawn, scanned or photographed on
paper: its ink becomes light on black, fits a box of 20 px, and has its centre of mass in the middle
of 28 × 28 px, as LeCun, Cortes and Burges describe their images.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.data.digits.ink_binarization import (
    even_ground,
    framed,
    grown,
    ink_on_paper,
    main_parts,
    otsu,
    quantile,
)

SIDE_PX = 28
MIDDLES_PX = np.arange(SIDE_PX) + 0.5
"""Of pixels along a side."""
BOX_PX = 20
LEAST_BOX_PX = 18
"""Three of the 10,000 test images of MNIST do not fill their box."""
WORKING_PX = 160
"""Larger pictures are made smaller first: strokes need no more, and time is bounded."""
WIDEST_OF_DIGIT = 0.6
"""Of the digit's longer side: no stroke is as wide, and no shade that matters as narrow."""
MARGIN_SHARE = 0.4
"""Of the same: how much of the ground is left on each side."""
SOFT_PX = 2
"""Of strokes' soft edges, which lie below the threshold."""
THINNEST_PX = 2.0
"""Of a stroke in the box of 20 px; thinner ones, as of a fine pen, are thickened to this."""
FAINTEST = 16.0
"""Of 255: fainter edges of strokes do not count towards the digit's extent."""

Ink = NDArray[np.float32]


def normalise_digit(image: Image.Image) -> NDArray[np.uint8]:
    """uint8 (28, 28), the digit light on black; all 0 where there is no ink.

    image: of any mode and size, with one digit, by far the largest thing that is drawn on it.
    """
    whole = image if image.mode == "L" else image.convert("L")
    grey = _grey(whole)
    if grey.shape == (SIDE_PX, SIDE_PX):
        for upright in (grey, 255 - grey):
            if _is_normal(upright):
                return np.rint(upright).astype(np.uint8)
    level = even_ground(grey)
    ink = _main(ink_on_paper(grey, level))
    if ink.any():
        # Seen from nearer: finer, and with less beside it that could be taken for ink.
        near, digit_px = _nearer(whole, ink)
        if level is None:
            ink = _main(ink_on_paper(near, None, round(digit_px * WIDEST_OF_DIGIT)))
        else:
            ink = _main(ink_on_paper(near, even_ground(near)))
    if not ink.any():
        return np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    return _centred(_boxed(ink[_inked(ink)]))


def _main(ink: Ink) -> Ink:
    """The digit's own, and nothing beside it."""
    mask = main_parts(ink > otsu(ink))
    return np.where(grown(mask, SOFT_PX), ink, np.float32(0))


def _nearer(whole: Image.Image, ink: Ink) -> tuple[Ink, float]:
    """Crop of the picture around the ink, and the longer side of the digit."""
    height, width = ink.shape
    rows, columns = _inked(ink)
    digit_px = max(rows.stop - rows.start, columns.stop - columns.start)
    margin_px = math.ceil(digit_px * MARGIN_SHARE)
    top, bottom = max(0, rows.start - margin_px), min(height, rows.stop + margin_px)
    left, right = max(0, columns.start - margin_px), min(width, columns.stop + margin_px)
    across, down = whole.width / width, whole.height / height
    box = (int(left * across), int(top * down), round(right * across), round(bottom * down))
    near = _grey(whole.crop(box))
    return near, digit_px * max(near.shape) / max(bottom - top, right - left)


def _inked(ink: Ink) -> tuple[slice, slice]:
    """The rows and the columns from the first to the last that show ink."""
    mask = ink > FAINTEST
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _is_normal(grey: Ink) -> bool:
    """True if the image is light on black like MNIST's own, and is left as it is."""
    if not grey.any():
        return False
    spans, centres = [], []
    for weights in (grey.sum(axis=0), grey.sum(axis=1)):
        inked = weights.nonzero()[0]
        spans.append(int(inked[-1] - inked[0]) + 1)
        centres.append(float(weights @ MIDDLES_PX / weights.sum()))
    return LEAST_BOX_PX <= max(spans) <= BOX_PX and all(
        abs(centre - SIDE_PX / 2) <= 1 for centre in centres
    )


def _grey(grey: Image.Image) -> Ink:
    """0 to 255, float, no side longer than WORKING_PX."""
    longest = max(grey.size)
    if longest > WORKING_PX:
        width, height = (max(1, round(side * WORKING_PX / longest)) for side in grey.size)
        grey = grey.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3)
    return np.asarray(grey, np.float32)


def _boxed(ink: Ink) -> Ink:
    """The longer side at BOX_PX, the other in proportion; fine strokes thickened."""
    height, width = ink.shape
    scale = BOX_PX / max(height, width)
    levels = np.rint(ink).astype(np.uint8)
    missing_px = (THINNEST_PX - stroke_px(ink) * scale) / scale
    if missing_px >= 1:
        by_px = round(missing_px / 2)
        levels = grown(framed(levels, by_px), by_px)
    image = Image.fromarray(levels)
    scale = BOX_PX / max(image.size)
    size = tuple(max(1, round(side * scale)) for side in image.size)
    small = np.asarray(image.resize((size[0], size[1]), Image.Resampling.BILINEAR), np.float32)
    strongest = quantile(small[small > 0], 0.95) if small.any() else 0.0
    return np.clip(small * (255 / strongest), 0, 255) if strongest else small


def stroke_px(ink: Ink) -> float:
    """The mean width of strokes: a line of width w and length l has the area wl, the rim 2l."""
    solid = framed(ink > ink.max() / 2, 1)
    area = np.count_nonzero(solid)
    rim = np.count_nonzero(solid[1:] != solid[:-1]) + np.count_nonzero(
        solid[:, 1:] != solid[:, :-1]
    )
    # Counted along rows and columns, a slanted rim looks longer: by 4/π over all directions.
    return 2 * area / (rim * math.pi / 4) if rim else 0.0


def _centred(ink: Ink) -> NDArray[np.uint8]:
    """Put into 28 × 28 px, so that the centre of mass is in the middle as nearly as it can be."""
    field = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    total = float(ink.sum())
    corner = []
    for axis, size in enumerate(ink.shape):
        weights = ink.sum(axis=1 - axis)
        centre = float((weights * (np.arange(size) + 0.5)).sum()) / total if total else size / 2
        corner.append(min(max(round(SIDE_PX / 2 - centre), 0), SIDE_PX - size))
    top, left = corner
    field[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return np.rint(field).astype(np.uint8)
