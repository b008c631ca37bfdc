"""Tests of shares, against literal values and against SciPy."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from leadline.data.audit.share_tests import (
    chi_square_tail,
    fisher_exact,
    same_shares,
)

CHEST = np.array([[1341, 3875], [234, 390]])


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
