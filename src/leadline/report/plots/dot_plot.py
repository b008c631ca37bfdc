"""Values with their intervals on one scale that the page draws itself, as wide as there is room."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from leadline.analysis.experiment_results import Score
from leadline.report.formatting import decimal, percent
from leadline.report.words.comparison_words import SCALES
from leadline.report.words.estimate_words import number

MOST_TICKS = 6


@dataclass(frozen=True)
class ScaleRow:
    """An experiment on a scale. target: id of where the page tells more. seeds: none of one alone.

    figure: its value with its 95% bounds; seeds: the value of each seed.
    """

    name: str
    family: str
    target: str
    figure: Score
    seeds: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Scale:
    """A linear scale of shares or areas, both 0 to 1, that holds all its rows."""

    rows: tuple[ScaleRow, ...]

    @property
    def of_shares(self) -> bool:
        return self.rows[0].figure.metric == "accuracy"

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest value that has a place, with a little room about what is shown."""
        held = [
            end for row in self.rows for end in (*row.figure.interval, row.figure.value, *row.seeds)
        ]
        width = max(held) - min(held)
        room = 0.04 * width if width > 0.001 else 0.005
        return max(min(held) - room, 0.0), min(max(held) + room, 1.0)

    def place(self, value: float) -> float:
        """Where a value lies, in percent of the width from the left."""
        low, high = self.ends
        return round(100 * (value - low) / (high - low), 2)

    @cached_property
    def ticks(self) -> tuple[float, ...]:
        """Round values on the scale, two to six of them."""
        low, high = self.ends
        step = _step(high - low)
        first = math.ceil(round(low / step, 6))
        last = math.floor(round(high / step, 6))
        return tuple(round(place * step, 9) for place in range(first, last + 1))

    def said(self, value: float) -> str:
        """One seed's value in words: "99.13%", "0.984"."""
        return percent(value) if self.of_shares else number(value)

    def width_said(self, width: float) -> str:
        """A difference of values in words: "0.04 percentage points", "0.004"."""
        return SCALES["accuracy" if self.of_shares else "auroc"].amount(width)

    def spread_said(self, sd: float) -> str:
        """A standard deviation without its unit, percentage points of shares: "0.04", "0.004"."""
        return SCALES["accuracy" if self.of_shares else "auroc"].size(sd)

    def tick_said(self, value: float) -> str:
        """A round value in as few digits as its neighbours need: "98.5%", "0.96"."""
        low, high = self.ends
        step = _step(high - low) * (100 if self.of_shares else 1)
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        return percent(value, digits) if self.of_shares else decimal(value, digits)


def _step(width: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that gives at most MOST_TICKS ticks."""
    power = 10.0 ** math.floor(math.log10(width / MOST_TICKS))
    return next(times * power for times in (1, 2, 5, 10) if width / (times * power) < MOST_TICKS)
