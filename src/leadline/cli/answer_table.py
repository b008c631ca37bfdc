"""Answers as a table for people: the first hundred, and how often each class came."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from leadline.cli import console
from leadline.cli.terminal_tables import Column, TerminalTable

if TYPE_CHECKING:
    from leadline.serving import NamedPredictions, Predictor

SHOWN = 100


class AnswerTable:
    """Keeps what is shown, counts the rest, and prints it when closed, on standard output."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._rows: list[tuple[Any, ...]] = []
        self._count = 0
        self._outside = 0
        self._decided: Counter[str] = Counter()

    def write(self, batch: NamedPredictions) -> None:
        """Take a batch in."""
        from leadline.serving.answer_rows import rows

        classes = self._predictor.classes
        for row in rows(batch, classes):
            if len(self._rows) == SHOWN:
                break
            self._rows.append(row)
        self._count += len(batch.names)
        self._decided.update(classes[one] for one in batch.answers.decided.tolist())
        inside = batch.answers.in_scope
        self._outside += 0 if inside is None else int((~inside).sum())

    def close(self) -> None:
        """Print it."""
        from rich.console import Console

        screen = Console(highlight=False, emoji=False, markup=False)
        screen.print(self._table())
        if self._count > SHOWN:
            rest = self._count - SHOWN
            screen.print(
                f"and {rest:,} more; use --format csv for all", style="dim", soft_wrap=True
            )
        if self._count > 1:
            screen.print(self._summary(), soft_wrap=True)
        point, positive = self._predictor.point, self._predictor.positive
        if point is not None and positive is not None:
            rule = f"{console.one_line(positive)} at a probability of {point.threshold:.3f} or more"
            screen.print(f"decision: {rule} ({point.name})", style="dim", soft_wrap=True)

    def _table(self) -> TerminalTable:
        two = self._predictor.point is not None
        table = console.table(
            "",
            Column("image", "path"),
            "class",
            Column("probability", "number"),
            Column("decision" if two else "runner-up", secondary=not two),
            "",
        )
        for path, likeliest, probability, decided, inside, *row in self._rows:
            table.add_row(
                console.one_line(path),
                console.one_line(likeliest),
                f"{probability:.3f}",
                console.one_line(decided if two else self._next(row)),
                "unlike the training images" if inside is False else "",
            )
        return table

    def _next(self, row: list[float]) -> str:
        """The runner-up, with its probability."""
        second = sorted(range(len(row)), key=lambda one: -row[one])[1]
        return f"{self._predictor.classes[second]} {row[second]:.3f}"

    def _summary(self) -> str:
        classes = [
            f"{console.one_line(name)} {self._decided[name]:,}"
            for name in self._predictor.classes
            if self._decided[name]
        ]
        outside = f"; {self._outside:,} unlike the training images" if self._outside else ""
        return f"{self._count:,} images: {', '.join(classes)}{outside}"
