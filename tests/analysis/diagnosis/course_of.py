"""Histories: real ones, read from files, and made ones."""

from __future__ import annotations

import csv
from pathlib import Path

from leadline.analysis.diagnosis.generalization_gap import Gap, PartEvaluation, difference
from leadline.analysis.diagnosis.training_diagnosis import diagnose
from leadline.analysis.diagnosis.training_findings import Diagnosis
from leadline.analysis.significance.guessing import Guessing, Verdict
from leadline.experiments import Experiment, load_experiment
from leadline.metrics.estimates import Estimate
from leadline.statistics.intervals import wilson_interval
from leadline.training.history import EpochRow, Fitted, StatisticsCheck, Stopped

HISTORIES = Path(__file__).parent / "histories"


def real(name: str) -> tuple[EpochRow, ...]:
    """A history of a training that we ran; histories/README.md says of what."""
    with (HISTORIES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            {key: float(text) for key, text in row.items() if text} for row in csv.DictReader(file)
        ]
    return tuple(EpochRow(epoch=int(row.pop("epoch")), **row) for row in rows)


def made(
    validation_loss, train_loss=None, accuracy=None, train_accuracy=0.9
) -> tuple[EpochRow, ...]:
    """A history of these losses; train losses fall unless given."""
    train = train_loss or [0.5 - 0.001 * epoch for epoch in range(len(validation_loss))]
    rights = accuracy or [0.9] * len(validation_loss)
    rows = zip(train, validation_loss, rights, strict=True)
    return tuple(
        EpochRow(epoch, lost, train_accuracy, held, right, 1.0, 1000.0, 1e-3)
        for epoch, (lost, held, right) in enumerate(rows, 1)
    )


def loss_known_to(relative_error: float) -> Estimate:
    """A loss of 1 with this standard error."""
    half = 1.959963984540054 * relative_error
    return Estimate(1.0, 1.0 - half, 1.0 + half, "standard_error")


def gap_of(
    train: tuple[int, int],
    held: tuple[int, int],
    losses: tuple[float, float],
    majority: float = 0.1,
) -> Gap:
    """Right ones of so many, train and held out; losses that are known to 3%."""
    sides = []
    for (right, n), loss in zip((train, held), losses, strict=True):
        bounds = wilson_interval(right, n)
        sure = Estimate(loss, 0.94 * loss, 1.06 * loss, "standard_error")
        sides.append(PartEvaluation(n, Estimate(right / n, *bounds, "wilson"), sure))
    one, other = sides
    return Gap(
        "test", one, other, difference(one.accuracy, other.accuracy),
        difference(other.loss, one.loss), majority,
    )  # fmt: skip


def diagnosed(
    history: tuple[EpochRow, ...],
    relative_error: float = 0.02,
    *,
    experiment: Experiment | None = None,
    kept_epoch: int | None = None,
    stopped: Stopped = "finished",
    classes: int = 10,
    gap: Gap | None = None,
    guessing: Guessing | None = None,
    statistics: StatisticsCheck | None = None,
    validation_is_test: bool = False,
) -> Diagnosis:
    """The diagnosis; mlp-1's settings, the last epoch kept, unless told otherwise."""
    best = min(history, key=lambda row: row.validation_loss).epoch
    return diagnose(
        Fitted(history, best, kept_epoch or len(history), stopped, 1.0, None, statistics),
        experiment or load_experiment("mlp-1"),
        loss_known_to(relative_error),
        classes=classes,
        gap=gap,
        guessing=guessing,
        validation_is_test=validation_is_test,
    )


def guess_of(accuracy: float, constant_accuracy: float, verdict: Verdict = "not shown") -> Guessing:
    """A model of three classes against always naming "a"."""
    difference = accuracy - constant_accuracy
    return Guessing(
        verdict=verdict, n=24, n_groups=None, runs=1, constant="a",
        constant_accuracy=constant_accuracy, accuracy=accuracy,
        difference=Estimate(difference, difference - 0.2, difference + 0.2, "mcnemar_tango"),
        p=0.87 if verdict == "not shown" else 0.001, balanced_accuracy=accuracy,
        balanced_chance=1 / 3, auroc=Estimate(0.52, 0.4, 0.64, "delong"), p_auroc=0.4,
        classes_named=3, named="a",
    )  # fmt: skip


def kinds(found: Diagnosis) -> list[str]:
    return [one.kind for one in found.findings]
