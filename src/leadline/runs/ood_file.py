"""A run's out-of-scope score as a file, with the test images that it finds most and least usual."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.ood.ood_score import Scope, scope_from
from leadline.runs.folder_files import read_npz, reading

FILE = "scope.npz"
EXAMPLES = "example_"


@dataclass(frozen=True, eq=False)
class ScopeExamples:
    """Some images with their scores, the lowest score first.

    pixels: uint8 (n, height, width, channels). scores: float32 (n,), in scope where at most 1.
    names: n file names.
    """

    pixels: NDArray[np.uint8]
    scores: NDArray[np.float32]
    names: tuple[str, ...]


def write_scope(place: Path, scope: Scope, examples: ScopeExamples) -> None:
    """Write the arrays that `read_scope` reads back."""
    shown = {
        "pixels": examples.pixels,
        "scores": examples.scores,
        "names": np.array(examples.names, dtype=np.str_),
    }
    arrays = {**scope.arrays(), **{EXAMPLES + name: array for name, array in shown.items()}}
    np.savez_compressed(place / FILE, **arrays)  # type: ignore[arg-type]  # names are data


def read_scope(folder: Path) -> tuple[Scope, ScopeExamples]:
    """Read what `write_scope` wrote. Raises RunError if the file is missing or damaged."""
    with reading(folder / FILE) as path:
        arrays = read_npz(path)
        scope = scope_from(arrays)
        pixels, scores, names = (arrays[EXAMPLES + key] for key in ("pixels", "scores", "names"))
        if pixels.dtype != np.uint8 or pixels.shape != (len(scores), *scope.image_shape):
            raise ValueError(f"example images {pixels.dtype} {pixels.shape}")
        if scores.ndim != 1 or names.shape != scores.shape:
            raise ValueError(f"{names.shape} names and {scores.shape} scores")
        return scope, ScopeExamples(pixels, scores, tuple(str(name) for name in names))
