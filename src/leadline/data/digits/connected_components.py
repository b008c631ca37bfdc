"""The parts of a mask that hang together, and which of them are the thing itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from leadline.data.digits.morphology import framed

Mask = NDArray[np.bool_]

LABELLED_PX = 72
SMALLEST_SHARE = 0.12
"""Of the largest part's area: smaller parts that lie apart are specks."""


def main_parts(mask: Mask) -> Mask:
    """The largest part that hangs together, and others that are large too or lie in its midst.

    Strokes that do not quite touch, as the bar of a 5, belong; dust and a paper's edge do not.
    """
    if not mask.any():
        return mask
    factor = -(-max(mask.shape) // LABELLED_PX)
    labels = label(_pooled(mask, factor))
    whole = labels.repeat(factor, axis=0).repeat(factor, axis=1)
    found = np.where(mask, whole[: mask.shape[0], : mask.shape[1]], 0)
    areas = np.bincount(found.ravel())
    areas[0] = 0
    main = int(np.argmax(areas))
    large = np.flatnonzero(areas >= SMALLEST_SHARE * areas[main])
    kept = np.zeros(len(areas), bool)
    kept[[one for one in large if one == main or not _at_the_rim(found == one)]] = True
    return kept[found]


def label(mask: Mask) -> NDArray[np.int64]:
    """A number from 1 for each part whose pixels touch, by side or by corner; 0 elsewhere."""
    labels = np.where(mask, np.arange(1, mask.size + 1, dtype=np.int64).reshape(mask.shape), 0)
    by_label = np.zeros(mask.size + 1, np.int64)
    while True:
        spread = _highest_around(labels) * mask
        if (spread == labels).all():
            by_label[1:] = np.cumsum(np.bincount(labels.ravel(), minlength=len(by_label))[1:] > 0)
            return by_label[labels]
        # A label names a pixel of the same part: its label may be higher by now, and is taken over,
        # so that the number of rounds grows with the logarithm of a part's length.
        by_label[1:] = spread.ravel()
        labels = by_label[spread]


def _highest_around(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each pixel and its eight neighbours."""
    padded = framed(labels, 1)
    rows = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])
    return np.maximum(np.maximum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])


def _pooled(mask: Mask, factor: int) -> Mask:
    """True where any pixel of a square of `factor` px is."""
    height, width = (-(-size // factor) for size in mask.shape)
    padded = np.zeros((height * factor, width * factor), bool)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    return np.asarray(padded.reshape(height, factor, width, factor).any(axis=(1, 3)))


def _at_the_rim(part: Mask) -> bool:
    return bool(part[0].any() or part[-1].any() or part[:, 0].any() or part[:, -1].any())
