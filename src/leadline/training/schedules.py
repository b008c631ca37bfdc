"""Learning rates over steps, as Keras schedule objects."""

from __future__ import annotations

from typing import Any

import keras

from leadline.errors import TrainingError
from leadline.experiments.training_settings import (
    CosineSchedule,
    ExponentialSchedule,
    StepSchedule,
    Training,
)


def learning_rate(training: Training, steps_per_epoch: int) -> Any:
    """The rate for a Keras optimizer: a float, or a schedule over steps counted from 0."""
    rate = training.optimizer.learning_rate
    match training.schedule:
        case None:
            return rate
        case CosineSchedule() as schedule:
            return _cosine(schedule, rate, steps_per_epoch, training.epochs)
        case ExponentialSchedule() as schedule:
            return keras.optimizers.schedules.ExponentialDecay(
                rate, decay_steps=steps_per_epoch, decay_rate=schedule.factor_per_epoch
            )
        case StepSchedule() as schedule:
            return _step(schedule, rate, steps_per_epoch)


def _cosine(schedule: CosineSchedule, rate: float, steps_per_epoch: int, epochs: int) -> Any:
    warmup_steps = round(schedule.warmup_epochs * steps_per_epoch)
    decay_steps = epochs * steps_per_epoch - warmup_steps
    if decay_steps <= 0:
        raise TrainingError(
            f"training.schedule.warmup_epochs = {schedule.warmup_epochs} leaves no epoch to decay "
            f"in; training.epochs = {epochs} must be larger."
        )
    return keras.optimizers.schedules.CosineDecay(
        0.0 if warmup_steps else rate,
        decay_steps,
        alpha=schedule.final_fraction,
        warmup_target=rate if warmup_steps else None,
        warmup_steps=warmup_steps,
    )


def _step(schedule: StepSchedule, rate: float, steps_per_epoch: int) -> Any:
    epochs = sorted(set(schedule.at_epochs))
    # Keras keeps the old rate at the boundary itself, hence one step before the epoch's first.
    boundaries = [(epoch - 1) * steps_per_epoch - 1 for epoch in epochs]
    values = [rate * schedule.factor**power for power in range(len(epochs) + 1)]
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)
