"""What a page shows of a model of two classes: its measures, its thresholds, its curves.

Numbers and choices only; the sentences are in `binary_metrics.html.j2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from leadline.analysis.run_results import BinaryResults
from leadline.metrics.binary_curves import Curves
from leadline.metrics.estimates import BinaryMetrics, DecisionRule, Estimate, ThresholdMetrics
from leadline.metrics.registry import Metric, metric_named, stored_metrics
from leadline.report.formatting import in_turn, percent
from leadline.report.plots.forest_plot import ForestRow, forest_plot, span_of
from leadline.report.plots.reliability import reliability_plot
from leadline.report.plots.roc_plots import (
    Curve,
    MarkedPoint,
    decision_plot,
    precision_recall_plot,
    roc_plot,
)
from leadline.report.sections.threshold_view import (
    PointView,
    point_name,
    point_rows,
    short_name,
    tick,
    transfer_row,
)
from leadline.report.translations.language import gettext as _
from leadline.report.words.estimate_words import number, number_with_interval, share_with_interval
from leadline.report.words.metric_words import title

MARKERS = {"youden": "o", "sensitivity": "D", "half": "s"}


@dataclass(frozen=True, eq=False)
class BinaryView:
    """A run of two classes, with all that its page shows. uid: prefix of its ids."""

    content: BinaryResults
    uid: str

    @property
    def test(self) -> BinaryMetrics:
        return self.content.test

    @property
    def decided(self) -> DecisionRule:
        return self.content.decided

    @property
    def prevalence(self) -> float:
        return self.test.n_positive / self.test.n

    @cached_property
    def points(self) -> tuple[PointView, ...]:
        before = self.content.validation
        others = before.points if before is not None else [None] * len(self.test.points)
        return tuple(
            PointView(
                now.point, point_name(now.point, self.content.floor),
                short_name(now.point, self.content.floor), now, then, self._forest(now),
            )
            for now, then in zip(self.test.points, others, strict=True)
        )  # fmt: skip

    @property
    def sensitive(self) -> PointView:
        """The threshold that a summary tells of: the sensitive one where there is one."""
        return self.points[-1]

    @property
    def prevalences(self) -> tuple[float, ...]:
        return tuple(one.prevalence for one in self.test.points[0].at_prevalence)

    @cached_property
    def summary(self) -> tuple[tuple[Metric, Estimate, Estimate | None], ...]:
        """Metrics without a threshold, on test and on validation."""
        before = self.content.validation
        return tuple(
            (metric, now, None if before is None else before.metrics.get(metric.key))
            for metric, now in stored_metrics(self.test)
        )

    @cached_property
    def roc_svg(self) -> str:
        places = [
            self._place(one, 1 - one.test.specificity.value, one.test.sensitivity.value)
            for one in self.points
            if one.test.specificity.value is not None and one.test.sensitivity.value is not None
        ]
        return roc_plot(
            self._both("roc"),
            places,
            uid=f"{self.uid}-roc",
            description=_("The area under the curve is {area}.").format(
                area=number_with_interval(self.test.auroc)
            ),
        )

    @cached_property
    def precision_recall_svg(self) -> str:
        places = [
            self._place(one, one.test.sensitivity.value, one.test.ppv.value)
            for one in self.points
            if one.test.sensitivity.value is not None and one.test.ppv.value is not None
        ]
        return precision_recall_plot(
            self._both("precision_recall"),
            places,
            self.prevalence,
            uid=f"{self.uid}-precision",
            description=_("Average precision on test is {value}.").format(
                value=number_with_interval(self.test.auprc)
            ),
        )

    @cached_property
    def reliability_svg(self) -> str:
        return reliability_plot(
            self._curves.reliability,
            uid=f"{self.uid}-reliability",
            positive=self.test.positive,
            description=_("The calibration error is {value}.").format(
                value=number_with_interval(self.test.ece)
            ),
        )

    @cached_property
    def decision_svg(self) -> str:
        thresholds, model, everybody, _nobody = self._curves.decision.T
        better = np.flatnonzero(model > np.maximum(everybody, 0))
        said = (
            _(
                "The model is better than treating all or none between thresholds of {low} and "
                "{high}."
            ).format(low=percent(thresholds[better[0]], 0), high=percent(thresholds[better[-1]], 0))
            if len(better)
            else _("The model is better than treating all or none nowhere.")
        )
        return decision_plot(
            thresholds, model, everybody, uid=f"{self.uid}-decision",
            description=said,
        )  # fmt: skip

    @cached_property
    def transfer_svg(self) -> str:
        """Sensitivity and specificity at each threshold, on validation and on test."""
        rows = [
            transfer_row(
                _("{threshold}: {measure}").format(
                    threshold=one.name, measure=title(metric_named(key))
                ),
                getattr(one.validation, key),
                getattr(one.test, key),
            )
            for one in self.points
            for key in ("sensitivity", "specificity")
            if one.validation is not None
        ]
        return forest_plot(
            rows,
            uid=f"{self.uid}-transfer",
            title=_("Frozen thresholds, from validation to test"),
            description=_in_words(rows),
            say=tick,
            legend={"validation": _("validation"), "test": _("test")},
        )

    @property
    def _curves(self) -> Curves:
        if self.content.curves is None:
            raise ValueError("no curves: the test images lack a class")
        return self.content.curves

    def _both(self, name: str) -> list[Curve]:
        """The test curve, and behind it that of validation."""
        test = getattr(self._curves, name)
        found = [Curve(_("test"), test[:, 0], test[:, 1])]
        if self.content.validation_curves is not None:
            then = getattr(self.content.validation_curves, name)
            found.append(Curve(_("validation"), then[:, 0], then[:, 1], "validation", 1))
        return found

    def _place(self, one: PointView, x: float, y: float) -> MarkedPoint:
        tip = _(
            "{name}, threshold {threshold}: sensitivity {sensitivity}, specificity {specificity}"
        ).format(
            name=one.name,
            threshold=number(one.point.threshold),
            sensitivity=share_with_interval(one.test.sensitivity),
            specificity=share_with_interval(one.test.specificity),
        )
        return MarkedPoint(one.name, x, y, tip, MARKERS[one.point.name])

    def _forest(self, at: ThresholdMetrics) -> str:
        """All thresholds on one scale, so that they can be compared."""
        rows = point_rows(at)
        return forest_plot(
            rows,
            span=span_of([row for one in self.test.points for row in point_rows(one)]),
            uid=f"{self.uid}-{at.point.name}",
            title=_("On test images, at a threshold of {threshold}").format(
                threshold=number(at.point.threshold)
            ),
            description=_in_words(rows),
            say=tick,
        )


def _in_words(rows: list[ForestRow]) -> str:
    return in_turn(f"{row.name} {row.said}" for row in rows) + "."
