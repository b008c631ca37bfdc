"""Pixels as features: scaled or standardised, as an image or as a flat vector."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from leadline.errors import SpecError
from leadline.features.feature_layer import FeatureLayer, Shape, fixed_sizes, require_images

NORMALISATIONS = ("scale", "image")
FLOOR = 4.0
"""Added to the deviation, in grey levels: an even image stays near zero, its noise small."""


@keras.saving.register_keras_serializable(package="leadline")
class Pixels(FeatureLayer):
    """uint8 (n, height, width, channels) to float32.

    normalisation: "scale" gives value / 255, 0 to 1. "image" standardises each image by itself:
    (value - mean) / (deviation + 4), where mean and standard deviation (over n, not n - 1) are
    those of all its pixels and channels; the result has mean 0 and a deviation below 1.
    flatten: give (n, height * width * channels), row by row, instead of images.
    Raises SpecError for another normalisation.
    """

    def __init__(self, flatten: bool = False, normalisation: str = "scale", **layer: Any) -> None:
        super().__init__(**layer)
        if normalisation not in NORMALISATIONS:
            raise SpecError(
                f"features.normalisation = {normalisation!r}; choose one of "
                f"{', '.join(NORMALISATIONS)}."
            )
        self.flatten, self.normalisation = flatten, normalisation

    def call(self, images: Any) -> Any:
        """Features of uint8 images; DataError where they are of another type."""
        require_images(images)
        values = ops.cast(images, self.compute_dtype)
        # Divided, not multiplied by 1/255: only division gives every runtime the same last bit.
        pixels = _standardised(values) if self.normalisation == "image" else values / 255.0
        return ops.reshape(pixels, (-1, math.prod(fixed_sizes(images)))) if self.flatten else pixels

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(n, height, width, channels), or (n, features)."""
        batch, *image = input_shape
        return (batch, math.prod(side or 0 for side in image)) if self.flatten else (batch, *image)

    def get_config(self) -> dict[str, Any]:
        """The arguments, for saving."""
        said = {"flatten": self.flatten, "normalisation": self.normalisation}
        return {**super().get_config(), **said}


def _standardised(values: Any) -> Any:
    """Each image less its mean, over its deviation and the floor: two passes, for precision."""
    every = (1, 2, 3)
    centred = values - ops.mean(values, axis=every, keepdims=True)
    deviation = ops.sqrt(ops.mean(centred * centred, axis=every, keepdims=True))
    return centred / (deviation + FLOOR)
