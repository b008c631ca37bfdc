"""Which images a model was made for: what its page shows of the out-of-scope score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from leadline.analysis.ood.ood_score import ScopeRecord

SHOWN = 5


@dataclass(frozen=True, eq=False)
class ScopeExample:
    """One test image: uint8 (height, width, channels), its name and its score."""

    image: NDArray[np.uint8]
    name: str
    score: float


@dataclass(frozen=True, eq=False)
class ScopeContent:
    """How the score was fitted, its false alarms, and up to five test images at either end.

    usual: the lowest scores first. unusual: the highest first; no image is in both.
    """

    record: ScopeRecord
    usual: tuple[ScopeExample, ...]
    unusual: tuple[ScopeExample, ...]


def scope_content(
    record: ScopeRecord,
    pixels: NDArray[np.uint8],
    scores: NDArray[np.float32],
    names: tuple[str, ...],
) -> ScopeContent:
    """pixels: uint8 (n, height, width, channels), with scores (n,) that rise, and n names."""
    rows = zip(pixels, names, scores.tolist(), strict=True)
    examples = [ScopeExample(image, name, score) for image, name, score in rows]
    few = min(SHOWN, len(examples) // 2)
    return ScopeContent(
        record, tuple(examples[:few]), tuple(reversed(examples[len(examples) - few :]))
    )
