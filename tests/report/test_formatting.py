"""Numbers for people, each against a text written by hand."""

import math

import pytest

from leadline.report import formatting


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (999, "999"), (407_050, "407,050"), (-1200, "−1,200")]
)
def test_integer(value, text):
    assert formatting.integer(value) == text


@pytest.mark.parametrize(("share", "text"), [(0.9726, "97.26%"), (1.0, "100.00%"), (0.0, "0.00%")])
def test_percent(share, text):
    assert formatting.percent(share) == text


def test_percent_range():
    assert formatting.percent_range((0.96917, 0.97564)) == "96.92–97.56%"


@pytest.mark.parametrize(
    ("difference", "text"), [(0.0012, "+0.12"), (-0.0012, "−0.12"), (0.00001, "±0.00")]
)
def test_points(difference, text):
    assert formatting.points(difference) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.09041, "0.0904"),
        (-0.5, "−0.5000"),
        (math.nan, "not a number"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_decimal(value, text):
    assert formatting.decimal(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "off"),
        (True, "yes"),
        (False, "no"),
        (1e-7, "1e-7"),
        (0.001, "0.001"),
        (1e20, "1e+20"),
        (0.0, "0"),
        (3, "3"),
        ("balanced", "balanced"),
        ((), "off"),
        (["gamma", "bias"], "gamma, bias"),
    ],
)
def test_setting(value, text):
    assert formatting.setting(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (999, "999"),
        (1000, "1.00 k"),
        (50_816, "50.8 k"),
        (535_040, "535 k"),
        (999_999, "1.00 M"),
        (41_572_096, "41.6 M"),
        (45 * 10**12, "45.0 T"),
    ],
)
def test_count_short(value, text):
    assert formatting.count_short(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3.21, "3.2 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (75, "1 min 15 s"),
        (3599.6, "1 h 0 min"),
        (3725, "1 h 2 min"),
    ],
)
def test_duration(seconds, text):
    assert formatting.duration(seconds) == text


@pytest.mark.parametrize(
    ("dimensions", "text"),
    [
        ((None, 28, 28, 32), "28 × 28 × 32"),
        ((None, 6272), "6,272"),
        ((None, None, 3), "? × 3"),
        ((), "?"),
    ],
)
def test_shape_leaves_the_batch_out(dimensions, text):
    assert formatting.shape(dimensions) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.07251, "0.073 ms"),
        (1.0, "1 ms"),
        (12.34, "12 ms"),
        (99.6, "100 ms"),
        (1234.5, "1,234 ms"),
    ],
)
def test_milliseconds(value, text):
    assert formatting.milliseconds(value) == text
