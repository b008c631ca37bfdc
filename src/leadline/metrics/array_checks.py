"""Checks of the arrays that every metric takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError

ROW_SUM_TOLERANCE = 1e-3


def check_classes(classes: Sequence[str]) -> None:
    """At least two class names, all different; DataError otherwise."""
    if len(classes) < 2:
        raise DataError(f"expected two classes or more. Received: {list(classes)}.")
    twice = sorted({name for name in classes if list(classes).count(name) > 1})
    if twice:
        raise DataError(f"class names should differ. Received more than once: {', '.join(twice)}.")


def check_labels(labels: NDArray[Any], classes: int, what: str = "labels") -> NDArray[np.int64]:
    """`labels` as int64 (n,), n >= 1, each 0 to classes - 1; DataError otherwise."""
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise DataError(f"expected integer {what} (n,). Received: {labels.dtype} {labels.shape}.")
    if len(labels) == 0:
        raise DataError(f"there are no {what}: nothing to evaluate.")
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        raise DataError(
            f"expected {what} from 0 to {classes - 1}. "
            f"Received: {labels[wrong[0]]} for image {wrong[0]}."
        )
    return labels.astype(np.int64)


def check_probabilities(
    probabilities: NDArray[Any], images: int, classes: int
) -> NDArray[np.float64]:
    """`probabilities` as float64 (images, classes), 0 to 1, rows that sum to 1 within 1e-3.

    Raises DataError with the first image whose row is not so.
    """
    if probabilities.shape != (images, classes):
        raise DataError(
            f"expected probabilities ({images}, {classes}): images, classes. "
            f"Received: {probabilities.shape}."
        )
    rows = probabilities.astype(np.float64)
    _refuse(~np.isfinite(rows).all(axis=1), rows, "are not finite")
    tolerance = ROW_SUM_TOLERANCE
    outside = (rows < -tolerance) | (rows > 1 + tolerance)
    _refuse(outside.any(axis=1), rows, "are not between 0 and 1")
    _refuse(np.abs(rows.sum(axis=1) - 1) > tolerance, rows, "do not sum to 1")
    return rows


def _refuse(bad: Any, rows: NDArray[np.float64], complaint: str) -> None:
    if bad.any():
        image = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"the probabilities of image {image} {complaint}. Received: {rows[image].tolist()}. "
            "Are these outputs before the softmax?"
        )
