"""How nearly an exported file must answer as the Keras model does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadline.errors import ArtefactError

CHECKED_IMAGES = 1000
"""Test images that both are asked about, at most."""
LARGEST_DIFFERENCE = 1e-4
"""Of a probability; and of a score, as a share of it where it is above 1."""


def check_probabilities(
    path: Path, kind: str, answers: NDArray[np.float32], expected: NDArray[np.float32]
) -> float:
    """The largest difference of a probability. kind: of file, "ONNX".

    answers and expected: float32 (n, classes), of the file and of the Keras model. Raises
    ArtefactError where they differ by more than 1e-4, or in the class of an image.
    """
    if answers.shape != expected.shape:
        raise ArtefactError(
            f"{path.name}: the {kind} file gives {answers.shape}, and the Keras model "
            f"{expected.shape}; nothing was written."
        )
    difference = float(np.abs(answers - expected).max(initial=0.0))
    changed = np.flatnonzero(answers.argmax(axis=1) != expected.argmax(axis=1))
    if not difference <= LARGEST_DIFFERENCE or len(changed):
        raise ArtefactError(
            f"{path.name}: the {kind} file and the Keras model differ by {difference:.2g} "
            f"(at most {LARGEST_DIFFERENCE:g} is allowed) and in the class of {len(changed)} of "
            f"{len(expected)} images; nothing was written."
        )
    return difference
