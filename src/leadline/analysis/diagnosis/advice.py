"""Advice after a finding, in the keys of an experiment file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log
from typing import Literal

from leadline.experiments import Experiment
from leadline.training.history import Stopped

How = Literal["set", "raise", "lower", "add", "enlarge", "check"]
MORE = 1.5
"""Factor for the epochs of a training whose last ones were still better than those before."""
SHORT_EPOCHS = 10
SLOWER = 1 / 3
MUCH_SLOWER = 1 / 10
SLOW = 1e-4
"""A learning rate at which nothing is learned because steps are small, rather than large."""
SHORTEST_PATIENCE = 3


@dataclass(frozen=True)
class Advice:
    """A key of the experiment, what to do with it, and the value to give it, "" for none.

    Values are written as TOML has them: numbers bare, words in quotes.
    """

    key: str
    how: How
    value: str = ""


@dataclass(frozen=True)
class Setting:
    """The experiment, why and after how many epochs it ended, and if test images validated it."""

    experiment: Experiment
    stopped: Stopped
    epochs: int
    classes: int
    validation_is_test: bool

    @property
    def guessing_loss(self) -> float:
        """Cross-entropy of equal probabilities for all classes, in nats."""
        return log(self.classes)

    @property
    def learning_rate(self) -> float:
        return self.experiment.training.optimizer.learning_rate


def longer(setting: Setting) -> Iterator[Advice]:
    """Advise more epochs, and more of what ended the training."""
    training = setting.experiment.training
    if setting.stopped == "time limit":
        yield Advice("training.time_limit_s", "raise")
    elif setting.stopped == "early stopping":
        yield Advice("training.early_stopping.patience", "raise")
    more = max(SHORT_EPOCHS, ceil(MORE * setting.epochs))
    if more > training.epochs:
        yield Advice("training.epochs", "set", str(more))


def regularized(setting: Setting) -> Iterator[Advice]:
    """Advise augmentation and dropout."""
    yield Advice("training.augmentation", _add_or_raise(setting.experiment.training.augmentation))
    if setting.experiment.layers and not _dropped(setting.experiment):
        yield Advice("layers", "add", 'type = "Dropout"')


def scaled_rate(setting: Setting, factor: float) -> Advice:
    """Advise a larger or smaller learning rate."""
    how: How = "lower" if factor < 1 else "raise"
    return Advice("training.optimizer.learning_rate", how, f"{setting.learning_rate * factor:.1g}")


def larger(setting: Setting) -> Advice:
    """Advise a larger network."""
    return Advice("layers" if setting.experiment.layers else "model.python", "enlarge")


def _add_or_raise(value: object) -> How:
    return "add" if value is None else "raise"


def _dropped(experiment: Experiment) -> bool:
    return any("Dropout" in layer.type for layer in experiment.layers)
