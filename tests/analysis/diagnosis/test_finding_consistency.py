"""Findings on one page never contradict each other: all pairs, and drawn histories."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.diagnosis.course_of import diagnosed, gap_of, guess_of, kinds, made

from leadline.analysis.diagnosis.rules import EXCLUDED, contradict
from leadline.analysis.diagnosis.training_diagnosis import consistent
from leadline.analysis.diagnosis.training_findings import RULES, Finding
from leadline.training.history import StatisticsCheck

CONTRADICTIONS: set[tuple[str, str]] = {
    ("learned nothing", "over-fitting"), ("learned nothing", "stopped late"),
    ("learned nothing", "memorized"), ("learned nothing", "generalization gap"),
    ("diverged", "over-fitting"), ("diverged", "learned nothing"), ("diverged", "stopped early"),
    ("inference gap", "learned nothing"), ("inference gap", "over-fitting"),
    ("inference gap", "stopped late"), ("over-fitting", "under-fitting"),
    ("over-fitting", "stopped early"), ("stopped late", "stopped early"),
    ("under-fitting", "generalization gap"), ("memorized", "under-fitting"),
    ("memorized", "stopped late"), ("stopped early", "plateaued"), ("unstable", "plateaued"),
}  # fmt: skip


def found(kind: str) -> Finding:
    return Finding(kind, 1, 2, (), ())


@pytest.mark.parametrize("pair", sorted(CONTRADICTIONS))
def test_what_contradicts_each_other(pair):
    assert contradict(*pair)
    assert contradict(*reversed(pair))


@pytest.mark.parametrize("pair", list(combinations([rule.code for rule in RULES], 2)))
def test_of_every_pair_one_survives_or_both(pair):
    both = consistent([found(pair[1]), found(pair[0])])
    expected = [pair[0]] if contradict(*pair) else list(pair)
    assert [one.kind for one in both] == expected


def test_a_cause_never_comes_after_what_it_excludes():
    for cause, excluded in EXCLUDED.items():
        place = [type(rule) for rule in RULES].index(cause)
        assert any(isinstance(rule, excluded) for rule in RULES[place + 1 :])
        assert not contradict(cause.code, cause.code)


def test_what_is_excluded_excludes_nothing():
    """Over-fitting drops under-fitting, so the gap, which that would have dropped, stays."""
    three = [found("over-fitting"), found("under-fitting"), found("generalization gap")]
    assert [one.kind for one in consistent(three)] == ["over-fitting", "generalization gap"]


losses = st.lists(st.floats(0.01, 6.0), min_size=1, max_size=25)


@settings(max_examples=300, deadline=None)
@given(
    held=losses,
    train_end=st.floats(0.01, 6.0),
    train_accuracy=st.floats(0, 1),
    right=st.tuples(st.integers(0, 500), st.integers(0, 100)),
    verdict=st.sampled_from(["better", "ranking only", "not shown"]),
    moving=st.floats(0, 1),
)
def test_drawn_histories_contradict_themselves_nowhere(
    held, train_end, train_accuracy, right, verdict, moving
):
    steps = len(held)
    train = [2.3 + (train_end - 2.3) * (epoch + 1) / steps for epoch in range(steps)]
    gap = gap_of((right[0], 500), (right[1], 100), (train_end, max(held[-1], 0.01)))
    diagnosis = diagnosed(
        made(held, train_loss=train, train_accuracy=train_accuracy),
        gap=gap,
        guessing=guess_of(right[1] / 100, 1 / 3, verdict),
        statistics=StatisticsCheck(2, 500, 40, moving, right[1] / 100),
    )
    shown = kinds(diagnosis)
    assert len(set(shown)) == len(shown)
    for one, other in combinations(shown, 2):
        assert not contradict(one, other)
        assert (one, other) not in CONTRADICTIONS
    if verdict != "not shown":
        assert not {"learned nothing", "memorized"} & set(shown)
    settings_of = [(one.key, one.how) for finding in diagnosis.findings for one in finding.advice]
    rate = {how for key, how in settings_of if key == "training.optimizer.learning_rate"}
    assert len(rate) <= 1  # not larger and smaller steps at once
    epochs = {how for key, how in settings_of if key == "training.epochs"}
    assert len(epochs) <= 1


def test_a_network_that_guesses_in_prediction_is_named_by_its_cause():
    """Right on 75% of its training batches, on 11% of the same images in prediction."""
    rising = [2.3, 2.4, 2.8, 3.3, 3.9, 4.4, 5.0, 5.5]
    gap = gap_of((238, 2160), (23, 216), (5.2, 5.5))
    history = made(rising, train_accuracy=0.75)
    diagnosis = diagnosed(history, gap=gap, guessing=guess_of(0.108, 0.1))
    assert kinds(diagnosis) == ["inference gap"]
    assert diagnosis.limit is None
    [only] = diagnosis.findings
    assert only.number("batch_accuracy") == 0.75
    assert "training.optimizer.learning_rate" not in {one.key for one in only.advice}


def test_images_known_by_heart_are_memorized_where_the_rest_is_guessing():
    gap = gap_of((86, 86), (3, 10), (0.1, 1.4))
    history = made([1.1] * 6, train_accuracy=0.95)
    diagnosis = diagnosed(history, gap=gap, guessing=guess_of(0.25, 1 / 3), classes=3)
    assert kinds(diagnosis)[0] == "memorized"
    assert not {"generalization gap", "plateaued"} & set(kinds(diagnosis))
    [first, *_] = diagnosis.findings
    assert [(one.key, one.how) for one in first.advice][:2] == [("data", "check"), ("data", "add")]
    better = replace(guess_of(0.6, 1 / 3), verdict="better")
    gap = gap_of((86, 86), (6, 10), (0.1, 1.4))
    assert kinds(diagnosed(history, gap=gap, guessing=better, classes=3))[0] != "memorized"


@pytest.mark.parametrize(("held", "named"), [(800, True), (880, False), (960, False)])
def test_a_gap_is_large_beyond_ten_points_for_sure(held, named):
    gap = gap_of((990, 1000), (held, 1000), (0.05, 0.6))
    diagnosis = diagnosed(made([0.6] * 3), gap=gap)
    assert ("generalization gap" in kinds(diagnosis)) == named


@pytest.mark.parametrize(("moving", "named"), [(0.108, True), (0.72, False), (0.80, False)])
def test_recomputed_statistics_are_remarked_on_where_they_matter(moving, named):
    check = StatisticsCheck(2, 2160, 136, moving, 0.743)
    diagnosis = diagnosed(made([0.6] * 3), statistics=check)
    assert ("batch statistics" in kinds(diagnosis)) == named
