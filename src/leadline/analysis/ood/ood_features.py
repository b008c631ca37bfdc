"""An image as a few numbers that exposure does not move: its outline, and where it has detail.

Sums, products and one logarithm, so that an ONNX graph computes the same (`export.ood_graph`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError

Floats = NDArray[np.float32]

OUTLINE_CELLS = 16
DETAIL_CELLS = 4
LEAST_VARIANCE = 1e-4
"""Of pixels scaled to 0-1, so that an even image is not noise made large: 2.5 grey levels."""
LEAST_DETAIL = 1e-3
PIXELS_AT_ONCE = 2**18
"""In one pass: 1 MB as float32, which stays near the processor, whatever the size of the images."""


@dataclass(frozen=True)
class Thumbnails:
    """Uint8 images of one shape (height, width, channels) to `size` numbers each.

    The outline: the grey image averaged in 16 x 16 cells of equal area (fewer in smaller images),
    less their mean, over their standard deviation. The detail: the logarithm of the variance
    within those cells over the variance between them, averaged in 4 x 4 larger cells.
    """

    image_shape: tuple[int, int, int]

    def __post_init__(self) -> None:
        if len(self.image_shape) != 3 or min(self.image_shape) < 1:
            raise DataError(
                f"expected images (height, width, channels). Received: {self.image_shape}."
            )

    @property
    def outline(self) -> tuple[int, int]:
        """Cells of the outline: rows, columns."""
        height_px, width_px, _ = self.image_shape
        return min(OUTLINE_CELLS, height_px), min(OUTLINE_CELLS, width_px)

    @property
    def detail(self) -> tuple[int, int]:
        rows, columns = self.outline
        return min(DETAIL_CELLS, rows), min(DETAIL_CELLS, columns)

    @property
    def size(self) -> int:
        return int(np.prod(self.outline) + np.prod(self.detail))

    @property
    def turned(self) -> NDArray[np.int64]:
        """Position in the image of each number of the image turned by 180 degrees."""
        outline = int(np.prod(self.outline))
        detail = int(np.prod(self.detail))
        return np.concatenate([np.arange(outline)[::-1], outline + np.arange(detail)[::-1]])

    def matrices(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Averages as products: of pixel rows, pixel columns, outline rows, outline columns."""
        height_px, width_px, _ = self.image_shape
        rows, columns = self.outline
        detail_rows, detail_columns = self.detail
        return (
            averages(height_px, rows),
            averages(width_px, columns),
            averages(rows, detail_rows),
            averages(columns, detail_columns),
        )

    def __call__(self, pixels: NDArray[np.uint8]) -> Floats:
        """pixels: uint8 (n, *image_shape). Returns float32 (n, size)."""
        if pixels.dtype != np.uint8 or pixels.shape[1:] != self.image_shape:
            raise DataError(
                f"expected uint8 images (n, {', '.join(map(str, self.image_shape))}). "
                f"Received: {pixels.dtype} {pixels.shape}."
            )
        found = np.empty((len(pixels), self.size), np.float32)
        matrices = self.matrices()
        height_px, width_px, _ = self.image_shape
        step = max(1, PIXELS_AT_ONCE // (height_px * width_px))
        for start in range(0, len(pixels), step):
            some = slice(start, start + step)
            found[some] = _numbers(pixels[some], *matrices)
        return found


def _numbers(
    pixels: NDArray[np.uint8], rows: Floats, columns: Floats, coarse: Floats, across: Floats
) -> Floats:
    scale = np.float32(1 / (255 * pixels.shape[3]))
    # Sums of whole numbers, first along rows, so that an even image is exactly 0 in any runtime.
    total = pixels.sum(axis=3, dtype=np.float32)
    mean = total.mean(axis=2, keepdims=True).mean(axis=1, keepdims=True)
    centred = (total - mean) * scale
    means = rows @ centred @ columns.T
    squares = rows @ (centred * centred) @ columns.T
    variance = (means * means).mean(axis=(1, 2), keepdims=True) + np.float32(LEAST_VARIANCE)
    within = np.maximum(squares - means * means, 0) / variance
    detail = np.log(coarse @ within @ across.T + np.float32(LEAST_DETAIL))
    n = len(pixels)
    outline = means / np.sqrt(variance)
    return np.concatenate([outline.reshape(n, -1), detail.reshape(n, -1)], axis=1)


def averages(length: int, cells: int) -> Floats:
    """The matrix (cells, length) that averages `length` values in cells of equal length.

    A value on the border of two cells counts in each for the share that lies there.
    """
    # In whole numbers, that nothing be rounded: a value is `cells` long, and a cell `length`.
    starts, first = np.arange(cells)[:, None] * length, np.arange(length) * cells
    shared = np.minimum(starts + length, first + cells) - np.maximum(starts, first)
    matrix: Floats = (np.maximum(shared, 0) / length).astype(np.float32)
    return matrix
