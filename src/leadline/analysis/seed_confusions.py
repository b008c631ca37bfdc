"""Which classes an experiment confuses, over its seeds, and which pairs all models confuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.experiment_results import ExperimentResults
from leadline.analysis.significance.confusion_significance import by_chance

MOST = 6
"""Confusions listed for an experiment."""
MOST_PAIRS = 8
"""Pairs of classes that are shown, those that the models together confuse most."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class FrequentConfusion:
    """One class taken for another: how often, how often by chance, and in how many seeds beyond it.

    count, expected: means over all seeds, so that those where it is rare count too.
    """

    true: str
    predicted: str
    count: float
    expected: float
    seeds: int


@dataclass(frozen=True, eq=False)
class ExperimentConfusions:
    """The confusions of one experiment."""

    row: ExperimentResults

    @property
    def name(self) -> str:
        return self.row.name

    @cached_property
    def classes(self) -> tuple[str, ...]:
        return self.row.runs[0].classes

    @property
    def drawn(self) -> tuple[FrequentConfusion, ...]:
        """Those furthest beyond chance, at most six."""
        return self.every[:MOST]

    @cached_property
    def every(self) -> tuple[FrequentConfusion, ...]:
        """Beyond chance in more than half of the seeds, the furthest beyond it first."""
        seeds = Counter(
            (attraction.true, attraction.predicted)
            for run in self.row.runs
            for attraction in run.attractions or ()
        )
        count = self.mean
        expected = np.mean([by_chance(matrix) for matrix in self._matrices], axis=0)
        place = {name: at for at, name in enumerate(self.classes)}
        most = [
            FrequentConfusion(true, said, float(count[cell]), float(expected[cell]), n)
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
        return [run.evaluation_test.confusion for run in self.row.runs]


@dataclass(frozen=True)
class Cell:
    """Images of either class taken for the other, the mean over seeds. beyond: more than chance."""

    count: float
    beyond: bool


@dataclass(frozen=True, eq=False)
class PairTable:
    """models: of a study, in its order."""

    models: tuple[ExperimentConfusions, ...]

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Pairs that a model confuses beyond chance, those with the most images first."""
        classes = self.models[0].classes
        together = np.sum([model.mean for model in self.models], axis=0)
        both = together + together.T
        place = {name: at for at, name in enumerate(classes)}
        found = {
            tuple(sorted((one.true, one.predicted), key=place.__getitem__))
            for model in self.models
            for one in model.every
        }
        order = sorted(found, key=lambda pair: (-both[place[pair[0]], place[pair[1]]], pair))
        return tuple((a, b) for a, b in order[:MOST_PAIRS])

    @cached_property
    def rows(self) -> tuple[tuple[ExperimentConfusions, tuple[Cell, ...]], ...]:
        """Each model with a cell for each pair."""
        return tuple(
            (model, tuple(_cell(model, pair) for pair in self.pairs)) for model in self.models
        )


def _cell(model: ExperimentConfusions, pair: Pair) -> Cell:
    a, b = (model.classes.index(name) for name in pair)
    beyond = any({one.true, one.predicted} == set(pair) for one in model.every)
    return Cell(float(model.mean[a, b] + model.mean[b, a]), beyond)


def pair_table(models: Sequence[ExperimentConfusions]) -> PairTable | None:
    """None for two classes, which have one pair alone, and where no pair is beyond chance.

    None as well for models of different classes, whose pairs are not the same.
    """
    table = PairTable(tuple(models))
    comparable = len({model.classes for model in models}) == 1 and len(models[0].classes) > 2
    return table if comparable and table.pairs else None
