"""Newton's method, against scikit-learn's."""

import numpy as np
import pytest

from leadline.data.audit.shortcut_probe import RIDGE, fit_logistic, scores


def problem(seed=0, n=300):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 2))
    return features, (features @ [1.5, -0.5] + rng.normal(size=n) > 0.3).astype(np.int64)


def test_the_weights_are_scikit_learns():
    from sklearn.linear_model import LogisticRegression

    features, labels = problem()
    peer = LogisticRegression(C=1 / (RIDGE * len(labels)), tol=1e-10).fit(features, labels)
    weights = fit_logistic(features, labels, 2)
    assert weights[:2, 1] == pytest.approx(peer.coef_[0], rel=1e-4)
    assert weights[2, 1] == pytest.approx(peer.intercept_[0], rel=1e-4)
    # One class against the rest is, for two classes, the other one's mirror.
    assert weights[:, 0] == pytest.approx(-weights[:, 1])


def test_scores_are_log_odds():
    weights = np.array([[1.0, 2.0], [0.5, -1.0]])
    assert scores(np.array([[3.0], [0.0]]), weights).tolist() == [[3.5, 5.0], [0.5, -1.0]]


def test_separable_and_constant_features_have_finite_weights():
    features = np.column_stack([np.repeat([0.0, 1.0], 50), np.zeros(100)])
    weights = fit_logistic(features, np.repeat([0, 1], 50), 2)
    assert np.isfinite(weights).all()
    assert weights[0, 1] > 5
    assert weights[1].tolist() == [0, 0]


def test_a_class_that_is_not_there_has_low_odds():
    features, labels = problem()
    odds = scores(features, fit_logistic(features, labels, 3))
    assert np.isfinite(odds).all()
    assert odds[:, 2].max() < -5
