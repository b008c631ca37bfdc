"""Terminal summary of a two-class model's test results."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from leadline.metrics.estimates import BinaryMetrics, MetricValues, ThresholdMetrics
from leadline.metrics.positive_class import ChosenBy
from leadline.metrics.registry import stored_metrics
from leadline.report.words.estimate_words import number
from leadline.report.words.metric_words import title, with_interval

NAMES = {
    "youden": "Youden's threshold",
    "sensitivity": "the sensitive threshold",
    "half": "threshold 0.5",
}


def binary_lines(found: BinaryMetrics, chosen_by: str = ChosenBy.GIVEN) -> Iterator[str]:
    """Metrics without a threshold, then those at each threshold, with their 95% intervals.

    chosen_by: how the positive class was chosen; where the user did not, that is said.
    """
    yield f"  {found.positive}: {_figures(found)}; 95% intervals in brackets"
    for at in found.points:
        yield f"  at {_where(at)}: {_figures(at)}"

    if chosen_by != ChosenBy.GIVEN:
        yield f"  {positive_text(found.positive, found.negative, chosen_by)}"


def positive_text(positive: str, negative: str, chosen_by: str) -> str:
    """Return the positive class, how it was chosen, and the setting that chooses the other."""
    by_name = chosen_by == ChosenBy.NAME
    why = "inferred from the class names" if by_name else "by default, the second class"
    setting = shlex.quote(f"decision.positive={negative}")
    return f"positive class: {positive} ({why}); to use {negative} instead: --set {setting}"


def _where(at: ThresholdMetrics) -> str:
    return f"{NAMES[at.point.name]}, {number(at.point.threshold)}"


def _figures(found: MetricValues) -> str:
    return ", ".join(
        f"{title(metric)} {with_interval(metric, estimate)}"
        for metric, estimate in stored_metrics(found, "terminal")
    )
