"""What accuracy costs: in weights, multiply-adds, training and time for a prediction.

Numbers and choices only; the sentences are in `tradeoffs.html.j2`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from leadline.analysis.prediction_time import Timing
from leadline.report.formatting import general, in_turn, percent_short, two_digits
from leadline.report.plots.tradeoff_plot import Layout, Panel, tradeoff_plot
from leadline.report.sections.tradeoff_cost import KINDS, Cost
from leadline.report.translations.language import gettext as _

if TYPE_CHECKING:
    from leadline.report.sections.comparison_view import ComparisonView
    from leadline.report.sections.study_row import Figure, Row

WIDE_PX, NARROW_PX = 940.0, 380.0


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


def timings_of(together: Mapping[str, Timing], rows: tuple[Row, ...]) -> Mapping[str, Timing]:
    """Those taken in turn; where there are none, what the runs tell, each taken alone."""
    known = {row.name: together[row.name] for row in rows if row.name in together}
    if known:
        return known
    alone = {row.name: row.runs[0].page.timing for row in rows}
    return {name: timing for name, timing in alone.items() if timing is not None}
