"""Intervals and tests, against literal values and against SciPy and scikit-learn."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from leadline.data.audit.statistics import (
    chi_square_tail,
    fisher_exact,
    macro_auc,
    placements,
    same_shares,
    wilson_95,
)
from leadline.evaluation.intervals import wilson_interval

CHEST = np.array([[1341, 3875], [234, 390]])


def test_fifteen_of_sixteen_is_72_to_99_percent():
    assert wilson_95(15, 16) == pytest.approx((0.7167, 0.9889), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_that_of_the_evaluation(case):
    assert wilson_95(*case) == pytest.approx(wilson_interval(*case), abs=1e-12)


@pytest.mark.parametrize(
    ("statistic", "freedom", "expected"),
    [(3.841459, 1, 0.05), (5.991465, 2, 0.05), (7.814728, 3, 0.05), (18.307038, 10, 0.05)],
)
def test_the_printed_table_of_chi_square(statistic, freedom, expected):
    assert chi_square_tail(statistic, freedom) == pytest.approx(expected, abs=1e-7)


@given(st.floats(0, 300), st.integers(1, 40))
def test_chi_square_is_scipys(statistic, freedom):
    expected = scipy.stats.chi2.sf(statistic, freedom)
    assert chi_square_tail(statistic, freedom) == pytest.approx(expected, rel=1e-8, abs=1e-14)


tables = st.lists(st.integers(0, 30), min_size=4, max_size=4)


@given(tables)
def test_fisher_is_scipys(cells):
    table = np.array(cells).reshape(2, 2)
    assert fisher_exact(table) == pytest.approx(scipy.stats.fisher_exact(table).pvalue, rel=1e-9)


def test_fisher_by_hand():
    # The lady tasting tea, 3 of 4 right: (1 + 16 + 16 + 1) / 70, without the 36 in the middle.
    assert fisher_exact(np.array([[3, 1], [1, 3]])) == pytest.approx(34 / 70)


def test_the_chest_set_by_chi_square():
    name, p = same_shares(CHEST)
    assert name == "chi-square"
    assert p == pytest.approx(
        scipy.stats.chi2_contingency(CHEST, correction=False).pvalue, rel=1e-9
    )


def test_few_images_go_to_fisher():
    table = np.array([[40, 10], [1, 4]])
    name, p = same_shares(table)
    assert name == "Fisher's exact"
    assert p == pytest.approx(scipy.stats.fisher_exact(table).pvalue)


def test_a_class_that_no_split_has_counts_for_nothing():
    with_it = same_shares(np.array([[50, 0, 30], [20, 0, 30]]))
    assert with_it == same_shares(np.array([[50, 30], [20, 30]]))
    assert same_shares(np.array([[5, 0], [9, 0]])) == ("chi-square", 1.0)


def test_placements_by_hand():
    scores = np.array([0.9, 0.4, 0.4, 0.1])
    positive = np.array([True, True, False, False])
    # 0.9 beats both negatives; 0.4 ties one and beats the other; and the same from below.
    assert placements(scores, positive).tolist() == [1.0, 0.75, 0.75, 1.0]


def auc_of(scores, labels, groups=None):
    both = np.column_stack([-scores, scores])
    return macro_auc(both, labels, np.arange(len(labels)) if groups is None else groups)


def slow_delong(scores, labels):
    """AUC and its standard error, by the definition, pair by pair."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    variance = wins.mean(axis=1).var(ddof=1) / len(positive)
    variance += wins.mean(axis=0).var(ddof=1) / len(negative)
    return wins.mean(), np.sqrt(variance)


@given(st.integers(0, 1000))
def test_two_classes_have_delongs_interval(seed):
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1], [30, 20])
    scores = np.round(rng.normal(labels * 0.7, 1), 1)
    auc, (low, high) = auc_of(scores, labels)
    expected, error = slow_delong(scores, labels)
    assert auc == pytest.approx(expected) == pytest.approx(roc_auc_score(labels, scores))
    # Both classes' influence is the same image's, for one class against the rest is two mirrors.
    assert low == pytest.approx(max(0, auc - 1.959964 * error), abs=1e-6)
    assert high == pytest.approx(min(1, auc + 1.959964 * error), abs=1e-6)


def test_three_classes_are_averaged_as_scikit_learn_does():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 3, 200)
    scores = rng.random((200, 3)) + 0.4 * np.eye(3)[labels]
    scores /= scores.sum(axis=1, keepdims=True)
    auc, (low, high) = macro_auc(scores, labels, np.arange(200))
    assert auc == pytest.approx(roc_auc_score(labels, scores, multi_class="ovr"))
    draws = [
        roc_auc_score(labels[took], scores[took], multi_class="ovr")
        for took in rng.integers(0, 200, (400, 200))
    ]
    assert (high - low) / (2 * 1.96) == pytest.approx(np.std(draws), rel=0.15)


def test_copies_of_one_patients_image_add_no_certainty():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 100)
    scores = rng.normal(labels, 1.5)
    _, (low, high) = auc_of(scores, labels)
    people = np.arange(100).repeat(4)
    _, (grouped_low, grouped_high) = auc_of(scores.repeat(4), labels.repeat(4), people)
    _, (naive_low, naive_high) = auc_of(scores.repeat(4), labels.repeat(4))
    assert grouped_high - grouped_low == pytest.approx(high - low, rel=0.02)
    assert naive_high - naive_low == pytest.approx((high - low) / 2, rel=0.02)


def test_perfect_ranking_is_one():
    assert auc_of(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 0, 1, 1])) == (1.0, (1.0, 1.0))
