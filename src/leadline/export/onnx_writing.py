"""A Keras model to one ONNX file, and the check that both give the same answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.ood.ood_score import OODScore
from leadline.errors import ModelFileError, ScoreDiffers
from leadline.export.model_file import session_options
from leadline.export.model_metadata import Metadata
from leadline.export.onnx_export import accept_empty_batch, export
from leadline.export.onnx_inspection import inspect
from leadline.export.ood_graph import IMAGES, PROBABILITIES, SCOPE, add_ood_score, name_ends
from leadline.export.parity import check_probabilities, check_scores
from leadline.system.durable_files import replacing

if TYPE_CHECKING:
    import keras

SCORE_LEFT_OUT = "score-left-out"
"""Code of a file that lacks the out-of-distribution score, because its runtime computes another."""


@dataclass(frozen=True)
class Written:
    """A file that was written. difference: the largest of a probability.

    code: SCORE_LEFT_OUT where the file lacks the out-of-distribution score, because it differed.
    """

    difference: float
    code: str = ""


def write_with_score(
    model: keras.Model,
    path: Path,
    images: NDArray[np.uint8],
    expected: NDArray[np.float32],
    metadata: Metadata,
    *,
    ood_score: OODScore | None,
    unscored: Metadata,
) -> Written:
    """Write the file with its out-of-distribution score; without it where only the score disagrees.

    unscored: metadata of a file without the score. Raises ModelFileError like `write_model_file`.
    """
    try:
        return Written(
            write_model_file(model, path, images, expected, metadata, ood_score=ood_score)
        )
    except ScoreDiffers:
        return Written(write_model_file(model, path, images, expected, unscored), SCORE_LEFT_OUT)


def write_model_file(
    model: keras.Model,
    path: Path,
    images: NDArray[np.uint8],
    expected: NDArray[np.float32],
    metadata: Metadata,
    *,
    ood_score: OODScore | None = None,
    most_bytes: int | None = None,
) -> float:
    """Export to ONNX (raw uint8 images in, any batch size, probabilities out) and check it.

    images: uint8 (n, height, width, channels). expected: float32 (n, classes), what the Keras
    model answers. ood_score: becomes the second output. most_bytes: how large the file may be.
    Returns the largest difference of a probability. Raises ModelFileError, and writes nothing, when
    it is above 1e-4, any image changes class, or the file is too large; ScoreDiffers when the
    scores differ by more than 1%.
    """
    with replacing(path, ".onnx") as temporary:
        export(model, temporary, images[:1])
        _complete(temporary, metadata, ood_score)
        _check_size(temporary, path, most_bytes)
        answers = _answers(temporary, images)
        difference = check_probabilities(path, "ONNX", answers[PROBABILITIES], expected)
        if ood_score is not None:
            check_scores(path, answers[SCOPE], ood_score.score(images))
    return difference


def _complete(path: Path, metadata: Metadata, ood_score: OODScore | None) -> None:
    import onnx

    proto = onnx.load(path)
    accept_empty_batch(proto.graph)
    name_ends(proto.graph)
    if ood_score is not None:
        add_ood_score(proto.graph, ood_score)
    onnx.helper.set_model_props(proto, metadata.as_properties())
    onnx.checker.check_model(proto)
    onnx.save(proto, path)
    inspect(path.read_bytes())  # as every reader of the file will do


def _check_size(temporary: Path, path: Path, most_bytes: int | None) -> None:
    size = temporary.stat().st_size
    if most_bytes is not None and size > most_bytes:
        raise ModelFileError(
            f"{path.name}: has {size:,} bytes, and at most {most_bytes:,} were asked for; "
            "make the model smaller, or allow more."
        )


def _answers(path: Path, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    import onnxruntime

    session = onnxruntime.InferenceSession(
        path, session_options(), providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {IMAGES: images}), strict=True))
