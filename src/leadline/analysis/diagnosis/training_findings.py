"""What is told of a training: frozen values, each finding with its epochs and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leadline.analysis.diagnosis.advice import Advice
from leadline.analysis.diagnosis.generalization_gap import Gap
from leadline.data.short_repr import ShortRepr

Kind = Literal[
    "diverged", "inference gap", "learned nothing", "memorized", "over-fitting", "stopped late",
    "under-fitting", "generalization gap", "stopped early", "unstable", "plateaued", "short",
    "batch statistics",
]  # fmt: skip
"""Causes before what follows from them: of two that contradict each other the first one stays."""
Limit = Literal["fitting", "generalising", "unclear"]


@dataclass(frozen=True)
class Number:
    """One number of a finding, by name: losses in nats, accuracies and shares 0 to 1."""

    name: str
    value: float


@dataclass(frozen=True)
class Finding:
    """What is so, in which epochs (from 1, both in it), by which numbers, and what to try next.

    at: single epochs, where it is some of them. A change of loss has its `error`, the standard
    error that it was held against.
    """

    kind: Kind
    first_epoch: int
    last_epoch: int
    numbers: tuple[Number, ...]
    advice: tuple[Advice, ...]
    at: tuple[int, ...] = ()

    def number(self, name: str) -> float:
        """The number of this name; KeyError where the kind has none such."""
        return {one.name: one.value for one in self.numbers}[name]


@dataclass(frozen=True, repr=False)
class Diagnosis(ShortRepr):
    """How a training went.

    best_epoch: of the lowest validation loss, the first of equals. as_good: first and last of the
    epochs that cannot be told from it. Over the loss: relative_error, the standard error of the
    validation loss, and swing, its deviation around its course; None where too few images or epochs
    show none. limit: whether most of the held-out errors are made on training images too
    ("fitting") or not ("generalising"); None where no gap was measured, or where a finding makes it
    meaningless. No two findings contradict each other.
    """

    epochs: int
    best_epoch: int
    as_good: tuple[int, int]
    relative_error: float | None
    swing: float | None
    gap: Gap | None
    limit: Limit | None
    findings: tuple[Finding, ...]
