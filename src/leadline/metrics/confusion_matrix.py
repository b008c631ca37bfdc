"""Which classes are taken for which others, and in which images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError
from leadline.metrics.array_checks import check_labels, check_probabilities
from leadline.statistics.intervals import Interval, f1_interval, wilson_interval

Cells = tuple[tuple[int, int, int], ...]
"""(true class, predicted class, images) of each cell of a confusion matrix that holds an image."""


def confusion_cells(matrix: NDArray[np.int64]) -> Cells:
    """Cells of a confusion matrix (k, k) that hold an image, row by row.

    With 1,000 classes a matrix has a million cells, of which at most as many as there are images
    are not 0.
    """
    rows, columns = np.nonzero(matrix)
    counts = matrix[rows, columns]
    return tuple(zip(rows.tolist(), columns.tolist(), counts.tolist(), strict=True))


def confusion_from_cells(cells: Sequence[Sequence[int]], k: int) -> NDArray[np.int64]:
    """The confusion matrix (k, k) that `confusion_cells` listed.

    Raises ValueError for cells outside the matrix, cells that occur twice, and counts below 1.
    """
    matrix = np.zeros((k, k), np.int64)
    for cell in cells:
        if len(cell) != 3 or not all(type(value) is int for value in cell):
            raise ValueError(f"confusion holds {cell!r}; a cell is [true, predicted, images]")
        true, predicted, images = cell
        if not (0 <= true < k and 0 <= predicted < k) or not 1 <= images < 2**63:
            raise ValueError(f"confusion holds {cell!r}, impossible with {k} classes")
        if matrix[true, predicted]:
            raise ValueError(f"confusion holds the cell {true}, {predicted} twice")
        matrix[true, predicted] = images
    return matrix


@dataclass(frozen=True)
class ClassScores:
    """Metrics of one class; scores 0 to 1, each with its 95% Wilson interval.

    A score whose denominator is zero is None, is named in `undefined`, and has the interval (0, 1).
    """

    name: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    """Images of this class."""
    precision_interval: Interval = (0.0, 1.0)
    recall_interval: Interval = (0.0, 1.0)
    f1_interval: Interval = (0.0, 1.0)
    undefined: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConfusedPair:
    """Two classes by name, and how many images of each were taken for the other."""

    a: str
    b: str
    a_as_b: int
    b_as_a: int


def confusion_matrix(
    labels: NDArray[Any], predictions: NDArray[Any], classes: int
) -> NDArray[np.int64]:
    """Counts, int64 (classes, classes): rows are true classes, columns predicted ones.

    labels, predictions: int (n,), 0 to classes - 1. Raises DataError where they are not.
    """
    true = check_labels(labels, classes)
    predicted = _predictions(predictions, len(true), classes)
    flat = np.bincount(true * classes + predicted, minlength=classes * classes)
    return flat.reshape(classes, classes).astype(np.int64)


def class_scores(confusion: NDArray[np.int64], classes: Sequence[str]) -> tuple[ClassScores, ...]:
    """Precision, recall and F1 of each class, in the order of `classes`."""
    _check_confusion(confusion, classes)
    right = np.diag(confusion)
    support, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    counts = zip(classes, right, predicted, support, strict=True)
    return tuple(_scores(name, int(tp), int(given), int(n)) for name, tp, given, n in counts)


def confused_pairs(
    confusion: NDArray[np.int64], classes: Sequence[str], most: int = 10
) -> tuple[ConfusedPair, ...]:
    """The pairs confused at least once, most first: ordered by a_as_b + b_as_a.

    confusion: int (k, k), rows true. `a` stands before `b` in `classes`; ties keep that order.
    """
    _check_confusion(confusion, classes)
    both = np.triu(confusion + confusion.T, k=1)
    order = np.argsort(-both, axis=None, kind="stable")[:most]
    places = (divmod(int(place), len(classes)) for place in order)
    return tuple(
        ConfusedPair(classes[a], classes[b], int(confusion[a, b]), int(confusion[b, a]))
        for a, b in places
        if both[a, b] > 0
    )


def confused_indices(
    labels: NDArray[Any],
    predictions: NDArray[Any],
    a: int,
    b: int,
    probabilities: NDArray[Any],
    most: int | None = None,
) -> NDArray[np.int64]:
    """Which images of class `a` were taken for `b`, or of `b` for `a`: int64 (at most `most`,).

    Most confidently wrong first: by the probability of the wrong class that was predicted; ties
    keep the images' order. labels, predictions: int (n,). probabilities: float (n, classes).
    """
    classes = probabilities.shape[-1]
    true = check_labels(labels, classes)
    predicted = _predictions(predictions, len(true), classes)
    rows = check_probabilities(probabilities, len(true), classes)
    swapped = ((true == a) & (predicted == b)) | ((true == b) & (predicted == a))
    found = np.flatnonzero(swapped & (true != predicted))
    order = np.argsort(-rows[found, predicted[found]], kind="stable")
    return found[order][:most].astype(np.int64)


def _scores(name: str, right: int, predicted: int, support: int) -> ClassScores:
    denominators = {"precision": predicted, "recall": support, "f1": predicted + support}
    return ClassScores(
        name=name,
        precision=right / predicted if predicted else None,
        recall=right / support if support else None,
        f1=2 * right / (predicted + support) if predicted + support else None,
        support=support,
        precision_interval=wilson_interval(right, predicted),
        recall_interval=wilson_interval(right, support),
        f1_interval=f1_interval(right, predicted - right, support - right),
        undefined=tuple(score for score, below in denominators.items() if below == 0),
    )


def _predictions(predictions: NDArray[Any], images: int, classes: int) -> NDArray[np.int64]:
    if predictions.shape != (images,):
        raise DataError(
            f"expected one prediction for each of {images} images. Received: {predictions.shape}."
        )
    return check_labels(predictions, classes, "predictions")


def _check_confusion(confusion: NDArray[np.int64], classes: Sequence[str]) -> None:
    if confusion.shape != (len(classes), len(classes)):
        raise DataError(
            f"expected a confusion matrix of {len(classes)} by {len(classes)} classes. "
            f"Received: {confusion.shape}."
        )
