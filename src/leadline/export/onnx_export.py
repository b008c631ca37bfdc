"""A Keras model as an ONNX file, through torch's exporter, kept quiet."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras
    import onnx


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


def accept_empty_batch(graph: onnx.GraphProto) -> None:
    """Make the graph accept 0 images, by turning the Reshape of a Flatten layer into a Flatten.

    torch exports a Flatten layer as a Reshape to (batch, -1), and -1 is undefined where the batch
    is 0. ONNX's Flatten has no such case.
    """
    import onnx

    makers = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        shape = makers.get(node.input[1]) if node.op_type == "Reshape" else None
        if shape is None or shape.op_type != "Concat" or len(shape.input) != 2:
            continue
        if _value(graph, makers, shape.input[1]) == [-1]:
            node.op_type = "Flatten"
            del node.input[1]
            del node.attribute[:]
            node.attribute.append(onnx.helper.make_attribute("axis", 1))


def _value(graph: onnx.GraphProto, makers: Mapping[str, onnx.NodeProto], name: str) -> Any:
    """The constant of that name as lists of numbers; None for what is computed."""
    from onnx import numpy_helper

    maker = makers.get(name)
    if maker is not None:
        held = [one.t for one in maker.attribute if one.name == "value"]
    else:
        held = [one for one in graph.initializer if one.name == name]
    return numpy_helper.to_array(held[0]).tolist() if held else None


def _silent_output() -> contextlib.redirect_stdout[io.StringIO]:
    """When export fails, torch prints its whole graph to standard output, which is ours alone."""
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
