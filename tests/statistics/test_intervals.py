"""Wilson's interval against SciPy and by hand; F1's and the mean's against simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leadline.errors import DataError
from leadline.statistics.intervals import f1_interval, mean_interval, wilson_interval

counts = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, st.floats(0.5, 0.999))
def test_wilson_is_scipys(count, confidence):
    successes, n = count
    theirs = stats.binomtest(successes, n).proportion_ci(confidence, method="wilson")
    ours = wilson_interval(successes, n, confidence)
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize(
    ("successes", "n", "expected"),
    [
        # The roots p of (p - k/n)² = z² p (1 - p) / n, where z² = 3.841459.
        (5, 10, (0.236593, 0.763407)),
        # none of ten: from 0 to z² / (10 + z²)
        (0, 10, (0.0, 0.277533)),
        (10, 10, (0.722467, 1.0)),
        # The lab: near 0.98 on 10,000 images about ± 0.003
        (9_800, 10_000, (0.977066, 0.982565)),
        (0, 0, (0.0, 1.0)),
    ],
)
def test_wilson_by_hand(successes, n, expected):
    assert wilson_interval(successes, n) == pytest.approx(expected, abs=1e-6)


def test_wilson_covers_what_it_says():
    rng = np.random.default_rng(7)
    bounds = [wilson_interval(int(k), 200) for k in rng.binomial(200, 0.9, size=4_000)]
    covered = np.mean([low <= 0.9 <= high for low, high in bounds])
    assert covered == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize(("successes", "n"), [(3, 2), (-1, 2), (0, -1)])
def test_counts_that_cannot_be(successes, n):
    with pytest.raises(DataError, match=f"Received: {successes} of {n}"):
        wilson_interval(successes, n)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, float("nan")])
def test_confidence_is_a_fraction(confidence):
    with pytest.raises(DataError, match="confidence between 0 and 1"):
        wilson_interval(1, 2, confidence)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_f1_lies_in_its_interval(right, false_positives, false_negatives):
    low, high = f1_interval(right, false_positives, false_negatives)
    f1 = 2 * right / max(2 * right + false_positives + false_negatives, 1)
    assert 0 <= low <= f1 + 1e-12
    assert f1 <= high + 1e-12
    assert high <= 1


def test_f1_interval_by_hand():
    # J = 5 / 10 is bounded by 0.236593 and 0.763407; F1 = 2 J / (1 + J)
    expected = (2 * 0.236593 / 1.236593, 2 * 0.763407 / 1.763407)
    assert f1_interval(5, 3, 2) == pytest.approx(expected, abs=1e-6)


def test_f1_interval_covers_what_it_says():
    rng = np.random.default_rng(11)
    shares = (0.3, 0.05, 0.08, 0.57)
    draws = rng.multinomial(400, shares, size=3_000)
    truth = 0.6 / (0.6 + 0.05 + 0.08)
    bounds = [f1_interval(int(tp), int(fp), int(fn)) for tp, fp, fn, _ in draws]
    covered = np.mean([low <= truth <= high for low, high in bounds])
    assert covered == pytest.approx(0.95, abs=0.015)


def test_mean_interval_by_hand():
    # mean 2, s = 1 with n - 1, so ± 1.959964 / sqrt(3)
    low, high = mean_interval(np.array([1.0, 2.0, 3.0])) or (0.0, 0.0)
    assert (low, high) == pytest.approx((2 - 1.131586, 2 + 1.131586), abs=1e-6)


def test_mean_interval_is_scipys():
    values = np.random.default_rng(3).exponential(size=500)
    expected = stats.norm.interval(0.9, loc=values.mean(), scale=stats.sem(values))
    assert mean_interval(values, 0.9) == pytest.approx(expected)


@pytest.mark.parametrize("values", [[], [0.3]])
def test_one_value_has_no_spread(values):
    assert mean_interval(np.array(values)) is None
