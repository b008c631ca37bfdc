"""Confusions and whether the next model fixes them: by hand, by statsmodels, by simulation."""

from dataclasses import asdict

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from leadline.analysis.significance.comparison import ExperimentPredictions
from leadline.analysis.significance.confusion_change import MOST, ConfusedCounts, confusion_changes
from leadline.analysis.significance.mcnemar import exact_by_group
from leadline.errors import DataError

K = 4
NAMES = tuple("abcd")
EACH = 100
LABELS = np.repeat(np.arange(K), EACH)


def run(*wrong, labels=LABELS, k=K):
    """Probabilities of a run: right but for (true, predicted, which images of that class)."""
    said = labels.copy()
    for true, predicted, some in wrong:
        said[np.flatnonzero(labels == true)[list(some)]] = predicted
    return np.where(np.arange(k) == said[:, np.newaxis], 0.7, 0.3 / (k - 1)).astype(np.float32)


def other(*seeds):
    """A few errors of other classes, so that there is something to be beyond."""
    return [(1, 2, seeds), (2, 3, seeds), (3, 0, seeds), (2, 0, [seeds[0] + 40])]


def ask(*stages, labels=LABELS, classes=NAMES, groups=None):
    contestants = [ExperimentPredictions(f"m{at}", tuple(runs)) for at, runs in enumerate(stages)]
    return confusion_changes(contestants, labels, classes, np.random.default_rng(0), groups=groups)


FIRST = run((0, 1, range(14)), (1, 0, range(4)), *other(50, 51))
SECOND = run((0, 1, range(12, 16)), (1, 0, [4]), *other(52, 53))


def test_a_confusion_by_hand():
    """Of 200 images of a and b the first confuses 14 + 4, the second 4 + 1, and 2 of them both."""
    found = ask([FIRST], [SECOND])
    [step] = found.steps
    change = step.changes[0]
    assert (step.first, step.second, step.first_runs, step.second_runs) == ("m0", "m1", 1, 1)
    assert {change.a, change.b} == {"a", "b"}
    assert change.n == 200
    assert (change.before, change.after) == (ConfusedCounts(14, 4), ConfusedCounts(4, 1))
    assert change.before.images == 18
    assert change.fewer == pytest.approx(13 / 200)
    # 16 images the first alone confuses, 3 the second alone.
    expected = mcnemar([[0, 16], [3, 0]], exact=True).pvalue
    assert change.p == pytest.approx(expected)
    assert change.low < change.fewer < change.high
    assert (change.of_seeds, change.method) == (False, "mcnemar_tango")


def test_p_values_are_corrected_over_all_steps():
    found = ask([FIRST], [SECOND], [FIRST])
    every = [change for step in found.steps for change in step.changes]
    assert found.tests == len(every) >= 2
    _, expected, _, _ = multipletests([one.p for one in every], method="holm")
    assert [one.p_corrected for one in every] == pytest.approx(expected)


def test_there_and_back_is_corrected_and_made_worse():
    there, back = ask([FIRST], [SECOND], [FIRST]).steps
    assert [there.changes[0].verdict, back.changes[0].verdict] == ["fixed", "made worse"]
    assert there.changes[0].fewer == -back.changes[0].fewer
    assert there.changes[0].low == pytest.approx(-back.changes[0].high)


def test_the_same_answers_show_no_change():
    much = run((0, 1, range(30)), *other(50, 51))
    found = ask([much], [much])
    assert {change.verdict for change in found.steps[0].changes} == {"no change shown"}
    assert all(change.fewer == 0 and change.p == 1 for change in found.steps[0].changes)


def test_what_is_tested_does_not_depend_on_whose_errors_they_are():
    """Turning single images round between the two leaves the choice, and so the test, alone."""
    rng = np.random.default_rng(4)
    turned = rng.random(len(LABELS)) < 0.5
    one = np.where(turned[:, np.newaxis], SECOND, FIRST)
    two = np.where(turned[:, np.newaxis], FIRST, SECOND)
    pairs = [
        [(change.a, change.b) for change in found.steps[0].changes]
        for found in (ask([FIRST], [SECOND]), ask([one], [two]), ask([SECOND], [FIRST]))
    ]
    assert pairs[0] == pairs[1] == pairs[2] != []


def test_an_image_counts_once_however_many_seeds_confuse_it():
    """Ten seeds that all confuse the same two images are two images, which is no finding."""
    few = run((0, 1, range(2)), *other(50, 51))
    assert ask([few] * 10, [few] * 10).steps[0].changes == ask([few], [few]).steps[0].changes == ()


def test_several_seeds_are_compared_by_their_means():
    one, two = run((0, 1, range(14)), *other(50)), run((0, 1, range(10)), *other(51))
    none, few = run(*other(52)), run((0, 1, [20, 21]), *other(53))
    [step] = ask([one, two], [none, few]).steps
    change = step.changes[0]
    assert (change.before, change.after) == (ConfusedCounts(12, 0), ConfusedCounts(1, 0))
    assert change.of_seeds
    assert change.method == "t_test_with_seeds"
    assert (change.verdict, step.second_runs) == ("fixed", 2)


def test_seeds_that_sway_hide_what_one_seed_alone_would_show():
    much, little = run((0, 1, range(30)), *other(50)), run((0, 1, range(5)), *other(51))
    alone = ask([much], [little]).steps[0].changes[0]
    swaying = ask([much, little], [little, much]).steps[0].changes[0]
    assert (alone.verdict, swaying.verdict) == ("fixed", "no change shown")


def test_patients_are_kept_together():
    """The 16 images that the first alone confuses are of two patients: no more than two coins."""
    groups = [f"p{at}" for at in range(len(LABELS))]
    for at in range(14):
        groups[at] = "one"
    for at in range(EACH, EACH + 4):
        groups[at] = "two"
    found = ask([FIRST], [SECOND], groups=groups)
    change = found.steps[0].changes[0]
    assert found.n_groups == len(set(groups))
    assert change.p == exact_by_group(np.array([12, 4, -1, -1, -1]))
    assert change.method == "permutation_bootstrap_by_patient"
    assert change.p > ask([FIRST], [SECOND]).steps[0].changes[0].p


def test_of_two_classes_both_ways_are_tested_each_by_itself():
    labels = np.repeat([0, 1], 60)
    first = run((0, 1, range(20)), (1, 0, range(3)), labels=labels, k=2)
    second = run((0, 1, range(2)), (1, 0, range(15)), labels=labels, k=2)
    found = ask([first], [second], labels=labels, classes=("n", "p"))
    there, back = found.steps[0].changes
    assert not found.beyond_chance
    assert ((there.a, there.b), (back.a, back.b)) == (("n", "p"), ("p", "n"))
    assert (there.n, there.before, there.after) == (60, ConfusedCounts(20, 0), ConfusedCounts(2, 0))
    assert (there.verdict, back.verdict) == ("fixed", "made worse")


def test_a_class_without_images_is_not_asked_about():
    labels = np.zeros(30, np.int64)
    found = ask([run(labels=labels, k=2)], [run(labels=labels, k=2)], labels=labels, classes="np")
    assert [(change.a, change.b) for change in found.steps[0].changes] == [("n", "p")]


def test_no_errors_leave_nothing_to_test():
    found = ask([run()], [run()])
    assert (found.tests, found.steps[0].found) == (0, 0)


def test_what_cannot_be_shown_is_known():
    """Three images of a hundred are too few to show anything; eighteen of two hundred are not."""
    labels = np.repeat([0, 1], 100)
    first = run((0, 1, range(3)), (1, 0, range(30)), labels=labels, k=2)
    found = ask([first], [run(labels=labels, k=2)], labels=labels, classes=("n", "p"))
    assert [change.could_be_shown for change in found.steps[0].changes] == [False, True]


def test_no_more_than_ten_pairs_are_tested_in_a_step():
    k, each = 30, 60
    labels = np.repeat(np.arange(k), each)
    wrong = [(a, (a + 1) % k, range(12)) for a in range(0, k, 2)]
    found = ask(
        [run(*wrong, labels=labels, k=k)],
        [run(labels=labels, k=k)],
        labels=labels,
        classes=[f"c{at}" for at in range(k)],
    )
    assert found.steps[0].found == 15
    assert len(found.steps[0].changes) == MOST


def test_the_values_are_plain():
    assert asdict(ask([FIRST], [SECOND]))["steps"][0]["changes"][0]["before"] == {
        "a_as_b": 14.0,
        "b_as_a": 4.0,
    }


@pytest.mark.parametrize("stages", [[[FIRST]], [[FIRST], [SECOND[:5]]], [[FIRST], []]])
def test_what_cannot_be_compared_is_refused(stages):
    with pytest.raises(DataError, match="expected two experiments"):
        ask(*stages)


# Simulated studies in which the truth is known.


def study(rng, runs, *, sways=0.0, fixed=1.0):
    """Two experiments that confuse a with b alike, but for the share of it that is left.

    Images differ in how hard they are; sways: how much runs differ, the same image aside.
    """
    k, labels = 5, np.repeat(np.arange(5), 120)
    hard = np.zeros((len(labels), k))
    for b in range(k):
        some = (labels != b) & (rng.random(len(labels)) < 0.02)
        hard[some, b] = rng.beta(1, 1.5, some.sum())
    hot = (labels == 0) & (rng.random(len(labels)) < 0.4)
    hard[hot, 1] = rng.beta(1, 1.5, hot.sum())
    contestants = []
    for name, left in (("first", 1.0), ("second", fixed)):
        said = [_drawn(rng, hard, labels, sways, left) for _ in range(runs)]
        contestants.append(ExperimentPredictions(name, tuple(said)))
    return confusion_changes(contestants, labels, tuple("abcde"), np.random.default_rng(0))


def _drawn(rng, hard, labels, sways, left):
    k = hard.shape[1]
    chance = hard * np.exp(rng.normal(0, sways, (k, k)))[labels]
    chance[labels == 0, 1] *= left
    chance /= np.maximum(1, chance.sum(axis=1, keepdims=True))
    chance[np.arange(len(labels)), labels] = 1 - chance.sum(axis=1)
    said = (chance.cumsum(axis=1) < rng.random((len(labels), 1))).sum(axis=1).clip(max=k - 1)
    return np.eye(k, dtype=np.float32)[said]


@pytest.mark.parametrize(("runs", "sways"), [(1, 0.0), (2, 0.4), (3, 0.4), (5, 0.4)])
def test_of_like_experiments_no_change_is_said_in_more_than_one_study_of_twenty(runs, sways):
    rng, draws = np.random.default_rng(10 + runs), 300
    tested = told = 0
    for _ in range(draws):
        verdicts = {change.verdict for change in study(rng, runs, sways=sways).steps[0].changes}
        tested += bool(verdicts)
        told += bool(verdicts - {"no change shown"})
    # At most 5%, and room for chance above it (binomial, 97.5%).
    most = draws * 0.05 + 2 * np.sqrt(draws * 0.05 * 0.95)
    assert told <= most
    assert tested > draws / 2


def test_a_confusion_that_is_gone_is_found_mended():
    rng = np.random.default_rng(5)
    tested = shown = 0
    for _ in range(60):
        for change in study(rng, 3, sways=0.2, fixed=0.05).steps[0].changes:
            if {change.a, change.b} == {"a", "b"}:
                tested += 1
                shown += change.verdict == "fixed"
    assert tested >= 40
    assert shown >= 0.8 * tested


def test_what_is_called_something_else_is_moved_and_not_mended():
    """The second confuses a and b no more, but takes as many images of a for others, and two."""
    alike = [(2, 3, range(40, 80)), (3, 2, range(40, 80))]
    first = run((0, 1, range(30)), *alike)
    found = ask([first], [run((0, 2, range(16)), (0, 3, range(16, 32)), *alike)])
    [confused] = [one for one in found.steps[0].changes if {one.a, one.b} == {"a", "b"}]
    assert confused.p_corrected < 0.05
    assert (confused.fewer > 0, confused.verdict) == (True, "moved")
    assert confused.righter == pytest.approx(-2 / 200)
