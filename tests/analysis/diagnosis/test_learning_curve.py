"""What of a history is noise: worked out by hand, and found again in noise of a known size."""

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.diagnosis.course_of import loss_known_to, made

from leadline.analysis.diagnosis.learning_curve import Course, Span, mean, relative_error, swing
from leadline.metrics.estimates import Estimate


@pytest.mark.parametrize(
    ("epochs", "width"), [(1, 1), (5, 1), (9, 1), (10, 2), (24, 4), (25, 5), (100, 5)]
)
def test_the_end_is_a_fifth_and_five_at_most(epochs, width):
    course = Course(made([1.0] * epochs), 0.1)
    assert (course.end.count, course.end.last) == (width, epochs)
    if epochs >= 2 * width:
        assert course.before_end == Span(epochs - 2 * width + 1, epochs - width)


def test_the_best_span_has_the_lowest_mean_and_is_the_first_of_such():
    losses = [9.0, 1.0, 9.0, 3.0, 3.0, 9.0, 3.0, 3.0, 9.0, 9.0]
    assert Course(made(losses), 0.1).best == Span(4, 5)


def test_a_span_s_mean_has_both_its_ends():
    assert mean(np.array([1.0, 2.0, 4.0, 8.0]), Span(2, 3)) == 3.0


@pytest.mark.parametrize("share", [0.8, 1.0, 1.25])
def test_a_steady_share_does_not_swing(share):
    assert swing(np.array([share**epoch for epoch in range(12)])) == pytest.approx(0.0, abs=1e-12)


def test_swings_of_known_size_are_found():
    rng = np.random.default_rng(0)
    losses = 0.5 * np.exp(-np.linspace(0, 2, 4000)) * (1 + 0.05 * rng.standard_normal(4000))
    assert swing(losses) == pytest.approx(0.05, rel=0.05)


def test_by_hand():
    """Second differences of the logarithms 0, 1, 0, 1, 0: all 2; 1.4826 × 2 / √6."""
    assert swing(np.exp([0.0, 1.0, 0.0, 1.0, 0.0])) == pytest.approx(1.4826 * 2 / sqrt(6))


def test_one_jump_is_not_a_swing():
    losses = [0.5 * 0.9**epoch for epoch in range(20)]
    losses[14] *= 5
    assert swing(np.array(losses)) == pytest.approx(0.0, abs=1e-12)


@given(st.floats(1e-3, 1e3))
def test_the_unit_does_not_matter(unit):
    losses = np.array([0.9, 0.5, 0.6, 0.4, 0.5, 0.3, 0.35])
    assert swing(unit * losses) == pytest.approx(swing(losses))


def test_four_epochs_show_no_swing_and_a_loss_of_zero_has_one():
    assert swing(np.array([4.0, 3.0, 2.0, 1.0])) == inf
    assert np.isfinite(swing(np.zeros(8)))


def test_both_noises_add_by_their_squares():
    """Losses of 2 whose logarithms swing as above; images known to 10%, halved by pairing."""
    losses = 2 * np.exp([0.0, 1.0, 0.0, 1.0, 0.0])
    course = Course(made(list(losses)), 0.1)
    swings = 1.4826 * 2 / sqrt(6)
    expected = 2 * np.e * sqrt(0.05**2 + swings**2 * (1 + 1))
    assert course.error(Span(1, 1), Span(2, 2)) == pytest.approx(expected)
    narrower = course.error(Span(1, 4), Span(2, 5)) / mean(losses, Span(1, 4))
    assert narrower == pytest.approx(sqrt(0.05**2 + swings**2 / 2))


def test_a_loss_is_known_as_its_interval_says():
    assert relative_error(loss_known_to(0.07)) == pytest.approx(0.07)
    assert relative_error(Estimate(0.5, 0.0, 16.0, "unknown")) == inf
    assert relative_error(Estimate(0.0, 0.0, 0.0, "standard_error")) == inf
