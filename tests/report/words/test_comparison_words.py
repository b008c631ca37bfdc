"""Differences and verdicts in words."""

import pytest
from tests.report.comparisons import pair

from leadline.report.words.comparison_words import (
    SCALES,
    brief,
    covers,
    p_equation,
    p_value,
    verdict,
)

SHARES, AREAS = SCALES["accuracy"], SCALES["auroc"]


@pytest.mark.parametrize(
    ("p", "value", "equation"),
    [
        (0.0123, "0.012", "p = 0.012"),
        (1.0, "1.000", "p = 1.000"),
        (0.001, "0.001", "p = 0.001"),
        (0.000999, "< 0.001", "p < 0.001"),
        (0.0, "< 0.001", "p < 0.001"),
    ],
)
def test_p_values(p, value, equation):
    assert (p_value(p), p_equation(p)) == (value, equation)


def test_shares_are_in_points_and_areas_are_numbers():
    assert (SHARES.said(0.0123), AREAS.said(0.0123)) == ("+1.23", "+0.012")
    assert SHARES.interval(-0.0005, 0.0029) == "−0.05 to +0.29"
    assert (SHARES.amount(0.005), AREAS.amount(0.005)) == ("0.50 percentage points", "0.005")


@pytest.mark.parametrize(
    ("value", "said"), [(0.0, "0"), (0.005, "0.5"), (-0.02, "−2"), (0.1 + 0.2, "30")]
)
def test_ticks_are_short(value, said):
    assert SHARES.tick(value) == said


def test_what_could_be_shown():
    assert SHARES.shown(pair("a", "b")) == "0.62"
    assert AREAS.shown(pair("a", "b", minimum_detectable_difference=None)) == "none"


@pytest.mark.parametrize(
    ("given", "said", "in_brief"),
    [
        (pair("a", "b"), "a is better", "better"),
        (
            pair("a", "b", within_margin=True),
            "a is better, by less than 0.50 percentage points",
            "better, within the margin",
        ),
        (
            pair("a", "b", 0.0, "equivalent"),
            "equivalent within 0.50 percentage points",
            "equivalent",
        ),
        (pair("a", "b", 0.0, "no difference shown"), "no difference shown", "no difference shown"),
    ],
)
def test_verdicts(given, said, in_brief):
    assert verdict(given, 0.005, SHARES) == said
    assert brief(given) == in_brief


def test_which_chances_are_covered():
    both, one = pair("a", "b"), pair("a", "c", of_seeds=False)
    assert covers((both, both)) == "the chance in the test images and that in the seeds"
    assert "where both experiments have several" in covers((both, one))
    assert "alone, for these very models, not that of other seeds" in covers((one,))
