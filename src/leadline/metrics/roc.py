"""Images in the order of their scores: ROC and precision-recall points, average precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ScoreCounts:
    """The k distinct scores, highest first, and how many images have at least each.

    scores: float64 (k,). positives, negatives: int64 (k,), rising to all of either class.
    """

    scores: Floats
    positives: NDArray[np.int64]
    negatives: NDArray[np.int64]


def ranked(scores: Floats, positive: Bools) -> ScoreCounts:
    """Scores (n,), n >= 1, with labels (n,), counted from the highest down."""
    order, ends = _order(scores)
    found: NDArray[np.int64] = np.cumsum(positive[order], dtype=np.int64)[ends]
    return ScoreCounts(scores[order][ends], found, ends + 1 - found)


def roc_points(scores: Floats, positive: Bools) -> Floats:
    """False positive rate, sensitivity, threshold: float64 (k + 1, 3), from (0, 0, inf) to (1, 1).

    An image counts as positive where its score is at least the threshold.
    """
    found = ranked(scores, positive)
    rates = [found.negatives / found.negatives[-1], found.positives / found.positives[-1]]
    points = np.column_stack([*rates, found.scores])
    return np.vstack([[0.0, 0.0, np.inf], points])


def precision_recall_points(scores: Floats, positive: Bools) -> Floats:
    """Recall, precision, threshold: float64 (k, 3), recall rising to 1."""
    found = ranked(scores, positive)
    called = found.positives + found.negatives
    recall = found.positives / found.positives[-1]
    return np.column_stack([recall, found.positives / called, found.scores])


def average_precision(scores: Floats, positive: Bools) -> float:
    """The precision at each recall, averaged over the positives, 0 to 1: the AUPRC.

    Summed over steps, not under straight lines, which would flatter (Davis and Goadrich, ICML
    2006); as scikit-learn has it. NaN without positives.
    """
    return float(average_precisions(scores, positive, np.ones((1, len(scores))))[0])


def average_precisions(scores: Floats, positive: Bools, weights: Floats) -> Floats:
    """The average precision of d resamples at once: float64 (d,).

    weights: (d, n), how often each image is in each resample. NaN in those without positives.
    """
    order, ends = _order(scores)
    in_order = weights[:, order]
    called = np.cumsum(in_order, axis=1)[:, ends]
    found = np.cumsum(in_order * positive[order], axis=1)[:, ends]
    gained = np.diff(found, axis=1, prepend=0.0)
    precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)
    total = found[:, -1]
    area = (gained * precision).sum(axis=1)
    means: Floats = np.divide(area, total, out=np.full(len(area), np.nan), where=total > 0)
    return means


def _order(scores: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Images from the highest score down, and where each run of equal scores ends."""
    order = np.argsort(-scores, kind="stable")
    changes = np.diff(scores[order]) != 0
    return order, np.append(np.flatnonzero(changes), len(scores) - 1)
