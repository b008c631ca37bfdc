"""Keras callbacks at epoch level."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from tests.training.conftest import build, experiment

from leadline.training.loop import fit


class Diary(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Writes down what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Any] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.lines.append("begin")

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.lines.append(("epoch", epoch))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.lines.append((epoch, dict(logs)))

    def on_train_end(self, logs: Any = None) -> None:
        self.lines.append("end")


def test_order_and_values(split):
    made = experiment(epochs=2)
    diary = Diary()
    fitted = fit(build(made), split, made.training, seed=0, callbacks=[diary])
    first, second = (
        {
            "loss": row.train_loss,
            "accuracy": row.train_accuracy,
            "val_loss": row.validation_loss,
            "val_accuracy": row.validation_accuracy,
            "learning_rate": row.learning_rate,
        }
        for row in fitted.history
    )
    assert diary.lines == ["begin", ("epoch", 0), (0, first), ("epoch", 1), (1, second), "end"]


def test_stop_training_is_honoured(split):
    made = experiment(epochs=9)
    built = build(made)
    stop = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: setattr(built.model, "stop_training", epoch == 1)
    )
    fitted = fit(built, split, made.training, seed=0, callbacks=[stop])
    assert len(fitted.history) == 2
    assert fitted.stopped == "interrupted"


def test_a_scheduler_sets_the_learning_rate(split):
    made = experiment(epochs=3)
    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.5 / (epoch + 1))
    fitted = fit(build(made), split, made.training, seed=0, callbacks=[scheduler])
    rates = [row.learning_rate for row in fitted.history]
    assert rates == [0.5, 0.25, 0.1666667]


def test_a_model_checkpoint_saves_a_model_that_loads(split, tmp_path):
    made = experiment(epochs=1)
    path = tmp_path / "model.keras"
    saver = keras.callbacks.ModelCheckpoint(path)
    built = build(made)
    fit(built, split, made.training, seed=0, callbacks=[saver])
    loaded = keras.models.load_model(path)
    pixels = split.validation.images.pixels
    assert loaded.predict(pixels, verbose=0) == pytest.approx(
        built.model.predict(pixels, verbose=0), abs=1e-5
    )
    assert any(type(layer) is keras.layers.Dropout for layer in loaded.layers)
