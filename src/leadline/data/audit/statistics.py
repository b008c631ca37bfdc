"""The tests and intervals that an audit needs, in NumPy alone: it runs on the base install."""

from __future__ import annotations

from math import comb, erfc, exp, pi, sqrt

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959963984540054
SMALL_EXPECTED = 5.0
"""Below this expected count, chi-square's distribution is no longer a good likeness."""


def wilson_95(successes: int, n: int) -> tuple[float, float]:
    """Bounds, 0 to 1, of the proportion behind `successes` out of `n` > 0. Wilson, JASA 1927."""
    p, z2 = successes / n, Z_95 * Z_95
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


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


def placements(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> NDArray[np.float64]:
    """For each image the share of the other class that it is ranked rightly against; (n,), 0 to 1.

    Ties count half. Their mean over the positives is the AUC, and so it is over the negatives.
    """
    share = np.empty(len(scores))
    for own, signed in ((positive, scores), (~positive, -scores)):
        others, mine = np.sort(signed[~own]), signed[own]
        below, upto = np.searchsorted(others, mine), np.searchsorted(others, mine, "right")
        share[own] = (below + upto) / (2 * len(others))
    return share


def macro_auc(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], groups: NDArray[np.int64]
) -> tuple[float, tuple[float, float]]:
    """AUC, one class against the rest, averaged over the classes that occur; and its 95% bounds.

    probabilities: (n, classes). groups: (n,), whose image it is; images of one group are not taken
    as independent. The variance is DeLong's (Biometrics 1988), summed by group as Obuchowski's
    (Biometrics 1997) is; for two classes, each image its own group, it is DeLong's exactly.
    """
    present = [c for c in np.unique(labels) if 0 < np.count_nonzero(labels == c) < len(labels)]
    influence, total = np.zeros(len(labels)), 0.0
    for label in present:
        positive = labels == label
        share = placements(probabilities[:, label], positive)
        auc = float(share[positive].mean())
        total += auc
        for own in (positive, ~positive):
            size = int(np.count_nonzero(own))
            # DeLong divides by size - 1; a class of one image has no spread to show.
            influence[own] += (share[own] - auc) / sqrt(size * max(1, size - 1))
    auc = total / len(present)
    by_group = np.bincount(groups, influence) / len(present)
    half = Z_95 * float(np.sqrt((by_group**2).sum()))
    return auc, (max(0.0, auc - half), min(1.0, auc + half))
