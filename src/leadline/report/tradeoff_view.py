"""What accuracy costs: in weights, multiply-adds, training and time for a prediction.

Numbers and choices only; the sentences are in `tradeoffs.html.j2`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from leadline.evaluation.timing import Timing
from leadline.evaluation.tradeoff import pareto_front, unbeaten
from leadline.report.language import gettext as _
from leadline.report.tradeoff_plot import Layout, Panel, Point, tradeoff_plot
from leadline.report.wording import (
    count_short,
    duration,
    general,
    in_turn,
    integer,
    milliseconds,
    percent_short,
    spaced,
    two_digits,
)

if TYPE_CHECKING:
    from leadline.report.comparison_view import ComparisonView
    from leadline.report.study_row import Figure, Row

WIDE_PX, NARROW_PX = 940.0, 380.0
KINDS = ("weights", "multiply_adds", "training_s", "prediction_ms")


@dataclass(frozen=True, eq=False)
class Cost:
    """One cost of each experiment, by its name; those of whom it is not known are left out.

    better: who is shown to be better than whom.
    """

    kind: str
    rows: tuple[Row, ...]
    values: Mapping[str, float]
    figures: Mapping[str, Figure]
    better: frozenset[tuple[str, str]]

    @property
    def name(self) -> str:
        """As a column is headed."""
        return {
            "weights": _("Weights"),
            "multiply_adds": _("Multiply-adds"),
            "training_s": _("Training"),
            "prediction_ms": _("One prediction"),
        }[self.kind]

    @cached_property
    def front(self) -> tuple[str, ...]:
        """Who is on the front, the cheapest first."""
        return tuple(self.rows[place].name for place in self._front)

    @cached_property
    def unbeaten(self) -> frozenset[str]:
        """Than whom none at no higher cost is shown to be better."""
        names = [row.name for row in self.rows]
        costs = [self.values[name] for name in names]
        return frozenset(names[place] for place in unbeaten(names, costs, self.better))

    def said(self, name: str) -> str:
        """The cost of an experiment in words."""
        return said_cost(self.kind, self.values[name])

    @cached_property
    def panel(self) -> Panel:
        points = tuple(
            Point(
                name=row.name,
                family=row.experiment.family,
                cost=self.values[row.name],
                merit=self.figures[row.name].value,
                interval=self.figures[row.name].interval,
                tip=_("{name}: {figure} ({interval}); {cost}: {amount}").format(
                    name=row.name,
                    figure=self.figures[row.name].said,
                    interval=self.figures[row.name].interval_said,
                    cost=self.name,
                    amount=self.said(row.name),
                ),
            )
            for row in self.rows
        )
        return Panel(self._axis, points, self._front, lambda value: tick(self.kind, value))

    @property
    def _axis(self) -> str:
        return {
            "weights": _("weights"),
            "multiply_adds": _("multiply-adds for one image"),
            "training_s": _("training"),
            "prediction_ms": _("one prediction"),
        }[self.kind]

    @cached_property
    def _front(self) -> tuple[int, ...]:
        merits = [self.figures[row.name].value for row in self.rows]
        return pareto_front(merits, [self.values[row.name] for row in self.rows])


@dataclass(frozen=True)
class Least:
    """Who costs least of those equivalent to the best, by one cost, and what the best costs."""

    cost: Cost
    name: str
    best: str

    @property
    def amounts(self) -> tuple[str, str]:
        return self.cost.said(self.name), self.cost.said(self.best)


@dataclass(frozen=True, eq=False)
class TradeoffView:
    """rows: at least two. timings: of one prediction, by name; compared: None where nothing was."""

    rows: tuple[Row, ...]
    figures: Mapping[str, Figure]
    timings: Mapping[str, Timing]
    compared: ComparisonView | None

    @property
    def of_shares(self) -> bool:
        """Judged by accuracy, else by AUROC."""
        return self.figures[self.rows[0].name].of_shares

    @cached_property
    def costs(self) -> tuple[Cost, ...]:
        """Those that are known of two experiments at least."""
        found = (self._cost(kind) for kind in KINDS)
        return tuple(cost for cost in found if len(cost.rows) > 1)

    @cached_property
    def on_all(self) -> tuple[str, ...]:
        """Experiments that are on every front."""
        return tuple(
            row.name for row in self.rows if all(row.name in cost.front for cost in self.costs)
        )

    @cached_property
    def on_none(self) -> tuple[str, ...]:
        """Experiments that are on no front: another is at least as good for less of everything."""
        return tuple(
            row.name for row in self.rows if not any(row.name in cost.front for cost in self.costs)
        )

    @cached_property
    def equivalents(self) -> tuple[Least, ...]:
        """By each cost the least of those equivalent to the best that cost less than it."""
        found = self.compared
        if found is None:
            return ()
        return tuple(
            Least(cost, min(near, key=lambda name: cost.values[name]), found.best)
            for cost in self.costs
            if found.best in cost.values
            and (
                near := [
                    name
                    for name in cost.values
                    if name != found.best
                    and cost.values[name] < cost.values[found.best]
                    and found.first.compared.between(found.best, name).within_margin
                ]
            )
        )

    @cached_property
    def how_timed(self) -> Timing | None:
        """How the times were taken; None where there are none."""
        return next(iter(self.timings.values()), None)

    @property
    def most_times(self) -> int:
        """Of the times that were taken of each model, the most."""
        return max(timing.n for timing in self.timings.values())

    def quartiles(self, name: str) -> str:
        """ "0.070–0.075 ms": where the middle half of the times of one prediction lies."""
        timing = self.timings[name]
        return _("{low} to {high} ms").format(
            low=two_digits(timing.low_ms), high=two_digits(timing.high_ms)
        )

    @property
    def in_turn(self) -> bool:
        """Whether the times of all were taken in one go."""
        return all(timing.together == len(self.timings) for timing in self.timings.values())

    @cached_property
    def svgs(self) -> tuple[str, str]:
        """The figure for wide and for narrow screens."""
        wide = Layout(min(2, len(self.costs)), WIDE_PX, "plot-wide")
        narrow = Layout(1, NARROW_PX, "plot-narrow")
        return self._svg("tradeoffs", wide), self._svg("tradeoffs-narrow", narrow)

    def _svg(self, uid: str, layout: Layout) -> str:
        return tradeoff_plot(
            [cost.panel for cost in self.costs],
            uid=uid,
            title=_("Test accuracy against what it costs")
            if self.of_shares
            else _("AUROC against what it costs"),
            description=_("On the front: {fronts}. The table below holds every value.").format(
                fronts=in_turn(
                    _("{name}: {value}").format(name=cost.name, value=", ".join(cost.front))
                    for cost in self.costs
                )
            ),
            merit=_("test accuracy") if self.of_shares else _("AUROC"),
            say=percent_short if self.of_shares else general,
            families={"pixels": _("pixels"), "hog": _("HOG"), "cnn": _("CNN")},
            layout=layout,
        )

    def _cost(self, kind: str) -> Cost:
        known = {row.name: self._value(kind, row) for row in self.rows}
        values = {name: value for name, value in known.items() if value is not None}
        pairs = () if self.compared is None else self.compared.first.pairs
        return Cost(
            kind,
            tuple(row for row in self.rows if row.name in values),
            values,
            self.figures,
            frozenset((one.first, one.second) for one in pairs if one.verdict == "better"),
        )

    def _value(self, kind: str, row: Row) -> float | None:
        if kind == "weights":
            return float(row.totals.weights)
        if kind == "multiply_adds":
            return float(row.totals.multiply_adds)
        if kind == "training_s":
            return row.wall_s
        timing = self.timings.get(row.name)
        return None if timing is None else timing.median_ms


def said_cost(kind: str, value: float) -> str:
    """A cost for a table."""
    if kind == "weights":
        return integer(round(value))
    if kind == "multiply_adds":
        return count_short(round(value))
    return duration(value) if kind == "training_s" else milliseconds(value)


def tick(kind: str, value: float) -> str:
    """A cost on an axis, as short as can be."""
    if kind == "training_s":
        return spaced(general(value), _("s"))
    if kind == "prediction_ms":
        return spaced(general(value), _("ms"))
    number, unit = _powers(value)
    return spaced(general(number), unit) if unit else general(number)


def timings_of(together: Mapping[str, Timing], rows: tuple[Row, ...]) -> Mapping[str, Timing]:
    """Those taken in turn; where there are none, what the runs tell, each taken alone."""
    if together:
        return together
    alone = {row.name: row.runs[0].page.timing for row in rows}
    return {name: timing for name, timing in alone.items() if timing is not None}


def _powers(value: float) -> tuple[float, str]:
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return value / size, unit
    return value, ""
