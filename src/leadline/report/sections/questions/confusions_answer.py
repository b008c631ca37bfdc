"""Question 5: which classes the best of each family confuses, over its seeds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.significance.confusion_significance import by_chance
from leadline.report.sections.study_row import Row

MOST = 6


@dataclass(frozen=True)
class Drawn:
    """One class taken for another: how often, how often by chance, and in how many seeds beyond it.

    count, expected: means over all seeds, so that those where it is rare count too.
    """

    true: str
    predicted: str
    count: float
    expected: float
    seeds: int


@dataclass(frozen=True, eq=False)
class Confused:
    """The confusions of one experiment."""

    row: Row

    @property
    def name(self) -> str:
        return self.row.name

    @cached_property
    def classes(self) -> tuple[str, ...]:
        return self.row.runs[0].page.classes

    @property
    def drawn(self) -> tuple[Drawn, ...]:
        """Those furthest beyond chance, at most six."""
        return self.every[:MOST]

    @cached_property
    def every(self) -> tuple[Drawn, ...]:
        """Beyond chance in more than half of the seeds, the furthest beyond it first."""
        seeds = Counter(
            (one.true, one.predicted) for run in self.row.runs for one in run.attractions or ()
        )
        count = self.mean
        expected = np.mean([by_chance(matrix) for matrix in self._matrices], axis=0)
        place = {name: at for at, name in enumerate(self.classes)}
        most = [
            Drawn(true, said, float(count[cell]), float(expected[cell]), n)
            for (true, said), n in seeds.items()
            if 2 * n > len(self.row.runs)
            if (cell := (place[true], place[said]))
        ]
        return tuple(sorted(most, key=lambda one: one.expected - one.count))

    @cached_property
    def errors(self) -> float:
        """Wrong answers, in the mean of the seeds."""
        return fmean(int(matrix.sum() - np.trace(matrix)) for matrix in self._matrices)

    @cached_property
    def two(self) -> tuple[tuple[str, str, float, int], ...]:
        """Of two classes: each with the other, how many are taken for it, and of how many."""
        if len(self.classes) != 2:
            return ()
        mean = self.mean
        return tuple(
            (self.classes[k], self.classes[1 - k], float(mean[k, 1 - k]), int(mean[k].sum()))
            for k in (0, 1)
        )

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """The confusion matrix, the mean over the seeds: (k, k), rows true."""
        mean: NDArray[np.float64] = np.mean(self._matrices, axis=0)
        return mean

    @property
    def _matrices(self) -> list[NDArray[np.int64]]:
        """Of each seed: int (k, k), rows true."""
        return [run.page.evaluation_test.confusion for run in self.row.runs]
