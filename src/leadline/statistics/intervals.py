"""How sure a number is: 95% intervals that need no random draws."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError

Interval = tuple[float, float]


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Bounds, 0 to 1, of the proportion behind `successes` out of `n`.

    Nothing is resampled. Assumes n independent images drawn from one population, the model held
    fixed: another seed or another training set is not in it. Of no images nothing is known: (0, 1).
    Raises DataError where 0 <= successes <= n or 0 < confidence < 1 does not hold.
    Wilson, JASA 22 (1927), without continuity correction.
    """
    if not 0 <= successes <= n:
        raise DataError(f"expected 0 <= successes <= n. Received: {successes} of {n}.")
    if n == 0:
        return 0.0, 1.0
    z = normal_quantile(confidence)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return low, high


def f1_interval(
    true_positives: int, false_positives: int, false_negatives: int, confidence: float = 0.95
) -> Interval:
    """Bounds, 0 to 1, of F1 = 2 TP / (2 TP + FP + FN).

    Nothing is resampled. Of the images that belong to the class or were given to it, TP is a
    binomial share J = TP / (TP + FP + FN); F1 = 2 J / (1 + J) grows with J, so Wilson's bounds
    of J, taken through it, bound F1. Assumes what `wilson_interval` assumes.
    """
    n = true_positives + false_positives + false_negatives
    low, high = wilson_interval(true_positives, n, confidence)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def mean_interval(values: NDArray[np.float64], confidence: float = 0.95) -> Interval | None:
    """Bounds of the mean behind `values` (n,), in their unit; None for fewer than two values.

    Nothing is resampled. Assumes independent images and, by the central limit theorem, a mean
    that is close to normal: mean ± z s / sqrt(n), s with n - 1 in its denominator.
    """
    if len(values) < 2:
        return None
    half = normal_quantile(confidence) * float(np.std(values, ddof=1)) / sqrt(len(values))
    mean = float(np.mean(values))
    return mean - half, mean + half


def normal_quantile(confidence: float) -> float:
    """The normal quantile that leaves (1 - confidence) / 2 on each side: 1.96 for 0.95."""
    if not 0 < confidence < 1:
        raise DataError(f"expected a confidence between 0 and 1. Received: {confidence!r}.")
    return NormalDist().inv_cdf((1 + confidence) / 2)
