"""Areas under curves and their covariance, by hand, pair by pair, and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from leadline.errors import DataError
from leadline.statistics.delong import auc_interval, delong, macro_auc, placements


def wins(scores, positive):
    """Pair by pair, (positives, negatives): 1 where the positive is higher, 1/2 for a tie."""
    table = np.zeros((positive.sum(), (~positive).sum()))
    for i, high in enumerate(scores[positive]):
        for j, low in enumerate(scores[~positive]):
            table[i, j] = 1.0 if high > low else 0.5 if high == low else 0.0
    return table


def slow_delong(rows, positive):
    """AUCs and covariance by the definition: S10 / m + S01 / n of the structural components."""
    tables = [wins(row, positive) for row in rows]
    m, n = tables[0].shape
    by_positive = np.atleast_2d(np.cov([table.mean(axis=1) for table in tables]))
    by_negative = np.atleast_2d(np.cov([table.mean(axis=0) for table in tables]))
    return np.array([table.mean() for table in tables]), by_positive / m + by_negative / n


def test_placements_by_hand():
    scores = np.array([0.9, 0.4, 0.4, 0.1])
    positive = np.array([True, True, False, False])
    # 0.9 beats both negatives; 0.4 ties one and beats the other; and the same from below.
    assert placements(scores, positive).tolist() == [1.0, 0.75, 0.75, 1.0]


def test_the_covariance_by_hand():
    scores = np.array([0.8, 0.3, 0.5, 0.1])
    positive = np.array([True, True, False, False])
    # 0.8 beats both, 0.3 one of two: components (1, 1/2); the negatives' are (1/2, 1).
    # Each has a variance of 1/8, so DeLong's is 1/8 / 2 + 1/8 / 2 = 1/8.
    found = delong(scores, positive)
    assert found.auc.tolist() == [0.75]
    assert found.covariance == pytest.approx(np.array([[0.125]]))


@given(st.integers(0, 500), st.integers(2, 25), st.integers(2, 25))
def test_delong_is_that_of_all_pairs(seed, positives, negatives):
    rng = np.random.default_rng(seed)
    positive = rng.permutation(np.repeat([True, False], [positives, negatives]))
    first = np.round(rng.normal(positive * 0.8, 1), 1)
    rows = np.stack([first, np.round(first + rng.normal(0, 1, len(first)), 1)])
    found = delong(rows, positive)
    expected, covariance = slow_delong(rows, positive)
    np.testing.assert_allclose(found.auc, expected, atol=1e-12)
    np.testing.assert_allclose(found.covariance, covariance, atol=1e-12)
    np.testing.assert_allclose(found.auc, [roc_auc_score(positive, row) for row in rows])


@given(st.integers(0, 200))
def test_each_image_its_own_group_is_no_group(seed):
    rng = np.random.default_rng(seed)
    positive = np.arange(30) % 3 == 0
    scores = rng.normal(positive, 1)
    alone, grouped = delong(scores, positive), delong(scores, positive, rng.permutation(30))
    assert grouped.covariance == pytest.approx(alone.covariance)


def two_columns(scores):
    return np.column_stack([-scores, scores])


@given(st.integers(0, 200))
def test_one_against_the_rest_of_two_classes_is_one_auc(seed):
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1], [30, 20])
    scores = np.round(rng.normal(labels * 0.7, 1), 1)
    expected = delong(scores, labels == 1)
    assert macro_auc(two_columns(scores), labels) == pytest.approx(
        (expected.auc[0], expected.covariance[0, 0])
    )


def test_three_classes_are_averaged_as_scikit_learn_does():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 3, 200)
    scores = rng.random((200, 3)) + 0.4 * np.eye(3)[labels]
    scores /= scores.sum(axis=1, keepdims=True)
    auc, variance = macro_auc(scores, labels)
    assert auc == pytest.approx(roc_auc_score(labels, scores, multi_class="ovr"))
    draws = [
        roc_auc_score(labels[took], scores[took], multi_class="ovr")
        for took in rng.integers(0, 200, (400, 200))
    ]
    assert np.sqrt(variance) == pytest.approx(np.std(draws), rel=0.15)


def test_copies_of_one_patients_image_add_no_certainty():
    rng = np.random.default_rng(0)
    positive = rng.random(100) < 0.5
    scores = rng.normal(positive, 1.5)
    single = delong(scores, positive).covariance[0, 0]
    copies, theirs, people = scores.repeat(4), positive.repeat(4), np.arange(100).repeat(4)
    grouped = delong(copies, theirs, people).covariance[0, 0]
    naive = delong(copies, theirs).covariance[0, 0]
    assert grouped == pytest.approx(single, rel=0.03)
    assert naive == pytest.approx(single / 4, rel=0.03)


def test_bounds_by_hand():
    # Odds of 0.8 are 4; the log odds' error is 0.05 / (0.8 × 0.2), so e^(1.96 × 0.3125) = 1.845.
    factor = np.exp(1.959964 * 0.3125)
    odds = np.array([4 / factor, 4 * factor])
    assert auc_interval(0.8, 0.0025) == pytest.approx(odds / (1 + odds), abs=1e-6)
    # About as far apart as the plain ones, 0.8 ± 0.098.
    assert auc_interval(0.8, 0.0025) == pytest.approx((0.684, 0.881), abs=5e-4)


def test_bounds_stay_between_zero_and_one():
    assert 0 < auc_interval(0.02, 0.01)[0] < 0.02
    assert 0.98 < auc_interval(0.98, 0.01)[1] < 1
    assert auc_interval(1.0, 0.0) == (1.0, 1.0)
    assert auc_interval(0.0, 0.0) == (0.0, 0.0)


@pytest.mark.parametrize(("distance", "auc"), [(1.1, 0.909), (2.2, 0.996)])
def test_bounds_by_patient_cover(distance, auc):
    """Patients of one to four films, 200 of each class; what is seen is mostly the patient's."""
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(300):
        ill = np.arange(400) % 2 == 0
        member = np.repeat(np.arange(400), rng.integers(1, 5, 400))
        seen = rng.normal(np.where(ill, distance, -distance), 1)[member]
        scores = seen + rng.normal(0, 0.6, len(member))
        found = delong(scores, ill[member], member)
        low, high = auc_interval(float(found.auc[0]), float(found.covariance[0, 0]))
        covered += low <= auc <= high
    assert covered / 300 > 0.9


@pytest.mark.parametrize(("label", "said"), [(0, "0 positive of 4"), (1, "4 positive of 4")])
def test_one_class_has_no_auc(label, said):
    labels = np.full(4, label)
    with pytest.raises(DataError, match=rf"positive and negative images\. Received: {said}"):
        delong(np.arange(4.0), labels == 1)
    with pytest.raises(DataError, match=r"two classes\. Received: those of one"):
        macro_auc(two_columns(np.arange(4.0)), labels)
