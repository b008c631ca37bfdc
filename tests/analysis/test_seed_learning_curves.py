"""Findings counted over seeds."""

import pytest
from tests.analysis.diagnosis.course_of import guess_of
from tests.report.sections.questions.studies import rows, run, view

from leadline.analysis.diagnosis.generalization_gap import Gap, PartEvaluation
from leadline.analysis.diagnosis.training_findings import Diagnosis, Finding, Number
from leadline.analysis.seed_learning_curves import FindingCount, by_kind, course_row
from leadline.metrics.estimates import Estimate

NUMBERS = tuple(
    Number(name, 1.0) for name in ("accuracy_change", "best_loss", "last_loss", "rise", "error")
)
"""Those of over-fitting."""


def gap(value, low, high):
    side = PartEvaluation(
        10, Estimate(0.9, 0.8, 0.95, "wilson"), Estimate(0.1, 0.0, 0.2, "standard_error")
    )
    return Gap("test", side, side, Estimate(value, low, high, "wilson"), side.loss, 0.1)


def diagnosis(*kinds, best=2, measured=None):
    findings = tuple(Finding(kind, 1, 3, NUMBERS, ()) for kind in kinds)
    return Diagnosis(3, best, (best, best), 0.01, None, measured, None, findings)


def course(name, *diagnoses):
    [row] = rows(*(run(name, seed, diagnosis=one) for seed, one in enumerate(diagnoses)))
    return course_row(row)


def test_kinds_are_counted_once_a_seed():
    found = course("mlp-1", diagnosis("over-fitting", "unstable"), diagnosis("unstable"), None)
    assert found.found == (FindingCount("unstable", 2), FindingCount("over-fitting", 1))
    assert found.mostly("unstable")
    assert not found.mostly("over-fitting")
    assert found.epochs == (3, 3)


def test_epochs_and_gap_over_seeds():
    found = course(
        "mlp-1",
        diagnosis(best=2, measured=gap(0.01, 0.0, 0.03)),
        diagnosis(best=3, measured=gap(0.03, 0.02, 0.05)),
    )
    assert found.best_epochs == (2, 3)
    assert found.gap == (0.02, 0.01, 0.04)


def test_older_runs_have_no_findings():
    found = course("mlp-1", None)
    assert (found.found, found.gap, found.best_epochs) == ((), None, (2, 2))


def test_what_asks_for_something_is_gathered_by_kind():
    courses = [
        course("mlp-1", diagnosis("over-fitting"), diagnosis("over-fitting")),
        course("mlp-2", diagnosis("over-fitting"), diagnosis()),
        course("hog-1", diagnosis("short")),
        course("hog-2", diagnosis("plateaued")),
    ]
    assert by_kind(courses) == {"over-fitting": ("mlp-1",), "short": ("hog-1",)}


@pytest.mark.parametrize("kind", ["memorized", "inference gap", "generalization gap"])
def test_a_gap_asks_for_something(kind):
    assert by_kind([course("hog-1", diagnosis(kind))]) == {kind: ("hog-1",)}


def test_guessing_is_no_reason_to_do_nothing():
    guesses = {"hog-1": guess_of(0.25, 1 / 3), "mlp-1": guess_of(0.9, 1 / 3, "better")}
    pages = (run("hog-1", diagnosis=diagnosis()), run("mlp-1", diagnosis=diagnosis()))
    found = view(*pages, guessing=guesses)
    assert (found.answers.quiet, found.answers.guesses) == (("mlp-1",), ("hog-1",))


def test_what_only_half_of_the_seeds_show_is_not_nothing():
    """Neither found in most seeds, nor nothing to fix."""
    found = view(
        run("mlp-1", 0, diagnosis=diagnosis("diverged")),
        run("mlp-1", 1, diagnosis=diagnosis()),
        run("hog-1", 0, diagnosis=diagnosis("plateaued")),
        run("hog-1", 1, diagnosis=diagnosis()),
    ).answers
    assert (found.loud, found.quiet) == ({}, ("hog-1",))
