"""A Keras model to one ONNX file, and the check that both give the same answers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadline.artefact.agreement import LARGEST_DIFFERENCE, check_probabilities
from leadline.artefact.export import export
from leadline.artefact.inspection import inspect
from leadline.artefact.metadata import Metadata
from leadline.artefact.scope_graph import IMAGES, PROBABILITIES, SCOPE, add_scope, name_ends
from leadline.errors import ArtefactError
from leadline.evaluation.scope import Scope

if TYPE_CHECKING:
    import keras


def write_artefact(
    model: keras.Model,
    path: Path,
    images: NDArray[np.uint8],
    expected: NDArray[np.float32],
    metadata: Metadata,
    *,
    scope: Scope | None = None,
    most_bytes: int | None = None,
) -> float:
    """Export to ONNX (raw uint8 images in, any batch size, probabilities out) and check it.

    images: uint8 (n, height, width, channels). expected: float32 (n, classes), what the Keras
    model answers. scope: becomes the second output. most_bytes: how large the file may be.
    Returns the largest difference of a probability. Raises ArtefactError, and writes nothing, when
    it is above 1e-4, any image changes class, a score differs by more, or the file is too large.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.onnx")
    try:
        export(model, temporary, images[:1])
        _complete(temporary, metadata, scope)
        _check_size(temporary, path, most_bytes)
        answers = _answers(temporary, images)
        difference = check_probabilities(path, "ONNX", answers[PROBABILITIES], expected)
        if scope is not None:
            _check_scores(path, answers[SCOPE], scope.score(images))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return difference


def _complete(path: Path, metadata: Metadata, scope: Scope | None) -> None:
    import onnx

    proto = onnx.load(path)
    name_ends(proto.graph)
    if scope is not None:
        add_scope(proto.graph, scope)
    onnx.helper.set_model_props(proto, metadata.as_properties())
    onnx.checker.check_model(proto)
    onnx.save(proto, path)
    inspect(path.read_bytes())  # as whoever opens it will do


def _check_size(temporary: Path, path: Path, most_bytes: int | None) -> None:
    size = temporary.stat().st_size
    if most_bytes is not None and size > most_bytes:
        raise ArtefactError(
            f"{path.name}: has {size:,} bytes, and at most {most_bytes:,} were asked for; "
            "make the model smaller, or allow more."
        )


def _answers(path: Path, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {IMAGES: images}), strict=True))


def _check_scores(path: Path, answers: NDArray[np.float32], expected: NDArray[np.float32]) -> None:
    difference = float((np.abs(answers - expected) / np.maximum(expected, 1)).max(initial=0.0))
    if not difference <= LARGEST_DIFFERENCE:
        raise ArtefactError(
            f"{path.name}: the out-of-scope scores of the ONNX file and of NumPy differ by "
            f"{difference:.2g} (at most {LARGEST_DIFFERENCE:g} is allowed); nothing was written."
        )
