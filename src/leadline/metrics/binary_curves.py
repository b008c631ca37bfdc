"""The curves of a model of two classes, from its predictions, as arrays to draw."""

from __future__ import annotations

from dataclasses import dataclass

from leadline.metrics.calibration import Bin, reliability_bins
from leadline.metrics.net_benefit import decision_points
from leadline.metrics.roc import Bools, Floats, precision_recall_points, roc_points


@dataclass(frozen=True, eq=False)
class Curves:
    """What is drawn of one part.

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
