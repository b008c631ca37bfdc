"""Confusions over seeds, and those of two classes."""

import dataclasses

import numpy as np
import pytest
from tests.report.sections.questions.studies import rows, run

from leadline.analysis.seed_confusions import ExperimentConfusions

CLASSES = ("a", "b", "c", "d")
DRAWN = [[80, 20, 0, 0], [9, 73, 9, 9], [9, 1, 80, 10], [9, 1, 10, 80]]
EVEN = [[97, 1, 1, 1], [1, 97, 1, 1], [1, 1, 97, 1], [1, 1, 1, 97]]


def confused(*matrices, classes=CLASSES):
    pages = []
    for seed, matrix in enumerate(matrices):
        page = run("mlp-1", seed, classes=classes)
        test = dataclasses.replace(page.evaluation_test, confusion=np.array(matrix))
        pages.append(dataclasses.replace(page, evaluation_test=test))
    [row] = rows(*pages)
    return ExperimentConfusions(row)


def test_what_most_seeds_draw_is_told():
    more = [[84, 26, 0, 0], *DRAWN[1:]]
    [one] = confused(DRAWN, more, EVEN).drawn
    assert (one.true, one.predicted, one.seeds) == ("a", "b", 2)
    assert 0 < one.expected < one.count


def test_counts_are_means_over_all_seeds_those_without_it_too():
    """Of the even seed 9 errors are none of b's, and 7 of them not taken for a: 3 × 3 / 7."""
    first = confused(DRAWN).drawn[0]
    [one] = confused(DRAWN, DRAWN, EVEN).drawn
    assert one.count == (20 + 20 + 1) / 3
    assert one.expected == pytest.approx((2 * first.expected + 3 * 3 / 7) / 3)


def test_the_furthest_beyond_chance_comes_first():
    """More of b are taken for c than of a for d, but c draws errors of all, and d none."""
    matrix = np.full((5, 5), 3)
    matrix[:, 2] = 20
    matrix[1, 2], matrix[0, 3] = 45, 40
    np.fill_diagonal(matrix, 900)
    found = confused(matrix, classes=tuple("abcde")).drawn
    cells = [(one.true, one.predicted, one.count) for one in found]
    assert cells == [("a", "d", 40), ("b", "c", 45)]


def test_what_one_seed_of_three_draws_is_not():
    assert confused(DRAWN, EVEN, EVEN).drawn == ()


def test_errors_are_a_mean_over_seeds():
    assert confused(DRAWN, EVEN).errors == (87 + 12) / 2


def test_two_classes_have_each_other():
    found = confused([[9, 1], [4, 16]], [[8, 2], [6, 14]], classes=("well", "ill"))
    assert found.drawn == ()
    assert found.two == (("well", "ill", 1.5, 10), ("ill", "well", 5, 20))
    assert confused(DRAWN).two == ()
