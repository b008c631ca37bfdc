"""The same experiment with several seeds, as a distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from statistics import fmean, stdev

from leadline.errors import DataError

CONFIDENCE = 0.95
SHARE = (0.0, 1.0)
AMOUNT = (0.0, inf)


@dataclass(frozen=True)
class SeedVariation:
    """A figure over seeds. sd: of one seed, n - 1 below the bar; None of a single seed.

    low, high: 95% interval of the mean over all seeds there could be, on these very test images,
    by Student's t; None of a single seed.
    """

    values: tuple[float, ...]
    mean: float
    sd: float | None
    low: float | None
    high: float | None

    @property
    def n(self) -> int:
        """Number of seeds."""
        return len(self.values)


def seed_variation(
    values: Sequence[float], within: tuple[float, float] = (-inf, inf)
) -> SeedVariation:
    """Mean, standard deviation and interval of the mean of a figure, one value a seed.

    within: the lowest and highest value that the figure can have, beyond which no interval goes; of
    two seeds it is wide. The interval takes the seeds' figures as normally distributed. Raises
    DataError without values.
    """
    if not values:
        raise DataError("no values to take the seed variation of; give at least one.")
    mean = fmean(values)
    if len(values) == 1:
        return SeedVariation(tuple(values), mean, None, None, None)
    from scipy.stats import t

    sd = stdev(values)
    half = float(t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * sd / len(values) ** 0.5
    least, most = within
    return SeedVariation(tuple(values), mean, sd, max(least, mean - half), min(most, mean + half))
