"""Loss, accuracy and what lies behind them: arrays in, one frozen `Evaluation` out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.short_repr import ShortRepr
from leadline.metrics.array_checks import check_classes, check_labels, check_probabilities
from leadline.metrics.confusion_matrix import (
    Cells,
    ClassScores,
    ConfusedPair,
    class_scores,
    confused_indices,
    confused_pairs,
    confusion_cells,
    confusion_from_cells,
    confusion_matrix,
)
from leadline.statistics.intervals import Interval, mean_interval, wilson_interval

__all__ = [
    "ClassScores",
    "ConfusedPair",
    "Evaluation",
    "EvaluationRecord",
    "confused_indices",
    "confused_pairs",
    "confusion_matrix",
    "cross_entropy",
    "evaluate",
]

PROBABILITY_CLIP = 1e-7
"""Keras's epsilon: a probability of 0 costs -log(1e-7) = 16.1, not infinity."""


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation(ShortRepr):
    """Metrics of one model on n labelled images.

    loss: mean categorical cross-entropy in nats, 0 to 16.12. Its 95% interval takes the mean of
    independent images' losses as normal, cut at 0; None for a single image.
    accuracy: share of images whose most probable class is the true one; 95% Wilson interval.
    confusion: int64 (k, k), rows true, columns predicted.
    No interval resamples anything, and none holds the spread between seeds.
    """

    n: int
    classes: tuple[str, ...]
    loss: float
    loss_interval: Interval | None
    accuracy: float
    accuracy_interval: Interval
    confusion: NDArray[np.int64]
    per_class: tuple[ClassScores, ...]
    confused_pairs: tuple[ConfusedPair, ...]

    def record(self) -> EvaluationRecord:
        """The same with the confusion matrix as a list of its cells above 0, for files."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return EvaluationRecord(**{**values, "confusion": confusion_cells(self.confusion)})


@dataclass(frozen=True)
class EvaluationRecord:
    """An `Evaluation` as files have it.

    confusion: true class, predicted class (positions in `classes`) and images, for each cell of the
    confusion matrix that holds an image.
    """

    n: int
    classes: tuple[str, ...]
    loss: float
    loss_interval: Interval | None
    accuracy: float
    accuracy_interval: Interval
    confusion: Cells
    per_class: tuple[ClassScores, ...]
    confused_pairs: tuple[ConfusedPair, ...]

    def evaluation(self) -> Evaluation:
        """The evaluation; ValueError for cells that do not fit the classes."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        matrix = confusion_from_cells(self.confusion, len(self.classes))
        return Evaluation(**{**values, "confusion": matrix})


def evaluate(
    probabilities: NDArray[Any], labels: NDArray[Any], classes: Sequence[str]
) -> Evaluation:
    """Judge probabilities against labels.

    probabilities: float (n, k), rows sum to 1 within 1e-3. labels: int (n,), 0 to k - 1.
    classes: k names. The predicted class is the most probable one, the first among equals.
    Raises DataError for arrays that do not fit.
    """
    check_classes(classes)
    true = check_labels(labels, len(classes))
    rows = check_probabilities(probabilities, len(true), len(classes))
    losses = cross_entropy(rows, true)
    confusion = confusion_matrix(true, rows.argmax(axis=1), len(classes))
    right, n = int(np.trace(confusion)), len(true)
    return Evaluation(
        n=n,
        classes=tuple(classes),
        loss=float(losses.mean()),
        loss_interval=_loss_interval(losses),
        accuracy=right / n,
        accuracy_interval=wilson_interval(right, n),
        confusion=confusion,
        per_class=class_scores(confusion, classes),
        confused_pairs=confused_pairs(confusion, classes),
    )


def cross_entropy(probabilities: NDArray[Any], labels: NDArray[Any]) -> NDArray[np.float64]:
    """Categorical cross-entropy of each image, -log p(true class), in nats: float64 (n,).

    As `keras.losses.CategoricalCrossentropy` has it: rows are scaled to sum to 1, then clipped
    to 1e-7 ... 1 - 1e-7.
    """
    true = check_labels(labels, probabilities.shape[-1])
    rows = check_probabilities(probabilities, len(true), probabilities.shape[-1])
    chosen = rows[np.arange(len(true)), true] / rows.sum(axis=1)
    losses: NDArray[np.float64] = -np.log(np.clip(chosen, PROBABILITY_CLIP, 1 - PROBABILITY_CLIP))
    return losses


def _loss_interval(losses: NDArray[np.float64]) -> Interval | None:
    """The normal bounds of the mean, but no loss is below zero."""
    bounds = mean_interval(losses)
    return None if bounds is None else (max(bounds[0], 0.0), bounds[1])
