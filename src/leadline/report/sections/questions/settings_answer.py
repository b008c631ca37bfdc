"""Questions 1 and 2: which optimizer and which loss, and which experiments use which."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape

from leadline.analysis.experiment_results import ExperimentResults
from leadline.experiments import Training
from leadline.report.formatting import as_number, setting
from leadline.report.words.equations import (
    BINARY_CROSS_ENTROPY,
    Argument,
    Formula,
    loss_formula,
    mathml,
    optimizer_formula,
)

INVISIBLE_TIMES = "&#x2062;"


@dataclass(frozen=True, eq=False)
class Shared:
    """One setting and the experiments that have it. formula: with the values in force."""

    rows: tuple[ExperimentResults, ...]
    formula: Formula

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(row.name for row in self.rows)

    @property
    def training(self) -> Training:
        return self.rows[0].experiment.training

    @cached_property
    def in_numbers(self) -> tuple[str, ...]:
        return in_numbers(self.formula)

    @property
    def rate(self) -> str:
        """The learning rate as typed."""
        return as_number(setting(self.training.optimizer.learning_rate))

    @property
    def batches(self) -> tuple[int, ...]:
        """Sizes of a batch, each once, the smallest first."""
        return tuple(sorted({row.experiment.training.batch_size for row in self.rows}))


def by_optimizer(rows: Sequence[ExperimentResults]) -> tuple[Shared, ...]:
    """Experiments together that take the same steps: one optimizer, one schedule."""
    found = _together(
        rows, lambda training: (training.optimizer.model_dump_json(), training.schedule)
    )
    return tuple(
        Shared(some, optimizer_formula(some[0].experiment.training.optimizer)) for some in found
    )


def by_loss(rows: Sequence[ExperimentResults]) -> tuple[Shared, ...]:
    """Experiments together that lower the same loss."""
    found = _together(
        rows,
        lambda training: (training.loss, training.label_smoothing, training.class_weights),
    )
    return tuple(Shared(some, loss_formula(some[0].experiment.training)) for some in found)


def binary_cross_entropy() -> tuple[str, ...]:
    """The loss of two classes: y is 1 for the first class, p its probability, z the two outputs."""
    return mathml(BINARY_CROSS_ENTROPY)


def _together(
    rows: Sequence[ExperimentResults], key: Callable[[Training], object]
) -> tuple[tuple[ExperimentResults, ...], ...]:
    """Rows with the same key, in the order of their first."""
    found: dict[str, list[ExperimentResults]] = {}
    for row in rows:
        found.setdefault(repr(key(row.experiment.training)), []).append(row)
    return tuple(map(tuple, found.values()))


DOT = "⋅"
_POWER = re.compile(r"(?P<factor>.+)e(?P<sign>-?)(?P<power>\d+)")
_WRAPPED = re.compile(r"<math><mrow>(.*)</mrow></math>")
_BEFORE_A_NUMBER = re.compile(rf"<mo>{INVISIBLE_TIMES}</mo>(?=(?:<(?:mrow|msup)>)*<mn>)")


def in_numbers(formula: Formula) -> tuple[str, ...]:
    """The equations of a formula that have values to show, as `<math>` elements.

    A symbol whose argument is off stays; so does one that no equation has.
    """
    return tuple(said for line in formula.mathml if (said := _said(line, formula)) != line)


def number(value: str) -> str:
    """A value as MathML: "1e-7" as a power of ten."""
    found = _POWER.fullmatch(value)
    if found is None:
        return f"<mn>{escape(as_number(value))}</mn>"
    sign = "<mo>−</mo>" if found["sign"] else ""
    power = f"<msup><mn>10</mn><mrow>{sign}<mn>{found['power']}</mn></mrow></msup>"
    return power if found["factor"] == "1" else f"{number(found['factor'])}<mo>{DOT}</mo>{power}"


def _said(line: str, formula: Formula) -> str:
    for argument in formula.arguments:
        if argument.symbol and any(letter.isdigit() for letter in argument.value):
            line = _put(line, argument)
    return _BEFORE_A_NUMBER.sub(f"<mo>{DOT}</mo>", line)


def _put(line: str, argument: Argument) -> str:
    """The value for the symbol, and for the symbol with a power."""
    wrapped = _WRAPPED.fullmatch(argument.symbol)
    if wrapped is None:
        return line
    symbol, value = wrapped[1], number(argument.value)
    if symbol.startswith("<msub>"):
        inner = symbol.removeprefix("<msub>").removesuffix("</msub>")
        pattern = rf"<msubsup>{re.escape(inner)}(.*?)</msubsup>"
        line = re.sub(pattern, rf"<msup><mrow>{value}</mrow>\1</msup>", line)
    return line.replace(symbol, value)
