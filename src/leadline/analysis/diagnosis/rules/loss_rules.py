"""Rules on the losses by epoch."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, sqrt

import numpy as np

from leadline.analysis.diagnosis.advice import (
    MUCH_SLOWER,
    SHORTEST_PATIENCE,
    SLOWER,
    Advice,
    Setting,
    larger,
    longer,
    regularized,
    scaled_rate,
)
from leadline.analysis.diagnosis.learning_curve import NAMED, PICKED, Course, Span, mean
from leadline.analysis.diagnosis.training_findings import Finding, JudgedTraining, Rule
from leadline.system.messages import Message, counted, message

LOST = 0.5
"""The share of what was learned that a diverged training has lost again."""
LEARNED = 0.1
"""The share of the loss of guessing by which the loss must have fallen; less may be noise."""
FAR_OFF = 2.0
"""Times the loss of guessing at which a training has diverged, whatever was before."""
LEAST_FLAT = 5
FLAT_SHARE = 1 / 4
"""A plateau is as many epochs at least, and as large a share of all."""
SEEN = 0.1
"""There is no plateau where a change by this share of the loss could hide in the swings; and no
jump is counted that is smaller."""
FEWEST_JUMPS = 2
JUMP_SHARE = 0.1
MOST_EPOCHS = 6
"""The number of epochs that a sentence names."""


class Diverged(Rule):
    """The train loss has come back up by half of what it had come down from guessing, or more.

    Or it ends at twice the loss of guessing, and may have begun there. A loss that is not finite is
    a finding without numbers.
    """

    code = "diverged"
    title = message("Diverged")
    serious = stretch = onset = True

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        course, guessing = training.course, training.setting.guessing_loss
        lows = np.convolve(course.train_loss, np.ones(course.width) / course.width, mode="valid")
        lowest = Span(int(lows.argmin()) + 1, int(lows.argmin()) + course.width)
        low, last = float(lows.min()), mean(course.train_loss, course.end)
        learned = max(float(course.train_loss[0]), guessing) - low
        lost = low < (1 - LEARNED) * guessing and last - low > LOST * learned
        if lost or last > FAR_OFF * guessing:
            span = Span(lowest.last if low < guessing else 1, course.epochs)
            numbers = {"lowest": low, "last": last, "guessing": guessing}
            yield self.finding(span, numbers, training.setting)

    def message(self, finding: Finding, held: Message) -> Message:
        del held
        if not finding.numbers:
            return message(
                "In epoch {epoch} the loss was no number any more.", epoch=finding.first_epoch
            )
        if finding.first_epoch == 1:
            said = message(
                "The train loss never came below {lowest:.4f} and ended at {last:.4f}; guessing "
                "costs {guessing:.4f}."
            )
        else:
            said = message(
                "After epoch {epoch} the train loss went from {lowest:.4f} to {last:.4f}; guessing "
                "costs {guessing:.4f}."
            )
        return said.filled(
            epoch=finding.first_epoch,
            lowest=finding.number("lowest"),
            last=finding.number("last"),
            guessing=finding.number("guessing"),
        )

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterator[Advice]:
        del span, improving
        yield scaled_rate(setting, MUCH_SLOWER)
        optimizer = setting.experiment.training.optimizer
        if not (optimizer.clipnorm or optimizer.clipvalue or optimizer.global_clipnorm):
            yield Advice("training.optimizer.global_clipnorm", "set", "1.0")


class OverFitting(Rule):
    """After its best epochs the validation loss has risen beyond noise, while train loss fell."""

    code = "over-fitting"
    title = message("Over-fitting")
    stretch = onset = True

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        course = training.course
        best, end = course.best, course.end
        if course.short or best.last >= end.first:
            return
        rise = mean(course.held_loss, end) - mean(course.held_loss, best)
        fall = mean(course.train_loss, best) - mean(course.train_loss, end)
        error = course.error(best, end)
        if not rise > PICKED * error or fall <= 0:
            return
        numbers = {
            "best_loss": mean(course.held_loss, best),
            "last_loss": mean(course.held_loss, end),
            "rise": rise,
            "error": error,
            "train_fall": fall,
            "accuracy_change": mean(course.held_accuracy, end) - mean(course.held_accuracy, best),
        }
        yield self.finding(Span(best.last + 1, course.epochs), numbers, training.setting)

    def message(self, finding: Finding, held: Message) -> Message:
        change = finding.number("accuracy_change")
        if change >= 0:
            also = message(
                "Accuracy did not fall with it: the model became surer than it is right."
            )
        else:
            also = message(
                "Accuracy fell by {points:.2f} percentage points with it.", points=-100 * change
            )
        rose = message(
            "From epoch {epoch} on the {held} loss rose from {best:.4f} to {last:.4f}, {times:.1f} "
            "times its noise, while the train loss fell.",
            epoch=finding.first_epoch, held=held, best=finding.number("best_loss"),
            last=finding.number("last_loss"), times=_times(finding, "rise"),
        )  # fmt: skip
        return Message("{rose} {also}", {"rose": rose, "also": also})

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterator[Advice]:
        del span, improving
        yield from regularized(setting)


class StoppedLate(Rule):
    """Over-fitting, and the kept epoch is after the best ones and worse beyond noise."""

    code = "stopped late"
    title = message("Stopped late")

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        course, kept = training.course, training.kept_span
        if not any(True for _ in OverFitting().search(training)):
            return
        best = course.best
        loss, error = mean(course.held_loss, kept), course.error(best, kept)
        rise = loss - mean(course.held_loss, best)
        if kept.last > best.last and rise > PICKED * error:
            best_epoch = int(course.held_loss.argmin()) + 1
            numbers = {"kept_loss": loss, "rise": rise, "error": error, "best_epoch": best_epoch}
            yield self.finding(Span(best.first, kept.last), numbers, training.setting)

    def message(self, finding: Finding, held: Message) -> Message:
        return message(
            "The model that was kept, of epoch {kept}, has a {held} loss of {loss:.4f}, {rise:.4f} "
            "above those around epoch {best:,}: {times:.1f} times its noise.",
            kept=finding.last_epoch, held=held, loss=finding.number("kept_loss"),
            rise=finding.number("rise"), best=round(finding.number("best_epoch")),
            times=_times(finding, "rise"),
        )  # fmt: skip

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterator[Advice]:
        del span, improving
        if setting.validation_is_test:
            # An epoch chosen by the test images would be chosen on what it is judged by.
            yield Advice("data.validation", "set", '"carve"')
        training = setting.experiment.training
        if training.keep_epoch == "last":
            yield Advice("training.keep_epoch", "set", '"best"')
        if training.early_stopping is None:
            patience = max(SHORTEST_PATIENCE, setting.epochs // 5)
            yield Advice("training.early_stopping.patience", "set", str(patience))


class StoppedEarly(Rule):
    """The last few epochs are better than as many before them, beyond noise."""

    code = "stopped early"
    title = message("Stopped early")
    stretch = True

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        course = training.course
        if course.still_falling:
            before, end = (
                mean(course.held_loss, course.before_end),
                mean(course.held_loss, course.end),
            )
            numbers = {
                "before_loss": before,
                "last_loss": end,
                "fall": before - end,
                "error": course.error(course.before_end, course.end),
            }
            span = Span(course.before_end.first, course.epochs)
            yield self.finding(span, numbers, training.setting)

    def message(self, finding: Finding, held: Message) -> Message:
        return message(
            "Over epochs {epochs} the {held} loss still fell, from {before:.4f} to {last:.4f}, "
            "{times:.1f} times its noise.",
            epochs=f"{finding.first_epoch}\N{EN DASH}{finding.last_epoch}", held=held,
            before=finding.number("before_loss"), last=finding.number("last_loss"),
            times=_times(finding, "fall"),
        )  # fmt: skip

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterator[Advice]:
        del span, improving
        yield from longer(setting)


class Unstable(Rule):
    """Twice and in one epoch of ten the loss has jumped up beyond its interval, and come back."""

    code = "unstable"
    title = message("Unstable")

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        course = training.course
        jumps = dict(_jumps(course))
        if len(jumps) < max(FEWEST_JUMPS, JUMP_SHARE * course.epochs):
            return
        largest = max(jumps, key=lambda epoch: jumps[epoch])
        loss = float(course.held_loss[largest - 1])
        numbers = {"largest": jumps[largest], "largest_epoch": largest, "loss": loss}
        span = Span(min(jumps), max(jumps))
        yield self.finding(span, numbers, training.setting, at=tuple(jumps))

    def message(self, finding: Finding, held: Message) -> Message:
        return message(
            "The {held} loss jumped up and came back {n} times, in epochs {epochs}; most in epoch "
            "{largest:,}, by {jump:.4f} to {loss:.4f}. What is kept depends on the epoch at which "
            "training ends.",
            held=held, n=len(finding.at), epochs=_first_epochs(finding.at),
            largest=round(finding.number("largest_epoch")), jump=finding.number("largest"),
            loss=finding.number("loss"),
        )  # fmt: skip

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterator[Advice]:
        del span, improving
        yield scaled_rate(setting, SLOWER)
        training = setting.experiment.training
        yield Advice("training.batch_size", "set", str(2 * training.batch_size))
        if training.averaging is None:
            yield Advice("training.averaging", "set", '{ kind = "exponential" }')


class Plateaued(Rule):
    """The longest stretch at the end without a change, where one of a tenth would have shown."""

    code = "plateaued"
    title = message("Levelled off")
    loud = False
    stretch = onset = True

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        course = training.course
        shortest = max(LEAST_FLAT, ceil(FLAT_SHARE * course.epochs))
        if course.short:
            return
        for first in range(1, course.epochs - shortest + 2):
            flat = Span(first, course.epochs)
            if _flat(course, flat):
                numbers = {"level": mean(course.held_loss, flat), "swing": course.swing}
                yield self.finding(flat, numbers, training.setting)
                return

    def message(self, finding: Finding, held: Message) -> Message:
        return message(
            "From epoch {first} to the last, {last}, the {held} loss stayed at {level:.4f}, but "
            "for swings of {swing:.1%}.",
            first=finding.first_epoch, last=finding.last_epoch, held=held,
            level=finding.number("level"), swing=finding.number("swing"),
        )  # fmt: skip

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterator[Advice]:
        del improving
        if setting.experiment.training.schedule is None:
            yield Advice("training.schedule", "set", '{ kind = "cosine" }')
        yield larger(setting)
        if span.count > setting.epochs / 2:
            yield Advice("training.epochs", "lower")


class TooShort(Rule):
    """Too few epochs to see a course beside the swings."""

    code = "short"
    title = message("Too short to tell")

    def search(self, training: JudgedTraining) -> Iterator[Finding]:
        course = training.course
        if course.short:
            best = int(course.held_loss.argmin()) + 1
            yield self.finding(Span(1, course.epochs), {"best_epoch": best}, training.setting)

    def message(self, finding: Finding, held: Message) -> Message:
        best, n = round(finding.number("best_epoch")), finding.last_epoch
        if best == n > 1:
            return message(
                "In {n} epochs the course of the {held} loss cannot be told from its swings; the "
                "last was the best, so more may be better.",
                n=n, held=held,
            )  # fmt: skip
        return counted(
            "In {n} epoch the course of the {held} loss cannot be told from its swings.",
            "In {n} epochs the course of the {held} loss cannot be told from its swings.",
            n, n=n, held=held,
        )  # fmt: skip

    def advice(self, span: Span, setting: Setting, *, improving: bool) -> Iterator[Advice]:
        del span, improving
        yield from longer(setting)


def _jumps(course: Course) -> Iterator[tuple[int, float]]:
    """Epochs after which at least half a rise of the loss was undone, and how high it was."""
    losses = course.held_loss
    for place in range(1, course.epochs - 1):
        jump = float(losses[place] - losses[place - 1])
        least = max(NAMED * course.relative_error, SEEN) * losses[place]
        if jump > least and losses[place + 1 :].min() < losses[place] - jump / 2:
            yield place + 1, jump


def _flat(course: Course, stretch: Span) -> bool:
    """True if the halves differ by no more than swings explain, and all epochs from their mean.

    The noise of the images is left out: on the same images a course that continues shows through.
    """
    middle = stretch.first + stretch.count // 2
    halves = Span(stretch.first, middle - 1), Span(middle, stretch.last)
    level = mean(course.held_loss, stretch)
    swing = course.swing * level
    shown = NAMED * swing * sqrt(sum(1 / half.count for half in halves))
    change = abs(mean(course.held_loss, halves[0]) - mean(course.held_loss, halves[1]))
    farthest = np.abs(course.held_loss[stretch.first - 1 :] - level).max()
    return change <= shown <= SEEN * level and farthest <= PICKED * swing


def _times(finding: Finding, change: str) -> float:
    """A change over its standard error."""
    return finding.number(change) / finding.number("error")


def _first_epochs(epochs: tuple[int, ...]) -> Message:
    listed = Message("{epochs}", {"epochs": epochs[:MOST_EPOCHS]})
    more = len(epochs) - MOST_EPOCHS
    if more <= 0:
        return listed
    return counted("{epochs} and {n} more", "{epochs} and {n} more", more, epochs=listed, n=more)
