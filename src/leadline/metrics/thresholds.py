"""Thresholds, found on validation images: Youden's, and the highest that is sensitive enough.

Every threshold between two neighbouring scores calls the same images positive, so the images cannot
say which is right. The midpoint is taken: it stays the same decision when a score moves in its last
digits, as it does from Keras to ONNX Runtime, and it does not hang on one image's exact score.
"""

from __future__ import annotations

from math import ceil

import numpy as np

from leadline.errors import DataError
from leadline.metrics.estimates import OperatingPoint
from leadline.metrics.roc import Bools, Floats, ScoreCounts, ranked

SURE = 1e-6
"""Log odds are taken as if no score were nearer to 0 or 1."""
TIE = 1e-12
"""Tolerance for rounding of an index that is the same."""

HALF = OperatingPoint("half", 0.5)
"""The likelier of the two classes; not fitted."""


def youden(scores: Floats, positive: Bools) -> OperatingPoint:
    """The middle of where sensitivity + specificity - 1 is as good as its largest.

    That sum is Youden's index (Cancer 1950). It is flat near its largest value, and which threshold
    has that value hangs on single images. So all within one standard error of it are taken as
    equally good, and the gap between scores in their middle, in log odds, is chosen: it scatters
    less, and is worth more on other images (benchmarks/youden.py). scores: (n,), 0 to 1. Raises
    DataError unless both classes are there.
    """
    score_counts = _both_classes(scores, positive)
    n_positive, n_negative = score_counts.positives[-1], score_counts.negatives[-1]
    sensitivity, alarms = score_counts.positives / n_positive, score_counts.negatives / n_negative
    index = sensitivity - alarms
    best = int(index.argmax())
    variances = (sensitivity * (1 - sensitivity) / n_positive, alarms * (1 - alarms) / n_negative)
    error = float(np.sqrt(sum(variances)[best]))
    near = np.flatnonzero(index >= index[best] - error - TIE)
    chosen = _middle(score_counts, int(near[0]), int(near[-1]))
    return OperatingPoint(
        "youden",
        _between(score_counts, chosen),
        reached=float(index[chosen]),
        largest=float(index[best]),
        standard_error=error,
    )


def sensitive(scores: Floats, positive: Bools, floor: float) -> OperatingPoint:
    """The highest threshold whose sensitivity is at least `floor` (above 0, at most 1).

    It is the most specific one that finds as many. Raises DataError unless both classes are there.
    """
    score_counts = _both_classes(scores, positive)
    n_positive = int(score_counts.positives[-1])
    # 0.55 × 100 is 55.00000000000001 to a computer, and 55 to everybody else.
    needed = max(1, ceil(floor * n_positive - 1e-9))
    chosen = int(np.searchsorted(score_counts.positives, needed))
    reached = score_counts.positives[chosen] / n_positive
    return OperatingPoint(
        "sensitivity",
        _between(score_counts, chosen),
        reached=float(reached),
        floor=floor,
    )


def _both_classes(scores: Floats, positive: Bools) -> ScoreCounts:
    if positive.all() or not positive.any():
        raise DataError(
            "a threshold needs positive and negative images. Received: "
            f"{np.count_nonzero(positive)} positive of {len(positive)}."
        )
    return ranked(scores, positive)


def _middle(score_counts: ScoreCounts, first: int, last: int) -> int:
    """The position whose gap holds the middle, in log odds, of the gaps at two positions."""
    ends = np.array([_between(score_counts, first), _between(score_counts, last)])
    odds = np.log(ends.clip(SURE, 1 - SURE)) - np.log1p(-ends.clip(SURE, 1 - SURE))
    middle = 1 / (1 + np.exp(-odds.mean()))
    # Scores fall, so the last one that is not below the middle has it in its gap.
    position = int(np.count_nonzero(score_counts.scores >= middle)) - 1
    return min(max(position, first), last)


def _next_below(score_counts: ScoreCounts) -> Floats:
    """The next lower score of each; 0 below the lowest."""
    return np.append(score_counts.scores[1:], 0.0)


def _between(score_counts: ScoreCounts, position: int) -> float:
    """A threshold that calls the score at this position positive, and the next lower one not."""
    score, below = float(score_counts.scores[position]), float(_next_below(score_counts)[position])
    middle = (score + below) / 2
    # Between neighbouring floats there is none.
    return middle if middle > below else score
