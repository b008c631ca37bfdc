"""A Keras model to one ONNX file, and the check that both give the same answers."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import ArtefactError

if TYPE_CHECKING:
    import keras

LARGEST_DIFFERENCE = 1e-4


def write_artefact(
    model: keras.Model,
    path: Path,
    images: NDArray[np.uint8],
    expected: NDArray[np.float32],
    about: dict[str, Any],
) -> float:
    """Export to ONNX (raw uint8 images in, any batch size, probabilities out) and check it.

    images: uint8 (n, height, width, channels). expected: float32 (n, classes), what the Keras
    model answers. about: JSON values kept in the file's metadata, under "leadline".
    Returns the largest difference of a probability. Raises ArtefactError, and writes nothing, when
    it is above 1e-4 or any image changes class.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.onnx")
    try:
        _export(model, temporary, images)
        _describe(temporary, about)
        difference = _largest_difference(temporary, images, expected)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return difference


def _export(model: keras.Model, path: Path, images: NDArray[np.uint8]) -> None:
    import torch

    exporter = logging.getLogger("torch.onnx")
    level = exporter.level
    exporter.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), torch.no_grad(), _silent_output(), _plain_layer_norm():
            warnings.simplefilter("ignore")
            model(images[:1])  # Keras exports only what has been called
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


def _describe(path: Path, about: dict[str, Any]) -> None:
    import onnx

    proto = onnx.load(path)
    onnx.helper.set_model_props(proto, {"leadline": json.dumps(about, ensure_ascii=False)})
    onnx.save(proto, path)


def _largest_difference(
    path: Path, images: NDArray[np.uint8], expected: NDArray[np.float32]
) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    answers = session.run(None, {name: images})[0]
    difference = float(np.abs(answers - expected).max(initial=0.0))
    changed = np.flatnonzero(answers.argmax(axis=1) != expected.argmax(axis=1))
    if difference > LARGEST_DIFFERENCE or len(changed):
        raise ArtefactError(
            f"{path.name}: the ONNX file and the Keras model differ by {difference:.2g} "
            f"(at most {LARGEST_DIFFERENCE:g} is allowed) and in the class of {len(changed)} of "
            f"{len(images)} images; nothing was written."
        )
    return difference
