"""Thresholds: by hand, on ties, at the ends, and against trying every threshold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.errors import DataError
from leadline.evaluation.operating_point import HALF, sensitive, youden

POSITIVE = np.array([True, True, True, False, False, False])


def rates(scores, positive, threshold):
    """Sensitivity and specificity, image by image."""
    found = [score >= threshold for score in scores]
    hits = sum(said and is_so for said, is_so in zip(found, positive, strict=True))
    passed = sum(not said and not is_so for said, is_so in zip(found, positive, strict=True))
    return hits / sum(positive), passed / (len(positive) - sum(positive))


cases = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=2, max_size=25).filter(
    lambda rows: len({positive for _, positive in rows}) == 2
)


def test_youden_by_hand():
    scores = np.array([0.9, 0.8, 0.3, 0.4, 0.2, 0.1])
    point = youden(scores, POSITIVE)
    # At 0.8: 2/3 + 3/3; at 0.3: 3/3 + 2/3; the gap from 0.8 down to 0.4 is the wider one.
    assert point.name == "youden"
    assert point.threshold == pytest.approx(0.6)
    assert point.rule == "sensitivity + specificity - 1 is largest on validation: 0.667"


def test_of_equal_gaps_the_lower_one_misses_fewer():
    scores = np.array([0.75, 0.75, 0.25, 0.5, 0.0, 0.0])
    # 0.75 and 0.25 are equally good, and both gaps are 0.25 wide.
    assert youden(scores, POSITIVE).threshold == 0.125


def test_sensitivity_by_hand():
    scores = np.array([0.9, 0.8, 0.3, 0.4, 0.2, 0.1])
    assert sensitive(scores, POSITIVE, 0.95).threshold == pytest.approx(0.25)
    two_thirds = sensitive(scores, POSITIVE, 2 / 3)
    assert two_thirds.threshold == pytest.approx(0.6)
    assert two_thirds.rule == (
        "highest with a sensitivity of at least 0.666667 on validation: 0.667"
    )
    assert sensitive(scores, POSITIVE, 0.01).threshold == pytest.approx(0.85)


def test_nineteen_of_twenty_are_95_percent():
    scores = np.append(np.linspace(0.5, 0.97, 20), 0.1)
    positive = np.arange(21) < 20
    threshold = sensitive(scores, positive, 0.95).threshold
    assert rates(scores, positive, threshold)[0] == 0.95


def test_perfect_separation_is_cut_in_the_middle():
    scores = np.array([0.9, 0.8, 0.7, 0.2, 0.1, 0.1])
    assert youden(scores, POSITIVE).threshold == pytest.approx(0.45)
    assert sensitive(scores, POSITIVE, 0.95).threshold == pytest.approx(0.45)


def test_when_all_scores_are_the_same_all_are_called():
    scores = np.full(6, 0.4)
    for point in (youden(scores, POSITIVE), sensitive(scores, POSITIVE, 0.5)):
        assert point.threshold == 0.2
        assert rates(scores, POSITIVE, point.threshold) == (1, 0)


def test_two_images_and_the_wrong_way_round():
    scores = np.array([0.2, 0.8])
    assert youden(scores, np.array([False, True])).threshold == 0.5
    # No threshold is better than calling everybody: 1 + 0 - 1.
    assert youden(scores, np.array([True, False])).threshold == 0.1
    assert sensitive(scores, np.array([True, False]), 0.95).threshold == 0.1


def test_scores_of_zero_and_one():
    scores = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    assert youden(scores, POSITIVE).threshold == 0.5
    assert sensitive(scores, POSITIVE, 1.0).threshold == 0.0


def test_between_neighbouring_floats_the_upper_is_taken():
    low = 0.5
    high = np.nextafter(low, 1)
    point = youden(np.array([high, low]), np.array([True, False]))
    assert point.threshold == high


@given(cases)
def test_no_other_threshold_has_a_larger_sum(rows):
    scores = np.array([score for score, _ in rows]) / 20
    positive = np.array([is_so for _, is_so in rows])
    best = sum(rates(scores, positive, youden(scores, positive).threshold))
    for other in [*scores, *(scores + 1e-9), 0.0, 0.5]:
        # Calling nobody has a sum of 1 as well as calling everybody.
        assert sum(rates(scores, positive, other)) <= best + 1e-12


@given(cases, st.floats(0.01, 1))
def test_the_floor_is_kept_and_no_higher_threshold_keeps_it(rows, floor):
    scores = np.array([score for score, _ in rows]) / 20
    positive = np.array([is_so for _, is_so in rows])
    threshold = sensitive(scores, positive, floor).threshold
    assert rates(scores, positive, threshold)[0] >= floor - 1e-9
    for other in scores[scores > threshold]:
        above = rates(scores, positive, np.nextafter(other, 2))[0]
        assert above < floor


@given(cases)
def test_scores_that_move_in_their_last_digits_are_decided_alike(rows):
    scores = np.array([score for score, _ in rows]) / 20
    positive = np.array([is_so for _, is_so in rows])
    moved = scores + np.where(np.arange(len(scores)) % 2, 1e-6, -1e-6)
    for point in (youden(scores, positive), sensitive(scores, positive, 0.9)):
        if 0.001 < point.threshold < 0.999:
            np.testing.assert_array_equal(moved >= point.threshold, scores >= point.threshold)


@pytest.mark.parametrize("label", [True, False])
def test_one_class_alone_has_no_threshold(label):
    positive = np.full(3, label)
    scores = np.array([0.1, 0.5, 0.9])
    said = rf"positive and negative images\. Received: {3 * label} positive of 3"
    with pytest.raises(DataError, match=said):
        youden(scores, positive)
    with pytest.raises(DataError, match=said):
        sensitive(scores, positive, 0.95)


def test_the_likelier_class_is_fitted_on_nothing():
    assert (HALF.name, HALF.threshold) == ("half", 0.5)
