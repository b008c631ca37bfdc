"""Histograms of oriented gradients as a weight-less Keras layer.

Dalal and Triggs, CVPR 2005, with scikit-image's conventions: hard bins, cells divided by their
area, overlapping blocks. Values are those of `skimage.feature.hog` on the uint8 image as such, in
units of 0 to 255 (`transform_sqrt=False`). Only `epsilon` makes that matter: on an image scaled to
0-1, faint cells come out weaker.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import keras
import numpy as np
from keras import ops

from leadline.errors import SpecError
from leadline.features.feature_layer import FeatureLayer, Shape, fixed_sizes, require_images
from leadline.features.gradients import codes_and_magnitudes
from leadline.features.orientations import bin_table

BlockNorm = Literal["L1", "L1-sqrt", "L2", "L2-Hys"]

_EPSILON = 1e-5
_HYSTERESIS_CLIP = 0.2


@keras.saving.register_keras_serializable(package="leadline")
class Hog(FeatureLayer):
    """uint8 (n, height, width, channels) to float32 (n, features), each 0 to 1.

    orientations: bins over 180 degrees, 1 to 180. cell_px: side of a cell; what is left over at
    the right and bottom votes in no cell. block_cells: side of a block; blocks overlap, one cell
    apart. Order: block row, block column, cell row, cell column, orientation.
    Raises SpecError where a setting is out of range, or the image is smaller than one block.
    """

    def __init__(
        self,
        orientations: int = 9,
        cell_px: int = 8,
        block_cells: int = 1,
        block_norm: BlockNorm = "L2-Hys",
        **layer: Any,
    ) -> None:
        super().__init__(**layer)
        _require_range("orientations", orientations, most=180)
        _require_range("cell_px", cell_px)
        _require_range("block_cells", block_cells)
        if block_norm not in get_args(BlockNorm):
            known = ", ".join(get_args(BlockNorm))
            raise SpecError(f"features.block_norm = {block_norm!r}; choose one of {known}.")
        self.orientations = orientations
        self.cell_px = cell_px
        self.block_cells = block_cells
        self.block_norm = block_norm

    def call(self, images: Any) -> Any:
        """Features of uint8 images; DataError where they are of another type."""
        require_images(images)
        _, features = self.compute_output_shape((None, *fixed_sizes(images)))
        cells = cell_histograms(images, self.orientations, self.cell_px)
        blocks = normalise(_blocks(cells, self.block_cells), self.block_norm)
        return ops.cast(ops.reshape(blocks, (-1, features)), self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(n, features)."""
        batch, height_px, width_px, _ = input_shape
        blocks_y, blocks_x = (
            (side_px or 0) // self.cell_px - self.block_cells + 1
            for side_px in (height_px, width_px)
        )
        if blocks_y < 1 or blocks_x < 1:
            raise SpecError(self._too_small(height_px, width_px))
        return (batch, blocks_y * blocks_x * self.block_cells**2 * self.orientations)

    def _too_small(self, height_px: int | None, width_px: int | None) -> str:
        least_px = self.block_cells * self.cell_px
        return (
            f"features.cell_px = {self.cell_px} with block_cells = {self.block_cells} needs images "
            f"of at least {least_px} × {least_px} px. Received: {height_px} × {width_px}. "
            "Make data.size_px larger, or cell_px or block_cells smaller."
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments, for saving."""
        return {
            **super().get_config(),
            "orientations": self.orientations,
            "cell_px": self.cell_px,
            "block_cells": self.block_cells,
            "block_norm": self.block_norm,
        }


def cell_histograms(images: Any, orientations: int, cell_px: int) -> Any:
    """uint8 (n, height, width, channels) to float32 (n, cells_y, cells_x, orientations).

    Each value is the sum of the gradient magnitudes of that orientation in that cell, divided by
    the cell's area in pixels: 0 to 361 (255 * sqrt 2).
    """
    height_px, width_px, _ = fixed_sizes(images)
    cells_y, cells_x = height_px // cell_px, width_px // cell_px
    codes, magnitudes = (
        field[:, : cells_y * cell_px, : cells_x * cell_px] for field in codes_and_magnitudes(images)
    )
    count = _count_torch if keras.backend.backend() == "torch" else _count_any
    return count(codes, magnitudes, orientations, cell_px) / float(cell_px**2)


def _count_torch(codes: Any, magnitudes: Any, orientations: int, cell_px: int) -> Any:
    """The sums by scatter: a third of the time of `_count_any`, and it exports to ONNX.

    Slots are added up as int32 and widened at the end: torch adds mixed types at half the speed.
    """
    height_px, width_px = fixed_sizes(codes)
    pixels, cells_x = height_px * width_px, width_px // cell_px
    rows, columns = np.arange(height_px)[:, None] // cell_px, np.arange(width_px) // cell_px
    first_slots = ((rows * cells_x + columns) * orientations).reshape(-1).astype(np.int32)
    table = ops.convert_to_tensor(bin_table(orientations))
    bins = table.index_select(0, codes.reshape(-1)).reshape(-1, pixels).int()
    slots = (bins + ops.convert_to_tensor(first_slots)).long()
    empty = magnitudes.new_zeros((magnitudes.shape[0], pixels // cell_px**2 * orientations))
    sums = empty.scatter_add(1, slots, magnitudes.reshape(-1, pixels))
    return sums.reshape(-1, height_px // cell_px, cells_x, orientations)


def _count_any(codes: Any, magnitudes: Any, orientations: int, cell_px: int) -> Any:
    """The sums by one-hot masks, in operations that every Keras backend has."""
    height_px, width_px = fixed_sizes(codes)
    by_cell = (-1, height_px // cell_px, cell_px, width_px // cell_px, cell_px)
    bins = ops.take(ops.convert_to_tensor(bin_table(orientations)), ops.reshape(codes, by_cell))
    votes = ops.one_hot(bins, orientations) * ops.reshape(magnitudes, by_cell)[..., None]
    return ops.sum(votes, axis=(2, 4))


def _blocks(cells: Any, block_cells: int) -> Any:
    """(n, cells_y, cells_x, orientations) to (n, blocks_y, blocks_x, values of one block)."""
    if block_cells == 1:
        return cells
    cells_y, cells_x, _ = fixed_sizes(cells)
    blocks_y, blocks_x = cells_y - block_cells + 1, cells_x - block_cells + 1
    corners = [(y, x) for y in range(block_cells) for x in range(block_cells)]
    return ops.concatenate(
        [cells[:, y : y + blocks_y, x : x + blocks_x] for y, x in corners], axis=-1
    )


def normalise(blocks: Any, block_norm: BlockNorm) -> Any:
    """Divide the last axis by its norm; L2-Hys clips at 0.2 and divides again."""
    if block_norm.startswith("L1"):
        share = blocks / (ops.sum(blocks, axis=-1, keepdims=True) + _EPSILON)
        return ops.sqrt(share) if block_norm == "L1-sqrt" else share
    unit = _unit(blocks)
    return _unit(ops.minimum(unit, _HYSTERESIS_CLIP)) if block_norm == "L2-Hys" else unit


def _unit(blocks: Any) -> Any:
    squares = ops.sum(blocks * blocks, axis=-1, keepdims=True)
    return blocks / ops.sqrt(squares + _EPSILON**2)


def _require_range(name: str, value: int, most: int | None = None) -> None:
    """Raise SpecError unless the setting is an integer from 1 to `most`."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or value < 1
        or value > (most or value)
    ):
        allowed = f"from 1 to {most}" if most else "of 1 or more"
        raise SpecError(f"features.{name} = {value!r}; give an integer {allowed}.")
