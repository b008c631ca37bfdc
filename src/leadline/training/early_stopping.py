"""The best epoch by the monitored value, and when to stop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leadline.data.dataset import Int64Array
from leadline.errors import TrainingError
from leadline.experiments.training_settings import EarlyStopping, Training
from leadline.statistics.delong import placements
from leadline.training.history import EpochRow


class Monitor:
    """Follows one validation value over epochs. Feed it every row, in order."""

    def __init__(self, training: Training) -> None:
        self._name = training.monitor
        self._stopping: EarlyStopping | None = training.early_stopping
        self._best_cost = float("inf")
        self._reference_cost = float("inf")
        self._epochs_without_gain = 0
        self.best_epoch = 0

    def observe(self, row: EpochRow) -> bool:
        """Return whether this epoch is the best so far."""
        value: float = getattr(row, self._name)
        cost = value if self._name == "validation_loss" else -value
        self._count(cost)
        if cost >= self._best_cost:
            return False
        self._best_cost = cost
        self.best_epoch = row.epoch
        return True

    @property
    def should_stop(self) -> bool:
        """Return whether the value has not improved by min_delta for patience epochs."""
        return self._stopping is not None and self._epochs_without_gain >= self._stopping.patience

    def _count(self, cost: float) -> None:
        """Small gains do not reset the count, so that they cannot add up to endless training."""
        min_delta = self._stopping.min_delta if self._stopping else 0.0
        if cost < self._reference_cost - min_delta:
            self._reference_cost = cost
            self._epochs_without_gain = 0
        else:
            self._epochs_without_gain += 1


def auroc(probabilities: NDArray[np.float32], labels: Int64Array) -> float:
    """Area under the ROC curve, 0 to 1, higher is better; 0.5 where scores tell nothing.

    probabilities: (n, classes). labels: (n,), every class among them. Of two classes, that of the
    second; of more, the mean over classes of each against all others. Ties count half: the
    Mann-Whitney statistic (Hanley and McNeil, Radiology 1982).
    """
    classes = probabilities.shape[1]
    found = range(1, classes) if classes == 2 else range(classes)
    return float(np.mean([_one_class(probabilities[:, c], labels == c) for c in found]))


def check_ranked(labels: Int64Array, classes: Sequence[str]) -> None:
    """Raise TrainingError if a class has no validation image, because AUROC is then undefined."""
    counts = np.bincount(labels, minlength=len(classes))
    missing = [name for name, count in zip(classes, counts, strict=True) if not count]
    if missing:
        raise TrainingError(
            "training.monitor = 'validation_auroc' needs validation images of every class, and "
            f"there are none of {', '.join(missing)}; set training.monitor = 'validation_loss', or "
            "give more validation images."
        )


def _one_class(scores: NDArray[np.float32], positive: NDArray[np.bool_]) -> float:
    return float(placements(scores.astype(np.float64), positive)[positive].mean())
