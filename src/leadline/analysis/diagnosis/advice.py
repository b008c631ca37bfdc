"""What to try next after a finding, in the keys of an experiment's own file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, log
from typing import Literal

from leadline.analysis.diagnosis.learning_curve import Span
from leadline.experiments import Experiment
from leadline.training.history import Stopped

How = Literal["set", "raise", "lower", "add", "enlarge", "check"]
MORE = 1.5
"""So many times the epochs where the last were still better than those before."""
SHORT_EPOCHS = 10
SLOWER = 1 / 3
MUCH_SLOWER = 1 / 10
SLOW = 1e-4
"""A learning rate at which nothing is learned because steps are small, rather than large."""
SHORTEST_PATIENCE = 3


@dataclass(frozen=True)
class Advice:
    """A key of the experiment, what to do with it, and the value to give it; "" where none is best.

    Values are written as TOML has them: numbers bare, words in quotes.
    """

    key: str
    how: How
    value: str = ""


@dataclass(frozen=True)
class Setting:
    """What was trained, why it ended, after how many epochs, and on what it was validated."""

    experiment: Experiment
    stopped: Stopped
    epochs: int
    classes: int
    validation_is_test: bool

    @property
    def guessing_loss(self) -> float:
        """Cross-entropy of saying the same probability for each class, in nats."""
        return log(self.classes)

    @property
    def rate(self) -> float:
        return self.experiment.training.optimizer.learning_rate


def advise(kind: str, span: Span, setting: Setting, *, early: bool = False) -> Iterator[Advice]:
    """For a finding of this kind, the likeliest to help first; span: its epochs.

    early: whether the training ended while it was still getting better.
    """
    if kind == "under-fitting" and early:
        yield from _longer(setting)
    elif kind == "learned nothing" and early:
        yield from _longer(setting)
        yield _rate(setting, 1 / SLOWER)
    elif kind in WAYS:
        yield from WAYS[kind](span, setting)


def _longer(setting: Setting) -> Iterator[Advice]:
    training = setting.experiment.training
    if setting.stopped == "time limit":
        yield Advice("training.time_limit_s", "raise")
    elif setting.stopped == "early stopping":
        yield Advice("training.early_stopping.patience", "raise")
    more = max(SHORT_EPOCHS, ceil(MORE * setting.epochs))
    if more > training.epochs:
        yield Advice("training.epochs", "set", str(more))


def _still_better(_span: Span, setting: Setting) -> Iterator[Advice]:
    yield from _longer(setting)


def _diverged(_span: Span, setting: Setting) -> Iterator[Advice]:
    yield _rate(setting, MUCH_SLOWER)
    optimizer = setting.experiment.training.optimizer
    if not (optimizer.clipnorm or optimizer.clipvalue or optimizer.global_clipnorm):
        yield Advice("training.optimizer.global_clipnorm", "set", "1.0")


def _learned_nothing(_span: Span, setting: Setting) -> Iterator[Advice]:
    yield _rate(setting, MUCH_SLOWER if setting.rate > SLOW else 1 / MUCH_SLOWER)
    yield from _larger(setting)


def _inference_gap(_span: Span, setting: Setting) -> Iterator[Advice]:
    experiment = setting.experiment
    if experiment.training.averaging is not None:
        yield Advice("training.averaging", "lower")
    if any(layer.type == "BatchNormalization" for layer in experiment.layers):
        batch_size = 2 * experiment.training.batch_size
        yield Advice("training.batch_size", "set", str(batch_size))
    if experiment.model is not None:
        yield Advice("model.python", "check")


def _memorized(_span: Span, setting: Setting) -> Iterator[Advice]:
    yield Advice("data", "check")
    yield Advice("data", "add")
    yield from _regularized(setting)


def _generalization_gap(_span: Span, setting: Setting) -> Iterator[Advice]:
    yield Advice("data", "add")
    yield from _regularized(setting)


def _under_fitting(_span: Span, setting: Setting) -> Iterator[Advice]:
    yield from _larger(setting)
    if setting.experiment.training.augmentation is not None:
        yield Advice("training.augmentation", "lower")


def _over_fitting(_span: Span, setting: Setting) -> Iterator[Advice]:
    yield from _regularized(setting)


def _regularized(setting: Setting) -> Iterator[Advice]:
    yield Advice("training.augmentation", _add_or_raise(setting.experiment.training.augmentation))
    if setting.experiment.layers and not _dropped(setting.experiment):
        yield Advice("layers", "add", 'type = "Dropout"')


def _stopped_late(_span: Span, setting: Setting) -> Iterator[Advice]:
    if setting.validation_is_test:
        # An epoch chosen by the test images would be chosen on what it is judged by.
        yield Advice("data.validation", "set", '"carve"')
    training = setting.experiment.training
    if training.keep_epoch == "last":
        yield Advice("training.keep_epoch", "set", '"best"')
    if training.early_stopping is None:
        patience = max(SHORTEST_PATIENCE, setting.epochs // 5)
        yield Advice("training.early_stopping.patience", "set", str(patience))


def _unstable(_span: Span, setting: Setting) -> Iterator[Advice]:
    yield _rate(setting, SLOWER)
    training = setting.experiment.training
    yield Advice("training.batch_size", "set", str(2 * training.batch_size))
    if training.averaging is None:
        yield Advice("training.averaging", "set", '{ kind = "exponential" }')


def _plateaued(span: Span, setting: Setting) -> Iterator[Advice]:
    if setting.experiment.training.schedule is None:
        yield Advice("training.schedule", "set", '{ kind = "cosine" }')
    yield from _larger(setting)
    if span.count > setting.epochs / 2:
        yield Advice("training.epochs", "lower")


def _rate(setting: Setting, factor: float) -> Advice:
    how: How = "lower" if factor < 1 else "raise"
    return Advice("training.optimizer.learning_rate", how, f"{setting.rate * factor:.1g}")


def _larger(setting: Setting) -> Iterator[Advice]:
    yield Advice("layers" if setting.experiment.layers else "model.python", "enlarge")


def _add_or_raise(value: object) -> How:
    return "add" if value is None else "raise"


def _dropped(experiment: Experiment) -> bool:
    return any("Dropout" in layer.type for layer in experiment.layers)


WAYS: dict[str, Callable[[Span, Setting], Iterator[Advice]]] = {
    "diverged": _diverged,
    "inference gap": _inference_gap,
    "memorized": _memorized,
    "generalization gap": _generalization_gap,
    "learned nothing": _learned_nothing,
    "under-fitting": _under_fitting,
    "over-fitting": _over_fitting,
    "stopped late": _stopped_late,
    "stopped early": _still_better,
    "unstable": _unstable,
    "plateaued": _plateaued,
    "short": _still_better,
}
