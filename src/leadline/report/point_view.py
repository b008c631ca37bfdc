"""One threshold on both parts: its name, its counts, and what it reaches, as rows of a plot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leadline.evaluation.estimates import AtPoint, Estimate, OperatingPoint
from leadline.report.estimate_words import share, share_with_interval
from leadline.report.forest import ForestRow, Mark

AT_POINT = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "ppv": "PPV",
    "npv": "NPV",
    "f1": "F1",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
}
"""What is told at a threshold, and its name."""


@dataclass(frozen=True, eq=False)
class PointView:
    """One threshold on both parts. cells: found, missed, false alarms, passed."""

    point: OperatingPoint
    name: str
    test: AtPoint
    validation: AtPoint | None
    forest_svg: str

    @property
    def cells(self) -> tuple[int, int, int, int]:
        (passed, alarms), (missed, found) = self.test.confusion
        return found, missed, alarms, passed

    @property
    def measures(self) -> Iterator[tuple[str, Estimate, Estimate | None]]:
        """Name, on test, on validation."""
        for key, name in AT_POINT.items():
            before = None if self.validation is None else getattr(self.validation, key)
            yield name, getattr(self.test, key), before


def point_name(point: OperatingPoint, floor: float) -> str:
    """What a threshold is called: "Youden", "sensitivity ≥ 95%", "likelier class"."""
    return {
        "youden": "Youden",
        "sensitivity": f"sensitivity ≥ {100 * floor:g}%",
        "half": "likelier class",
    }[point.name]


def point_rows(at: AtPoint) -> list[ForestRow]:
    """What is told at a threshold, on test."""
    estimates = ((name, getattr(at, key)) for key, name in AT_POINT.items())
    return [
        ForestRow(name, share_with_interval(one), _marks(one, "test", name))
        for name, one in estimates
    ]


def transfer_row(name: str, then: Estimate, now: Estimate) -> ForestRow:
    marks = (
        *_marks(then, "validation", f"{name}, validation"),
        *_marks(now, "test", f"{name}, test"),
    )
    return ForestRow(name, f"{share(then)} → {share(now)}", marks)


def _marks(estimate: Estimate, kind: str, name: str) -> tuple[Mark, ...]:
    """None for a figure that the images cannot tell."""
    if estimate.value is None:
        return ()
    interval = (estimate.low, estimate.high)
    return (Mark(estimate.value, interval, kind, f"{name}: {share_with_interval(estimate)}"),)


def tick(value: float) -> str:
    """0.975 as "97.5%"."""
    return f"{100 * value:.4g}%"
