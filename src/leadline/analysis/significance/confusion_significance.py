"""Which classes are taken for which others more often than chance would have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadline.metrics.roc import Floats
from leadline.statistics.holm import holm

LEVEL = 0.05


@dataclass(frozen=True)
class ConfusionBeyondChance:
    """So many images of one class were taken for another; expected: how many by chance.

    p: of one-sided Fisher's test, 0 to 1, after Holm's correction over all cells.
    """

    true: str
    predicted: str
    count: int
    expected: float
    p: float


def beyond_chance(
    confusion: NDArray[np.int64], classes: Sequence[str]
) -> tuple[ConfusionBeyondChance, ...]:
    """The cells that are fuller than chance, p < 0.05, the surest first.

    confusion: int (k, k), rows true. Chance is: an error falls on a class as often as other
    classes' errors do, whatever it is an error of. For the cell of a taken for b, errors are
    counted whose true class is not b and that were not taken for a, for these could not fall
    anywhere; then Fisher's exact test (of the hypergeometric distribution) asks whether those of a
    fall on b more often than the others'. Classes that err often, or attract many errors, are no
    finding by that. Two classes have no cell to compare with, and give none.
    """
    if len(classes) < 3:
        return ()
    expected = by_chance(confusion)
    found = [
        ConfusionBeyondChance(
            classes[a], classes[b], int(confusion[a, b]), float(expected[a, b]), float(p)
        )
        for (a, b), p in np.ndenumerate(p_values(confusion))
        if p < LEVEL
    ]
    return tuple(sorted(found, key=lambda one: (one.p, -one.count)))


def p_values(confusion: NDArray[np.int64]) -> Floats:
    """The p-value of each cell, (k, k), corrected by Holm over all cells; 1 on the diagonal.

    confusion: int (k, k), rows true. The test is that of `beyond_chance`.
    """
    errors = confusion - np.diag(np.diag(confusion))
    off = ~np.eye(len(confusion), dtype=bool)
    corrected = np.ones(errors.shape)
    if len(confusion) < 3:
        return corrected
    tails = _tails(errors[off], *(size[off] for size in _sizes(errors)))
    # A sum of all there is may be above 1 by a rounding.
    corrected[off] = holm(tails.clip(max=1.0).tolist())
    return corrected


def by_chance(confusion: NDArray[np.int64]) -> Floats:
    """How many images of each class chance would make be taken for each other: (k, k), rows true.

    confusion: int (k, k), rows true. Chance as for `beyond_chance`; the diagonal means nothing.
    """
    total, column, row = _sizes(confusion - np.diag(np.diag(confusion)))
    expected = np.zeros(confusion.shape)
    np.divide(row * column, total, out=expected, where=total > 0)
    return expected


def _sizes(errors: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """For each cell (a, b): errors that count, those taken for b, and those of a."""
    of, taken = errors.sum(axis=1), errors.sum(axis=0)
    # Neither of b nor taken for a; what is both was taken off twice.
    total = errors.sum() - of[np.newaxis, :] - taken[:, np.newaxis] + errors.T
    column = np.broadcast_to(taken[np.newaxis, :], errors.shape)
    row = np.broadcast_to(of[:, np.newaxis], errors.shape)
    return total, column, row


def _tails(
    count: NDArray[np.int64],
    total: NDArray[np.int64],
    column: NDArray[np.int64],
    row: NDArray[np.int64],
) -> Floats:
    """Probability of as many, or more, by chance."""
    from scipy.stats import hypergeom

    tails: Floats = np.asarray(hypergeom.sf(count - 1, total, column, row), dtype=np.float64)
    return np.where(count > 0, tails, 1.0)
