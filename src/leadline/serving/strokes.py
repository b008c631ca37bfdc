"""Oriented gradients of a digit, to be drawn as strokes: what models on HOG features see of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELL_PX = 4
ORIENTATIONS = 12
"""As of the zoo's digits-hog."""


def hog_strokes(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How strong edges of each direction are in each cell: float32 (rows, columns, 12), 0 to 1.

    image: uint8 (height, width). Direction k is that of a stroke at (k + 1/2) · 15 degrees from the
    horizontal, clockwise on the screen; 1 is the strongest of the image, all 0 for an even one.
    Gradients by central differences, zero at the rim (Dalal and Triggs, CVPR 2005).
    """
    grey = image.astype(np.float32)
    down, right = np.zeros_like(grey), np.zeros_like(grey)
    down[1:-1] = grey[2:] - grey[:-2]
    right[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    # A stroke runs along its edge, at a right angle to the gradient.
    degrees = (np.rad2deg(np.arctan2(down, right)) + 90) % 180
    bins = np.minimum(degrees * ORIENTATIONS / 180, ORIENTATIONS - 1).astype(np.int64)
    rows, columns = (side // CELL_PX for side in grey.shape)
    found = np.zeros((rows, columns, ORIENTATIONS), np.float32)
    used = (slice(rows * CELL_PX), slice(columns * CELL_PX))
    y, x = np.arange(rows * CELL_PX)[:, None], np.arange(columns * CELL_PX)
    np.add.at(found, (y // CELL_PX, x // CELL_PX, bins[used]), np.hypot(down, right)[used])
    strongest = float(found.max(initial=0))
    return (found / (strongest or 1)).astype(np.float32)
