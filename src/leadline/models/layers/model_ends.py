"""The layers that a model begins and ends with: its image, its features, its calibration."""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar

from leadline.errors import mark
from leadline.models.layers.layer_type import (
    Formula,
    LayerType,
    Shape,
    TorchLayer,
    product,
    row_formula,
)
from leadline.models.layers.windows import quotient


class InputLayer(LayerType):
    name = "InputLayer"
    kind = "pass-through"
    meanings: ClassVar = {"image": mark("the image as it comes")}

    def torch(self, layer: Any) -> TorchLayer | None:
        return None


class Pixels(LayerType):
    name = "Pixels"
    keras = "leadline.features.pixels:Pixels"
    meanings: ClassVar = {
        "pixels-scaled": mark("every pixel divided by 255"),
        "pixels-standardized": mark("(value - mean) / (deviation + 4) of each image"),
    }

    def meaning(self, layer: Any) -> str:
        return "pixels-scaled" if layer.normalisation == "scale" else "pixels-standardized"

    def size_formula(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Formula:
        return row_formula(shape_in, shape_out) if layer.flatten else ()

    def torch(self, layer: Any) -> TorchLayer:
        settings = {"flatten": layer.flatten, "normalisation": layer.normalisation}
        return TorchLayer("Pixels", settings)


class Hog(LayerType):
    name = "Hog"
    keras = "leadline.features.hog:Hog"
    meanings: ClassVar = {
        "cells-of-orientations": mark("cells × orientations"),
        "blocks-of-orientations": mark("blocks × cells of a block × orientations"),
    }

    def meaning(self, layer: Any) -> str:
        return "blocks-of-orientations" if layer.block_cells > 1 else "cells-of-orientations"

    def size_formula(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Formula:
        """Cells (or blocks) down × across × cells of a block × orientations = features."""
        cell, block = layer.cell_px, layer.block_cells
        counts = [side // cell - block + 1 for side in shape_in[:2]]
        places = [_cells(side, cell, block) for side in shape_in[:2]]
        inside = [block, block] if block > 1 else []
        features = prod(counts) * block**2 * layer.orientations
        return (*product(*places, *inside, layer.orientations), "=", features)

    def torch(self, layer: Any) -> TorchLayer:
        keys = ("orientations", "cell_px", "block_cells", "block_norm")
        return TorchLayer("Hog", {key: getattr(layer, key) for key in keys})


def _cells(side: int, cell: int, block: int) -> Formula:
    """Cells along a side; of overlapping blocks, those that start a block."""
    cells = quotient(side, cell)
    if block > 1:
        return ("(", *cells, "−", block, "+", 1, ")")
    return cells if side % cell else ("(", *cells, ")")


class Temperature(LayerType):
    name = "Temperature"
    keras = "leadline.features.temperature:Temperature"
    meanings: ClassVar = {"temperature": mark("the probabilities at temperature {temperature}")}

    def values(self, layer: Any) -> dict[str, float]:
        return {"temperature": float(layer.temperature)}

    def torch(self, layer: Any) -> TorchLayer:
        return TorchLayer("Temperature", {"temperature": layer.temperature})


TYPES: tuple[type[LayerType], ...] = (InputLayer, Pixels, Hog, Temperature)
