"""The calibration that travels inside a model: one number, no weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from leadline.features.feature_layer import Shape

SMALLEST = float(np.finfo(np.float32).tiny)
"""A probability of 0 counts as this, so that its logarithm is a number: 1.2e-38."""


@keras.saving.register_keras_serializable(package="leadline")
class Temperature(keras.layers.Layer):  # type: ignore[misc]  # mypy does not follow keras
    """Probabilities (n, classes) to p^(1 / temperature), scaled so that rows sum to 1; float32.

    That is softmax(logits / temperature), whatever made the probabilities. Above 1 they come
    nearer to one another, below 1 they part; no image changes class. Guo et al., ICML 2017.
    """

    def __init__(self, temperature: float, **layer: Any) -> None:
        super().__init__(**{"dtype": "float32", **layer}, autocast=False)
        self.temperature = float(temperature)

    def call(self, probabilities: Any) -> Any:
        """Calibrated probabilities."""
        probabilities = ops.cast(probabilities, self.compute_dtype)
        logarithms = ops.log(ops.maximum(probabilities, SMALLEST))
        return ops.softmax(logarithms / self.temperature, axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """As the input's."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments, for saving."""
        return {**super().get_config(), "temperature": self.temperature}
