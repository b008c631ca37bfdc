"""Keras callbacks at epoch level."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from leadline.training.history import EpochRow
from leadline.training.session import Session


class Hooks:
    """The user's callbacks; nothing happens, and no attribute is set, where there are none.

    Epochs are counted from 0 there, as Keras does. The model they see has the session's optimizer.
    """

    def __init__(
        self, callbacks: Sequence[keras.callbacks.Callback], model: keras.Model, session: Session
    ) -> None:
        self._model, self._list = model, None
        if callbacks:
            model.optimizer = session.optimizer
            model.stop_training = False
            self._list = keras.callbacks.CallbackList(
                list(callbacks), model=model, epochs=session.training.epochs, verbose=0
            )

    @property
    def asked_to_stop(self) -> bool:
        """Return whether a callback has set `model.stop_training`."""
        return self._list is not None and bool(self._model.stop_training)

    def begin(self) -> None:
        if self._list is not None:
            self._list.on_train_begin()

    def epoch_begins(self, epoch: int) -> None:
        if self._list is not None:
            self._list.on_epoch_begin(epoch - 1)

    def epoch_ends(self, row: EpochRow) -> None:
        if self._list is not None:
            self._list.on_epoch_end(row.epoch - 1, _logs(row))

    def end(self) -> None:
        if self._list is not None:
            self._list.on_train_end()


def _logs(row: EpochRow) -> dict[str, float]:
    auroc = row.validation_auroc
    return {
        "loss": row.train_loss,
        "accuracy": row.train_accuracy,
        "val_loss": row.validation_loss,
        "val_accuracy": row.validation_accuracy,
        **({} if auroc is None else {"val_auroc": auroc}),
        "learning_rate": row.learning_rate,
    }
