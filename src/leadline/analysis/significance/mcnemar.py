"""Two models on the same images: who was right where the other was not.

b images the first alone has right, c the second alone; the others say nothing of the difference
(b - c) / n. All of this counts on independent images, or on patients where these are drawn.
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from leadline.statistics.intervals import Interval, normal_quantile

POWER = 0.8
"""The chance of showing it that is meant by a difference which could have been shown."""
HALVINGS = 40
POWER_HALVINGS = 16
"""Differences are known to 1/65,536 then, finer than anybody needs to know what could be shown."""
TAIL_SD, TAIL_COUNTS = 5.0, 10
"""Reach around the mean of a binomial count, beyond which it lies less than once in a million."""


def exact_mcnemar(b: int, c: int, *, greater: bool = False) -> float:
    """The p-value, 0 to 1: of b + c images, who got them was a coin's toss.

    McNemar, Psychometrika 12 (1947), with the binomial distribution itself. Two-sided, or with
    `greater` one-sided: that the first model is better.
    """
    from scipy.stats import binom

    if greater:
        return float(binom.sf(b - 1, b + c, 0.5))
    return min(1.0, 2 * float(binom.cdf(min(b, c), b + c, 0.5)))


def exact_by_group(margins: NDArray[np.int64], *, greater: bool = False) -> float:
    """The p-value, two-sided or with `greater` one-sided, where a patient has several images.

    margins: (g,), b - c of each patient. Were the two models alike, a patient's images might as
    well have been answered the other way round, all together: all 2**g ways of turning round are
    counted (Fisher, The Design of Experiments, 1935). With an image a patient it is McNemar's.
    """
    sizes = np.abs(margins[margins != 0])
    reach = int(sizes.sum())
    chance = np.zeros(2 * reach + 1)
    chance[reach] = 1.0
    for size in sizes.tolist():
        chance = (np.roll(chance, size) + np.roll(chance, -size)) / 2
    sums, seen = np.arange(-reach, reach + 1), int(margins.sum())
    extreme = sums >= seen if greater else np.abs(sums) >= abs(seen)
    return min(1.0, float(chance[extreme].sum()))


def score_z(b: int, c: int, n: int, difference: float) -> float:
    """How far (b - c) / n lies above this difference, in standard errors under it.

    Tango, Statistics in Medicine 17 (1998). 0 where nothing speaks against the difference.
    """
    if abs(difference) >= 1:
        return 0.0 if b - c == n * difference else -difference * np.inf
    linear = (2 * n - b + c) * difference - b - c
    constant = -c * difference * (1 - difference)
    only_second = (sqrt(max(0.0, linear**2 - 8 * n * constant)) - linear) / (4 * n)
    variance = n * (2 * only_second + difference * (1 - difference))
    above = b - c - n * difference
    if variance <= 0:
        return 0.0 if above == 0 else float(np.copysign(np.inf, above))
    return above / sqrt(variance)


def score_interval(b: int, c: int, n: int, confidence: float = 0.95) -> Interval:
    """Bounds, -1 to 1, of the difference behind (b - c) / n: those that the score allows."""
    z, seen = normal_quantile(confidence), (b - c) / n
    return _cross(b, c, n, (seen, -1.0), z), _cross(b, c, n, (seen, 1.0), -z)


def minimum_detectable_difference(n: int, discordant: float, alpha: float) -> float | None:
    """The difference of two shares that the exact test shows with 80% power; None: not even 1.

    discordant: the share of the n images on which one model alone is right; where the difference
    is larger than that, it makes up all of it.
    """
    if _power(n, 1.0, 1.0, alpha) < POWER:
        return None
    low, high = 0.0, 1.0
    for _ in range(POWER_HALVINGS):
        middle = (low + high) / 2
        enough = _power(n, middle, max(discordant, middle), alpha) >= POWER
        low, high = (low, middle) if enough else (middle, high)
    return high


def _cross(b: int, c: int, n: int, ends: tuple[float, float], z: float) -> float:
    """Find where the score is z; it falls as the difference rises."""
    inside, outside = ends
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        if abs(score_z(b, c, n, middle)) <= abs(z):
            inside = middle
        else:
            outside = middle
    return (inside + outside) / 2


def _power(n: int, difference: float, discordant: float, alpha: float) -> float:
    """The chance that `exact_mcnemar` is at most alpha, over all b + c that may come."""
    from scipy.special import bdtr, bdtrc, gammaln, xlogy

    # The counts outside are too rare to matter to 80%.
    reach = TAIL_SD * sqrt(n * discordant * (1 - discordant)) + TAIL_COUNTS
    counts = np.arange(max(0, int(n * discordant - reach)), min(n, int(n * discordant + reach)) + 1)
    least = _least(n, alpha)[counts]
    share = (1 + difference / discordant) / 2 if discordant else 0.5
    possible = least >= 0
    few, of = least[possible], counts[possible]
    # These functions take k as a float and n as an integer.
    shown = bdtr(few.astype(float), of, share) + bdtrc((of - few - 1).astype(float), of, share)
    ways = gammaln(n + 1) - gammaln(of + 1) - gammaln(n - of + 1)
    chance = np.exp(ways + xlogy(of, discordant) + xlogy(n - of, 1 - discordant))
    return float((chance * shown).sum())


@lru_cache(maxsize=16)
def _least(n: int, alpha: float) -> NDArray[np.int64]:
    """For each number of discordant images, 0 to n: so few on one side have a p of at most alpha.

    -1 where no split of them has.
    """
    from scipy.stats import binom

    counts = np.arange(n + 1)
    least = binom.ppf(alpha / 2, counts, 0.5)
    least -= binom.cdf(least, counts, 0.5) > alpha / 2
    return np.asarray(least, np.int64)
