"""Which epoch is best, and when to stop, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leadline.experiments.training_settings import EarlyStopping, Training
from leadline.training.early_stopping import Monitor
from leadline.training.history import EpochRow


def row(epoch: int, *, loss: float = 1.0, accuracy: float = 0.5) -> EpochRow:
    return EpochRow(epoch, 1.0, 0.5, loss, accuracy, 1.0, 1.0, 0.001)


def follow(monitor: Monitor, losses: list[float]) -> list[bool]:
    """Feed the losses until it stops; which epochs were best when they came."""
    seen = []
    for epoch, loss in enumerate(losses, 1):
        seen.append(monitor.observe(row(epoch, loss=loss)))
        if monitor.should_stop:
            break
    return seen


def test_the_first_of_equals_is_best():
    monitor = Monitor(Training())
    assert follow(monitor, [0.5, 0.3, 0.3, 0.4]) == [True, True, False, False]
    assert monitor.best_epoch == 2
    assert not monitor.should_stop


def test_accuracy_is_better_when_higher():
    monitor = Monitor(Training(monitor="validation_accuracy"))
    for epoch, accuracy in enumerate([0.2, 0.9, 0.8], 1):
        monitor.observe(row(epoch, loss=0.0, accuracy=accuracy))
    assert monitor.best_epoch == 2


@pytest.mark.parametrize(
    ("losses", "stops_after"),
    [
        ([0.5, 0.6, 0.6, 0.1], 3),
        ([0.5, 0.6, 0.4, 0.6, 0.6, 0.1], 5),
        ([0.5, 0.4, 0.3, 0.2], 4),
    ],
)
def test_patience_counts_epochs_since_the_last_gain(losses, stops_after):
    monitor = Monitor(Training(early_stopping=EarlyStopping(patience=2)))
    assert len(follow(monitor, losses)) == stops_after


def test_gains_below_min_delta_do_not_count_but_the_best_is_the_best():
    monitor = Monitor(Training(early_stopping=EarlyStopping(patience=2, min_delta=0.1)))
    assert len(follow(monitor, [0.5, 0.45, 0.41, 0.3])) == 3
    assert monitor.best_epoch == 3


def test_small_gains_that_add_up_to_min_delta_count():
    monitor = Monitor(Training(early_stopping=EarlyStopping(patience=2, min_delta=0.1)))
    assert len(follow(monitor, [0.5, 0.45, 0.39, 0.35, 0.34])) == 5


def test_auroc_is_better_the_higher():
    monitor = Monitor(
        Training(monitor="validation_auroc", early_stopping=EarlyStopping(patience=2))
    )
    seen = [
        monitor.observe(replace(row(epoch), validation_auroc=value))
        for epoch, value in enumerate((0.5, 0.9, 0.7, 0.9), 1)
    ]
    assert seen == [True, True, False, False]
    assert (monitor.best_epoch, monitor.should_stop) == (2, True)
