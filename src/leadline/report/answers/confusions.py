"""Question 5: which classes the best of each family confuses, over its seeds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np

from leadline.evaluation.attraction import Attraction
from leadline.report.study_row import Row

MOST = 6


@dataclass(frozen=True)
class Drawn:
    """One class taken for another: how often, how often by chance, and in how many seeds beyond it.

    count, expected: means over those seeds.
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

    @cached_property
    def drawn(self) -> tuple[Drawn, ...]:
        """Beyond chance in more than half of the seeds, the fullest first."""
        found: dict[tuple[str, str], list[Attraction]] = {}
        for run in self.row.runs:
            for one in run.attractions or ():
                found.setdefault((one.true, one.predicted), []).append(one)
        most = [
            Drawn(
                *pair,
                fmean(one.count for one in seeds),
                fmean(one.expected for one in seeds),
                len(seeds),
            )
            for pair, seeds in found.items()
            if 2 * len(seeds) > len(self.row.runs)
        ]
        return tuple(sorted(most, key=lambda one: -one.count)[:MOST])

    @cached_property
    def errors(self) -> float:
        """Wrong answers, in the mean of the seeds."""
        return fmean(
            int(confusion.sum() - np.trace(confusion))
            for confusion in (run.page.evaluation_test.confusion for run in self.row.runs)
        )

    @cached_property
    def two(self) -> tuple[tuple[str, str, float, int], ...]:
        """Of two classes: each with the other, how many are taken for it, and of how many."""
        if len(self.classes) != 2:
            return ()
        matrices = [run.page.evaluation_test.confusion for run in self.row.runs]
        mean = np.mean(matrices, axis=0)
        return tuple(
            (self.classes[k], self.classes[1 - k], float(mean[k, 1 - k]), int(mean[k].sum()))
            for k in (0, 1)
        )
