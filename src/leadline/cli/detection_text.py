"""What a two-class model is worth on the test images, in a few lines for the screen."""

from __future__ import annotations

from collections.abc import Iterator

from leadline.evaluation.estimates import AtPoint, Detection
from leadline.report.estimate_words import number, number_with_interval, share_with_interval

NAMES = {
    "youden": "Youden's threshold",
    "sensitivity": "the sensitive threshold",
    "half": "the likelier class",
}


def detection_lines(found: Detection) -> Iterator[str]:
    """The AUROC, then sensitivity and specificity at each threshold, with their 95% intervals."""
    auroc = number_with_interval(found.auroc)
    yield f"  {found.positive}: AUROC {auroc}; in brackets 95% intervals"
    for at in found.points:
        yield f"  at {_where(at)}: {_rates(at)}"


def _where(at: AtPoint) -> str:
    return f"{NAMES[at.point.name]}, {number(at.point.threshold)}"


def _rates(at: AtPoint) -> str:
    return (
        f"sensitivity {share_with_interval(at.sensitivity)}, "
        f"specificity {share_with_interval(at.specificity)}"
    )
