"""Differences, p-values and verdicts for people, on page and screen alike."""

from __future__ import annotations

from dataclasses import dataclass

from leadline.evaluation.comparison import Pair
from leadline.report.wording import MINUS, points, signed

LEAST_P = 0.001
AREA_DIGITS = 3


@dataclass(frozen=True)
class Scale:
    """How a measure's differences are written. in_shares: in percentage points, else as numbers."""

    in_shares: bool

    @property
    def head(self) -> str:
        """The head of a column of differences."""
        return "Points" if self.in_shares else "By"

    @property
    def unit(self) -> str:
        """ " percentage points", to follow a number; nothing for areas."""
        return " percentage points" if self.in_shares else ""

    def said(self, difference: float) -> str:
        """0.0012 as "+0.12" in points, 0.0312 as "+0.031" of areas."""
        return points(difference) if self.in_shares else signed(difference, AREA_DIGITS)

    def tick(self, difference: float) -> str:
        """As short as can be, for a scale: "0.5", "−0.2", "0"."""
        return f"{round(100 * difference if self.in_shares else difference, 6):g}".replace(
            "-", MINUS
        )

    def size(self, difference: float) -> str:
        """Without its sign: "0.12", "0.031"."""
        return f"{100 * difference:.2f}" if self.in_shares else f"{difference:.{AREA_DIGITS}f}"

    def interval(self, low: float, high: float) -> str:
        """ "−0.05 to +0.29"."""
        return f"{self.said(low)} to {self.said(high)}"

    def amount(self, difference: float) -> str:
        """ "0.12 percentage points", "0.031"."""
        return self.size(difference) + self.unit

    def shown(self, pair: Pair) -> str:
        """The smallest difference that could have been shown, "none" where not even the largest."""
        return "none" if pair.could_show is None else self.size(pair.could_show)


SCALES = {"accuracy": Scale(in_shares=True), "auroc": Scale(in_shares=False)}
MEASURES = {"accuracy": "accuracy", "auroc": "AUROC"}


def p_value(p: float) -> str:
    """ "0.012", "< 0.001"."""
    return f"< {LEAST_P:g}" if p < LEAST_P else f"{p:.3f}"


def p_equation(p: float) -> str:
    """ "p = 0.012", "p < 0.001"."""
    return f"p {p_value(p)}" if p < LEAST_P else f"p = {p_value(p)}"


def verdict(pair: Pair, margin: float, scale: Scale) -> str:
    """One of three, with who is better and by less than what: "cnn-3 is better"."""
    if pair.verdict == "equivalent":
        return f"equivalent within {scale.amount(margin)}"
    if pair.verdict == "no difference shown":
        return pair.verdict
    slight = f", by less than {scale.amount(margin)}" if pair.within_margin else ""
    return f"{pair.first} is better{slight}"


def brief(pair: Pair) -> str:
    """The verdict for a table, in which who is ahead stands first."""
    slight = pair.verdict == "better" and pair.within_margin
    return f"{pair.verdict}{', within the margin' if slight else ''}"


def covers(pairs: tuple[Pair, ...]) -> str:
    """Which chances are in the intervals and p-values."""
    if all(pair.of_seeds for pair in pairs):
        return "the chance in the test images and that in the seeds"
    if any(pair.of_seeds for pair in pairs):
        return (
            "the chance in the test images, and that in the seeds where both experiments have "
            "several"
        )
    return "the chance in the test images alone, for these very models, not that of other seeds"
