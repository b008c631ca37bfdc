"""Keras's own optimizer objects, built from a specification."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import keras

from leadline.errors import TrainingError
from leadline.experiments.training_settings import (
    CosineSchedule,
    ExponentialSchedule,
    StepSchedule,
    Training,
)


def build_optimizer(training: Training, steps_per_epoch: int) -> Any:
    """The Keras optimizer that `training` names, with every argument as Keras means it."""
    said = training.optimizer.model_dump(exclude={"name", "exclude_from_weight_decay"})
    said["learning_rate"] = learning_rate(training, steps_per_epoch)
    optimizer = getattr(keras.optimizers, training.optimizer.name)(**said)
    if training.optimizer.exclude_from_weight_decay:
        optimizer.exclude_from_weight_decay(
            var_names=list(training.optimizer.exclude_from_weight_decay)
        )
    return optimizer


def check_excluded(training: Training, variables: Iterable[Any]) -> None:
    """Raise TrainingError where a name to exclude from weight decay matches no weight."""
    names = sorted({variable.name for variable in variables})
    for wanted in training.optimizer.exclude_from_weight_decay:
        if not any(re.search(wanted, name) for name in names):
            raise TrainingError(
                f"training.optimizer.exclude_from_weight_decay has {wanted!r}, which matches no "
                f"weight; the weights are {', '.join(names)}."
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
