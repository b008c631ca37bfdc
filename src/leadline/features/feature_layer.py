"""Base of feature layers: uint8 images in, no weights, float32 out."""

from __future__ import annotations

from typing import Any

import keras

from leadline.errors import DataError

Shape = tuple[int | None, ...]


def fixed_sizes(tensor: Any) -> tuple[int, ...]:
    """Every size but the batch's, as integers: while torch traces a model, sizes are tensors."""
    return tuple(int(size) for size in tensor.shape[1:])


class FeatureLayer(keras.layers.Layer):  # type: ignore[misc]  # mypy does not follow keras
    """A weight-less layer over uint8 images (n, height, width, channels).

    The output is float32 whatever Keras's global precision is, because a feature computed in half
    precision is another feature; an explicit `dtype` is obeyed. A subclass says its output's shape
    in `compute_output_shape`.
    """

    def __init__(self, **layer: Any) -> None:
        super().__init__(**{"dtype": "float32", **layer}, autocast=False)

    def compute_output_spec(self, images: Any) -> Any:
        """Shape and type of the output, for symbolic calls."""
        require_images(images)
        return keras.KerasTensor(self.compute_output_shape(images.shape), self.compute_dtype)


def require_images(images: Any) -> None:
    """Raise DataError unless these are uint8 (n, height, width, channels), real or symbolic."""
    dtype = keras.backend.standardize_dtype(images.dtype)
    if dtype != "uint8" or len(images.shape) != 4:
        raise DataError(
            "expected uint8 images (n, height, width, channels), 0 to 255. Received: "
            f"{dtype} {tuple(images.shape)}. Give keras.Input(shape, dtype='uint8')."
        )
