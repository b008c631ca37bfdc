"""Accuracy against cost: weights, multiply-adds, training time and prediction time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from leadline.analysis.experiment_results import ExperimentResults, Score
from leadline.analysis.pareto_front import pareto_front, unbeaten
from leadline.analysis.prediction_time import Timing
from leadline.analysis.significance.comparison import MetricComparison

KINDS = ("weights", "multiply_adds", "training_s", "prediction_ms")


@dataclass(frozen=True)
class Cost:
    """One cost of every experiment where it is known, and its Pareto front.

    kind: weights, multiply_adds (of one image), training_s, prediction_ms. front: experiments that
    no other beats in both score and cost, the cheapest first. unbeaten: experiments that no equally
    cheap or cheaper one significantly beats.
    """

    kind: str
    values: dict[str, float]
    front: tuple[str, ...]
    unbeaten: tuple[str, ...]


@dataclass(frozen=True)
class CheapestEquivalent:
    """By one cost, the cheapest experiment equivalent to the best and cheaper than it."""

    kind: str
    name: str


@dataclass(frozen=True)
class Tradeoffs:
    """All costs that are known for at least two experiments.

    on_every_front, on_no_front: experiments. timings: of one prediction, by experiment.
    """

    costs: tuple[Cost, ...]
    on_every_front: tuple[str, ...]
    on_no_front: tuple[str, ...]
    equivalents: tuple[CheapestEquivalent, ...]
    timings: dict[str, Timing]


def tradeoffs(
    rows: Sequence[ExperimentResults],
    scores: Mapping[str, Score],
    together: Mapping[str, Timing],
    compared: MetricComparison | None,
    best: str,
) -> Tradeoffs:
    """Find the Pareto front of every cost.

    Parameters
    ----------
    rows : sequence of ExperimentResults
        At least two.
    scores : mapping of str to Score
        Test score of each experiment, by name.
    together : mapping of str to Timing
        Prediction times measured in turn; where empty, those of the runs are used.
    compared : MetricComparison, optional
        Every pair by the metric of the scores.
    best : str
        The selected experiment, to which others may be equivalent.
    """
    timings = _timings(together, rows)
    better = frozenset(
        (pair.first, pair.second)
        for pair in (() if compared is None else compared.pairs)
        if pair.verdict == "better"
    )
    known = (_cost(kind, rows, scores, timings, better) for kind in KINDS)
    costs = tuple(cost for cost in known if len(cost.values) > 1)
    names = [row.name for row in rows]
    return Tradeoffs(
        costs=costs,
        on_every_front=tuple(name for name in names if all(name in cost.front for cost in costs)),
        on_no_front=tuple(name for name in names if not any(name in cost.front for cost in costs)),
        equivalents=tuple(_equivalents(costs, compared, best)),
        timings=timings,
    )


def _equivalents(
    costs: Sequence[Cost], compared: MetricComparison | None, best: str
) -> list[CheapestEquivalent]:
    if compared is None:
        return []
    cheapest = []
    for cost in costs:
        if best not in cost.values:
            continue
        equivalent = [
            name
            for name, value in cost.values.items()
            if name != best
            and value < cost.values[best]
            and compared.between(best, name).within_margin
        ]
        if equivalent:
            name = min(equivalent, key=lambda name: cost.values[name])
            cheapest.append(CheapestEquivalent(cost.kind, name))
    return cheapest


def _cost(
    kind: str,
    rows: Sequence[ExperimentResults],
    scores: Mapping[str, Score],
    timings: Mapping[str, Timing],
    better: Collection[tuple[str, str]],
) -> Cost:
    every = {row.name: _value(kind, row, timings) for row in rows}
    values = {name: value for name, value in every.items() if value is not None}
    names, amounts = list(values), list(values.values())
    front = pareto_front([scores[name].value for name in names], amounts)
    return Cost(
        kind,
        values,
        tuple(names[place] for place in front),
        tuple(sorted(names[place] for place in unbeaten(names, amounts, better))),
    )


def _value(kind: str, row: ExperimentResults, timings: Mapping[str, Timing]) -> float | None:
    if kind == "weights":
        return float(row.totals.weights)
    if kind == "multiply_adds":
        return float(row.totals.multiply_adds)
    if kind == "training_s":
        return row.wall_s
    timing = timings.get(row.name)
    return None if timing is None else timing.median_ms


def _timings(
    together: Mapping[str, Timing], rows: Sequence[ExperimentResults]
) -> dict[str, Timing]:
    """Times measured in turn; where there are none, those of the runs, each measured alone."""
    known = {row.name: together[row.name] for row in rows if row.name in together}
    if known:
        return known
    alone = {row.name: row.runs[0].timing for row in rows}
    return {name: timing for name, timing in alone.items() if timing is not None}
