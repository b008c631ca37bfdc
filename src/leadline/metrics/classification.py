"""Loss, accuracy and what lies behind them: arrays in, one frozen `Evaluation` out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from leadline.data.short_repr import ShortRepr
from leadline.errors import DataError
from leadline.metrics.array_checks import check_classes, check_labels, check_probabilities
from leadline.metrics.confusion_matrix import (
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
    """How one model did on n labelled images.

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

    def as_dict(self) -> dict[str, Any]:
        """The same in JSON's types. The confusion matrix is a list of its cells above 0."""
        values = {key: _plain(value) for key, value in asdict(self).items()}
        return {**values, "confusion": _plain(confusion_cells(self.confusion))}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """What `as_dict` gave, read back; DataError names a key that is missing or ill-typed."""
        try:
            loss_interval = values["loss_interval"]
            classes = tuple(values["classes"])
            confusion = confusion_from_cells(values["confusion"], len(classes))
            return cls(
                n=int(values["n"]),
                classes=classes,
                loss=float(values["loss"]),
                loss_interval=None if loss_interval is None else _pair(loss_interval),
                accuracy=float(values["accuracy"]),
                accuracy_interval=_pair(values["accuracy_interval"]),
                confusion=confusion,
                per_class=tuple(_read_scores(row) for row in values["per_class"]),
                confused_pairs=tuple(ConfusedPair(**row) for row in values["confused_pairs"]),
            )
        except KeyError as error:
            raise DataError(f"the evaluation has no key {error}.") from None
        except (TypeError, ValueError) as error:
            raise DataError(f"the evaluation does not read: {error}.") from None


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


def _read_scores(row: Mapping[str, Any]) -> ClassScores:
    plain = dict(row)
    for key in ("precision_interval", "recall_interval", "f1_interval"):
        plain[key] = _pair(plain[key])
    plain["undefined"] = tuple(plain["undefined"])
    return ClassScores(**plain)


def _pair(value: Sequence[float]) -> Interval:
    low, high = value
    return float(low), float(high)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
