"""Differences, p-values and verdicts for people, on page and screen alike."""

from __future__ import annotations

from dataclasses import dataclass

from leadline.analysis.significance.comparison import Pair
from leadline.report.formatting import decimal, general, points, signed
from leadline.report.translations.language import gettext as _
from leadline.report.translations.language import mark, ngettext

LEAST_P = 0.001
AREA_DIGITS = 3


@dataclass(frozen=True)
class Scale:
    """How a measure's differences are written. in_shares: in percentage points, else as numbers."""

    in_shares: bool

    @property
    def head(self) -> str:
        """The head of a column of differences."""
        return _("Points") if self.in_shares else _("By")

    def in_unit(self, number: str, difference: float) -> str:
        """A number with its unit: "+0.12 percentage points"; an area as it is."""
        if not self.in_shares:
            return number
        # Other languages than English tell 0.5 points from 2.
        whole = int(abs(100 * difference))
        said = ngettext("{number} percentage points", "{number} percentage points", whole)
        return said.format(number=number)

    def said(self, difference: float) -> str:
        """0.0012 as "+0.12" in points, 0.0312 as "+0.031" of areas."""
        return points(difference) if self.in_shares else signed(difference, AREA_DIGITS)

    def tick(self, difference: float) -> str:
        """As short as can be, for a scale: "0.5", "−0.2", "0"."""
        return general(round(100 * difference if self.in_shares else difference, 6))

    def size(self, difference: float) -> str:
        """Without its sign: "0.12", "0.031"."""
        return decimal(100 * difference, 2) if self.in_shares else decimal(difference, AREA_DIGITS)

    def interval(self, low: float, high: float) -> str:
        """ "−0.05 to +0.29"."""
        return _("{low} to {high}").format(low=self.said(low), high=self.said(high))

    def amount(self, difference: float) -> str:
        """ "0.12 percentage points", "0.031"."""
        return self.in_unit(self.size(difference), difference)

    def shown(self, pair: Pair) -> str:
        """The smallest difference that could have been shown, "none" where not even the largest."""
        return (
            _("none")
            if pair.minimum_detectable_difference is None
            else self.size(pair.minimum_detectable_difference)
        )


SCALES = {"accuracy": Scale(in_shares=True), "auroc": Scale(in_shares=False)}
MEASURES = {"accuracy": mark("accuracy"), "auroc": "AUROC"}


def p_value(p: float) -> str:
    """ "0.012", "< 0.001"."""
    return f"< {general(LEAST_P)}" if p < LEAST_P else decimal(p, 3)


def p_equation(p: float) -> str:
    """ "p = 0.012", "p < 0.001"."""
    return f"p {p_value(p)}" if p < LEAST_P else f"p = {p_value(p)}"


def verdict(pair: Pair, margin: float, scale: Scale) -> str:
    """One of three, with who is better and by less than what: "cnn-3 is better"."""
    amount = scale.amount(margin)
    if pair.verdict == "equivalent":
        return _("equivalent within {amount}").format(amount=amount)
    if pair.verdict == "no difference shown":
        return _("no difference shown")
    if pair.within_margin:
        said = _("{name} is better, by less than {amount}")
        return said.format(name=pair.first, amount=amount)
    return _("{name} is better").format(name=pair.first)


def brief(pair: Pair) -> str:
    """The verdict for a table, in which who is ahead stands first."""
    if pair.verdict == "equivalent":
        return _("equivalent")
    if pair.verdict == "no difference shown":
        return _("no difference shown")
    return _("better, within the margin") if pair.within_margin else _("better")


def covers(pairs: tuple[Pair, ...]) -> str:
    """Which chances are in the intervals and p-values."""
    if all(pair.of_seeds for pair in pairs):
        return _("the chance in the test images and that in the seeds")
    if any(pair.of_seeds for pair in pairs):
        return _(
            "the chance in the test images, and that in the seeds where both experiments have "
            "several"
        )
    return _("the chance in the test images alone, for these very models, not that of other seeds")
