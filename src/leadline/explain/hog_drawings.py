"""Oriented gradients of an image, to be drawn as strokes: what models on HOG features see of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from leadline.features.orientations import bin_table

ORIENTATIONS, CELL_PX = 12, 4
"""For digit images, unless a model has other values; as in the zoo's digits-hog."""
CELLS_A_SIDE = 16
MOST_ORIENTATIONS, MOST_CELL_PX = 180, 4096


def hog_strokes(
    image: NDArray[np.uint8], *, orientations: int = ORIENTATIONS, cell_px: int = CELL_PX
) -> NDArray[np.float32]:
    """Return edge strengths by cell and direction: float32 (rows, columns, orientations).

    image: uint8 (height, width, 1 or 3). 1 is the strongest of the image; an even image has none,
    and is all 0. The cells, bins and gradients are those of `features.hog`: central differences,
    zero at the rim; of a colour pixel the channel with the greatest magnitude; what is left over at
    the right and bottom is in no cell. Which way strokes run, `stroke_degrees` says.
    """
    codes, magnitudes = _codes_and_magnitudes(image.astype(np.int64))
    rows, columns = (side // cell_px for side in image.shape[:2])
    used = (slice(rows * cell_px), slice(columns * cell_px))
    y, x = np.arange(rows * cell_px)[:, None] // cell_px, np.arange(columns * cell_px) // cell_px
    slots = (y * columns + x) * orientations + bin_table(orientations)[codes[used]]
    found = np.bincount(
        slots.ravel(), magnitudes[used].ravel(), minlength=rows * columns * orientations
    ).reshape(rows, columns, orientations)
    strongest = float(found.max(initial=0))
    return (found / (strongest or 1)).astype(np.float32)


def stroke_degrees(orientations: int) -> NDArray[np.float64]:
    """The direction of each stroke, float64 (orientations,): 0 to 180, clockwise from the right.

    A stroke runs along its edge, at a right angle to the gradient: bin k holds gradients around
    (k + 1/2) · 180 / orientations degrees.
    """
    gradients = (np.arange(orientations) + 0.5) * 180 / orientations
    degrees: NDArray[np.float64] = (gradients + 90) % 180
    return degrees


def hog_settings(features: Mapping[str, object]) -> tuple[int, int] | None:
    """(orientations, cell_px) of a model on HOG features; None of any other.

    features: as a model file or an experiment tells them. Settings beyond what a model can have, as
    a damaged file may tell them, are none.
    """
    orientations, cell_px = (features.get(name) for name in ("orientations", "cell_px"))
    if features.get("kind") != "hog" or type(orientations) is not int or type(cell_px) is not int:
        return None
    possible = 1 <= orientations <= MOST_ORIENTATIONS and 1 <= cell_px <= MOST_CELL_PX
    return (orientations, cell_px) if possible else None


def usual_cell_px(height_px: int, width_px: int) -> int:
    """Return the cell size for models without HOG: 4 px, or a sixteenth of the longer side.

    Never more than the shorter side.
    """
    wanted = max(CELL_PX, round(max(height_px, width_px) / CELLS_A_SIDE))
    return min(wanted, height_px, width_px)


def _codes_and_magnitudes(
    pixels: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(height, width): of each pixel's channel with the greatest magnitude, the first of equals."""
    down, right = np.zeros_like(pixels), np.zeros_like(pixels)
    down[1:-1] = pixels[2:] - pixels[:-2]
    right[:, 1:-1] = pixels[:, 2:] - pixels[:, :-2]
    squares = down * down + right * right
    channel = squares.argmax(axis=2)[..., None]
    down, right, squares = (
        np.take_along_axis(one, channel, axis=2)[..., 0] for one in (down, right, squares)
    )
    return np.abs(511 * down + right), np.sqrt(squares)
