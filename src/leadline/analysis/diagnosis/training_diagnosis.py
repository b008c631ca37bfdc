"""How a training went: its history and its gap in, findings out.

Several findings may hold at once if they do not contradict each other, and none is an answer too.
The words are in `report`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

import numpy as np

from leadline.analysis.diagnosis.advice import Setting
from leadline.analysis.diagnosis.diagnosis_rules import finding, findings, limit_of
from leadline.analysis.diagnosis.generalization_gap import Gap
from leadline.analysis.diagnosis.learning_curve import PICKED, Course, Span, relative_error
from leadline.analysis.diagnosis.training_findings import Diagnosis, Finding, Kind, Limit
from leadline.analysis.significance.guessing import Guessing
from leadline.experiments import Experiment
from leadline.metrics.estimates import Estimate
from leadline.training.history import EpochRow, Fitted


def diagnose(
    fitted: Fitted,
    experiment: Experiment,
    held_loss: Estimate,
    *,
    classes: int,
    gap: Gap | None = None,
    guessing: Guessing | None = None,
    validation_is_test: bool = False,
) -> Diagnosis:
    """Judge a history of at least one epoch.

    held_loss: of the kept model on the images that it was validated on, uncalibrated as in the
    history; only how wide its interval is counts. gap: where training images were judged too.
    guessing: whether the kept model is better than guessing on test; None where that is unknown.
    validation_is_test: whether these were the test images.
    """
    history = fitted.history
    error = relative_error(held_loss)
    setting = Setting(experiment, fitted.stopped, len(history), classes, validation_is_test)
    broken = next((row.epoch for row in history if not _finite(row)), None)
    if broken is not None:
        only = finding(setting, "diverged", Span(broken, len(history)), {})
        return _diagnosis(history, error, None, gap, [only])
    course = Course(history, error)
    found = findings(
        course,
        setting,
        history[fitted.kept_epoch - 1],
        gap,
        guessing=guessing,
        statistics=fitted.statistics,
    )
    return _diagnosis(history, error, course, gap, found)


def _diagnosis(
    history: Sequence[EpochRow],
    error: float,
    course: Course | None,
    gap: Gap | None,
    found: Iterable[Finding],
) -> Diagnosis:
    losses = np.array([row.validation_loss for row in history])
    # A loss that is no number is never the best, unless none is one.
    best = int(np.where(np.isfinite(losses), losses, np.inf).argmin()) + 1
    good = (best, best) if course is None else _as_good(course, best)
    shown = consistent(found)
    return Diagnosis(
        epochs=len(history),
        best_epoch=best,
        as_good=good,
        relative_error=error if np.isfinite(error) else None,
        swing=None if course is None or course.short else course.swing,
        gap=gap,
        limit=_limit(gap, shown),
        findings=shown,
    )


def _limit(gap: Gap | None, found: Sequence[Finding]) -> Limit | None:
    """What most errors come from; None where nothing was measured, or a finding denies it."""
    kinds = {one.kind for one in found}
    if gap is None or kinds & {"diverged", "inference gap"}:
        return None
    limit = limit_of(gap)
    denied = limit == "fitting" and kinds & {"over-fitting", "memorized", "generalization gap"}
    return "unclear" if denied else limit


def _as_good(course: Course, best: int) -> tuple[int, int]:
    one = Span(best, best)
    limit = course.held_loss[best - 1] + PICKED * course.error(one, one)
    good = np.flatnonzero(course.held_loss <= limit) + 1
    return int(good[0]), int(good[-1])


def _finite(row: EpochRow) -> bool:
    return bool(np.isfinite([row.train_loss, row.validation_loss]).all())


KINDS: tuple[Kind, ...] = get_args(Kind)
ALWAYS: frozenset[Kind] = frozenset({"batch statistics"})
"""A remark on how the model is judged, whatever the training was like."""

EXCLUDED: dict[Kind, frozenset[Kind]] = {
    # After the loss has exploded nothing else about the training means anything.
    "diverged": frozenset(KINDS) - ALWAYS,
    # Losses and accuracies in prediction are of another network than the one that was trained.
    "inference gap": frozenset(KINDS) - ALWAYS,
    # What has not been learned cannot be over-fitted, and its loss only moves around guessing.
    "learned nothing": frozenset(KINDS) - ALWAYS - {"short"},
    # No epoch, and no further one, would be better than guessing.
    "memorized": frozenset(
        {"under-fitting", "generalization gap", "stopped late", "stopped early", "plateaued"}
    ),
    # It fits its training images better and better; so it is neither too small nor too short.
    "over-fitting": frozenset({"under-fitting", "stopped early", "plateaued", "short"}),
    "stopped late": frozenset({"under-fitting", "stopped early", "plateaued", "short"}),
    # Most errors are made on training images too, so the gap is not what to work on.
    "under-fitting": frozenset({"generalization gap"}),
    "stopped early": frozenset({"plateaued", "short"}),
    "unstable": frozenset({"plateaued", "short"}),
    "plateaued": frozenset({"short"}),
}
"""Pairs that contradict each other, by the one that stays."""


def contradict(one: Kind, other: Kind) -> bool:
    """True where two different findings cannot both be shown."""
    first, second = sorted((one, other), key=KINDS.index)
    return first != second and second in EXCLUDED.get(first, frozenset())


def consistent(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, in the order of `Kind`, less those that an earlier one excludes."""
    kept: list[Finding] = []
    for one in sorted(found, key=lambda finding: KINDS.index(finding.kind)):
        if not any(contradict(earlier.kind, one.kind) for earlier in kept):
            kept.append(one)
    return tuple(kept)
