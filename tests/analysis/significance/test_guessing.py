"""Is a model shown to be better than guessing? Against SciPy, by hand, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from leadline.analysis.significance.guessing import LEVEL, Guessing, against_guessing, corrected
from leadline.errors import DataError
from leadline.runs.typed_json import typed

CLASSES = ("a", "b", "c")


def certain_of(answers, classes=3):
    """Probabilities that name these classes, 0.8 each."""
    rows = np.full((len(answers), classes), 0.2 / (classes - 1))
    rows[np.arange(len(answers)), answers] = 0.8
    return rows


def held(runs, labels, counts=(40, 40, 40), classes=CLASSES, **more):
    rng = np.random.default_rng(0)
    return against_guessing(runs, np.asarray(labels), classes, counts, rng, **more)


def test_by_hand():
    """Always "b" has 3 of 8 right; the model has 5: two of the b, three of the others."""
    labels = [0, 0, 1, 1, 1, 2, 2, 2]
    answers = [0, 0, 1, 1, 2, 2, 0, 1]
    found = held([certain_of(answers)], labels, counts=(10, 12, 11))
    assert (found.constant, found.constant_accuracy, found.accuracy) == ("b", 3 / 8, 5 / 8)
    # The model alone is right on 3 images (0, 1, 5), the constant answer alone on 1 (4).
    assert found.p == pytest.approx(5 / 16)  # of four tosses, three heads or more
    assert found.difference.value == pytest.approx(2 / 8)
    assert found.difference.method == "mcnemar_tango"
    assert found.balanced_accuracy == pytest.approx((1 + 2 / 3 + 1 / 3) / 3)
    assert (found.balanced_chance, found.classes_named) == (pytest.approx(1 / 3), 3)
    assert found.verdict == "not shown"
    assert (found.n, found.n_groups, found.runs, found.experiments) == (8, None, 1, 1)


@settings(max_examples=60, deadline=None)
@given(
    answers=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60),
    most=st.integers(0, 2),
)
def test_p_is_that_of_scipys_binomial_test(answers, most):
    labels, said = (np.array(side) for side in zip(*answers, strict=True))
    counts = [10, 10, 10]
    counts[most] = 11
    found = held([certain_of(said)], labels, counts)
    model = int(((said == labels) & (labels != most)).sum())
    constant = int(((said != labels) & (labels == most)).sum())
    if model + constant:
        expected = binomtest(model, model + constant, 0.5, alternative="greater").pvalue
    else:
        expected = 1.0
    assert found.p == pytest.approx(expected)
    assert (found.verdict == "better") == (expected < LEVEL)
    present = [one for one in range(3) if (labels == one).any()]
    recalls = np.mean([(said[labels == one] == one).mean() for one in present])
    assert found.balanced_accuracy == pytest.approx(recalls)
    if len(present) == 3:
        assert found.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, said))


def test_a_constant_answer_is_not_better_than_itself():
    labels = np.repeat([0, 1, 2], (70, 20, 10))
    found = held([certain_of(np.zeros(100, int))], labels, counts=(700, 200, 100))
    assert (found.p, found.verdict) == (1.0, "not shown")
    assert (found.classes_named, found.named) == (1, "a")
    assert found.accuracy == found.constant_accuracy == 0.7
    assert found.balanced_accuracy == pytest.approx(1 / 3)
    assert (found.auroc.value, found.p_auroc) == (0.5, 1.0)


def test_high_accuracy_alone_shows_nothing_where_one_class_is_frequent():
    """90% right, as always naming "a" would be: 10 of either kind are right alone."""
    labels = np.repeat([0, 1], (900, 100))
    answers = labels.copy()
    answers[:50], answers[900:950] = 1, 0
    found = held([certain_of(answers, 2)], labels, counts=(90, 10), classes=("a", "b"))
    assert found.accuracy == found.constant_accuracy == 0.9
    assert found.p > 0.4
    assert found.verdict == "ranking only"
    assert found.auroc.value == pytest.approx(roc_auc_score(labels, answers))


def test_a_model_of_a_rare_class_may_rank_and_not_answer():
    """It never says "b", but gives its images a higher probability."""
    labels = np.repeat([0, 1], (180, 20))
    scores = np.linspace(0.1, 0.3, 200)
    found = held([np.column_stack([1 - scores, scores])], labels, (90, 10), ("a", "b"))
    assert (found.verdict, found.classes_named) == ("ranking only", 1)
    assert (found.auroc.value, found.accuracy) == (1.0, 0.9)


@pytest.mark.parametrize("counts", [(40, 40, 40), (39, 40, 40)])
def test_among_equally_frequent_classes_the_harder_one_is_taken(counts):
    labels = np.repeat([0, 1, 2], (12, 10, 8))
    found = held([certain_of(labels)], labels, counts)
    assert found.constant == ("a" if counts[0] == 40 else "b")
    assert found.verdict == "better"


def test_patients_are_taken_together():
    """Ten patients with nine images each: what ten images show, not ninety."""
    labels = np.tile([0, 1], 5).repeat(9)
    groups = [str(patient) for patient in np.arange(10).repeat(9)]
    right = np.repeat(np.arange(10) < 8, 9)
    answers = np.where(right, labels, 1 - labels)
    alone = held([certain_of(answers, 2)], labels, (11, 10), ("a", "b"))
    known = held([certain_of(answers, 2)], labels, (11, 10), ("a", "b"), groups=groups)
    assert alone.verdict == "better"
    assert known.n_groups == 10
    # By patient, of the five b four are right; of the five a one is wrong, where "a" is right.
    assert known.p == pytest.approx(binomtest(4, 5, 0.5, alternative="greater").pvalue)
    assert known.verdict != "better"


def test_seeds_that_guess_are_not_better_in_their_mean():
    rng = np.random.default_rng(1)
    labels = np.arange(2000) % 10
    runs = [rng.dirichlet(np.ones(10), 2000) for _ in range(3)]
    found = held(runs, labels, [10] * 10, tuple("abcdefghij"))
    assert found.accuracy == pytest.approx(0.1, abs=0.02)
    assert (found.verdict, found.runs) == ("not shown", 3)
    assert found.difference.method == "t_test_with_seeds"


def test_one_good_seed_of_three_is_not_the_mean_of_seeds():
    labels = np.arange(300) % 3
    guess = np.random.default_rng(1).dirichlet(np.ones(3), (2, 300))
    found = held([certain_of(labels), *guess], labels)
    assert found.accuracy > 0.5
    assert found.verdict == "not shown"
    assert held([certain_of(labels)] * 3, labels).verdict == "better"


def test_one_class_in_test_leaves_no_auroc():
    found = held([certain_of([0, 1, 0])], [0, 0, 0])
    assert (found.auroc, found.p_auroc) == (None, None)
    assert (found.balanced_chance, found.verdict) == (1.0, "not shown")


def test_all_in_the_right_order_of_two_and_two_is_chance_one_time_in_six():
    scores = np.array([0.1, 0.2, 0.3, 0.4])
    found = held([np.column_stack([1 - scores, scores])], [0, 0, 1, 1], (4, 4), ("a", "b"))
    assert found.p_auroc == pytest.approx(1 / 6)
    assert found.verdict == "not shown"


@pytest.mark.parametrize(
    ("n", "shares", "seeds"),
    [(24, (1, 1, 1), 1), (24, (1, 1, 1), 3), (60, (8, 2), 1), (200, (6, 3, 1), 1), (90, (1, 1), 3)],
)
def test_a_guesser_is_called_better_in_at_most_one_study_of_twenty(n, shares, seeds):
    rng = np.random.default_rng(n + seeds)
    k, wrong, draws = len(shares), 0, 150
    for _ in range(draws):
        labels = np.repeat(np.arange(k), np.multiply(shares, n // sum(shares)))
        runs = [rng.dirichlet(np.array(shares) * 2.0, len(labels)) for _ in range(seeds)]
        found = against_guessing(runs, labels, tuple("abc"[:k]), shares, rng)
        wrong += found.shown
    # One in twenty, and two standard errors of 150 draws on top.
    assert wrong <= draws * 0.05 + 2 * np.sqrt(draws * 0.05 * 0.95)


def test_many_guessers_are_corrected_together():
    labels = np.arange(90) % 3
    rng = np.random.default_rng(5)
    one = held([rng.dirichlet(np.ones(3), 90)], labels)
    found = corrected({"x": one, "y": one, "z": held([certain_of(labels)], labels)})
    assert list(found) == ["x", "y", "z"]
    assert found["x"].p == pytest.approx(min(1.0, 2 * one.p))
    assert found["x"].experiments == 3
    assert (found["x"].verdict, found["z"].verdict) == ("not shown", "better")


def test_a_p_value_that_the_correction_raises_above_the_level_is_shown_no_more():
    """21 of 30 discordant images: p = 0.021 alone, 0.064 among three."""
    labels = np.repeat([0, 1, 1], (21, 9, 9))
    answers = np.repeat([0, 0, 1], (21, 9, 9))
    one = held([certain_of(answers, 2)], labels, (10, 11), ("a", "b"))
    assert one.p == pytest.approx(binomtest(21, 30, 0.5, alternative="greater").pvalue)
    assert one.verdict == "better"
    assert corrected({"x": one, "y": one, "z": one})["x"].verdict != "better"


def test_it_reads_back_from_json():
    import json
    from dataclasses import asdict

    found = held([certain_of([0, 1, 2, 2])], [0, 1, 2, 0])
    assert typed(Guessing, json.loads(json.dumps(asdict(found)))) == found


@pytest.mark.parametrize("labels", [[], [3, 0]])
def test_labels_that_do_not_fit(labels):
    with pytest.raises(DataError):
        held([certain_of(np.zeros(len(labels), int))], np.array(labels, dtype=int))
