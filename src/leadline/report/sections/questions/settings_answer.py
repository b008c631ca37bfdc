"""Questions 1 and 2: which optimizer and which loss, and which experiments use which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from leadline.experiments import Training
from leadline.report.formatting import as_number, setting
from leadline.report.sections.questions.equations_in_numbers import in_numbers
from leadline.report.sections.study_row import Row
from leadline.report.words.equations import Formula
from leadline.report.words.expressions import (
    Expr,
    call,
    equation,
    indexed,
    math_block,
    negative,
    num,
    var,
)


@dataclass(frozen=True, eq=False)
class Shared:
    """One setting and the experiments that have it. formula: with the values in force."""

    rows: tuple[Row, ...]
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


def by_optimizer(rows: Sequence[Row]) -> tuple[Shared, ...]:
    """Experiments together that take the same steps: one optimizer, one schedule."""
    found = _together(
        rows, lambda training: (training.optimizer.model_dump_json(), training.schedule)
    )
    return tuple(Shared(some, some[0].runs[0].optimizer) for some in found)


def by_loss(rows: Sequence[Row]) -> tuple[Shared, ...]:
    """Experiments together that lower the same loss."""
    found = _together(
        rows,
        lambda training: (training.loss, training.label_smoothing, training.class_weights),
    )
    return tuple(Shared(some, some[0].runs[0].loss) for some in found)


def binary_cross_entropy() -> tuple[str, ...]:
    """The loss of two classes: y is 1 for the first class, p its probability, z the two outputs."""
    y, p, one = var("y"), var("p"), num("1")
    loss = negative(y * call("log", p) + (one - y) * call("log", one - p))
    first, second = indexed(var("z"), num("1")), indexed(var("z"), num("2"))
    gap = second - first
    exponential = Expr(f"<msup><mi>e</mi><mrow>{gap.mathml}</mrow></msup>", f"exp({gap.text})")
    return (
        math_block(equation(var("ℓ"), loss)),
        math_block(equation(p, one / (one + exponential))),
    )


def _together(
    rows: Sequence[Row], key: Callable[[Training], object]
) -> tuple[tuple[Row, ...], ...]:
    """Rows with the same key, in the order of their first."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(repr(key(row.experiment.training)), []).append(row)
    return tuple(map(tuple, found.values()))
