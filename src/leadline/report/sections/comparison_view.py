"""Which differences are significant: the best against the next, and every pair.

Numbers and choices only; the sentences are in `comparison.html.j2`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from leadline.analysis.significance.comparison import MetricComparison, Pair, RankedComparison
from leadline.report.formatting import in_turn
from leadline.report.plots.forest_plot import ForestRow, Mark, Reference, forest_plots
from leadline.report.translations.language import gettext as _
from leadline.report.translations.language import mark
from leadline.report.words.comparison_words import (
    MEASURES,
    SCALES,
    Scale,
    covers,
    p_equation,
    verdict,
)
from leadline.report.words.estimate_words import method_text

MOST_ROWS = 10
"""More pairs than these are drawn in two figures, those of the best first."""
KINDS = {"better": "test", "no difference shown": "plain", "equivalent": "equivalent"}
NAMES = {
    "test": mark("real"),
    "plain": mark("no difference shown"),
    "equivalent": mark("equivalent"),
}
"""Marks by verdict, and their names: in a figure the real ones point either way."""


@dataclass(frozen=True, eq=False)
class MeasureView:
    """Every pair by one measure. best: who is spoken of first."""

    compared: MetricComparison
    margin: float
    best: str

    @property
    def name(self) -> str:
        return _(MEASURES[self.compared.measure])

    @property
    def scale(self) -> Scale:
        return SCALES[self.compared.measure]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return self.compared.pairs

    @property
    def covers(self) -> str:
        return covers(self.pairs)

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(method_text(pair.method) for pair in self.pairs))

    @cached_property
    def of_best(self) -> tuple[Pair, ...]:
        return tuple(pair for pair in self.pairs if self.best in (pair.first, pair.second))

    def verdict(self, pair: Pair) -> str:
        return verdict(pair, self.margin, self.scale)

    def p_said(self, pair: Pair) -> str:
        """Of the corrected p-value."""
        return p_equation(pair.p_corrected)

    @cached_property
    def parts(self) -> tuple[tuple[tuple[Pair, ...], str], ...]:
        """All pairs with their figure; where there are many, those of the best, then the others."""
        others = tuple(pair for pair in self.pairs if pair not in self.of_best)
        many = len(self.pairs) > MOST_ROWS
        parts = (self.of_best, others) if many else ((*self.of_best, *others),)
        return tuple((part, self._forest(part, str(place))) for place, part in enumerate(parts))

    def _forest(self, pairs: Sequence[Pair], uid: str) -> str:
        rows = [self._row(pair) for pair in pairs]
        kinds = {KINDS[pair.verdict] for pair in pairs}
        return forest_plots(
            rows,
            uid=f"pairs-{self.compared.measure}-{uid}",
            title=_("Differences in {measure}").format(measure=self.name),
            description=in_turn(
                _("{pair}: {difference}, {verdict}").format(
                    pair=row.name, difference=row.said, verdict=self.verdict(pair)
                )
                for row, pair in zip(rows, pairs, strict=True)
            )
            + ".",
            say=self.scale.tick,
            reference=Reference(0.0, _("no difference"), self.margin),
            legend={kind: _(name) for kind, name in NAMES.items() if kind in kinds},
        )

    def _row(self, pair: Pair) -> ForestRow:
        """The best of all is said first, whichever way the difference goes."""
        turned = pair.second == self.best
        sign = -1 if turned else 1
        low, high = sorted((sign * pair.low, sign * pair.high))
        names = (pair.second, pair.first) if turned else (pair.first, pair.second)
        said = f"{self.scale.said(sign * pair.difference)} ({self.scale.interval(low, high)})"
        sentence = _("{first} over {second}")
        name = sentence.format(first=names[0], second=names[1])
        figures = _("{pair}: {difference}").format(
            pair=name, difference=self.scale.in_unit(said, pair.difference)
        )
        tip = in_turn((figures, self.p_said(pair), self.verdict(pair)))
        mark = Mark(sign * pair.difference, (low, high), KINDS[pair.verdict], tip)
        return ForestRow(name, said, (mark,), names, sentence.format(first="{0}", second="{1}"))


@dataclass(frozen=True, eq=False)
class ComparisonView:
    """All pairs of a study. weights: of each experiment, the best first."""

    ranked: RankedComparison
    weights: Mapping[str, int]

    @cached_property
    def measures(self) -> tuple[MeasureView, ...]:
        """The one that the best was selected by first."""
        primary = self.ranked.primary
        every = (primary, *(one for one in self.ranked.measures if one is not primary))
        return tuple(MeasureView(one, self.ranked.margin, self.ranked.best) for one in every)

    @property
    def first(self) -> MeasureView:
        return self.measures[0]

    @property
    def best(self) -> str:
        return self.ranked.best

    @property
    def runner_up(self) -> str:
        return self.ranked.next

    @property
    def is_smallest(self) -> bool:
        """True where no experiment has fewer weights than the best."""
        return self.weights[self.best] == min(self.weights.values())
