"""Thresholds: by hand, on ties, at the ends, and against trying every threshold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.errors import DataError
from leadline.metrics.thresholds import HALF, sensitive, youden

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
    # Thresholds of 0.6 and of 0.25 both reach 2/3, with a standard error of root 2/27, 0.272.
    # From 0.85 (1/3) to 0.15 (1/3) is further off. The odds 1.5 and 1/3 have the middle 0.7071,
    # the probability 0.4142, which is in the gap from 0.4 up to 0.8.
    assert point.name == "youden"
    assert point.threshold == pytest.approx(0.6)
    assert (point.reached, point.largest) == pytest.approx((2 / 3, 2 / 3))
    assert point.standard_error == pytest.approx((2 / 27) ** 0.5)


def test_youden_is_in_the_middle_of_what_is_as_good():
    # 200 positives at 0.5 to 0.9, 200 negatives below 0.2; ten of each strewn in between.
    high, low = np.linspace(0.5, 0.9, 200), np.linspace(0.01, 0.2, 200)
    between = np.linspace(0.21, 0.49, 20)
    scores = np.concatenate([high, low, between])
    positive = np.concatenate([np.ones(200), np.zeros(200), np.tile([1, 0], 10)]).astype(bool)
    point = youden(scores, positive)
    # All thresholds from about 0.2 to 0.5 are equally good: the middle of their log odds is 0.333.
    assert point.threshold == pytest.approx(1 / 3, abs=0.01)


def largest_index(scores, positive):
    """The textbook's threshold: where the index is largest, whatever lies beside it."""
    tried = np.sort(scores)
    return max(tried, key=lambda threshold: sum(rates(scores, positive, threshold)))


def test_youden_scatters_less_than_the_largest_index():
    # Heavy tails, as films have them: a few of either class lie among the other.
    generator = np.random.default_rng(5)
    positive = np.arange(120) < 60
    found = []
    for _ in range(40):
        log_odds = np.where(positive, 3.0, -3.0) + generator.standard_t(2, size=120)
        scores = 1 / (1 + np.exp(-log_odds))
        found.append([youden(scores, positive).threshold, largest_index(scores, positive)])
    ours, textbook = np.std(np.log(np.array(found) / (1 - np.array(found))), axis=0)
    assert ours < 0.75 * textbook


def test_sensitivity_by_hand():
    scores = np.array([0.9, 0.8, 0.3, 0.4, 0.2, 0.1])
    assert sensitive(scores, POSITIVE, 0.95).threshold == pytest.approx(0.25)
    two_thirds = sensitive(scores, POSITIVE, 2 / 3)
    assert two_thirds.threshold == pytest.approx(0.6)
    assert (two_thirds.floor, two_thirds.reached) == pytest.approx((2 / 3, 2 / 3))
    assert sensitive(scores, POSITIVE, 0.01).threshold == pytest.approx(0.85)


@pytest.mark.parametrize(("floor", "n"), [(0.95, 20), (0.55, 100), (0.98, 50)])
def test_a_floor_that_so_many_images_meet_exactly_is_met_exactly(floor, n):
    scores = np.append(np.linspace(0.5, 0.97, n), 0.1)
    positive = np.arange(n + 1) < n
    threshold = sensitive(scores, positive, floor).threshold
    assert rates(scores, positive, threshold)[0] == floor


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
def test_thresholds_on_either_side_of_youdens_are_as_good_as_the_best(rows):
    scores = np.array([score for score, _ in rows]) / 20
    positive = np.array([is_so for _, is_so in rows])
    found = youden(scores, positive).threshold
    # Calling everybody or nobody sums to 1, and every threshold else is one of these.
    tried = {threshold: rates(scores, positive, threshold) for threshold in sorted(set(scores))}
    best = max(tried.values(), key=sum)
    n, m = positive.sum(), (~positive).sum()
    # Ties of the best may have different errors; the largest bounds them all.
    error = max(
        (a * (1 - a) / n + b * (1 - b) / m) ** 0.5
        for a, b in tried.values()
        if a + b >= sum(best) - 1e-9
    )
    good = [threshold for threshold, both in tried.items() if sum(both) >= sum(best) - error - 1e-9]
    below_the_lowest = max([score for score in scores if score < min(good)], default=0.0)
    assert below_the_lowest <= found <= max(good)


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
