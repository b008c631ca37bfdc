"""Epochs and results of a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leadline.data.short_repr import ShortRepr

Stopped = Literal["finished", "early stopping", "time limit", "interrupted"]


@dataclass(frozen=True)
class EpochRow:
    """One line of the history.

    epoch counts from 1. Losses are in nats, accuracies 0 to 1. train_loss and train_accuracy are
    means over the epoch's training batches as seen while training (dropout on, weights moving,
    label smoothing and class weights included), Keras's convention. The validation values are
    plain cross-entropy and accuracy of the weights that would be kept if training stopped here.
    wall_s is the whole epoch; images_per_s counts its training part only. learning_rate is the
    rate of the epoch's last step. validation_auroc is there where it is monitored, 0 to 1.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    wall_s: float
    images_per_s: float
    learning_rate: float
    validation_auroc: float | None = None


@dataclass(frozen=True)
class StatisticsCheck:
    """Effect of computed batch-normalization statistics, on validation images.

    layers: how many were computed, over so many training `images`. steps: of the optimizer.
    moving_accuracy: with the moving averages that training left after its last step;
    computed_accuracy: of the same weights with statistics of the training images. 0 to 1.
    """

    layers: int
    images: int
    steps: int
    moving_accuracy: float
    computed_accuracy: float


@dataclass(frozen=True, repr=False)
class Fitted(ShortRepr):
    """Result of a training; the model itself holds the weights of `kept_epoch`.

    best_epoch is the best by the monitored value, the first of equals. stopped says why training
    ended; "interrupted" means that a callback asked for it. wall_s spans all epochs, those before
    a resumption too. threads: those that torch computed on, which the last bits of a convolution
    depend on; None in runs of versions that did not record it.
    statistics: of batch normalization; None for a model without it.
    """

    history: tuple[EpochRow, ...]
    best_epoch: int
    kept_epoch: int
    stopped: Stopped
    wall_s: float
    threads: int | None = None
    statistics: StatisticsCheck | None = None
