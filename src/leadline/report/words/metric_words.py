"""Text of registered metrics: titles, meanings, and values in the metric's own format."""

from __future__ import annotations

from leadline.metrics.estimates import Estimate, Task
from leadline.metrics.registry import Metric
from leadline.report.translations.language import gettext as _
from leadline.report.words.estimate_words import (
    number,
    number_interval,
    number_with_interval,
    reason,
    share,
    share_interval,
    share_with_interval,
)


def title(metric: Metric) -> str:
    """The title in the language of the page; a user's own as it is."""
    return _(metric.title)


def meaning(metric: Metric, task: Task) -> str:
    text = metric.meaning_for(task)
    return _(text) if text else ""


def value(metric: Metric, estimate: Estimate) -> str:
    """ "0.984" or "96.2%", or why there is no value."""
    if estimate.value is None:
        return reason(estimate)
    return share(estimate) if metric.format == "percent" else number(estimate.value)


def interval(metric: Metric, estimate: Estimate) -> str:
    """ "0.972–0.991" or "93.8–97.7%"; a dash where there is no value."""
    if estimate.value is None:
        return "–"
    return share_interval(estimate) if metric.format == "percent" else number_interval(estimate)


def with_interval(metric: Metric, estimate: Estimate) -> str:
    """ "0.984 (0.972–0.991)" or "96.2% (93.8–97.7%)"."""
    if metric.format == "percent":
        return share_with_interval(estimate)
    return number_with_interval(estimate)
