"""Figures with intervals from one set of resamples: ratios of sums over images, and what is not.

Sensitivity, PPV, F1, Brier's score and their like are each one sum over images divided by another,
so a matrix product gives them for all resamples at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from leadline.metrics.bootstrap import DRAWS, Units, percentile_interval, resample
from leadline.metrics.estimates import Estimate, Method, Unknown
from leadline.metrics.roc import Floats
from leadline.metrics.sample import Ratio
from leadline.statistics.delong import auc_interval
from leadline.statistics.intervals import wilson_interval

Column = Callable[[Floats], Floats]
"""Weights (d, n) to one figure (d,)."""
Combined = Callable[[Floats, Floats], Floats]
"""Two ratios (d,) to one figure (d,)."""
Span = tuple[float, float]
"""The smallest and the largest value that a metric can have."""
UNIT: Span = (0.0, 1.0)
BOOTSTRAP: dict[str, Method] = {"image": "image_bootstrap", "patient": "patient_bootstrap"}
REVERSED: dict[Method, Method] = {
    "image_bootstrap": "image_bootstrap_reversed",
    "patient_bootstrap": "patient_bootstrap_reversed",
}


class Figures:
    """The resamples of all figures of one part.

    ratios and others are named; what `through` makes of two ratios comes from the same resamples.
    rng decides them; nothing is drawn later.
    """

    def __init__(
        self,
        ratios: Mapping[str, Ratio],
        others: Mapping[str, Column],
        units: Units,
        rng: np.random.Generator,
        draws: int = DRAWS,
    ) -> None:
        self._ratios, self.units = dict(ratios), units
        sides = [side for one in ratios.values() for side in (one.top, one.bottom)]
        sums = np.stack([side.astype(np.float64) for side in sides], axis=1)

        def statistic(weights: Floats) -> Floats:
            added = weights @ sums
            top, bottom = added[:, 0::2], added[:, 1::2]
            found = np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
            return np.column_stack([found, *(column(weights) for column in others.values())])

        drawn = resample(statistic, units, rng, draws)
        self._drawn = dict(zip([*ratios, *others], drawn.T, strict=True))

    def ratio(self, name: str, *, wilson: bool = True, span: Span = UNIT) -> Estimate:
        """A ratio with its interval.

        wilson: it counts images, so that Wilson's interval holds if they are independent; else
        the bootstrap's. span: the smallest and the largest value of the ratio.
        """
        one = self._ratios[name]
        value = one.value
        if value is None:
            return unknown(None, one.undefined, span)
        if self.units.kind == "image" and wilson:
            low, high = wilson_interval(round(float(one.top.sum())), round(float(one.bottom.sum())))
            return Estimate(value, low, high, "wilson")
        holding = self.units.holding(one.bottom.astype(np.float64) > 0)
        return self.bootstrapped(value, self._drawn[name], holding, span)

    def other(self, name: str, value: float, holding: int, span: Span = UNIT) -> Estimate:
        """A statistic that is no ratio; holding: the number of units that it depends on."""
        return self.bootstrapped(value, self._drawn[name], holding, span)

    def reversed(self, name: str, value: float, by_chance: float) -> Estimate:
        """A figure that chance only raises, as the ECE.

        It is above the truth by about as much as its resamples are above it, so these are mirrored
        at it. The interval holds the figure; it begins at 0 where the figure is not above what
        perfect probabilities reach by chance.
        """
        estimate = self.bootstrapped(value, 2 * value - self._drawn[name], self.units.count)
        low, high = max(0.0, min(estimate.low, value)), max(estimate.high, value)
        low = 0.0 if value <= by_chance else low
        method = REVERSED.get(estimate.method, estimate.method)
        return replace(estimate, value=value, low=low, high=high, method=method)

    def through(
        self, function: Combined, first: str, second: str, undefined: Unknown | None = None
    ) -> Estimate:
        """A figure that rises with two ratios, as the PPV does with sensitivity and specificity.

        undefined: the reason to give where both ratios are known and the figure is not.
        """
        one, two = self.ratio(first), self.ratio(second)
        if one.value is None or two.value is None:
            return unknown(None, one.unknown or two.unknown)
        found, low, high = function(
            np.array([one.value, one.low, one.high]), np.array([two.value, two.low, two.high])
        )
        if np.isnan(found):
            return unknown(None, undefined)
        if found in (0.0, 1.0):
            # Resamples would all be the same; both bounds at once are wide enough.
            return replace(one, value=float(found), low=float(np.nan_to_num(low)), high=float(high))
        holding = min(
            self.units.holding(self._ratios[name].bottom.astype(np.float64) > 0)
            for name in (first, second)
        )
        drawn = function(self._drawn[first], self._drawn[second])
        return self.bootstrapped(float(found), drawn, holding)

    def bootstrapped(
        self, value: float, drawn: Floats, holding: int, span: Span = UNIT
    ) -> Estimate:
        """Percentiles; at an end of `span` all resamples have that value, and `certain` bounds it.

        holding: the number of units that the statistic depends on.
        """
        if value in span:
            return certain(value, holding, self.units.kind, span)
        bounds = percentile_interval(drawn)
        if holding < 2 or bounds is None:
            return unknown(value, None, span)
        (low, high), kept = bounds
        return Estimate(value, low, high, BOOTSTRAP[self.units.kind], None, kept, len(drawn))


def certain(value: float, holding: int, kind: str, span: Span = UNIT) -> Estimate:
    """An estimate at an end of its range, which no resample would change.

    Its bounds are Wilson's for so many units that are all wrong, or all right, stretched from 0 to
    1 over the range `span`.
    """
    start, end = span
    low, high = wilson_interval(round((value - start) / (end - start)) * holding, holding)
    width = end - start
    method: Method = "wilson" if kind == "image" else "wilson_by_patient"
    return Estimate(value, start + width * low, start + width * high, method)


def area(auc: float, variance: float, holding: int, kind: str) -> Estimate:
    """An AUC with DeLong's interval; holding: how many units the rarest class has.

    One of 0 or 1 has no variance to see, and `certain` bounds it. Nor has a class of one unit.
    """
    if auc in (0.0, 1.0):
        return certain(auc, holding, kind)
    if holding < 2:
        return unknown(auc)
    method: Method = "delong_by_patient" if kind == "patient" else "delong"
    return Estimate(auc, *auc_interval(auc, variance), method)


def unknown(value: float | None, reason: Unknown | None = None, span: Span = UNIT) -> Estimate:
    """An estimate bounded only by its range. reason: why there is no value."""
    return Estimate(value, *span, "unknown", reason)
