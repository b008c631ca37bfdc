"""The tests of shares that an audit needs, in NumPy alone: it runs on the base install."""

from __future__ import annotations

from math import comb, erfc, exp, pi, sqrt

import numpy as np
from numpy.typing import NDArray

SMALL_EXPECTED = 5.0
"""Below this expected count, chi-square's distribution is no longer a good likeness."""


def same_shares(counts: NDArray[np.int64]) -> tuple[str, float]:
    """Name and p-value of a test that two rows of counts (2, k) come from one set of shares.

    Pearson's chi-square without continuity correction; Fisher's exact test, two-sided, where k is
    2 and a count below 5 is expected.
    """
    counts = counts[:, counts.sum(axis=0) > 0]
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    if counts.shape[1] < 2 or not rows.all():
        return "chi-square", 1.0
    expected = np.outer(rows, columns) / counts.sum()
    if counts.shape == (2, 2) and expected.min() < SMALL_EXPECTED:
        return "Fisher's exact", fisher_exact(counts)
    statistic = float(((counts - expected) ** 2 / expected).sum())
    return "chi-square", chi_square_tail(statistic, counts.shape[1] - 1)


def fisher_exact(counts: NDArray[np.int64]) -> float:
    """Two-sided p-value of a table (2, 2): all tables no likelier than this one. Fisher, 1922."""
    a, b, c, d = (int(count) for count in counts.ravel())
    first, second, left = a + b, c + d, a + c
    ways = {
        x: comb(first, x) * comb(second, left - x)
        for x in range(max(0, left - second), min(first, left) + 1)
    }
    return sum(way for way in ways.values() if way <= ways[a]) / sum(ways.values())


def chi_square_tail(statistic: float, freedom: int) -> float:
    """P(X >= statistic) for chi-square with `freedom` >= 1; Abramowitz and Stegun, 26.4.4-5."""
    half = statistic / 2
    term = exp(-half) if freedom % 2 == 0 else exp(-half) * sqrt(2 * statistic / pi)
    tail = 0.0 if freedom % 2 == 0 else erfc(sqrt(half))
    for step in range(2 if freedom % 2 == 0 else 3, freedom + 2, 2):
        tail += term
        term *= statistic / step
    return min(1.0, tail)
