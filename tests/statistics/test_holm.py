"""Holm's correction, beside statsmodels'."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from leadline.errors import DataError
from leadline.statistics.holm import holm


def test_by_hand():
    # In order 0.01, 0.02, 0.03, 0.5: times 4, 3, 2, 1 are 0.04, 0.06, 0.06, 0.5.
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx((0.06, 0.04, 0.5, 0.06))


def test_none_is_below_one_before_it():
    assert holm([0.02, 0.03, 0.03]) == pytest.approx((0.06, 0.06, 0.06))


def test_one_alone_is_left_as_it_is_and_none_is_none():
    assert holm([0.04]) == (0.04,)
    assert holm([]) == ()


@pytest.fixture(autouse=True)
def collected(monkeypatch):
    """statsmodels collects garbage in each call, which takes a second among many tests."""
    monkeypatch.setattr("gc.collect", lambda *_: 0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_as_statsmodels_has_it(p_values):
    expected = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(tuple(expected), abs=1e-12)


def test_a_true_hypothesis_is_rejected_in_at_most_5_of_100_studies():
    p_values = np.random.default_rng(0).random((2_000, 10))
    rejected = [min(holm(row.tolist())) < 0.05 for row in p_values]
    assert 0.035 < np.mean(rejected) < 0.06


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(wrong):
    with pytest.raises(DataError, match=r"expected p-values from 0 to 1\. Received: \[0\.5, "):
        holm([0.5, wrong])
