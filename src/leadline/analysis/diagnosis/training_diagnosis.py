"""Diagnosis of a training: its history and generalization gap in, findings out.

Several findings may hold at once if they do not contradict each other, and none is an answer too.
The words are in `report`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from leadline.analysis.diagnosis.advice import Setting
from leadline.analysis.diagnosis.generalization_gap import Gap, Limit, limit_of
from leadline.analysis.diagnosis.learning_curve import PICKED, Course, Span, relative_error
from leadline.analysis.diagnosis.rules import contradict
from leadline.analysis.diagnosis.rules.fit_rules import GeneralizationGap, InferenceGap, Memorized
from leadline.analysis.diagnosis.rules.loss_rules import Diverged, OverFitting
from leadline.analysis.diagnosis.training_findings import (
    RULES,
    Diagnosis,
    Finding,
    JudgedTraining,
    rule_of,
)
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
        only = Diverged().finding(Span(broken, len(history)), {}, setting)
        return _diagnosis(history, error, None, gap, [only])
    course = Course(history, error)
    kept = history[fitted.kept_epoch - 1]
    training = JudgedTraining(course, setting, kept, gap, guessing, fitted.statistics)
    found = [finding for rule in RULES for finding in rule.search(training)]
    return _diagnosis(history, error, course, gap, found)


def _diagnosis(
    history: Sequence[EpochRow],
    error: float,
    course: Course | None,
    gap: Gap | None,
    findings: Iterable[Finding],
) -> Diagnosis:
    losses = np.array([row.validation_loss for row in history])
    # A loss that is no number is never the best, unless none is one.
    best = int(np.where(np.isfinite(losses), losses, np.inf).argmin()) + 1
    good = (best, best) if course is None else _as_good(course, best)
    shown = consistent(findings)
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


def _limit(gap: Gap | None, findings: Sequence[Finding]) -> Limit | None:
    """Main limit of the model; None if nothing was measured, or a finding contradicts it."""
    kinds = {finding.kind for finding in findings}
    if gap is None or kinds & {Diverged.code, InferenceGap.code}:
        return None
    limit = limit_of(gap)
    denied = kinds & {OverFitting.code, Memorized.code, GeneralizationGap.code}
    return "unclear" if limit == "fitting" and denied else limit


def _as_good(course: Course, best: int) -> tuple[int, int]:
    span = Span(best, best)
    limit = course.held_loss[best - 1] + PICKED * course.error(span, span)
    good = np.flatnonzero(course.held_loss <= limit) + 1
    return int(good[0]), int(good[-1])


def _finite(row: EpochRow) -> bool:
    return bool(np.isfinite([row.train_loss, row.validation_loss]).all())


def consistent(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings in the order of the rules, less those that an earlier one excludes."""
    kept: list[Finding] = []
    for one in sorted(findings, key=lambda finding: RULES.index(rule_of(finding.kind))):
        if not any(contradict(earlier.kind, one.kind) for earlier in kept):
            kept.append(one)
    return tuple(kept)
