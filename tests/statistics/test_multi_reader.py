"""Differences over seeds and images: by hand, and beside statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.weightstats import DescrStatsW, ttest_ind

from leadline.statistics.multi_reader import contrast, mean_covariance


def two_sides(rng, runs=(3, 4), images=60):
    """0 or 1 by run and image: hard images are hard for all."""
    easy = rng.normal(1, 1, images)
    return (easy + rng.normal(0, 1, (sum(runs), images))) > 0


def test_the_covariance_by_hand():
    # Deviations from 0.5: (+, +, -, -)/2 and (+, -, +, -)/2; over n = 4 and times 4/3.
    means, covariance = mean_covariance(np.array([[1, 1, 0, 0], [1, 0, 1, 0]], dtype=bool))
    assert means == pytest.approx([0.5, 0.5])
    assert covariance == pytest.approx(np.array([[1, 0], [0, 1]]) / 12)


def test_the_covariance_is_that_of_means():
    values = np.random.default_rng(1).random((3, 50))
    assert mean_covariance(values)[1] == pytest.approx(np.cov(values) / 50)


@pytest.mark.parametrize("per_patient", [1, 3, 7])
def test_by_patient_it_is_the_cluster_robust_one_of_statsmodels(per_patient):
    rng = np.random.default_rng(per_patient)
    values = rng.random((2, 42)) + rng.normal(0, 1, 42 // per_patient).repeat(per_patient)
    groups = np.arange(42) // per_patient
    _, covariance = mean_covariance(values, groups)
    difference = values[0] - values[1]
    fitted = OLS(difference, np.ones(42)).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    many = len(np.unique(groups))
    found = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert found == pytest.approx(fitted.cov_params()[0, 0] * many / (many - 1))


def test_patients_whose_images_are_alike_make_it_less_sure():
    values = np.random.default_rng(2).random((1, 20)).repeat(5, axis=1)
    by_image = mean_covariance(values)[1][0, 0]
    by_patient = mean_covariance(values, np.arange(100) // 5)[1][0, 0]
    assert by_patient == pytest.approx(by_image * 99 / 19)


def test_one_run_on_each_side_is_the_paired_t_test_over_images():
    right = two_sides(np.random.default_rng(3), (1, 1)).astype(float)
    found = contrast(*mean_covariance(right), [0], [1], 60)
    expected = DescrStatsW(right[0] - right[1])
    assert not found.of_seeds
    assert found.difference == pytest.approx(expected.mean)
    assert found.variance == pytest.approx(expected.std_mean**2)
    assert found.freedom == 59


def test_without_chance_in_the_images_it_is_welch():
    values = np.array([0.90, 0.93, 0.91, 0.80, 0.88])
    found = contrast(values, np.zeros((5, 5)), [0, 1, 2], [3, 4], 1000)
    t, _, freedom = ttest_ind(values[:3], values[3:], usevar="unequal")
    assert found.of_seeds
    assert found.difference / found.variance**0.5 == pytest.approx(t)
    assert found.freedom == pytest.approx(freedom)


def test_both_chances_by_hand():
    # Seeds: variances 2 and 8 in units of 1e-4, of two runs each: 1 + 4. Images: shared within
    # 3 and 2, across 1: 3 + 2 - 2 = 3. Degrees of freedom 64 / (1 + 16 + 9/99).
    values = np.array([0.90, 0.92, 0.80, 0.84])
    covariance = 1e-4 * np.array(
        [[3.5, 3, 1, 1], [3, 3.5, 1, 1], [1, 1, 2.5, 2], [1, 1, 2, 2.5]]
    )  # fmt: skip
    found = contrast(values, covariance, [0, 1], [2, 3], 100)
    assert found.difference == pytest.approx(0.09)
    assert found.variance == pytest.approx(8e-4)
    assert found.freedom == pytest.approx(64 / (1 + 16 + 9 / 99))


def test_images_that_both_find_hard_take_nothing_from_the_difference():
    covariance = np.full((4, 4), 5e-4)
    found = contrast(np.array([0.9, 0.92, 0.8, 0.84]), covariance, [0, 1], [2, 3], 100)
    assert found.variance == pytest.approx(5e-4)


def test_one_seed_on_one_side_leaves_the_seeds_out():
    right = two_sides(np.random.default_rng(4), (1, 3))
    values, covariance = mean_covariance(right)
    found = contrast(values, covariance, [0], [1, 2, 3], 60)
    weights = np.array([1, -1 / 3, -1 / 3, -1 / 3])
    assert not found.of_seeds
    assert found.variance == pytest.approx(weights @ covariance @ weights)


@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(2, 4))
def test_seeds_never_make_it_surer_than_the_images_alone(seed, first, second):
    right = two_sides(np.random.default_rng(seed), (first, second), 25)
    values, covariance = mean_covariance(right)
    sides = list(range(first)), list(range(first, first + second))
    weights = np.array([1 / first] * first + [-1 / second] * second)
    found = contrast(values, covariance, *sides, 25)
    turned = contrast(values, covariance, *sides[::-1], 25)
    assert found.variance >= weights @ covariance @ weights - 1e-15
    assert turned.difference == -found.difference
    assert turned.variance == pytest.approx(found.variance)
    assert min(first, second) - 1 <= found.freedom or found.variance == 0


def test_the_same_mean_of_other_seeds_is_no_difference():
    """Of 10,000 images one experiment got 9871 and 9873, the other 9865 and 9879."""
    values = np.array([0.9871, 0.9873, 0.9865, 0.9879])
    assert values[:2].mean() != values[2:].mean()
    assert contrast(values, np.eye(4) * 1e-6, [0, 1], [2, 3], 10_000).difference == 0
