"""One difference, tested: is it there, how large may it be, is it too small to matter?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.significance.mcnemar import (
    POWER,
    exact_by_group,
    exact_mcnemar,
    minimum_detectable_difference,
    score_interval,
    score_z,
)
from leadline.metrics.bootstrap import Units, percentile_interval, resample
from leadline.metrics.estimates import Method
from leadline.statistics.multi_reader import Contrast


@dataclass(frozen=True)
class Terms:
    """Margin of equivalence and level of the test.

    alpha: 0.05, divided by how many pairs are compared.
    """

    margin: float
    alpha: float


@dataclass(frozen=True)
class Tested:
    """A difference, -1 to 1, and what the tests say of it; the fields are those of `Pair`."""

    difference: float
    low: float
    high: float
    p: float
    p_equivalent: float
    minimum_detectable_difference: float | None
    of_seeds: bool
    method: Method


@dataclass(frozen=True, eq=False)
class CorrectPredictions:
    """Correctness of each prediction.

    right: bool (m, n), one row per run. rng: for resamples of patients.

    What is drawn for one pair is drawn for all.
    """

    right: NDArray[np.bool_]
    units: Units
    rng: np.random.Generator

    def tested(self, first: int, second: int, terms: Terms) -> Tested:
        """One run of one experiment against one of another: the images alone are in it."""
        b = int((self.right[first] & ~self.right[second]).sum())
        c = int((self.right[second] & ~self.right[first]).sum())
        if self.units.kind == "image":
            return by_image(b, c, self.right.shape[1], terms)
        margins = np.zeros(self.units.count, np.int64)
        change = self.right[first].astype(np.int64) - self.right[second]
        np.add.at(margins, self.units.members, change)
        if not margins.any():
            return by_image(0, 0, self.units.count, terms, "patient")
        drawn = self._drawn[:, first] - self._drawn[:, second]
        low, high = _percentiles(drawn)
        return Tested(
            difference=(b - c) / self.right.shape[1],
            low=low,
            high=high,
            p=exact_by_group(margins),
            p_equivalent=_share_beyond(drawn, terms.margin),
            minimum_detectable_difference=minimum_detectable_difference(
                *self._as_independent(margins, b, c), terms.alpha
            ),
            of_seeds=False,
            method="permutation_bootstrap_by_patient",
        )

    @cached_property
    def _drawn(self) -> NDArray[np.float64]:
        """The share of each run that is right, in resamples of whole patients: (draws, m)."""
        columns = self.right.T.astype(np.float64)
        return resample(
            lambda weights: (weights @ columns) / weights.sum(axis=1, keepdims=True),
            self.units,
            self.rng,
        )

    def _as_independent(self, margins: NDArray[np.int64], b: int, c: int) -> tuple[int, float]:
        """As many independent images as tell as much (Kish's design effect), and their b + c."""
        n = self.right.shape[1]
        sizes = np.bincount(self.units.members)
        apart = margins - (b - c) / n * sizes
        alone = b + c - (b - c) ** 2 / n
        effect = float((apart**2).sum()) / alone if alone > 0 else n / self.units.count
        return max(1, round(n / max(1.0, effect))), (b + c) / n


CONTRAST: dict[tuple[str, bool, bool], Method] = {
    ("t_test", False, False): "t_test",
    ("t_test", True, False): "t_test_by_patient",
    ("t_test", False, True): "t_test_with_seeds",
    ("t_test", True, True): "t_test_by_patient_with_seeds",
    ("delong", False, False): "delong",
    ("delong", True, False): "delong_by_patient",
    ("delong", False, True): "delong_with_seeds",
    ("delong", True, True): "delong_by_patient_with_seeds",
}
"""By the variance over images, by patient or not, with that over seeds or not."""


def by_image(b: int, c: int, n: int, terms: Terms, unit: str = "image") -> Tested:
    """McNemar's exact test, Tango's bounds, and his two one-sided tests of the margin."""
    low, high = score_interval(b, c, n)
    falls_short = _upper(-score_z(b, c, n, terms.margin))
    exceeds = _upper(score_z(b, c, n, -terms.margin))
    return Tested(
        difference=(b - c) / n,
        low=low,
        high=high,
        p=exact_mcnemar(b, c),
        p_equivalent=max(falls_short, exceeds),
        minimum_detectable_difference=minimum_detectable_difference(n, (b + c) / n, terms.alpha),
        of_seeds=False,
        method="mcnemar_tango_by_patient" if unit == "patient" else "mcnemar_tango",
    )


def by_contrast(
    contrast: Contrast, terms: Terms, units: int, unit: str, images: Literal["t_test", "delong"]
) -> Tested:
    """A difference of means with its variance, by Student's t.

    units: how many images or patients are left to go by where the variance is zero: then they
    all say the same, and bound it as in `by_image`. images: how their variance was estimated.
    """
    if contrast.variance == 0:
        b, c = (round(max(0.0, side * contrast.difference) * units) for side in (1, -1))
        return by_image(b, c, units, terms, unit)
    from scipy.stats import t

    error, law = sqrt(contrast.variance), t(contrast.freedom)
    half = float(law.ppf(0.975)) * error
    shown = float(law.ppf(1 - terms.alpha / 2) + law.ppf(POWER)) * error
    beyond = (terms.margin - abs(contrast.difference)) / error
    return Tested(
        difference=contrast.difference,
        low=max(-1.0, contrast.difference - half),
        high=min(1.0, contrast.difference + half),
        p=min(1.0, 2 * float(law.sf(abs(contrast.difference) / error))),
        p_equivalent=float(law.sf(beyond)),
        minimum_detectable_difference=shown if shown <= 1 else None,
        of_seeds=contrast.of_seeds,
        method=CONTRAST[images, unit == "patient", contrast.of_seeds],
    )


def _upper(z: float) -> float:
    from scipy.stats import norm

    return float(norm.sf(z))


def _percentiles(drawn: NDArray[np.float64]) -> tuple[float, float]:
    bounds = percentile_interval(drawn)
    return (-1.0, 1.0) if bounds is None else bounds[0]


def _share_beyond(drawn: NDArray[np.float64], margin: float) -> float:
    """The larger share of resamples at or beyond one end of the margin; never zero."""
    beyond = max(int((drawn <= -margin).sum()), int((drawn >= margin).sum()))
    return (1 + beyond) / (1 + len(drawn))
