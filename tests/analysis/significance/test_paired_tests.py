"""One difference, tested: by image, by patient, and by its variance."""

import numpy as np
import pytest
from scipy.stats import norm, t
from statsmodels.stats.weightstats import DescrStatsW

from leadline.analysis.significance.mcnemar import (
    exact_by_group,
    exact_mcnemar,
    score_interval,
    score_z,
)
from leadline.analysis.significance.paired_tests import (
    CorrectPredictions,
    Terms,
    by_contrast,
    by_image,
)
from leadline.metrics.bootstrap import units_of
from leadline.statistics.multi_reader import Contrast, contrast, mean_covariance

TERMS = Terms(margin=0.05, alpha=0.05)


def answers(right, groups=None, seed=0):
    right = np.array(right, dtype=bool)
    return CorrectPredictions(right, units_of(right.shape[1], groups), np.random.default_rng(seed))


def pair(b, c, both, neither=0):
    """Two rows: b images that the first alone has right, c the second."""
    first = [1] * b + [0] * c + [1] * both + [0] * neither
    return [first, [0] * b + [1] * c + [1] * both + [0] * neither]


def test_two_runs_by_image():
    found = answers(pair(12, 3, 80, 5)).tested(0, 1, TERMS)
    assert found.difference == pytest.approx(0.09)
    assert found.p == exact_mcnemar(12, 3)
    assert (found.low, found.high) == score_interval(12, 3, 100)
    assert not found.of_seeds
    assert found.method == "mcnemar_tango"


def test_the_other_way_round_is_the_same_with_another_sign():
    both = answers(pair(12, 3, 80, 5))
    one, other = both.tested(0, 1, TERMS), both.tested(1, 0, TERMS)
    assert other.difference == -one.difference
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low))
    assert other.p == one.p
    assert other.p_equivalent == pytest.approx(one.p_equivalent)


def test_equivalence_is_two_tests_of_the_margin():
    found = by_image(6, 4, 1_000, Terms(0.01, 0.05))
    above, below = score_z(6, 4, 1_000, 0.01), score_z(6, 4, 1_000, -0.01)
    assert found.p_equivalent == pytest.approx(max(norm.cdf(above), norm.sf(below)))
    assert found.p_equivalent < 0.05
    assert by_image(40, 30, 1_000, Terms(0.01, 0.05)).p_equivalent > 0.4


def test_a_difference_as_large_as_the_margin_is_a_toss():
    assert by_image(10, 0, 1_000, Terms(0.01, 0.05)).p_equivalent == pytest.approx(0.5)


def test_alike_in_all_images_is_equivalent_where_there_are_enough():
    # z² / (n + z²) at one-sided 5%: 2.7 / 102.7 for a hundred images.
    assert by_image(0, 0, 100, Terms(0.03, 0.05)).p_equivalent < 0.05
    assert by_image(0, 0, 100, Terms(0.02, 0.05)).p_equivalent > 0.05


def test_an_image_a_patient_is_as_by_image_but_for_the_bootstrap():
    rows = pair(24, 6, 160, 10)
    by_patient = answers(rows, [str(place) for place in range(200)]).tested(0, 1, TERMS)
    plain = answers(rows).tested(0, 1, TERMS)
    assert by_patient.p == pytest.approx(plain.p)
    assert (by_patient.low, by_patient.high) == pytest.approx((plain.low, plain.high), abs=0.01)
    assert by_patient.minimum_detectable_difference == pytest.approx(
        plain.minimum_detectable_difference, rel=0.03
    )
    assert by_patient.method == "permutation_bootstrap_by_patient"


def test_patients_with_many_images_make_it_less_sure():
    rows = np.array(pair(24, 6, 160, 10)).repeat(5, axis=1)
    groups = [str(place // 5) for place in range(1_000)]
    by_patient, plain = answers(rows, groups), answers(rows)
    one, other = by_patient.tested(0, 1, TERMS), plain.tested(0, 1, TERMS)
    change = 5 * np.array([1] * 24 + [-1] * 6 + [0] * 170)
    assert one.p == exact_by_group(change) > other.p
    assert one.high - one.low > 1.8 * (other.high - other.low)
    assert one.minimum_detectable_difference == pytest.approx(
        answers(pair(24, 6, 160, 10)).tested(0, 1, TERMS).minimum_detectable_difference, rel=0.03
    )


def test_patients_in_whom_nothing_differs_are_counted_as_patients():
    rows = np.array(pair(0, 0, 30)).repeat(4, axis=1)
    found = answers(rows, [str(place // 4) for place in range(120)]).tested(0, 1, TERMS)
    assert (found.low, found.high) == score_interval(0, 0, 30)
    assert found.method == "mcnemar_tango_by_patient"


def test_the_same_resamples_for_every_pair_and_every_time():
    rows = np.random.default_rng(0).random((3, 60)) < 0.8
    groups = [str(place // 3) for place in range(60)]
    one = answers(rows, groups)
    first, again = one.tested(0, 1, TERMS), answers(rows, groups).tested(0, 1, TERMS)
    assert one.tested(2, 1, TERMS) is not None
    assert first == again == one.tested(0, 1, TERMS)


def test_by_variance_it_is_students_t():
    rng = np.random.default_rng(5)
    right = rng.random((2, 300)) < 0.8
    found = contrast(*mean_covariance(right), [0], [1], 300)
    tested = by_contrast(found, TERMS, 300, "image", "t_test")
    differences = DescrStatsW(right[0].astype(float) - right[1])
    assert tested.p == pytest.approx(differences.ttest_mean()[1])
    assert (tested.low, tested.high) == pytest.approx(differences.tconfint_mean())
    assert tested.p_equivalent == pytest.approx(differences.ttost_mean(-0.05, 0.05)[0])
    assert tested.method == "t_test"


def test_the_difference_that_could_be_shown_is_shown_in_80_of_100():
    found = Contrast(0.0, 1e-4, 30.0, of_seeds=True)
    tested = by_contrast(found, TERMS, 300, "patient", "t_test")
    assert tested.minimum_detectable_difference is not None
    rng = np.random.default_rng(6)
    draws = tested.minimum_detectable_difference + rng.normal(0, 0.01, 20_000)
    errors = 0.01 * np.sqrt(rng.chisquare(30, 20_000) / 30)
    assert np.mean(np.abs(draws / errors) > t.ppf(0.975, 30)) == pytest.approx(0.8, abs=0.01)
    assert tested.method == "t_test_by_patient_with_seeds"


def test_more_pairs_ask_for_a_larger_difference():
    found = Contrast(0.01, 1e-4, 30.0, of_seeds=True)
    one = by_contrast(found, TERMS, 300, "image", "t_test")
    many = by_contrast(found, Terms(0.05, 0.05 / 36), 300, "image", "t_test")
    assert one.minimum_detectable_difference is not None
    assert many.minimum_detectable_difference is not None
    assert many.minimum_detectable_difference > one.minimum_detectable_difference
    assert (many.low, many.p) == (one.low, one.p)


def test_bounds_stay_within_what_can_be_and_what_is_too_large_is_none():
    tested = by_contrast(Contrast(0.9, 0.25, 3.0, of_seeds=True), TERMS, 10, "image", "t_test")
    assert tested.high == 1.0
    assert tested.minimum_detectable_difference is None


def test_no_variance_is_bounded_as_so_many_images_that_agree():
    tested = by_contrast(Contrast(0.0, 0.0, 9.0, of_seeds=True), TERMS, 10, "image", "t_test")
    assert (tested.low, tested.high) == score_interval(0, 0, 10)
    assert tested.p == 1.0
    apart = by_contrast(Contrast(-1.0, 0.0, 9.0, of_seeds=True), TERMS, 10, "image", "t_test")
    assert apart.p == exact_mcnemar(0, 10)
    assert apart.difference == -1.0
