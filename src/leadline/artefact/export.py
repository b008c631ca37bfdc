"""A Keras model as an ONNX file, through torch's exporter, kept quiet."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras


def export(model: keras.Model, path: Path, image: NDArray[np.uint8]) -> None:
    """Write the model's graph, any batch size. image: uint8 (1, height, width, channels)."""
    import torch

    exporter = logging.getLogger("torch.onnx")
    level = exporter.level
    exporter.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), torch.no_grad(), _silent_output(), _plain_layer_norm():
            warnings.simplefilter("ignore")
            model(image)  # Keras exports only what has been called
            model.export(path, format="onnx", verbose=False)
    finally:
        exporter.setLevel(level)


def _silent_output() -> contextlib.redirect_stdout[io.StringIO]:
    """Where export fails, torch prints its whole graph to where only our own output may go."""
    return contextlib.redirect_stdout(io.StringIO())


@contextlib.contextmanager
def _plain_layer_norm() -> Iterator[None]:
    """While torch traces, sizes are tensors, which it cannot export as sizes: make them numbers."""
    from torch import nn

    functional: Any = nn.functional
    stock = functional.layer_norm

    def layer_norm(x: Any, normalized_shape: Sequence[int], *rest: Any, **options: Any) -> Any:
        return stock(x, [int(size) for size in normalized_shape], *rest, **options)

    functional.layer_norm = layer_norm
    try:
        yield
    finally:
        functional.layer_norm = stock
