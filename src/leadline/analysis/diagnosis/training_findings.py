"""The diagnosis of a training as frozen values, and the base class of the rules that make it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from leadline.analysis.diagnosis.advice import Advice, Setting
from leadline.analysis.diagnosis.generalization_gap import Gap, Limit
from leadline.analysis.diagnosis.learning_curve import Course, Span
from leadline.analysis.significance.guessing import Guessing
from leadline.data.short_repr import ShortRepr
from leadline.system.messages import Message
from leadline.training.history import EpochRow, StatisticsCheck


@dataclass(frozen=True)
class Number:
    """One number of a finding, by name: losses in nats, accuracies and shares 0 to 1."""

    name: str
    value: float


@dataclass(frozen=True)
class Finding:
    """What a rule found: in which epochs (from 1, both included), by which numbers, and the advice.

    kind : code of the rule. at : single epochs, where it holds for some of them. A change of loss
    comes with its `error`, the standard error that it was compared with.
    """

    kind: str
    first_epoch: int
    last_epoch: int
    numbers: tuple[Number, ...]
    advice: tuple[Advice, ...]
    at: tuple[int, ...] = ()

    def number(self, name: str) -> float:
        """The number of this name. Raises KeyError if there is none."""
        return {one.name: one.value for one in self.numbers}[name]


@dataclass(frozen=True, repr=False)
class Diagnosis(ShortRepr):
    """Diagnosis of a training.

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


@dataclass(frozen=True, eq=False)
class JudgedTraining:
    """Input of a rule.

    course : the losses by epoch, all finite. kept : the row of the epoch whose weights were kept.
    gap : on training and held-out images, where both were judged. guessing : whether the model is
    better than guessing on test, where that is known. statistics : the check of batch statistics,
    where one was made.
    """

    course: Course
    setting: Setting
    kept: EpochRow
    gap: Gap | None = None
    guessing: Guessing | None = None
    statistics: StatisticsCheck | None = None

    @property
    def improving(self) -> bool:
        """True if the training ended while it was getting better, or too early to tell."""
        return self.course.short or self.course.still_falling

    @property
    def kept_span(self) -> Span:
        """The epoch whose weights were kept."""
        return Span(self.kept.epoch, self.kept.epoch)


class Rule(ABC):
    """A kind of finding about a training; `register` adds one.

    code : in JSON. title : on the page. loud : asks for something to be done. serious : named on
    the first screen of a study. stretch : holds for a stretch of epochs, which the curve shades.
    onset : the epoch in which it began is named in one-line summaries. always : a remark on how the
    model is judged, whatever the training was like.
    """

    code: ClassVar[str]
    title: ClassVar[Message]
    loud: ClassVar[bool] = True
    serious: ClassVar[bool] = False
    stretch: ClassVar[bool] = False
    onset: ClassVar[bool] = False
    always: ClassVar[bool] = False

    @abstractmethod
    def search(self, training: JudgedTraining) -> Iterable[Finding]:
        """Find what is so, as `self.finding` makes it; at most one finding."""

    @abstractmethod
    def message(self, finding: Finding, held: Message) -> Message:
        """Say what was found. held: "validation" or "test", the images it was judged by."""

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterable[Advice]:
        """Advice, the most promising first."""
        del span, setting, improving
        return ()

    def finding(
        self,
        span: Span,
        numbers: Mapping[str, float],
        setting: Setting,
        *,
        improving: bool = False,
        at: tuple[int, ...] = (),
    ) -> Finding:
        """Return a finding of this kind with its advice."""
        values = tuple(Number(name, float(value)) for name, value in numbers.items())
        advice = tuple(self.advice(span, setting, improving=improving))
        return Finding(self.code, span.first, span.last, values, advice, at)


RULES: list[Rule] = []
"""All rules, causes before what follows from them: of two that contradict each other the first one
stays. `rules` has those of leadline."""


def register(rule: Rule) -> None:
    """Add a rule. Raises ValueError for a code that another rule has."""
    if any(rule.code == known.code for known in RULES):
        raise ValueError(f"rule code {rule.code!r} is taken; choose another.")
    RULES.append(rule)


def rule_of(kind: str) -> Rule:
    """Return the rule of this code. Raises KeyError if there is none."""
    return {rule.code: rule for rule in RULES}[kind]
