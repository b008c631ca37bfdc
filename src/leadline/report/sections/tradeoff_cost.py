"""One cost of a study's experiments: who is on its front, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from leadline.analysis.pareto_front import pareto_front, unbeaten
from leadline.report.formatting import count_short, duration, general, integer, milliseconds, spaced
from leadline.report.plots.tradeoff_plot import Panel, Point
from leadline.report.translations.language import gettext as _

if TYPE_CHECKING:
    from leadline.report.sections.study_row import Figure, Row

KINDS = ("weights", "multiply_adds", "training_s", "prediction_ms")


@dataclass(frozen=True, eq=False)
class Cost:
    """One cost per experiment, keyed by name; experiments without a known value are omitted.

    better: pairs of names, the first significantly better than the second.
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
        """Experiments that no other experiment of at most the same cost is shown to beat."""
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
