"""One threshold on both parts: its name, its counts, and what it reaches, as rows of a plot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from leadline.metrics.estimates import Estimate, OperatingPoint, ThresholdMetrics
from leadline.metrics.registry import Metric, stored_metrics
from leadline.report.formatting import percent_short
from leadline.report.plots.forest_plot import ForestRow, Mark
from leadline.report.translations.language import gettext as _
from leadline.report.words.estimate_words import share, share_with_interval
from leadline.report.words.metric_words import title


@dataclass(frozen=True, eq=False)
class PointView:
    """One threshold on both parts. cells: found, missed, false alarms, passed.

    name: what it is called; short_name: the same beside the word sensitivity.
    """

    point: OperatingPoint
    name: str
    short_name: str
    test: ThresholdMetrics
    validation: ThresholdMetrics | None
    forest_svg: str

    @property
    def cells(self) -> tuple[int, int, int, int]:
        (passed, alarms), (missed, found) = self.test.confusion
        return found, missed, alarms, passed

    @property
    def measures(self) -> Iterator[tuple[Metric, Estimate, Estimate | None]]:
        """Metrics at this threshold, on test and on validation."""
        for metric, now in stored_metrics(self.test):
            then = None if self.validation is None else self.validation.metrics.get(metric.key)
            yield metric, now, then


def point_name(point: OperatingPoint, floor: float) -> str:
    """What a threshold is called: "Youden", "sensitivity ≥ 95%", "likelier class"."""
    return {
        "youden": _("Youden"),
        "sensitivity": _("sensitivity ≥ {share}").format(share=percent_short(floor)),
        "half": _("likelier class"),
    }[point.name]


def short_name(point: OperatingPoint, floor: float) -> str:
    """Where the word sensitivity stands before it: "≥ 95%"."""
    return f"≥ {percent_short(floor)}" if point.name == "sensitivity" else point_name(point, floor)


def point_rows(at: ThresholdMetrics) -> list[ForestRow]:
    """The metrics at a threshold that are percentages, on test, on one scale."""
    return [
        ForestRow(
            title(metric), plotted(one, share_with_interval), _marks(one, "test", title(metric))
        )
        for metric, one in stored_metrics(at)
        if metric.format == "percent"
    ]


def plotted(estimate: Estimate, write: Callable[[Estimate], str]) -> str:
    """An estimate beside a plot, where there is room for a short text only."""
    return write(estimate) if estimate.value is not None else _("unknown")


def transfer_row(name: str, then: Estimate, now: Estimate) -> ForestRow:
    marks = (
        *_marks(then, "validation", _("{measure}, validation").format(measure=name)),
        *_marks(now, "test", _("{measure}, test").format(measure=name)),
    )
    return ForestRow(name, f"{share(then)} → {share(now)}", marks)


def _marks(estimate: Estimate, kind: str, name: str) -> tuple[Mark, ...]:
    """None for a figure that the images cannot tell."""
    if estimate.value is None:
        return ()
    interval = (estimate.low, estimate.high)
    said = _("{measure}: {value}").format(measure=name, value=share_with_interval(estimate))
    return (Mark(estimate.value, interval, kind, said),)


def tick(value: float) -> str:
    """0.975 as "97.5%"."""
    return percent_short(value, 4)
