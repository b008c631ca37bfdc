"""Fitting a built model to a split, and predicting with it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from leadline.data.dataset import Split, UInt8Array
from leadline.experiments.training_settings import Training
from leadline.training import checkpoint as checkpoints
from leadline.training.averaging import copy_into
from leadline.training.batches import as_tensor, compute_features, judged_at_once
from leadline.training.early_stopping import Monitor
from leadline.training.forward import Forward
from leadline.training.history import EpochRow, Fitted, Stopped
from leadline.training.keras_callbacks import Hooks
from leadline.training.session import Pass, Session
from leadline.training.training_failures import check_finite, explain_memory

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from leadline.models.built_model import BuiltModel

__all__ = ["EpochRow", "Fitted", "fit", "predict"]


def fit(
    built: BuiltModel,
    split: Split,
    training: Training,
    *,
    seed: int,
    on_epoch: Callable[[EpochRow], None] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    checkpoint: Path | None = None,
    resume: bool = False,
) -> Fitted:
    """Train the classifier in place; it ends with the weights that `training` selects.

    seed: 0 or above; the same seed gives the same history on the same machine. on_epoch gets each
    new row. callbacks are Keras's, called at epoch level. checkpoint: a file that is written
    after each epoch, and read first with `resume` where it exists; then the history is the one
    of an uninterrupted run.
    Raises TrainingError for a loss that is not finite and for want of memory, RunError for a
    checkpoint that is damaged or of another training, StorageError where it cannot be written.
    """
    devices = list(range(torch.cuda.device_count()))
    with torch.random.fork_rng(devices), explain_memory(training.batch_size):
        # Layers that draw from torch's global generator follow the seed as well.
        torch.manual_seed(seed)
        session = Session(built, split, training, seed)
        store = checkpoints.Store(checkpoint, session, seed) if checkpoint else None
        course = _Course(session, Hooks(callbacks, built.model, session), store)
        if store is not None and resume:
            course.resume(store.load())
        return course.run(on_epoch)


def predict(
    built: BuiltModel, images: UInt8Array, *, batch_size: int | None = None
) -> NDArray[np.float32]:
    """Probabilities, float32 (n, classes), of uint8 images (n, height, width, channels)."""
    batch_size = batch_size or judged_at_once(images)
    forward = Forward(built.classifier)
    device = built.classifier.weights[0].value.device
    rows = []
    with torch.inference_mode(), explain_memory(batch_size):
        for pixels in as_tensor(images).split(batch_size):
            features = compute_features(built.features, pixels, device)
            rows.append(forward.probabilities(features).cpu().numpy())
    return np.concatenate(rows)


class _Course:
    """The row of epochs: what was best, and when it ends."""

    def __init__(self, session: Session, hooks: Hooks, store: checkpoints.Store | None) -> None:
        self._session, self._hooks, self._store = session, hooks, store
        self._training = session.training
        self._monitor = Monitor(self._training)
        self._rows: list[EpochRow] = []
        self._best: list[torch.Tensor] = []
        self._earlier_s = 0.0
        self._start = time.monotonic()

    def resume(self, found: checkpoints.SavedProgress | None) -> None:
        """Go on after the epochs of a checkpoint."""
        if found is None:
            return
        self._rows, self._best, self._earlier_s = list(found.rows), found.best, found.wall_s
        for row in self._rows:
            self._monitor.observe(row)

    def run(self, on_epoch: Callable[[EpochRow], None] | None) -> Fitted:
        self._hooks.begin()
        stopped = self._why_stop()
        while stopped is None:
            row = self._epoch(len(self._rows) + 1)
            if on_epoch is not None:
                on_epoch(row)
            stopped = self._why_stop()
        checked = self._session.statistics_checked()
        kept = self._keep()
        self._session.settle_statistics()
        self._hooks.end()
        best = self._monitor.best_epoch
        threads = torch.get_num_threads()
        wall_s = self._wall_s()
        return Fitted(tuple(self._rows), best, kept, stopped, wall_s, threads, checked)

    def _epoch(self, epoch: int) -> EpochRow:
        start = time.monotonic()
        self._hooks.epoch_begins(epoch)
        trained = self._session.train_epoch(self._deadline())
        check_finite(epoch, trained, [row.train_loss for row in self._rows])
        self._session.averager.after_epoch(epoch)
        with self._session.as_judged():
            row = self._row(epoch, trained, start)
            if self._monitor.observe(row) and self._training.keep_epoch == "best":
                self._best = [tensor.detach().clone() for tensor in self._session.weights]
            self._hooks.epoch_ends(row)
        if self._store is not None:
            self._store.save(self._rows, self._best, self._wall_s())
        return row

    def _row(self, epoch: int, trained: Pass, start: float) -> EpochRow:
        validated = self._session.validate()
        check_finite(epoch, validated, [row.validation_loss for row in self._rows])
        row = EpochRow(
            epoch=epoch,
            train_loss=trained.loss,
            train_accuracy=trained.accuracy,
            validation_loss=validated.loss,
            validation_accuracy=validated.accuracy,
            wall_s=time.monotonic() - start,
            images_per_s=trained.images / trained.wall_s,
            learning_rate=self._session.last_rate,
            validation_auroc=validated.auroc,
        )
        self._rows.append(row)
        return row

    def _why_stop(self) -> Stopped | None:
        if not self._rows:
            return None
        if self._monitor.should_stop:
            return "early stopping"
        if self._hooks.asked_to_stop:
            return "interrupted"
        if len(self._rows) >= self._training.epochs:
            return "finished"
        return "time limit" if time.monotonic() > self._deadline() else None

    def _keep(self) -> int:
        """Load the weights to keep; the epoch they belong to."""
        if self._training.keep_epoch == "best":
            copy_into(self._session.weights, self._best)
            return self._monitor.best_epoch
        mean = self._session.averager.mean()
        if mean is not None:
            copy_into(self._session.weights, mean)
        return len(self._rows)

    def _wall_s(self) -> float:
        return self._earlier_s + time.monotonic() - self._start

    def _deadline(self) -> float:
        limit_s = self._training.time_limit_s
        return math.inf if limit_s is None else self._start - self._earlier_s + limit_s
