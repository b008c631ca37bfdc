"""The metrics that experiments of two classes are compared by, beside the one that ranks them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from leadline.metrics.estimates import BinaryMetrics, Estimate, MetricValues, ThresholdMetrics
from leadline.metrics.registry import Metric, stored_metrics


@dataclass(frozen=True)
class ComparedMetric:
    """A metric that experiments are compared by, at its threshold if it depends on one."""

    metric: Metric

    @property
    def key(self) -> str:
        return self.metric.key

    def of(self, run: BinaryMetrics) -> Estimate:
        """Its estimate in a run; without a value in a run that was evaluated without it."""
        values: MetricValues = run
        if self.key not in run.metrics:
            values = _point(run, self.metric.study_point)
        missing = Estimate(None, *self.metric.range, "unknown")
        return values.metrics.get(self.key, missing)


def compared_metrics(runs: Iterable[BinaryMetrics]) -> tuple[ComparedMetric, ...]:
    """The metrics that some run holds and that are shown in a study, in the runs' order."""
    compared: dict[str, ComparedMetric] = {}
    for run in runs:
        for metric, _estimate in stored_metrics(run, "study"):
            compared.setdefault(metric.key, ComparedMetric(metric))
        for at in run.points:
            for metric, _estimate in stored_metrics(at, "study"):
                at_threshold = replace(metric, at_threshold=True)
                compared.setdefault(metric.key, ComparedMetric(at_threshold))
    return tuple(compared.values())


def _point(run: BinaryMetrics, name: str) -> ThresholdMetrics:
    """The threshold of that name, or the only one there is."""
    named = (point for point in run.points if point.point.name == name)
    return next(named, run.points[-1])
