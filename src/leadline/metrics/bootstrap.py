"""Drawing the same images again and again, by whole patients, to see how a figure sways.

Images of one patient are alike, so drawing them one by one would make a figure look surer than it
is: where patients are known, they are what is drawn (Field and Welsh, 2007). A resample is a row of
weights, how often each image is in it, so that figures are computed for many at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leadline.metrics.roc import Floats
from leadline.statistics.intervals import Interval

DRAWS = 2_000
PERCENTILES = (2.5, 97.5)
BLOCK_VALUES = 2_000_000
"""Weights held at once: 16 MB."""

Statistic = Callable[[Floats], Floats]
"""Weights (d, n) to figures (d, k), NaN where a resample has none."""


@dataclass(frozen=True, eq=False)
class Units:
    """Units of resampling. members: int64 (n,), the unit of each image, 0 to count - 1."""

    members: NDArray[np.int64]
    count: int
    kind: Literal["patient", "image"]

    def holding(self, some: NDArray[np.bool_]) -> int:
        """Number of units with one of these images; some: (n,)."""
        return len(np.unique(self.members[some]))


def units_of(n: int, groups: Sequence[str] | None) -> Units:
    """Patients where n images have groups, else the images themselves."""
    if groups is None:
        return Units(np.arange(n), n, "image")
    names, members = np.unique(np.asarray(groups), return_inverse=True)
    return Units(members.astype(np.int64), len(names), "patient")


def resample(
    statistic: Statistic, units: Units, rng: np.random.Generator, draws: int = DRAWS
) -> Floats:
    """The statistic of `draws` resamples of as many units, drawn with replacement: (draws, k)."""
    block = max(1, min(draws, BLOCK_VALUES // max(units.count, len(units.members))))
    found = []
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        drawn = rng.integers(0, units.count, (rows, units.count))
        drawn += units.count * np.arange(rows)[:, np.newaxis]
        times = np.bincount(drawn.ravel(), minlength=rows * units.count)
        weights = times.reshape(rows, units.count).astype(np.float64)
        found.append(statistic(weights if units.kind == "image" else weights[:, units.members]))
    return np.concatenate(found)


def chance_level(
    residuals: Floats, units: Units, rng: np.random.Generator, draws: int = DRAWS
) -> float:
    """Upper limit of the ECE of perfect probabilities by chance, in 97.5% of draws.

    residuals: (n, bins), probability less truth in the bin of each image, 0 elsewhere. Each unit's
    are kept or turned round at random: then they are no one-sided error any more, and as uneven
    as before, a patient's still together (the wild bootstrap; Wu, Annals of Statistics 1986).
    """
    together = np.zeros((units.count, residuals.shape[1]))
    np.add.at(together, units.members, residuals)
    found = np.empty(draws)
    block = max(1, BLOCK_VALUES // units.count)
    for start in range(0, draws, block):
        some = slice(start, min(start + block, draws))
        signs = 2.0 * rng.integers(0, 2, (some.stop - start, units.count)) - 1
        found[some] = np.abs(signs @ together).sum(axis=1) / len(residuals)
    return float(np.percentile(found, PERCENTILES[1]))


def percentile_interval(figures: Floats) -> tuple[Interval, int] | None:
    """95% bounds of a figure by its resamples (draws,), and how many of them have it.

    Those that have none (NaN, as a sensitivity without positives) are left out; None where no more
    than one is left.
    """
    kept = figures[~np.isnan(figures)]
    if len(kept) < 2:
        return None
    low, high = np.percentile(kept, PERCENTILES)
    return (float(low), float(high)), len(kept)
