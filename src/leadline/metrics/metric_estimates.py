"""Estimates of registered metrics, all from one set of resamples."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from leadline.errors import DataError
from leadline.metrics.bootstrap import Units, chance_level
from leadline.metrics.bootstrap_estimates import Column, Figures, area, unknown
from leadline.metrics.estimates import Estimate
from leadline.metrics.registry import Metric
from leadline.metrics.roc import Floats
from leadline.metrics.sample import Area, Combination, Computed, Ratio, Sample

Cases = Mapping[str, tuple[Metric, Sample]]
"""Metrics with the images that they are computed from, by any name."""


class MetricEstimates:
    """The estimates of some metrics.

    ratios, columns: further ratios and statistics to draw with the metrics' own; `figures` has
    them. rng decides the resamples.
    """

    def __init__(
        self,
        cases: Cases,
        units: Units,
        rng: np.random.Generator,
        ratios: Mapping[str, Ratio] | None = None,
        columns: Mapping[str, Column] | None = None,
    ) -> None:
        self._cases, self._rng = cases, rng
        self._computed = {
            name: _checked(metric, metric.compute(sample), 1)
            for name, (metric, sample) in cases.items()
            if not _lacks_a_class(metric, sample)
        }
        own = {name: one for name, one in self._computed.items() if isinstance(one, Ratio)}
        parts = {
            f"{name}, {part}": ratio
            for name, one in self._computed.items()
            if isinstance(one, Combination)
            for part, ratio in (("first", one.first), ("second", one.second))
        }
        resampled = {
            name: _column(*cases[name])
            for name, one in self._computed.items()
            if isinstance(one, np.ndarray)
        }
        self.figures = Figures(
            {**own, **parts, **(ratios or {})}, {**resampled, **(columns or {})}, units, rng
        )

    def estimate(self, name: str) -> Estimate:
        """The estimate of the case of that name."""
        metric, sample = self._cases[name]
        span = metric.range_for(sample.task)
        if name not in self._computed:
            return unknown(None, sample.one_class, span)
        computed = self._computed[name]
        if isinstance(computed, Area):
            units = self.figures.units
            held = min(units.holding(images) for images in computed.images)
            return area(computed.value, computed.variance, held, units.kind)
        if isinstance(computed, Ratio):
            return self.figures.ratio(name, wilson=metric.interval == "wilson", span=span)
        if isinstance(computed, Combination):
            return self.figures.through(
                computed.function, f"{name}, first", f"{name}, second", computed.undefined
            )
        return self._resampled(name, float(computed[0]))

    def _resampled(self, name: str, value: float) -> Estimate:
        metric, sample = self._cases[name]
        span = metric.range_for(sample.task)
        if np.isnan(value):
            return unknown(None, sample.one_class, span)
        if not span[0] <= value <= span[1]:
            raise DataError(
                f"metric {metric.key!r} is {value:g}, outside its range from {span[0]:g} to "
                f"{span[1]:g}; correct `range` or `compute`."
            )
        units = self.figures.units
        if metric.interval == "reversed_bootstrap" and metric.residuals is not None:
            by_chance = chance_level(metric.residuals(sample), units, self._rng)
            return self.figures.reversed(name, value, by_chance)
        holding = units.count
        if metric.depends_on is not None:
            holding = units.holding(metric.depends_on(sample))
        return self.figures.other(name, value, holding, span)


def _lacks_a_class(metric: Metric, sample: Sample) -> bool:
    return metric.needs_two_classes and sample.one_class is not None


def _column(metric: Metric, sample: Sample) -> Callable[[Floats], Floats]:
    def column(weights: Floats) -> Floats:
        computed = metric.compute(sample.resample(weights))
        checked: Floats = _checked(metric, computed, len(weights))  # type: ignore[assignment]
        return checked

    return column


def _checked(metric: Metric, computed: Computed, d: int) -> Computed:
    if isinstance(computed, Ratio | Combination | Area):
        return computed
    values = np.asarray(computed, np.float64)
    if values.shape != (d,):
        raise DataError(
            f"metric {metric.key!r}: `compute` returned an array {values.shape} for {d} resamples; "
            f"return one value for each, ({d},)."
        )
    return values
