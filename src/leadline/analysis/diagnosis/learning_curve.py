"""The course of a training: what of a history is movement, and what is noise.

Two things make a validation loss differ between epochs without the model being better or worse.
The images are a sample: another sample would have another loss, and, by less, another difference
of two epochs. And weights never rest: after each epoch the loss is a bit above or below its own
course. `Course.error` is the standard error of a difference by both together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, sqrt

import numpy as np

from leadline.metrics.estimates import Estimate
from leadline.metrics.roc import Floats
from leadline.statistics.intervals import normal_quantile
from leadline.training.history import EpochRow

PAIRED_SHARE = 0.5
"""The standard error of the difference of two epochs' losses, over the loss's own: both are of the
same images. Measured on real trainings it is less after the first epochs (docs/diagnosis.md)."""
NAMED = 2.0
"""Standard errors beyond which a change between two spans of epochs fixed beforehand counts."""
PICKED = 3.0
"""The same where one span was picked because it is the best of all."""
SHORTEST = 5
"""Epochs below which there is no course: three second differences are too few to see noise by."""
WIDEST = 5
SMALLEST = 1e-12
"""For a loss of exactly 0 has no logarithm."""
MAD_TO_DEVIATION = 1.4826
"""Of normal values the standard deviation over the median of their absolute values."""


@dataclass(frozen=True)
class Span:
    """Epochs first to last, counted from 1, both in it."""

    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


class Course:
    """A history as arrays, with its noise; at least one epoch, all losses finite.

    relative_error: standard error of the validation loss over the loss, by the kept model's
    images; taken to be the same at each epoch.
    """

    def __init__(self, history: Sequence[EpochRow], relative_error: float) -> None:
        self.epochs = len(history)
        self.train_loss = np.array([row.train_loss for row in history])
        self.held_loss = np.array([row.validation_loss for row in history])
        self.held_accuracy = np.array([row.validation_accuracy for row in history])
        self.relative_error = relative_error
        self.swing = swing(self.held_loss)
        self.width = min(max(1, self.epochs // 5), WIDEST)

    @property
    def short(self) -> bool:
        return self.epochs < SHORTEST

    @property
    def end(self) -> Span:
        """The last few epochs: a fifth of them, five at most."""
        return Span(self.epochs - self.width + 1, self.epochs)

    @property
    def before_end(self) -> Span:
        """As many just before the end."""
        return Span(self.end.first - self.width, self.end.first - 1)

    @property
    def best(self) -> Span:
        """As many as the end has, where their mean validation loss is lowest; the first of such."""
        means = np.convolve(self.held_loss, np.ones(self.width) / self.width, mode="valid")
        first = int(means.argmin()) + 1
        return Span(first, first + self.width - 1)

    @property
    def still_falling(self) -> bool:
        """True if the end is better than as many epochs before it, beyond noise."""
        if self.short:
            return False
        fall = mean(self.held_loss, self.before_end) - mean(self.held_loss, self.end)
        return fall > NAMED * self.error(self.before_end, self.end)

    def error(self, one: Span, other: Span) -> float:
        """Standard error of the difference of the mean validation losses of two spans."""
        loss = max(mean(self.held_loss, one), mean(self.held_loss, other))
        images = (PAIRED_SHARE * self.relative_error) ** 2
        share = sqrt(images + self.swing**2 * (1 / one.count + 1 / other.count))
        return loss * share if isfinite(share) else inf  # of a loss of 0 too


def mean(values: Floats, span: Span) -> float:
    """The mean of one value an epoch over a span."""
    return float(values[span.first - 1 : span.last].mean())


def swing(losses: Floats) -> float:
    """Standard deviation of a loss around its own course, over the loss.

    By second differences of the logarithms, which take out a fall or rise by the same share each
    epoch; of independent noise their variance is six times its own (Gasser, Sroka and
    Jennen-Steinmetz, Biometrika 1986). Their median, so that few jumps do not count; of the last
    two thirds, for before that the course itself bends. Infinite for fewer than five epochs.
    """
    if len(losses) < SHORTEST:
        return inf
    settled = losses[min(len(losses) // 3, len(losses) - SHORTEST) :]
    bends = np.abs(np.diff(np.log(np.maximum(settled, SMALLEST)), n=2))
    return float(MAD_TO_DEVIATION * np.median(bends) / sqrt(6))


def relative_error(loss: Estimate) -> float:
    """Standard error over loss, by the loss's 95% interval; infinite where that is unknown."""
    if not loss.value or loss.method == "unknown":
        return inf
    return (loss.high - loss.value) / normal_quantile(0.95) / loss.value
