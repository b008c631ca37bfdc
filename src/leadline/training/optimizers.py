"""Keras's own optimizer objects, built from a specification."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import keras

from leadline.errors import TrainingError
from leadline.experiments.training_settings import Training
from leadline.training.schedules import learning_rate


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
