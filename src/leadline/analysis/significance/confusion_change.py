"""Changes of confusions from one model to the next: paired tests on the same test images.

What is tested, and why so, stands in docs/confusions.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.significance.comparison import ALPHA, MARGIN, ExperimentPredictions
from leadline.analysis.significance.confusion_significance import beyond_chance
from leadline.analysis.significance.paired_tests import (
    CorrectPredictions,
    Terms,
    Tested,
    by_contrast,
)
from leadline.errors import DataError
from leadline.metrics.bootstrap import units_of
from leadline.metrics.estimates import Method
from leadline.statistics.holm import holm
from leadline.statistics.multi_reader import contrast, mean_covariance

MOST = 10
"""Pairs of classes tested in one step, the surest: with more of them less could be shown."""

Verdict = Literal["fixed", "moved", "no change shown", "made worse"]
"""Moved: fewer are confused so, but no more of these images are recognised."""


@dataclass(frozen=True)
class ConfusedCounts:
    """Number of images of either class taken for the other: mean over an experiment's runs.

    b_as_a: 0 where that way is not counted, for it is told as a confusion of its own.
    """

    a_as_b: float
    b_as_a: float

    @property
    def images(self) -> float:
        return self.a_as_b + self.b_as_a


@dataclass(frozen=True)
class ConfusionChange:
    """One confusion: images of class a taken for b, and with `both_ways` those of b taken for a.

    n: images that might be confused so: of class a, or of both. before, after: what the first and
    the second experiment make of them. fewer: the share of the n, -1 to 1, that the second confuses
    less; low, high: its 95% bounds, of this confusion alone. righter: the share of the n that the
    second recognises more. p: that nothing changed, two-sided;
    p_corrected: for all confusions tested. minimum_detectable_difference: the smallest true change
    of the share that 80% of studies with images and seeds like these would detect; None if even a
    change of 1 is too small. of_seeds, method: as in `comparison.Pair`.
    """

    a: str
    b: str
    both_ways: bool
    n: int
    before: ConfusedCounts
    after: ConfusedCounts
    fewer: float
    low: float
    high: float
    righter: float
    p: float
    p_corrected: float
    minimum_detectable_difference: float | None
    of_seeds: bool
    method: Method
    verdict: Verdict

    @property
    def could_be_shown(self) -> bool:
        """True if the study could detect that the second experiment confuses none of them."""
        return (
            self.minimum_detectable_difference is not None
            and self.minimum_detectable_difference * self.n <= self.before.images
        )


@dataclass(frozen=True)
class Step:
    """From one experiment to the next.

    found: how many confusions there are to be tested, of which `changes` has the ten surest.
    """

    first: str
    second: str
    first_runs: int
    second_runs: int
    found: int
    changes: tuple[ConfusionChange, ...]


@dataclass(frozen=True)
class ConfusionChanges:
    """All steps. n: test images. n_groups: their patients, None where these are not known.

    beyond_chance: whether the confusions tested are those beyond chance. Of two classes none can
    be, and both ways are tested.
    """

    n: int
    n_groups: int | None
    beyond_chance: bool
    steps: tuple[Step, ...]

    @property
    def tests(self) -> int:
        return sum(len(step.changes) for step in self.steps)


@dataclass(frozen=True, eq=False)
class _Cell:
    """Classes a and b, and the images that might be confused.

    confused: bool (m, images), which of them are, by the runs of the first experiment, then by
    those of the second. ways: which of class a are taken for b. right: which are recognised.
    """

    a: int
    b: int
    both_ways: bool
    runs: tuple[int, int]
    ways: NDArray[np.bool_]
    confused: NDArray[np.bool_]
    right: NDArray[np.bool_]
    groups: tuple[str, ...] | None


@dataclass(frozen=True, eq=False)
class _Answers:
    """Classes that the runs of two experiments predict: int (m, n), the first's first."""

    predicted: NDArray[np.int64]
    runs: tuple[int, int]


def confusion_changes(
    stages: Sequence[ExperimentPredictions],
    labels: NDArray[Any],
    classes: Sequence[str],
    rng: np.random.Generator,
    *,
    groups: Sequence[str] | None = None,
) -> ConfusionChanges:
    """Test for each experiment the confusions of the one before it in `stages`.

    labels: int (n,). groups: whose image each is; None where that is not known. rng: for the
    bootstrap of patients. Which confusions are tested is decided by the images that any run of the
    two experiments confuses, no matter whose; chosen by those of the first alone, they would come
    out fewer in the second by chance. Raises DataError for fewer than two experiments, and for
    probabilities of other shapes.
    """
    _check(stages, len(labels), len(classes))
    many = len(classes) > 2
    both = [_answers(first, second) for first, second in pairwise(stages)]
    pairs = [_pairs(one.predicted, labels, classes) for one in both]
    cells = [
        [_cell(pair, one, labels, groups, both_ways=many) for pair in found[:MOST]]
        for one, found in zip(both, pairs, strict=True)
    ]
    terms = Terms(MARGIN, ALPHA / max(1, sum(map(len, cells))))
    tested = [[_tested(cell, terms, rng) for cell in own] for own in cells]
    corrected = iter(holm([test.p for tests in tested for test in tests]))
    steps = []
    for (first, second), found, own, results in zip(
        pairwise(stages), pairs, cells, tested, strict=True
    ):
        rows = zip(own, results, strict=True)
        changes = tuple(
            _confusion_change(cell, one, next(corrected), classes) for cell, one in rows
        )
        runs = len(first.runs), len(second.runs)
        steps.append(Step(first.name, second.name, *runs, len(found), changes))
    patients = None if groups is None else len(set(groups))
    return ConfusionChanges(len(labels), patients, many, tuple(steps))


def _answers(first: ExperimentPredictions, second: ExperimentPredictions) -> _Answers:
    predicted = np.stack([run.argmax(axis=1) for one in (first, second) for run in one.runs])
    return _Answers(predicted, (len(first.runs), len(second.runs)))


def _pairs(
    predicted: NDArray[np.int64], labels: NDArray[Any], classes: Sequence[str]
) -> list[tuple[int, int]]:
    """Classes whose confusion is to be tested, the surest first, each pair once.

    Of two classes both ways, where they have images.
    """
    k = len(classes)
    if k < 3:
        return [(a, b) for a, b in ((0, 1), (1, 0)) if b < k and (labels == a).any()]
    # An image counts once, however many runs confuse it: runs see the same images.
    confusion = np.zeros((k, k), np.int64)
    for b in range(k):
        confusion[:, b] = np.bincount(labels[(predicted == b).any(axis=0)], minlength=k)
    place = {name: at for at, name in enumerate(classes)}
    found: dict[frozenset[int], tuple[int, int]] = {}
    for confusion_beyond_chance in beyond_chance(confusion, classes):
        pair = place[confusion_beyond_chance.true], place[confusion_beyond_chance.predicted]
        found.setdefault(frozenset(pair), pair)
    return list(found.values())


def _cell(
    pair: tuple[int, int],
    both: _Answers,
    labels: NDArray[Any],
    groups: Sequence[str] | None,
    *,
    both_ways: bool,
) -> _Cell:
    a, b = pair
    asked = (labels == a) | ((labels == b) & both_ways)
    true, predicted = labels[asked], both.predicted[:, asked]
    ways = (true == a) & (predicted == b)
    confused = ways | ((true == b) & (predicted == a) & both_ways)
    own = None if groups is None else tuple(np.asarray(groups)[asked].tolist())
    return _Cell(a, b, both_ways, both.runs, ways, confused, predicted == true, own)


def _tested(cell: _Cell, terms: Terms, rng: np.random.Generator) -> Tested:
    """The share that the first experiment confuses, less the share that the second does."""
    return share_change(cell.confused, cell.runs, cell.groups, terms, rng)


def share_change(
    confused: NDArray[np.bool_],
    runs: tuple[int, int],
    groups: Sequence[str] | None,
    terms: Terms,
    rng: np.random.Generator,
) -> Tested:
    """The share of images that the first experiment confuses, less the share of the second.

    confused: bool (m, n), a row for each run, those of the first experiment first. runs: how many
    each experiment has. groups: the n images' patients, None where these are not known.
    """
    units = units_of(confused.shape[1], groups)
    if runs == (1, 1):
        return CorrectPredictions(confused, units, rng).tested(0, 1, terms)
    members = units.members if units.kind == "patient" else None
    values, covariance = mean_covariance(confused, members)
    places = list(range(len(confused)))
    found = contrast(values, covariance, places[: runs[0]], places[runs[0] :], units.count)
    return by_contrast(found, terms, units.count, units.kind, "t_test")


def _confusion_change(
    cell: _Cell, tested: Tested, p_corrected: float, classes: Sequence[str]
) -> ConfusionChange:
    many = cell.runs[0]
    righter = float(cell.right[many:].mean() - cell.right[:many].mean())
    return ConfusionChange(
        a=classes[cell.a],
        b=classes[cell.b],
        both_ways=cell.both_ways,
        n=cell.confused.shape[1],
        before=_told(cell, slice(0, many)),
        after=_told(cell, slice(many, None)),
        fewer=tested.difference,
        low=tested.low,
        high=tested.high,
        righter=righter,
        p=tested.p,
        p_corrected=p_corrected,
        minimum_detectable_difference=tested.minimum_detectable_difference,
        of_seeds=tested.of_seeds,
        method=tested.method,
        verdict=_verdict(tested.difference, righter, p_corrected),
    )


def _told(cell: _Cell, runs: slice) -> ConfusedCounts:
    ways = float(cell.ways[runs].sum(axis=1).mean())
    return ConfusedCounts(ways, float(cell.confused[runs].sum(axis=1).mean()) - ways)


def _verdict(fewer: float, righter: float, p: float) -> Verdict:
    if p >= ALPHA:
        return "no change shown"
    if fewer <= 0:
        return "made worse"
    return "fixed" if righter > 0 else "moved"


def _check(stages: Sequence[ExperimentPredictions], n: int, classes: int) -> None:
    shapes = {run.shape for stage in stages for run in stage.runs}
    if len(stages) < 2 or shapes != {(n, classes)} or not all(stage.runs for stage in stages):
        raise DataError(
            f"expected two experiments or more, each with runs of probabilities ({n}, {classes}). "
            f"Received: {len(stages)} of {', '.join(map(str, sorted(shapes))) or 'no shape'}."
        )
