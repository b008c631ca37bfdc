"""Parity checks: an exported file answers like the Keras model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadline.errors import ModelFileError, ScoreDiffers

CHECKED_IMAGES = 1000
"""Test images that both are asked about, at most."""
LARGEST_DIFFERENCE = 1e-4
"""Of a probability."""
LARGEST_SCORE_DIFFERENCE = 1e-2
"""Of an out-of-distribution score, relative where it is above 1. The limit is 1, so such a
difference can change the flag only of images within 1% of it."""


def check_probabilities(
    path: Path, kind: str, answers: NDArray[np.float32], expected: NDArray[np.float32]
) -> float:
    """The largest difference of a probability. kind: of file, "ONNX".

    answers and expected: float32 (n, classes), of the file and of the Keras model. Raises
    ModelFileError where they differ by more than 1e-4, or in the class of an image.
    """
    if answers.shape != expected.shape:
        raise ModelFileError(
            f"{path.name}: the {kind} file gives {answers.shape}, and the Keras model "
            f"{expected.shape}; nothing was written."
        )
    difference = float(np.abs(answers - expected).max(initial=0.0))
    changed = np.flatnonzero(answers.argmax(axis=1) != expected.argmax(axis=1))
    if not difference <= LARGEST_DIFFERENCE or len(changed):
        raise ModelFileError(
            f"{path.name}: the {kind} file and the Keras model differ by {difference:.2g} "
            f"(at most {LARGEST_DIFFERENCE:g} is allowed) and in the class of {len(changed)} of "
            f"{len(expected)} images; nothing was written."
        )
    return difference


def check_scores(path: Path, answers: NDArray[np.float32], expected: NDArray[np.float32]) -> None:
    """Compare out-of-distribution scores, float32 (n,). Raises ScoreDiffers at 1% apart."""
    difference = float((np.abs(answers - expected) / np.maximum(expected, 1)).max(initial=0.0))
    if not difference <= LARGEST_SCORE_DIFFERENCE:
        raise ScoreDiffers(
            f"{path.name}: the out-of-distribution scores of the ONNX file and of NumPy differ by "
            f"{difference:.2g} (at most {LARGEST_SCORE_DIFFERENCE:g} is allowed); nothing was "
            "written."
        )
