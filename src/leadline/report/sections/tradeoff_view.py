"""What accuracy costs: in weights, multiply-adds, training and time for a prediction.

Numbers and choices only; the sentences are in `tradeoffs.html.j2`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from leadline.analysis.experiment_results import ExperimentResults, Score
from leadline.analysis.prediction_time import Timing
from leadline.analysis.tradeoffs import Cost, Tradeoffs
from leadline.report.formatting import (
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
from leadline.report.plots.tradeoff_plot import Layout, Panel, Point, tradeoff_plot
from leadline.report.sections.comparison_view import ComparisonView
from leadline.report.translations.language import gettext as _
from leadline.report.words.estimate_words import score_interval_text, score_text

WIDE_PX, NARROW_PX = 940.0, 380.0


@dataclass(frozen=True, eq=False)
class CostView:
    """One cost of the experiments of which it is known."""

    cost: Cost
    rows: tuple[ExperimentResults, ...]
    scores: Mapping[str, Score]

    @property
    def kind(self) -> str:
        return self.cost.kind

    @property
    def name(self) -> str:
        """As a column is headed."""
        return {
            "weights": _("Weights"),
            "multiply_adds": _("Multiply-adds"),
            "training_s": _("Training"),
            "prediction_ms": _("One prediction"),
        }[self.kind]

    def said(self, name: str) -> str:
        """The cost of an experiment in words."""
        return said_cost(self.kind, self.cost.values[name])

    @cached_property
    def panel(self) -> Panel:
        points = tuple(
            Point(
                name=row.name,
                family=row.experiment.family,
                cost=self.cost.values[row.name],
                merit=self.scores[row.name].value,
                interval=self.scores[row.name].interval,
                tip=_("{name}: {figure} ({interval}); {cost}: {amount}").format(
                    name=row.name,
                    figure=score_text(self.scores[row.name]),
                    interval=score_interval_text(self.scores[row.name]),
                    cost=self.name,
                    amount=self.said(row.name),
                ),
            )
            for row in self.rows
        )
        names = [row.name for row in self.rows]
        front = tuple(map(names.index, self.cost.front))
        return Panel(self._axis, points, front, lambda value: tick(self.kind, value))

    @property
    def _axis(self) -> str:
        return {
            "weights": _("weights"),
            "multiply_adds": _("multiply-adds for one image"),
            "training_s": _("training"),
            "prediction_ms": _("one prediction"),
        }[self.kind]


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


def _powers(value: float) -> tuple[float, str]:
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return value / size, unit
    return value, ""


@dataclass(frozen=True)
class CheapestView:
    """The cheapest of those equivalent to the best, by one cost, and what the best costs."""

    cost: CostView
    name: str
    best: str

    @property
    def amounts(self) -> tuple[str, str]:
        return self.cost.said(self.name), self.cost.said(self.best)


@dataclass(frozen=True, eq=False)
class TradeoffView:
    """Accuracy against cost, for at least two experiments.

    compared: every pair; None where nothing was compared. best: the selected experiment.
    """

    tradeoffs: Tradeoffs
    rows: tuple[ExperimentResults, ...]
    scores: Mapping[str, Score]
    best: str
    compared: ComparisonView | None

    @property
    def of_shares(self) -> bool:
        """Judged by accuracy, else by AUROC."""
        return self.scores[self.rows[0].name].metric == "accuracy"

    @property
    def timings(self) -> Mapping[str, Timing]:
        """Of one prediction, by experiment."""
        return self.tradeoffs.timings

    @cached_property
    def costs(self) -> tuple[CostView, ...]:
        """Those that are known for at least two experiments."""
        return tuple(
            CostView(cost, tuple(row for row in self.rows if row.name in cost.values), self.scores)
            for cost in self.tradeoffs.costs
        )

    @cached_property
    def equivalents(self) -> tuple[CheapestView, ...]:
        """By each cost the cheapest equivalent to the best and cheaper than it."""
        costs = {cost.kind: cost for cost in self.costs}
        return tuple(
            CheapestView(costs[one.kind], one.name, self.best) for one in self.tradeoffs.equivalents
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

    @property
    def names_left_out(self) -> bool:
        """Whether the figure is too full to name every mark."""
        return any(len(panel.named) < len(panel.points) for panel in self._panels)

    @cached_property
    def svgs(self) -> tuple[str, str]:
        """The figure for wide and for narrow screens."""
        wide = Layout(min(2, len(self.costs)), WIDE_PX, "plot-wide")
        narrow = Layout(1, NARROW_PX, "plot-narrow")
        return self._svg("tradeoffs", wide), self._svg("tradeoffs-narrow", narrow)

    @property
    def _panels(self) -> list[Panel]:
        return [cost.panel for cost in self.costs]

    def _svg(self, uid: str, layout: Layout) -> str:
        return tradeoff_plot(
            self._panels,
            uid=uid,
            title=_("Test accuracy against what it costs")
            if self.of_shares
            else _("AUROC against what it costs"),
            description=_("On the front: {fronts}. The table below holds every value.").format(
                fronts=in_turn(
                    _("{name}: {value}").format(name=cost.name, value=", ".join(cost.cost.front))
                    for cost in self.costs
                )
            ),
            merit=_("test accuracy") if self.of_shares else _("AUROC"),
            say=percent_short if self.of_shares else general,
            families={"pixels": _("pixels"), "hog": _("HOG"), "cnn": _("CNN")},
            layout=layout,
        )
