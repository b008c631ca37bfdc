"""Pixels as features: scaled to 0-1, as an image or as a flat vector."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from leadline.features.base import FeatureLayer, Shape, fixed_sizes, require_images


@keras.saving.register_keras_serializable(package="leadline")
class Pixels(FeatureLayer):
    """uint8 (n, height, width, channels) to float32, 0 to 1: value / 255.

    flatten: give (n, height * width * channels), row by row, instead of images.
    """

    def __init__(self, flatten: bool = False, **layer: Any) -> None:
        super().__init__(**layer)
        self.flatten = flatten

    def call(self, images: Any) -> Any:
        """Features of uint8 images; DataError where they are of another type."""
        require_images(images)
        # Divided, not multiplied by 1/255: only division gives every runtime the same last bit.
        pixels = ops.cast(images, self.compute_dtype) / 255.0
        return ops.reshape(pixels, (-1, math.prod(fixed_sizes(images)))) if self.flatten else pixels

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(n, height, width, channels), or (n, features)."""
        batch, *image = input_shape
        return (batch, math.prod(side or 0 for side in image)) if self.flatten else (batch, *image)

    def get_config(self) -> dict[str, Any]:
        """The arguments, for saving."""
        return {**super().get_config(), "flatten": self.flatten}
