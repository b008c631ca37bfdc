"""By which rules a history is judged; argued in docs/diagnosis.md, with their thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, sqrt

import numpy as np

from leadline.analysis.diagnosis.advice import Setting, advise
from leadline.analysis.diagnosis.generalization_gap import Gap
from leadline.analysis.diagnosis.learning_curve import NAMED, PICKED, Course, Span, mean
from leadline.analysis.diagnosis.training_findings import Finding, Kind, Limit, Number
from leadline.analysis.significance.guessing import Guessing
from leadline.training.history import EpochRow, StatisticsCheck

LOST = 0.5
"""The share of what was learned that a diverged training has lost again."""
FAR_OFF = 2.0
"""Times the loss of guessing at which a training has diverged, whatever was before."""
NOTHING = 0.1
"""The way from guessing to perfect: who surely went less than this has learned nothing."""
LEAST_FLAT = 5
FLAT_SHARE = 1 / 4
"""A plateau is as many epochs at least, and as large a share of all."""
SEEN = 0.1
"""No plateau is told where a change by this share of the loss could hide in the swings; and no jump
is counted that is smaller."""
LARGE_GAP = 0.1
"""A gap in accuracy that is surely above this is a finding, and so is one between the modes of
training and prediction."""
STATISTICS_CHANGE = 0.05
"""A change of validation accuracy by computed batch statistics that is worth a remark."""
FEWEST_JUMPS = 2
JUMP_SHARE = 0.1


def limit_of(gap: Gap) -> Limit:
    """What most of the held-out errors and of the held-out loss come from, beyond their intervals.

    Fitting: half of both and more is there on the training images already. Generalising: half of
    both and more is not.
    """
    errors, loss = 1 - (gap.held.accuracy.value or 0.0), gap.held.loss.value or 0.0
    if gap.accuracy.high < errors / 2 and gap.loss.high < loss / 2:
        return "fitting"
    if gap.accuracy.low > errors / 2 and gap.loss.low > loss / 2:
        return "generalising"
    return "unclear"


def findings(
    course: Course,
    setting: Setting,
    kept: EpochRow,
    gap: Gap | None,
    *,
    guessing: Guessing | None = None,
    statistics: StatisticsCheck | None = None,
) -> Iterator[Finding]:
    """All that the rules find, in the order of `Kind`; some may contradict each other.

    kept: the row of the epoch whose weights were kept.
    """
    over = _over_fitting(course, setting)
    early = _stopped_early(course, setting)
    improving = early is not None or course.short
    yield from filter(None, (_diverged(course, setting),))
    if gap is not None:
        yield from _inference_gap(setting, gap, kept)
        yield from _learned_nothing(setting, gap, kept.epoch, guessing, early=improving)
        yield from _memorized(setting, gap, kept.epoch, guessing)
    if over is not None:
        yield over
        yield from _stopped_late(course, setting, kept.epoch)
    if gap is not None:
        if limit_of(gap) == "fitting":
            yield _under_fitting(setting, gap, kept.epoch, early=improving)
        yield from _generalization_gap(setting, gap, kept.epoch)
    yield from filter(None, (early, _unstable(course, setting)))
    yield from _plateaued(course, setting)
    if course.short:
        best = int(course.held_loss.argmin()) + 1
        yield finding(setting, "short", Span(1, course.epochs), {"best_epoch": best})
    if statistics is not None:
        yield from _batch_statistics(setting, statistics, kept.epoch)


def _diverged(course: Course, setting: Setting) -> Finding | None:
    """The train loss has come back up by half of what it had come down from guessing, or more.

    It had to come down by a tenth of that loss; less may be noise. Or it ends at twice the loss of
    guessing, and may have begun there.
    """
    lows = np.convolve(course.train_loss, np.ones(course.width) / course.width, mode="valid")
    lowest = Span(int(lows.argmin()) + 1, int(lows.argmin()) + course.width)
    low, last = float(lows.min()), mean(course.train_loss, course.end)
    guessing = setting.guessing_loss
    learned = max(float(course.train_loss[0]), guessing) - low
    lost = low < (1 - NOTHING) * guessing and last - low > LOST * learned
    if not lost and last <= FAR_OFF * guessing:
        return None
    first = lowest.last if low < guessing else 1
    numbers = {"lowest": low, "last": last, "guessing": guessing}
    return finding(setting, "diverged", Span(first, course.epochs), numbers)


def _inference_gap(setting: Setting, gap: Gap, kept: EpochRow) -> Iterator[Finding]:
    """Right on its training batches as they were trained on, and not when asked about them again.

    Dropout, augmentation and moving weights make batches harder, so the other way round is usual.
    """
    if kept.train_accuracy - gap.train.accuracy.high > LARGE_GAP:
        numbers = {**_gap_numbers(gap), "batch_accuracy": kept.train_accuracy}
        yield finding(setting, "inference gap", Span(kept.epoch, kept.epoch), numbers)


def _learned_nothing(
    setting: Setting, gap: Gap, kept_epoch: int, guessing: Guessing | None, *, early: bool
) -> Iterator[Finding]:
    """Neither on training nor on held-out images a tenth of the way to perfect is surely passed.

    A model that is shown to be better than guessing has learned something, little as it may be.
    """
    if guessing is not None and guessing.shown:
        return
    if any(_way(accuracy, gap.majority) >= NOTHING for accuracy in _highs(gap)):
        return
    numbers = {**_gap_numbers(gap), "majority": gap.majority}
    yield finding(setting, "learned nothing", Span(kept_epoch, kept_epoch), numbers, early=early)


def _memorized(
    setting: Setting, gap: Gap, kept_epoch: int, guessing: Guessing | None
) -> Iterator[Finding]:
    """Training images are known far better than others, on which it may as well guess."""
    if guessing is None or guessing.shown or gap.accuracy.low <= LARGE_GAP:
        return
    numbers = {**_gap_numbers(gap), "test_accuracy": guessing.accuracy}
    numbers["majority"] = guessing.constant_accuracy
    yield finding(setting, "memorized", Span(kept_epoch, kept_epoch), numbers)


def _generalization_gap(setting: Setting, gap: Gap, kept_epoch: int) -> Iterator[Finding]:
    """The lower bound of the gap in accuracy is above ten percentage points."""
    if gap.accuracy.low > LARGE_GAP:
        numbers = {**_gap_numbers(gap), "low": gap.accuracy.low, "high": gap.accuracy.high}
        yield finding(setting, "generalization gap", Span(kept_epoch, kept_epoch), numbers)


def _batch_statistics(
    setting: Setting, check: StatisticsCheck, kept_epoch: int
) -> Iterator[Finding]:
    """With the moving averages that training left the model would be clearly worse."""
    if check.computed_accuracy - check.moving_accuracy > STATISTICS_CHANGE:
        numbers = {
            "moving_accuracy": check.moving_accuracy,
            "computed_accuracy": check.computed_accuracy,
            "steps": check.steps,
        }
        yield finding(setting, "batch statistics", Span(kept_epoch, kept_epoch), numbers)


def _over_fitting(course: Course, setting: Setting) -> Finding | None:
    """After its best epochs the validation loss has risen beyond noise, while train loss fell."""
    best, end = course.best, course.end
    if course.short or best.last >= end.first:
        return None
    rise = mean(course.held_loss, end) - mean(course.held_loss, best)
    fall = mean(course.train_loss, best) - mean(course.train_loss, end)
    error = course.error(best, end)
    if not rise > PICKED * error or fall <= 0:
        return None
    numbers = {
        "best_loss": mean(course.held_loss, best),
        "last_loss": mean(course.held_loss, end),
        "rise": rise,
        "error": error,
        "train_fall": fall,
        "accuracy_change": mean(course.held_accuracy, end) - mean(course.held_accuracy, best),
    }
    return finding(setting, "over-fitting", Span(best.last + 1, course.epochs), numbers)


def _stopped_late(course: Course, setting: Setting, kept_epoch: int) -> Iterator[Finding]:
    """The epoch that was kept is one of those after the best, and worse beyond noise."""
    best, kept = course.best, Span(kept_epoch, kept_epoch)
    loss, error = mean(course.held_loss, kept), course.error(best, kept)
    rise = loss - mean(course.held_loss, best)
    if kept_epoch > best.last and rise > PICKED * error:
        numbers = {"kept_loss": loss, "rise": rise, "error": error}
        numbers["best_epoch"] = int(course.held_loss.argmin()) + 1
        yield finding(setting, "stopped late", Span(best.first, kept_epoch), numbers)


def _stopped_early(course: Course, setting: Setting) -> Finding | None:
    """The last few epochs are better than as many before them, beyond noise."""
    if course.short:
        return None
    before, end = course.before_end, course.end
    fall = mean(course.held_loss, before) - mean(course.held_loss, end)
    error = course.error(before, end)
    if not fall > NAMED * error:
        return None
    numbers = {
        "before_loss": mean(course.held_loss, before),
        "last_loss": mean(course.held_loss, end),
        "fall": fall,
        "error": error,
    }
    return finding(setting, "stopped early", Span(before.first, course.epochs), numbers)


def _under_fitting(setting: Setting, gap: Gap, kept_epoch: int, *, early: bool) -> Finding:
    span = Span(kept_epoch, kept_epoch)
    return finding(setting, "under-fitting", span, _gap_numbers(gap), early=early)


def _unstable(course: Course, setting: Setting) -> Finding | None:
    """Twice and in one epoch of ten the loss has jumped up beyond its interval, and come back."""
    jumps = dict(_jumps(course))
    if len(jumps) < max(FEWEST_JUMPS, JUMP_SHARE * course.epochs):
        return None
    largest = max(jumps, key=lambda epoch: jumps[epoch])
    loss = float(course.held_loss[largest - 1])
    numbers = {"largest": jumps[largest], "largest_epoch": largest, "loss": loss}
    return finding(setting, "unstable", Span(min(jumps), max(jumps)), numbers, at=tuple(jumps))


def _jumps(course: Course) -> Iterator[tuple[int, float]]:
    """Epochs after which half a rise of the loss or more was undone, and how high it was."""
    losses = course.held_loss
    for place in range(1, course.epochs - 1):
        jump = float(losses[place] - losses[place - 1])
        least = max(NAMED * course.relative_error, SEEN) * losses[place]
        if jump > least and losses[place + 1 :].min() < losses[place] - jump / 2:
            yield place + 1, jump


def _plateaued(course: Course, setting: Setting) -> Iterator[Finding]:
    """The longest stretch at the end without a change, where one of a tenth would have shown."""
    shortest = max(LEAST_FLAT, ceil(FLAT_SHARE * course.epochs))
    if course.short:
        return
    for first in range(1, course.epochs - shortest + 2):
        flat = Span(first, course.epochs)
        if _flat(course, flat):
            numbers = {"level": mean(course.held_loss, flat), "swing": course.swing}
            yield finding(setting, "plateaued", flat, numbers)
            return


def _flat(course: Course, stretch: Span) -> bool:
    """Whether its halves differ by no more than swings explain, and its epochs from their mean.

    The images' noise is left out: on the same images a course that goes on is seen through it.
    """
    middle = stretch.first + stretch.count // 2
    halves = Span(stretch.first, middle - 1), Span(middle, stretch.last)
    level = mean(course.held_loss, stretch)
    swing = course.swing * level
    shown = NAMED * swing * sqrt(sum(1 / half.count for half in halves))
    change = abs(mean(course.held_loss, halves[0]) - mean(course.held_loss, halves[1]))
    farthest = np.abs(course.held_loss[stretch.first - 1 :] - level).max()
    return change <= shown <= SEEN * level and farthest <= PICKED * swing


def finding(
    setting: Setting,
    kind: Kind,
    span: Span,
    numbers: dict[str, float],
    *,
    at: tuple[int, ...] = (),
    early: bool = False,
) -> Finding:
    told = tuple(Number(name, float(value)) for name, value in numbers.items())
    advice = tuple(advise(kind, span, setting, early=early))
    return Finding(kind, span.first, span.last, told, advice, at)


def _way(accuracy: float, majority: float) -> float:
    """From 0, always predicting the most frequent class, to 1, a perfect model."""
    return (accuracy - majority) / (1 - majority) if majority < 1 else 0.0


def _highs(gap: Gap) -> tuple[float, float]:
    return gap.train.accuracy.high, gap.held.accuracy.high


def _gap_numbers(gap: Gap) -> dict[str, float]:
    return {
        "train_accuracy": gap.train.accuracy.value or 0.0,
        "held_accuracy": gap.held.accuracy.value or 0.0,
    }
