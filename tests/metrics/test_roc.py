"""ROC, precision and recall, average precision: by hand and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from leadline.metrics.roc import (
    average_precision,
    average_precisions,
    precision_recall_points,
    ranked,
    roc_points,
)

# Two images share 0.6, one of each class.
SCORES = np.array([0.9, 0.6, 0.2, 0.6, 0.1])
POSITIVE = np.array([True, True, True, False, False])


def drawn(seed, n=40):
    """Scores with ties, and both classes."""
    rng = np.random.default_rng(seed)
    positive = rng.permutation(np.arange(n) % 3 == 0)
    return np.round(rng.random(n) * 0.6 + 0.3 * positive, 1), positive


def test_ties_are_counted_together():
    found = ranked(SCORES, POSITIVE)
    assert found.scores.tolist() == [0.9, 0.6, 0.2, 0.1]
    assert found.positives.tolist() == [1, 2, 3, 3]
    assert found.negatives.tolist() == [0, 1, 1, 2]


def test_points_by_hand():
    assert roc_points(SCORES, POSITIVE).tolist() == [
        [0.0, 0.0, np.inf], [0.0, 1 / 3, 0.9], [0.5, 2 / 3, 0.6], [0.5, 1.0, 0.2], [1.0, 1.0, 0.1],
    ]  # fmt: skip
    assert precision_recall_points(SCORES, POSITIVE).tolist() == [
        [1 / 3, 1.0, 0.9], [2 / 3, 2 / 3, 0.6], [1.0, 3 / 4, 0.2], [1.0, 3 / 5, 0.1],
    ]  # fmt: skip


def test_average_precision_by_hand():
    # One third of the positives is found at each of the precisions 1, 2/3, 3/4.
    assert average_precision(SCORES, POSITIVE) == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)


@given(st.integers(0, 500))
def test_points_are_scikit_learns(seed):
    scores, positive = drawn(seed)
    false, true, thresholds = metrics.roc_curve(positive, scores, drop_intermediate=False)
    np.testing.assert_allclose(roc_points(scores, positive), np.stack([false, true, thresholds], 1))
    precision, recall, at = metrics.precision_recall_curve(positive, scores)
    ours = precision_recall_points(scores, positive)[::-1]
    np.testing.assert_allclose(ours, np.stack([recall[:-1], precision[:-1], at], 1))


@given(st.integers(0, 500))
def test_average_precision_is_scikit_learns_also_of_resamples(seed):
    scores, positive = drawn(seed)
    weights = np.random.default_rng(seed).integers(0, 3, (4, len(scores))).astype(float)
    weights[0] = 1
    expected = [
        metrics.average_precision_score(positive, scores, sample_weight=row) for row in weights
    ]
    found = average_precisions(scores, positive, weights)
    np.testing.assert_allclose(found, expected)
    assert average_precision(scores, positive) == pytest.approx(found[0])


def test_without_positives_there_is_no_precision():
    weights = np.array([[0.0, 0, 0, 1, 1], [1.0, 0, 0, 0, 0]])
    found = average_precisions(SCORES, POSITIVE, weights)
    assert np.isnan(found[0])
    assert found[1] == 1.0


def test_one_image():
    assert average_precision(np.array([0.3]), np.array([True])) == 1.0
    assert np.isnan(average_precision(np.array([0.3]), np.array([False])))
