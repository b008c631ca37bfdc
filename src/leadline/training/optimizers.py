"""Keras's own optimizer objects, built from a specification."""

from __future__ import annotations

from typing import Any

import keras

from leadline.spec.training import Training
from leadline.training.schedules import learning_rate


def build_optimizer(training: Training, steps_per_epoch: int) -> Any:
    """The Keras optimizer that `training` names, with every argument as Keras means it."""
    said = training.optimizer.model_dump(exclude={"name"})
    said["learning_rate"] = learning_rate(training, steps_per_epoch)
    return getattr(keras.optimizers, training.optimizer.name)(**said)
