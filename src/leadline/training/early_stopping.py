"""The best epoch by the monitored value, and when to stop."""

from __future__ import annotations

from leadline.experiments.training_settings import EarlyStopping, Training
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
        """Whether this epoch is the best so far."""
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
        """Whether the value has not improved by min_delta for patience epochs."""
        return self._stopping is not None and self._epochs_without_gain >= self._stopping.patience

    def _count(self, cost: float) -> None:
        """Small gains do not reset the count, so that they cannot add up to endless training."""
        min_delta = self._stopping.min_delta if self._stopping else 0.0
        if cost < self._reference_cost - min_delta:
            self._reference_cost = cost
            self._epochs_without_gain = 0
        else:
            self._epochs_without_gain += 1
