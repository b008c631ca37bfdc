"""The curves of a model of two classes, from its predictions, as arrays to draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leadline.metrics.calibration import Bin, reliability_bins
from leadline.metrics.roc import Bools, Floats, precision_recall_points, roc_points


@dataclass(frozen=True, eq=False)
class Curves:
    """Curves of one part.

    roc: float64 (k + 1, 3): false positive rate, sensitivity, threshold (inf at the start).
    precision_recall: (k, 3): recall, precision, threshold. reliability: bins of p(positive).
    decision: (99, 4): threshold, net benefit of the model, of acting on all, of acting on none.
    """

    roc: Floats
    precision_recall: Floats
    reliability: tuple[Bin, ...]
    decision: Floats


def curves(scores: Floats, positive: Bools) -> Curves:
    """The curves of p(positive), float64 (n,), and truth, bool (n,); both classes are there."""
    return Curves(
        roc_points(scores, positive),
        precision_recall_points(scores, positive),
        reliability_bins(scores, positive),
        decision_points(scores, positive),
    )


def net_benefit(scores: Floats, positive: Bools, thresholds: Floats) -> Floats:
    """True positives per image, less the false ones at the price that each threshold sets: (k,).

    Who acts at a probability of t holds a missed positive to be (1 - t) / t times as bad as a false
    alarm, so TP / n - FP / n × t / (1 - t). scores: (n,), probabilities of the positive class;
    an image is acted on where its score is at least t. thresholds: (k,), 0 up to below 1.
    Vickers and Elkin, Medical Decision Making 26 (2006).
    """
    called = scores[np.newaxis] >= thresholds[:, np.newaxis]
    true = (called & positive).mean(axis=1)
    false = (called & ~positive).mean(axis=1)
    benefit: Floats = true - false * thresholds / (1 - thresholds)
    return benefit


def decision_points(scores: Floats, positive: Bools, thresholds: Floats | None = None) -> Floats:
    """Threshold, and the net benefit of the model, of acting on all, of acting on none: (k, 4).

    thresholds: 0.01 to 0.99 unless given.
    """
    at = np.arange(1, 100) / 100 if thresholds is None else thresholds
    everybody = net_benefit(np.ones(len(scores)), positive, at)
    return np.column_stack([at, net_benefit(scores, positive, at), everybody, np.zeros(len(at))])
