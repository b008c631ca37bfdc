"""Heat maps: regions of an image that support a class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError


@dataclass(frozen=True, eq=False)
class HeatMaps:
    """One map an image, at the image's size.

    maps: float32 (n, height, width), 0 to 1; the largest value of each is 1, so maps tell places
    apart, not images. empty: bool (n,), where nothing speaks for the class; such a map is 0.
    classes: int64 (n,), what each map explains. probabilities: float32 (n,), of that class.
    method and layer: "Grad-CAM" and the layer it reads, or "occlusion" and "".
    """

    maps: NDArray[np.float32]
    empty: NDArray[np.bool_]
    classes: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    method: str
    layer: str = ""


def scaled(evidence: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Evidence (n, height, width) of any sign as maps 0 to 1, and which of them are empty.

    Only what speaks for the class stays: below 0 becomes 0, then each map is divided by its
    largest value.
    """
    kept = np.maximum(evidence, 0).astype(np.float64)
    peaks = kept.max(axis=(1, 2), initial=0.0)
    empty = ~(peaks > 0)
    kept /= np.where(empty, 1, peaks)[:, None, None]
    return kept.astype(np.float32), empty


def asked_classes(
    classes: int | NDArray[np.int64] | None, probabilities: NDArray[np.float32]
) -> NDArray[np.int64]:
    """int64 (n,): what is to be explained of each image; None means the most probable class.

    Raises DataError for a class that the model does not know.
    """
    n, known = probabilities.shape
    if classes is None:
        likeliest: NDArray[np.int64] = probabilities.argmax(axis=1).astype(np.int64)
        return likeliest
    asked: NDArray[np.int64] = np.broadcast_to(np.asarray(classes, np.int64), (n,))
    unknown = asked[(asked < 0) | (asked >= known)]
    if len(unknown):
        raise DataError(f"class {unknown[0]} of a model with classes 0 to {known - 1}; name one.")
    return asked


def log_odds(probabilities: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.float32]:
    """float32 (n,): log(p / (1 - p)) of one class an image, with 1 - p summed over the others.

    Summed, because 1 - p is 0 in single precision where p is 1 - 1e-8, and the others are not.
    """
    rows = np.arange(len(probabilities))
    others = probabilities.astype(np.float64)
    asked = others[rows, classes]
    others[rows, classes] = 0
    tiny = np.finfo(np.float32).tiny
    odds: NDArray[np.float32] = np.log(
        np.maximum(asked, tiny) / np.maximum(others.sum(axis=1), tiny)
    ).astype(np.float32)
    return odds
