"""The difference of two means over trained models, each judged on the same images.

Two chances are in it: which images were drawn, and which seeds. Images are crossed with all
models; seeds are nested in their experiment, for seed 0 of one network has nothing in common with
seed 0 of another. It is the design of radiologists who read the same films, each with one of two
methods: a seed is a reader. The variance is that of Obuchowski and Rockette (Communications in
Statistics 24, 1995), with the degrees of freedom of Hillis (Statistics in Medicine 26, 2007), here
with a spread of seeds of its own for each experiment, as Satterthwaite and Welch have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUNDING = 1e-12
"""Means of the same values, added up otherwise, may differ by less."""


@dataclass(frozen=True)
class Contrast:
    """A difference of two means, its variance, and the degrees of freedom of that.

    of_seeds: whether the chance in the seeds is in the variance, which takes two of each side.
    """

    difference: float
    variance: float
    freedom: float
    of_seeds: bool


def mean_covariance(
    values: NDArray[np.floating] | NDArray[np.bool_], groups: NDArray[np.int64] | None = None
) -> tuple[Floats, Floats]:
    """The mean of each row of values (m, n), and the covariance (m, m) of these means.

    groups: (n,), 0 and up, whose image it is: the images of one group are drawn together. The
    groups' sums of deviations are squared, and multiplied by g / (g - 1) for g groups, or images,
    so that it is unbiased for independent images. Of one group nothing is known: no covariance.
    """
    rows = np.asarray(values, dtype=np.float64)
    means = rows.mean(axis=1)
    spread = (rows - means[:, np.newaxis]) / rows.shape[1]
    units = rows.shape[1]
    if groups is not None:
        spread = np.stack([np.bincount(groups, row) for row in spread])
        units = len(np.unique(groups))
    return means, spread @ spread.T * (units / max(1, units - 1))


def contrast(
    values: Floats,
    covariance: Floats,
    first: Sequence[int],
    second: Sequence[int],
    units: int,
) -> Contrast:
    """The mean of the runs `first` less that of the runs `second`.

    values: (m,), one a run. covariance: (m, m), over images, the models held fixed. first, second:
    the runs of each side. units: how many images, or patients, were drawn.
    With one run on a side nothing is known of its seeds, and the images alone are in the variance.
    Else the spread of the seeds is in it, never less than the images alone would make of it.
    """
    difference = float(values[first].mean() - values[second].mean())
    if abs(difference) < ROUNDING:
        difference = 0.0
    if min(len(first), len(second)) < 2:
        variance = _images_alone(covariance, first, second)
        return Contrast(difference, variance, units - 1, of_seeds=False)
    sides = [_seeds(values, covariance, runs) for runs in (first, second)]
    across = float(covariance[np.ix_(first, second)].mean())
    shared = max(0.0, sum(common for _, common in sides) - 2 * across)
    parts = [(own, len(runs) - 1) for (own, _), runs in zip(sides, (first, second), strict=True)]
    parts.append((shared, units - 1))
    return Contrast(difference, *_satterthwaite(parts), of_seeds=True)


def _seeds(values: Floats, covariance: Floats, runs: Sequence[int]) -> tuple[float, float]:
    """Of one side's mean: its variance by seeds, and the covariance that its runs share.

    What runs do not share is in their spread already. By chance this may come out less than the
    images alone make it, for few seeds; it is raised to that.
    """
    block, many = covariance[np.ix_(runs, runs)], len(runs)
    common = float((block.sum() - np.trace(block)) / (many * (many - 1)))
    unshared = float(np.trace(block)) / many - common
    return max(float(np.var(values[runs], ddof=1)), unshared) / many, common


def _images_alone(covariance: Floats, first: Sequence[int], second: Sequence[int]) -> float:
    weights = np.zeros(len(covariance))
    weights[first], weights[second] = 1 / len(first), -1 / len(second)
    return max(0.0, float(weights @ covariance @ weights))


def _satterthwaite(parts: Sequence[tuple[float, int]]) -> tuple[float, float]:
    """Variance and degrees of freedom of a sum of independent parts, each with its own."""
    variance = sum(part for part, _ in parts)
    below = sum(part**2 / max(1, freedom) for part, freedom in parts)
    return variance, variance**2 / below if below else inf
