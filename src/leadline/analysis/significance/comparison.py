"""Which differences are significant: every pair of experiments, on the same test images.

What is compared, by what test, and why, stands in docs/comparison.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.significance.guessing import Guessing
from leadline.analysis.significance.paired_tests import (
    CorrectPredictions,
    Terms,
    Tested,
    by_contrast,
)
from leadline.data.short_repr import ShortRepr
from leadline.errors import DataError
from leadline.metrics.bootstrap import Units, units_of
from leadline.metrics.estimates import Method
from leadline.statistics.delong import delong
from leadline.statistics.holm import holm
from leadline.statistics.multi_reader import contrast, mean_covariance

MARGIN = 0.005
"""Differences smaller than this are negligible, unless the user gives another margin."""
ALPHA = 0.05
LEAST_OF_A_CLASS = 2
"""Images, or patients, that an area under a curve needs of either class to have a spread."""

Verdict = Literal["better", "no difference shown", "equivalent"]


@dataclass(frozen=True, eq=False, repr=False)
class ExperimentPredictions(ShortRepr):
    """An experiment, and what each of its runs said. runs: float (n, classes) each."""

    name: str
    runs: tuple[NDArray[Any], ...]


@dataclass(frozen=True)
class Pair:
    """Two experiments; `first` has the higher figure, so that difference is 0 to 1.

    first_value, second_value: the means over their runs, 0 to 1. low, high: 95% bounds of the
    difference, of this pair alone. p: that there is no difference, two-sided; p_equivalent: that it
    is as large as the margin, one-sided; both corrected for all pairs too.
    minimum_detectable_difference: the smallest true difference that 80% of studies with images and
    seeds like these would detect; None if even a difference of 1 is too small.
    of_seeds: whether the variation between seeds is covered, beside that between images. method: of
    the p-values and of the bounds. within_margin: whether the difference is shown to be smaller
    than the margin.
    """

    first: str
    second: str
    first_value: float
    second_value: float
    first_runs: int
    second_runs: int
    difference: float
    low: float
    high: float
    p: float
    p_corrected: float
    p_equivalent: float
    p_equivalent_corrected: float
    minimum_detectable_difference: float | None
    of_seeds: bool
    method: Method
    within_margin: bool
    verdict: Verdict


@dataclass(frozen=True, repr=False)
class MetricComparison(ShortRepr):
    """All pairs by one measure."""

    measure: Literal["accuracy", "auroc"]
    pairs: tuple[Pair, ...]

    def between(self, one: str, other: str) -> Pair:
        """The pair of these two; KeyError where there is none."""
        for pair in self.pairs:
            if {pair.first, pair.second} == {one, other}:
                return pair
        raise KeyError(f"{one}, {other}")


@dataclass(frozen=True, repr=False)
class Comparison(ShortRepr):
    """Every pair of a study. n_groups: patients, None where these are not known.

    margin: what counts as no difference worth speaking of, 0 to 1, the same for both measures.
    measures: accuracy, and for two classes the AUROC as well, where the images allow it.
    """

    n: int
    n_groups: int | None
    margin: float
    measures: tuple[MetricComparison, ...]

    def by(self, measure: str) -> MetricComparison | None:
        return next((one for one in self.measures if one.measure == measure), None)


@dataclass(frozen=True, repr=False)
class RankedComparison(Comparison):
    """A comparison, and what it comes to.

    judged_by: the measure that the best was chosen by, on validation images where every run has
    some of its own, else on test. next: second in the same choice. smallest_equivalent: the one
    with the fewest weights among those with fewer than the best whose difference from it is shown
    to be smaller than the margin; None where there is none. guessing: each experiment against
    guessing, by its name; what is called best may be no better than that. failed: runs that have no
    figures, because their training diverged; those that finished may flatter their experiment.
    """

    judged_by: Literal["accuracy", "auroc"]
    best: str
    next: str
    smallest_equivalent: str | None
    guessing: dict[str, Guessing]
    failed: tuple[FailedRun, ...]

    @property
    def primary(self) -> MetricComparison:
        """Every pair by the metric that the best was selected by."""
        return next(
            (measure for measure in self.measures if measure.measure == self.judged_by),
            self.measures[0],
        )

    @property
    def of_best(self) -> tuple[Pair, ...]:
        """The pairs of the best."""
        return tuple(pair for pair in self.primary.pairs if self.best in (pair.first, pair.second))

    @property
    def top(self) -> Pair:
        """The best and the next."""
        return self.primary.between(self.best, self.next)

    @property
    def beaten_by(self) -> tuple[str, ...]:
        """Experiments significantly better on test than the best, which was selected elsewhere."""
        return tuple(
            pair.first
            for pair in self.of_best
            if pair.second == self.best and pair.verdict == "better"
        )

    @property
    def ahead(self) -> str | None:
        """The highest test score, where another experiment than the selected one has it."""
        over = [pair for pair in self.of_best if pair.second == self.best and pair.difference]
        return max(over, key=lambda pair: pair.difference).first if over else None

    @property
    def decisive(self) -> Pair:
        """The best and the next, or else one that is significantly better than the best."""
        if not self.beaten_by or self.next in self.beaten_by:
            return self.top
        return self.primary.between(self.best, self.beaten_by[0])

    @property
    def images_alone(self) -> bool:
        """True where a pair does not cover the variation over seeds."""
        return not all(pair.of_seeds for pair in self.primary.pairs)


def rank(
    comparison: Comparison,
    weights: Mapping[str, int],
    judged_by: Literal["accuracy", "auroc"],
    guessing: Mapping[str, Guessing],
    failed: Sequence[FailedRun] = (),
) -> RankedComparison:
    """Draw the conclusions of a comparison.

    weights: of each experiment, by name, the best first, at least two. judged_by: the metric that
    the order was made by.
    """
    best, runner_up, *_ = weights
    primary = comparison.by(judged_by) or comparison.measures[0]
    smaller = [
        name
        for name in weights
        if weights[name] < weights[best] and primary.between(best, name).within_margin
    ]
    return RankedComparison(
        **vars(comparison),
        judged_by=primary.measure,
        best=best,
        next=runner_up,
        smallest_equivalent=min(smaller, key=lambda name: weights[name], default=None),
        guessing=dict(guessing),
        failed=tuple(failed),
    )


def check_margin(margin: float) -> float:
    """The margin, if it is one; DataError otherwise."""
    if not 0 < margin < 1:
        raise DataError(
            f"margin = {margin!r}; give a difference above 0 and below 1, as 0.005 for half a "
            "percentage point."
        )
    return margin


def compare(
    contestants: Sequence[ExperimentPredictions],
    labels: NDArray[Any],
    rng: np.random.Generator,
    *,
    groups: Sequence[str] | None = None,
    margin: float = MARGIN,
) -> Comparison:
    """Compare every pair on the same n images.

    labels: int (n,). groups: whose image each is; None where that is not known. rng: for the
    bootstrap of patients. Raises DataError for fewer than two contestants, two of one name, and
    probabilities of other shapes.
    """
    check_margin(margin)
    _check(contestants, len(labels))
    units = units_of(len(labels), groups)
    measures = [_accuracy(contestants, labels, units, margin, rng)]
    if contestants[0].runs[0].shape[1] == 2 and _ranked(labels, units) >= LEAST_OF_A_CLASS:
        measures.append(_auroc(contestants, labels, units, margin))
    n_groups = None if groups is None else units.count
    return Comparison(len(labels), n_groups, margin, tuple(measures))


def _accuracy(
    contestants: Sequence[ExperimentPredictions],
    labels: NDArray[Any],
    units: Units,
    margin: float,
    rng: np.random.Generator,
) -> MetricComparison:
    """The share of images whose most probable class is the true one."""
    right = np.stack(
        [run.argmax(axis=1) == labels for contestant in contestants for run in contestant.runs]
    )
    values, covariance = mean_covariance(right, _members(units))
    answers = CorrectPredictions(right, units, rng)

    def tested(first: list[int], second: list[int], terms: Terms) -> Tested:
        if len(first) == len(second) == 1:
            return answers.tested(first[0], second[0], terms)
        found = contrast(values, covariance, first, second, units.count)
        return by_contrast(found, terms, units.count, units.kind, "t_test")

    return MetricComparison("accuracy", _pairs(contestants, values, tested, margin))


def _auroc(
    contestants: Sequence[ExperimentPredictions], labels: NDArray[Any], units: Units, margin: float
) -> MetricComparison:
    """The area under the ROC curve, which is the same of either class."""
    scores = np.stack([run[:, 1] for contestant in contestants for run in contestant.runs]).astype(
        np.float64
    )
    areas = delong(scores, labels == 1, _members(units))

    def tested(first: list[int], second: list[int], terms: Terms) -> Tested:
        found = contrast(areas.auc, areas.covariance, first, second, units.count)
        return by_contrast(found, terms, _ranked(labels, units), units.kind, "delong")

    return MetricComparison("auroc", _pairs(contestants, areas.auc, tested, margin))


def _pairs(
    contestants: Sequence[ExperimentPredictions],
    values: NDArray[np.float64],
    tested: Callable[[list[int], list[int], Terms], Tested],
    margin: float,
) -> tuple[Pair, ...]:
    """Every pair, tested, corrected for their number, and decided."""
    ends = np.cumsum([len(contestant.runs) for contestant in contestants]).tolist()
    runs = [
        list(range(end - len(one.runs), end)) for one, end in zip(contestants, ends, strict=True)
    ]
    means = [float(values[some].mean()) for some in runs]
    order = [_higher_first(i, j, means) for i, j in combinations(range(len(contestants)), 2)]
    terms = Terms(margin, ALPHA / len(order))
    found = [tested(runs[i], runs[j], terms) for i, j in order]
    corrected = holm([one.p for one in found])
    equivalent = holm([one.p_equivalent for one in found])
    return tuple(
        Pair(
            first=contestants[i].name,
            second=contestants[j].name,
            first_value=means[i],
            second_value=means[j],
            first_runs=len(runs[i]),
            second_runs=len(runs[j]),
            p_corrected=p,
            p_equivalent_corrected=p_equivalent,
            within_margin=p_equivalent < ALPHA,
            verdict=_verdict(p, p_equivalent),
            **asdict(one),
        )
        for (i, j), one, p, p_equivalent in zip(order, found, corrected, equivalent, strict=True)
    )


def _higher_first(one: int, other: int, means: Sequence[float]) -> tuple[int, int]:
    return (one, other) if means[one] >= means[other] else (other, one)


def _verdict(p: float, p_equivalent: float) -> Verdict:
    """Better, even if by less than the margin, where it is shown; else equivalent, if that is."""
    if p < ALPHA:
        return "better"
    return "equivalent" if p_equivalent < ALPHA else "no difference shown"


def _members(units: Units) -> NDArray[np.int64] | None:
    return units.members if units.kind == "patient" else None


def _ranked(labels: NDArray[Any], units: Units) -> int:
    """Number of images, or patients, of the rarer of two classes."""
    return min(units.holding(labels == 1), units.holding(labels != 1))


def _check(contestants: Sequence[ExperimentPredictions], n: int) -> None:
    names = [contestant.name for contestant in contestants]
    if len(set(names)) < max(2, len(names)):
        raise DataError(f"compare two or more, of different names. Received: {', '.join(names)}.")
    shapes = {run.shape for experiment in contestants for run in experiment.runs}
    if (
        len(shapes) != 1
        or next(iter(shapes))[0] != n
        or not all(experiment.runs for experiment in contestants)
    ):
        raise DataError(
            f"expected a run or more of each, of probabilities ({n}, classes). "
            f"Received: {', '.join(map(str, sorted(shapes))) or 'none'}."
        )
