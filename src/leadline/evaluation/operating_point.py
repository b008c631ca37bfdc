"""Thresholds, found on validation images: Youden's, and the highest that is sensitive enough.

Every threshold between two neighbouring scores calls the same images positive, so the images cannot
say which is right. The midpoint is taken: it stays the same decision when a score moves in its last
digits, as it does from Keras to ONNX Runtime, and it does not hang on one image's exact score.
"""

from __future__ import annotations

from math import ceil

import numpy as np

from leadline.errors import DataError
from leadline.evaluation.estimates import OperatingPoint
from leadline.evaluation.ranking import Bools, Floats, Ranked, ranked

HALF = OperatingPoint("half", 0.5, "the likelier of the two classes; fitted on nothing")


def youden(scores: Floats, positive: Bools) -> OperatingPoint:
    """Where sensitivity + specificity - 1 is largest (Youden, Cancer 1950).

    scores: (n,), 0 to 1. Of several such gaps between scores the widest is taken, for there a
    threshold is least likely to be crossed by chance; of equally wide ones the lowest, for it
    misses fewest. Raises DataError unless both classes are there.
    """
    found = _both_classes(scores, positive)
    n_positive, n_negative = found.positives[-1], found.negatives[-1]
    # In whole numbers, so that ties are ties.
    gain = found.positives * n_negative - found.negatives * n_positive
    best = np.flatnonzero(gain == gain.max())
    widths = found.scores[best] - _next_below(found)[best]
    chosen = int(best[np.flatnonzero(widths == widths.max())[-1]])
    reached = gain[chosen] / (n_positive * n_negative)
    return OperatingPoint(
        "youden",
        _between(found, chosen),
        f"sensitivity + specificity - 1 is largest on validation: {reached:.3f}",
    )


def sensitive(scores: Floats, positive: Bools, floor: float) -> OperatingPoint:
    """The highest threshold whose sensitivity is at least `floor` (above 0, at most 1).

    It is the most specific one that finds as many. Raises DataError unless both classes are there.
    """
    found = _both_classes(scores, positive)
    n_positive = int(found.positives[-1])
    # 0.95 × 20 is 19.000000000000004 to a computer, and 19 to everybody else.
    needed = max(1, ceil(floor * n_positive - 1e-9))
    chosen = int(np.searchsorted(found.positives, needed))
    reached = found.positives[chosen] / n_positive
    return OperatingPoint(
        "sensitivity",
        _between(found, chosen),
        f"highest with a sensitivity of at least {floor:g} on validation: {reached:.3f}",
    )


def _both_classes(scores: Floats, positive: Bools) -> Ranked:
    if positive.all() or not positive.any():
        raise DataError(
            "a threshold needs positive and negative images. Received: "
            f"{np.count_nonzero(positive)} positive of {len(positive)}."
        )
    return ranked(scores, positive)


def _next_below(found: Ranked) -> Floats:
    """The next lower score of each; 0 below the lowest."""
    return np.append(found.scores[1:], 0.0)


def _between(found: Ranked, position: int) -> float:
    """A threshold that calls the score at this position positive, and the next lower one not."""
    score, below = float(found.scores[position]), float(_next_below(found)[position])
    middle = (score + below) / 2
    # Between neighbouring floats there is none.
    return middle if middle > below else score
