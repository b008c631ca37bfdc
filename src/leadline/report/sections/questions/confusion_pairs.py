"""Which pairs of classes every model confuses, in one table: a row for each model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from leadline.report.sections.questions.confusions_answer import Confused

MOST = 8
"""Pairs of classes that are shown, those that the models together confuse most."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Cell:
    """Images of either class taken for the other, the mean over seeds. beyond: more than chance."""

    count: float
    beyond: bool


@dataclass(frozen=True, eq=False)
class PairTable:
    """models: of a study, in its order."""

    models: tuple[Confused, ...]

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
        return tuple((a, b) for a, b in order[:MOST])

    @cached_property
    def rows(self) -> tuple[tuple[Confused, tuple[Cell, ...]], ...]:
        """Each model with a cell for each pair."""
        return tuple(
            (model, tuple(_cell(model, pair) for pair in self.pairs)) for model in self.models
        )


def _cell(model: Confused, pair: Pair) -> Cell:
    a, b = (model.classes.index(name) for name in pair)
    beyond = any({one.true, one.predicted} == set(pair) for one in model.every)
    return Cell(float(model.mean[a, b] + model.mean[b, a]), beyond)


def pair_table(models: Sequence[Confused]) -> PairTable | None:
    """None for two classes, which have one pair alone, and where no pair is beyond chance.

    None as well for models of different classes, whose pairs are not the same.
    """
    table = PairTable(tuple(models))
    comparable = len({model.classes for model in models}) == 1 and len(models[0].classes) > 2
    return table if comparable and table.pairs else None
