"""A run's out-of-distribution score as a file, with its most and least usual test images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.ood.ood_score import OODScore, ood_score_from
from leadline.runs.folder_files import read_npz, reading

FILE = "ood.npz"
EXAMPLES = "example_"


@dataclass(frozen=True, eq=False)
class OODExamples:
    """Some images with their scores, the lowest score first.

    pixels: uint8 (n, height, width, channels). scores: float32 (n,), in scope where at most 1.
    names: n file names.
    """

    pixels: NDArray[np.uint8]
    scores: NDArray[np.float32]
    names: tuple[str, ...]


def write_ood_score(place: Path, ood_score: OODScore, examples: OODExamples) -> None:
    """Write the arrays that `read_ood_score` reads back."""
    shown = {
        "pixels": examples.pixels,
        "scores": examples.scores,
        "names": np.array(examples.names, dtype=np.str_),
    }
    arrays = {**ood_score.arrays(), **{EXAMPLES + name: array for name, array in shown.items()}}
    np.savez_compressed(place / FILE, **arrays)  # type: ignore[arg-type]  # names are data


def read_ood_score(folder: Path) -> tuple[OODScore, OODExamples]:
    """Read what `write_ood_score` wrote. Raises RunError if the file is missing or damaged."""
    with reading(folder / FILE) as path:
        arrays = read_npz(path)
        ood_score = ood_score_from(arrays)
        pixels, scores, names = (arrays[EXAMPLES + key] for key in ("pixels", "scores", "names"))
        if pixels.dtype != np.uint8 or pixels.shape != (len(scores), *ood_score.image_shape):
            raise ValueError(f"example images {pixels.dtype} {pixels.shape}")
        if scores.ndim != 1 or names.shape != scores.shape:
            raise ValueError(f"{names.shape} names and {scores.shape} scores")
        return ood_score, OODExamples(pixels, scores, tuple(str(name) for name in names))
