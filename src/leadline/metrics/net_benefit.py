"""What a model is worth to who acts on it: net benefit (Vickers and Elkin, 2006)."""

from __future__ import annotations

import numpy as np

from leadline.metrics.roc import Bools, Floats


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
