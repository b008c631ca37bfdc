"""Confusions beyond chance: Fisher's test by SciPy, and with Holm's correction by simulation."""

import numpy as np
import pytest
from scipy.stats import fisher_exact

from leadline.analysis.significance.confusion_significance import beyond_chance

NAMES = tuple("abcdefgh")


def chance(rng, errs, attracts, right=500):
    """Errors that fall on classes by how much these attract, whatever they are errors of."""
    found = np.diag([right] * len(errs))
    for one, count in enumerate(errs):
        share = np.where(np.arange(len(errs)) == one, 0.0, attracts)
        found[one] += rng.multinomial(count, share / share.sum())
    return found


def test_one_cell_is_fisher_s_test():
    """Of a taken for b count errors not of b and not taken for a: 9 and 1 of a, 2 and 20 others."""
    confusion = np.array([[50, 9, 1, 0], [7, 50, 0, 3], [3, 2, 50, 8], [4, 0, 12, 50]])
    [first, *_] = beyond_chance(confusion, NAMES[:4])
    p = fisher_exact([[9, 1], [2, 20]], alternative="greater").pvalue
    cells = {(one.true, one.predicted): one for one in beyond_chance(confusion, NAMES[:4])}
    assert (first.true, first.predicted) == ("a", "b")
    assert cells["a", "b"].p == pytest.approx(12 * p)
    assert cells["a", "b"].count == 9
    assert cells["a", "b"].expected == pytest.approx(10 * 11 / 32)


@pytest.mark.parametrize("k", [1, 2])
def test_two_classes_have_nothing_to_compare_with(k):
    assert beyond_chance(np.full((k, k), 9), NAMES[:k]) == ()


def test_no_error_is_no_finding():
    assert beyond_chance(np.diag([5, 5, 5]), NAMES[:3]) == ()


def test_classes_that_err_or_attract_much_are_found_in_one_study_of_twenty():
    rng, draws = np.random.default_rng(2), 300
    errs, attracts = [80, 5, 40, 10, 10, 20, 5, 5], np.array([1, 9, 1, 1, 4, 1, 1, 1.0])
    found = sum(bool(beyond_chance(chance(rng, errs, attracts), NAMES)) for _ in range(draws))
    assert found <= draws * 0.05 + 2 * np.sqrt(draws * 0.05 * 0.95)


def test_a_pair_that_attracts_is_found():
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(100):
        confusion = chance(rng, [20] * 8, np.ones(8))
        confusion[4, 7] += 20
        found = {(one.true, one.predicted) for one in beyond_chance(confusion, NAMES)}
        hits += ("e", "h") in found
    assert hits >= 90


def test_the_order_of_classes_does_not_matter():
    rng = np.random.default_rng(4)
    confusion = chance(rng, [20] * 8, np.ones(8))
    confusion[4, 7] += 15
    turned = rng.permutation(8)
    again = beyond_chance(confusion[np.ix_(turned, turned)], [NAMES[one] for one in turned])
    assert set(again) == set(beyond_chance(confusion, NAMES))
