"""Two models on the same images: published figures, statsmodels, and what is counted out."""

from itertools import product
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from statsmodels.stats.contingency_tables import mcnemar

from leadline.analysis.significance.mcnemar import (
    exact_by_group,
    exact_mcnemar,
    minimum_detectable_difference,
    score_interval,
    score_z,
)

COUNTS = st.integers(0, 40)


@given(COUNTS, COUNTS)
def test_mcnemar_as_statsmodels_has_it(b, c):
    expected = mcnemar([[5, b], [c, 3]], exact=True).pvalue
    assert exact_mcnemar(b, c) == pytest.approx(min(1.0, expected))


def test_mcnemar_by_hand():
    # 8 images that one of them has right, 7 of these the second: 2 (1 + 8) / 256.
    assert exact_mcnemar(1, 7) == pytest.approx(18 / 256)
    assert exact_mcnemar(0, 0) == 1.0


@given(COUNTS, COUNTS)
def test_an_image_a_patient_is_mcnemar(b, c):
    margins = np.array([1] * b + [-1] * c + [0, 0], dtype=np.int64)
    assert exact_by_group(margins) == pytest.approx(exact_mcnemar(b, c))


@given(st.lists(st.integers(-4, 4), max_size=9))
def test_by_patient_all_ways_of_turning_round_are_counted(margins):
    ways = [
        abs(sum(sign * margin for sign, margin in zip(signs, margins, strict=True)))
        for signs in product((-1, 1), repeat=len(margins))
    ]
    expected = np.mean([way >= abs(sum(margins)) for way in ways])
    assert exact_by_group(np.array(margins, dtype=np.int64)) == pytest.approx(expected)


def test_a_patient_with_many_images_counts_once():
    # Eight images of one patient are a coin tossed once.
    assert exact_by_group(np.array([-8])) == 1.0
    assert exact_mcnemar(0, 8) < 0.01


def test_the_interval_of_a_published_example():
    # Airway hyper-responsiveness of 21 children before and after stem cell transplantation:
    # Fagerland, Lydersen and Laake, Statistics in Medicine 33 (2014), Tango's score interval.
    assert score_interval(1, 7, 21) == pytest.approx((-0.517, -0.026), abs=5e-4)


def best_under(b, c, n, difference):
    """The share that only the second has right, most likely where the first has this much more."""

    def unlikely(q):
        terms = ((b, q + difference), (c, q), (n - b - c, 1 - 2 * q - difference))
        return -sum(count * log(max(share, 1e-300)) for count, share in terms if count)

    low, high = max(0.0, -difference), (1 - difference) / 2
    return minimize_scalar(unlikely, bounds=(low, high), method="bounded").x


@pytest.mark.parametrize(("b", "c", "n"), [(9, 4, 40), (1, 7, 21), (0, 3, 30), (12, 12, 50)])
@pytest.mark.parametrize("difference", [-0.3, -0.05, 0.0, 0.1, 0.4])
def test_the_score_is_under_the_likeliest_shares(b, c, n, difference):
    q = best_under(b, c, n, difference)
    error = (n * (2 * q + difference * (1 - difference))) ** 0.5
    expected = (b - c - n * difference) / error
    assert score_z(b, c, n, difference) == pytest.approx(expected, rel=2e-3, abs=2e-3)


def test_the_score_of_no_difference_is_mcnemar_without_correction():
    assert score_z(9, 4, 40, 0.0) ** 2 == pytest.approx(
        mcnemar([[0, 9], [4, 0]], exact=False, correction=False).statistic
    )


@given(COUNTS, COUNTS, st.integers(0, 100))
def test_bounds_hold_the_difference_and_turn_round(b, c, others):
    n = max(1, b + c + others)
    low, high = score_interval(b, c, n)
    assert -1 <= low <= (b - c) / n <= high <= 1
    assert score_interval(c, b, n) == pytest.approx((-high, -low), abs=1e-9)


def test_models_that_answer_alike_are_not_equal_beyond_doubt():
    # As for a proportion of none in n: z² / (n + z²).
    assert score_interval(0, 0, 100)[1] == pytest.approx(1.96**2 / (100 + 1.96**2), abs=1e-4)


def power_by_counting(n, difference, discordant, alpha):
    """Over every (b, c)."""
    from scipy.stats import multinomial

    first, second = (discordant + difference) / 2, (discordant - difference) / 2
    law = multinomial(n, [first, second, 1 - discordant])
    return sum(
        law.pmf([b, c, n - b - c])
        for b in range(n + 1)
        for c in range(n + 1 - b)
        if exact_mcnemar(b, c) <= alpha
    )


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_the_smallest_difference_shown_has_the_promised_power(alpha):
    found = minimum_detectable_difference(40, 0.4, alpha)
    assert found is not None
    assert power_by_counting(40, found, max(0.4, found), alpha) == pytest.approx(0.8, abs=1e-3)


def test_the_smallest_difference_is_near_connors_formula_for_many_images():
    # Connor, Biometrics 43 (1987): n = (1.96 √ψ + 0.842 √(ψ - Δ²))² / Δ².
    n, discordant = 10_000, 0.03
    found = minimum_detectable_difference(n, discordant, 0.05)
    assert found is not None
    needed = (1.96 * discordant**0.5 + 0.842 * (discordant - found**2) ** 0.5) ** 2 / found**2
    assert needed == pytest.approx(n, rel=0.05)


def test_more_images_show_smaller_differences_and_five_show_none():
    few, many = (
        minimum_detectable_difference(100, 0.1, 0.05),
        minimum_detectable_difference(1_000, 0.1, 0.05),
    )
    assert few is not None
    assert many is not None
    assert many < few
    # Of five, all for one, p is 2/32.
    assert minimum_detectable_difference(5, 0.4, 0.05) is None
