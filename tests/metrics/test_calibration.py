"""Temperature, calibration error and Brier's score: by hand, simulated, and as properties."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from leadline.errors import DataError
from leadline.metrics.calibration import (
    SMALLEST,
    at_temperature,
    bin_of,
    expected_calibration_error,
    fit_temperature,
    reliability_bins,
    squared_errors,
    top_label,
)
from leadline.metrics.classification import cross_entropy


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def simulated(temperature, n=20_000, classes=3, seed=0):
    """Labels drawn from probabilities, and what an over- or underconfident model says of them."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, classes))
    truth = softmax(logits)
    labels = (rng.random(n)[:, None] > truth.cumsum(axis=1)).sum(axis=1)
    return softmax(logits * temperature), labels


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.7, 4.0])
@pytest.mark.parametrize("classes", [2, 5])
def test_a_known_temperature_is_found(temperature, classes):
    said, labels = simulated(temperature, classes=classes)
    assert fit_temperature(said, labels) == pytest.approx(temperature, rel=0.04)


def test_no_other_temperature_has_less_loss():
    said, labels = simulated(2.3, n=300, seed=4)
    best = fit_temperature(said, labels)
    losses = [
        cross_entropy(at_temperature(said, t), labels).mean()
        for t in (best * 0.99, best, best * 1.01)
    ]
    assert losses[1] < min(losses[0], losses[2])


def test_a_temperature_by_hand():
    # Three of four are right at odds of 9 to 1; odds of 3 to 1 would be true: T = log 9 / log 3.
    said = np.array([[0.9, 0.1]] * 4)
    assert fit_temperature(said, np.array([0, 0, 0, 1])) == pytest.approx(2.0, abs=1e-5)
    assert at_temperature(said[:1], 2.0)[0] == pytest.approx([0.75, 0.25])


@pytest.mark.parametrize(
    ("said", "labels", "wrong"),
    [
        ([[0.9, 0.1], [0.2, 0.8]], [0, 1], "0 of 2"),
        ([[0.9, 0.1], [0.2, 0.8]], [1, 0], "2 of 2"),
        ([[0.5, 0.5], [0.5, 0.5]], [0, 1], "1 of 2"),
    ],
    ids=["none wrong", "all wrong", "no opinion"],
)
def test_where_no_temperature_is_best_that_is_said(said, labels, wrong):
    with pytest.raises(DataError, match=rf"no temperature from 0\.05 to 20 .*: {wrong} images"):
        fit_temperature(np.array(said), np.array(labels))


def test_certainty_that_is_wrong_has_a_temperature():
    said = np.array([[1.0, 0.0]] * 9 + [[1.0, 0.0]], np.float32)
    with pytest.raises(DataError):  # 87 nats of certainty: T = 87 / log 9 = 39.8
        fit_temperature(said, np.array([0] * 9 + [1]))
    half = np.array([[1 - 1e-9, 1e-9]] * 10)
    expected = np.log((1 - 1e-9) / 1e-9) / np.log(9)
    assert fit_temperature(half, np.array([0] * 9 + [1])) == pytest.approx(expected, rel=1e-4)


rows = st.integers(2, 5).flatmap(
    lambda classes: st.lists(
        st.lists(st.floats(0.001, 1), min_size=classes, max_size=classes), min_size=1, max_size=6
    )
)


@given(rows, st.floats(0.05, 20))
def test_no_image_changes_class(drawn, temperature):
    said = np.array(drawn)
    said /= said.sum(axis=1, keepdims=True)
    found = at_temperature(said, temperature)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    best = found[np.arange(len(said)), said.argmax(axis=1)]
    np.testing.assert_array_equal(best, found.max(axis=1))


@given(rows, st.floats(0.2, 5))
def test_one_over_the_temperature_takes_it_back(drawn, temperature):
    said = np.array(drawn)
    said /= said.sum(axis=1, keepdims=True)
    back = at_temperature(at_temperature(said, temperature), 1 / temperature)
    np.testing.assert_allclose(back, said, atol=1e-9)


def test_a_probability_of_nothing_stays_next_to_nothing():
    found = at_temperature(np.array([[1.0, 0.0]]), 2.0)
    assert found[0, 1] == pytest.approx(np.sqrt(SMALLEST))


def test_the_last_bin_holds_one():
    at = np.array([0.0, 0.0666, 1 / 15, 0.5, 0.999, 1.0])
    assert bin_of(at).tolist() == [0, 0, 1, 7, 14, 14]


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        # Bins of 0-0.5 and 0.5-1. One image says 0.2, two say 0.7 and 0.9.
        ([False, True, True], (1 * 0.2 + 2 * 0.2) / 3),
        ([True, True, False], (1 * 0.8 + 2 * 0.3) / 3),
        ([True, False, False], (1 * 0.8 + 2 * 0.8) / 3),
    ],
)
def test_calibration_error_by_hand(hits, expected):
    said = np.array([0.2, 0.7, 0.9])
    assert expected_calibration_error(said, np.array(hits), 2) == pytest.approx(expected)


@given(st.integers(0, 300))
def test_calibration_error_bin_by_bin(seed):
    rng = np.random.default_rng(seed)
    said = rng.random(60)
    hits = rng.random(60) < said**2
    edges = np.linspace(0, 1, 16)
    total = 0.0
    for low, high in pairwise(edges):
        own = (said >= low) & (said < high)
        if own.any():
            total += own.sum() / 60 * abs(said[own].mean() - hits[own].mean())
    assert expected_calibration_error(said, hits) == pytest.approx(total)
    bins = reliability_bins(said, hits)
    again = sum(
        one.n * abs(one.mean_probability - one.share) / 60
        for one in bins
        if one.mean_probability is not None and one.share is not None
    )
    assert again == pytest.approx(total)


def test_bins_by_hand():
    first, second = reliability_bins(np.array([0.6, 0.8, 1.0]), np.array([True, False, True]), 2)
    assert (first.low, first.high, first.n) == (0.0, 0.5, 0)
    assert (first.mean_probability, first.share, first.interval) == (None, None, (0.0, 1.0))
    assert second.n == 3
    assert second.mean_probability == pytest.approx(0.8)
    assert second.share == pytest.approx(2 / 3)
    # The roots p of (p - 2/3)² = z² p (1 - p) / 3
    assert second.interval == pytest.approx((0.207660, 0.938509), abs=1e-6)


@given(st.integers(0, 300))
def test_brier_is_scikit_learns(seed):
    rng = np.random.default_rng(seed)
    said = rng.random(30)
    labels = rng.integers(0, 2, 30)
    both = squared_errors(np.column_stack([1 - said, said]), labels)
    # Over both classes it is twice the error of one.
    assert both.mean() / 2 == pytest.approx(brier_score_loss(labels, said, pos_label=1))


def test_the_likeliest_class_and_whether_it_is_right():
    said = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]])
    sure, right = top_label(said, np.array([1, 2]))
    assert sure.tolist() == [0.7, 0.5]
    assert right.tolist() == [True, False]
