"""Which images a model was made for: what its page shows of the out-of-distribution score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from leadline.analysis.ood.ood_score import OODRecord

SHOWN = 5


@dataclass(frozen=True, eq=False)
class OODExample:
    """One test image: uint8 (height, width, channels), its name and its score."""

    image: NDArray[np.uint8]
    name: str
    score: float


@dataclass(frozen=True, eq=False)
class OODContent:
    """How the score was fitted, its false alarms, and up to five test images at either end.

    usual: the lowest scores first. unusual: the highest first; no image is in both.
    """

    record: OODRecord
    usual: tuple[OODExample, ...]
    unusual: tuple[OODExample, ...]


def ood_content(
    record: OODRecord,
    pixels: NDArray[np.uint8],
    scores: NDArray[np.float32],
    names: tuple[str, ...],
) -> OODContent:
    """pixels: uint8 (n, height, width, channels), with scores (n,) that rise, and n names."""
    rows = zip(pixels, names, scores.tolist(), strict=True)
    examples = [OODExample(image, name, score) for image, name, score in rows]
    few = min(SHOWN, len(examples) // 2)
    return OODContent(
        record, tuple(examples[:few]), tuple(reversed(examples[len(examples) - few :]))
    )
