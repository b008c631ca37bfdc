"""Models of two classes side by side: each measure on one scale, and their ROC curves laid over.

Means over seeds, with the mean of the seeds' intervals: the chance in another seed is shown by the
seeds' own dots, not hidden in the bar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from leadline.analysis.compared_metrics import ComparedMetric
from leadline.analysis.experiment_results import mean_estimate
from leadline.metrics.estimates import BinaryMetrics, Estimate
from leadline.report.formatting import capital, general, in_turn, percent
from leadline.report.plots.forest_plot import ForestRow, Mark, forest_plot
from leadline.report.plots.roc_plots import DASHES, Curve, roc_plot
from leadline.report.sections.binary_view import BinaryView
from leadline.report.sections.threshold_view import plotted, tick
from leadline.report.translations.language import gettext as _
from leadline.report.words.estimate_words import number, number_with_interval
from leadline.report.words.metric_words import title, with_interval

MOST_CURVES = 8
"""More curves on one plot cannot be told apart."""


@dataclass(frozen=True, eq=False)
class SeedRuns:
    """One experiment of a study, with all its seeds."""

    name: str
    family: str
    runs: tuple[BinaryView, ...]

    @property
    def fitted(self) -> bool:
        """Whether its thresholds were fitted on validation."""
        return not self.runs[0].decided.no_thresholds

    def mean(self, measure: Callable[[BinaryMetrics], Estimate]) -> Estimate:
        """The mean over seeds; no value where a seed has none."""
        return mean_estimate([measure(run.test) for run in self.runs])


@dataclass(frozen=True)
class Measure(ComparedMetric):
    """A metric that experiments are compared by, in words."""

    @property
    def title(self) -> str:
        name = capital(title(self.metric))
        if not self.metric.at_threshold:
            return name
        if self.metric.study_point == "youden":
            return _("{metric}, Youden’s threshold").format(metric=name)
        return _("{metric}, sensitive threshold").format(metric=name)

    @property
    def caption(self) -> str:
        return _("right is better") if self.metric.greater_is_better else _("left is better")

    def say(self, estimate: Estimate) -> str:
        return with_interval(self.metric, estimate)


@dataclass(frozen=True, eq=False)
class BinaryStudy:
    """The experiments of a study, all of the same two classes."""

    rows: tuple[SeedRuns, ...]
    measures: tuple[Measure, ...]

    @property
    def has_seeds(self) -> bool:
        return any(len(row.runs) > 1 for row in self.rows)

    @property
    def unfitted(self) -> tuple[str, ...]:
        """Experiments whose threshold is 0.5, for none was fitted."""
        return tuple(row.name for row in self.rows if not row.fitted)

    @cached_property
    def forests(self) -> tuple[tuple[Measure, str], ...]:
        """Each measure with its plot."""
        return tuple((measure, self._forest(measure)) for measure in self.measures)

    @cached_property
    def roc_svg(self) -> str:
        """The ROC curves of each experiment's first seed; "" where none has any."""
        drawn = [row for row in self.rows if row.runs[0].content.curves is not None]
        if not drawn:
            return ""
        return roc_plot(
            [self._curve(row, drawn) for row in drawn[:MOST_CURVES]],
            [],
            uid="study-roc",
            description=in_turn(
                _named(row.name, number_with_interval(row.runs[0].test.auroc)) for row in drawn
            )
            + ".",
        )

    def _curve(self, row: SeedRuns, drawn: Sequence[SeedRuns]) -> Curve:
        """Experiments of one family differ in their dashes."""
        family = [one for one in drawn if one.family == row.family]
        content = row.runs[0].content
        roc = content.curves.roc if content.curves is not None else content.roc_rows
        name = _named(row.name, number(row.runs[0].test.auroc.value))
        return Curve(name, roc[:, 0], roc[:, 1], row.family, family.index(row) % len(DASHES))

    def _forest(self, measure: Measure) -> str:
        rows = [_forest_row(row, measure) for row in self.rows]
        return forest_plot(
            rows,
            uid=f"study-{measure.key}",
            title=_("{measure} on test").format(measure=measure.title),
            description=in_turn(_named(row.name, row.said) for row in rows) + ".",
            say=tick if measure.metric.format == "percent" else _plain,
        )


def _plain(value: float) -> str:
    return general(value, 4)


def _named(name: str, said: str) -> str:
    return _("{name}: {value}").format(name=name, value=said)


def _forest_row(row: SeedRuns, measure: Measure) -> ForestRow:
    mean = row.mean(measure.of)
    said = plotted(mean, measure.say)
    if mean.value is None:
        return ForestRow(row.name, said, ())
    marks = [Mark(mean.value, (mean.low, mean.high), row.family, _named(row.name, said))]
    if len(row.runs) > 1:
        seeds = [measure.of(run.test).value for run in row.runs]
        write = (lambda value: percent(value, 1)) if measure.metric.format == "percent" else number
        marks += [
            Mark(value, None, "seed", _seed(row.name, place, write(value)))
            for place, value in enumerate(seeds, start=1)
            if value is not None
        ]
    return ForestRow(row.name, said, tuple(marks))


def _seed(name: str, place: int, said: str) -> str:
    return _("{name}, {place}. seed: {value}").format(name=name, place=place, value=said)
