"""Numbers, dates and lists in French, by hand and against Babel's own formatting."""

from __future__ import annotations

import math

import pytest
from babel.lists import format_list
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from leadline.metrics.estimates import Estimate
from leadline.report import formatting
from leadline.report.translations.language import LANGUAGES, speaking
from leadline.report.words import estimate_words
from leadline.report.words.comparison_words import SCALES, p_equation, p_value

BABEL = {"en": "en_GB", "fr": "fr"}
NARROW = "\N{NARROW NO-BREAK SPACE}"
SHARE = Estimate(0.9615, 0.9378, 0.9771, "wilson")


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (lambda: formatting.integer(407_050), "407_050"),
        (lambda: formatting.integer(-1200), "−1_200"),
        (lambda: formatting.percent(0.9726), "97,26_%"),
        (lambda: formatting.percent(1, 0), "100_%"),
        (lambda: formatting.percent_short(0.975), "97,5_%"),
        (lambda: formatting.percent_short(0.5), "50_%"),
        (lambda: formatting.percent_range((0.96917, 0.97564)), "96,92–97,56_%"),
        (lambda: formatting.points(0.0012), "+0,12"),
        (lambda: formatting.points(-0.0012), "−0,12"),
        (lambda: formatting.signed(0.00001, 2), "±0,00"),
        (lambda: formatting.decimal(-0.5), "−0,5000"),
        (lambda: formatting.decimal(math.nan), "pas un nombre"),
        (lambda: formatting.decimal(-math.inf), "−∞"),
        (lambda: formatting.general(0.05), "0,05"),
        (lambda: formatting.general(1e-7), "1e-07"),
        (lambda: formatting.as_number("0.001"), "0,001"),
        (lambda: formatting.as_number("0.9, 0.99"), "0.9, 0.99"),
        (lambda: formatting.count_short(45_123_456), "45,1_M"),
        (lambda: formatting.count_short(999), "999"),
        (lambda: formatting.memory(1_628_200), "1,55_Mo"),
        (lambda: formatting.memory(500), "500,00_o"),
        (lambda: formatting.duration(3.21), "3,2_s"),
        (lambda: formatting.duration(75), "1_min 15_s"),
        (lambda: formatting.duration(3720), "1_h 2_min"),
        (lambda: formatting.shape((None, 28, 28, 1024)), "28 × 28 × 1_024"),
        (lambda: estimate_words.share_with_interval(SHARE), "96,2_% (93,8–97,7_%)"),
        (lambda: estimate_words.number_with_interval(SHARE), "0,962 (0,938–0,977)"),
        (lambda: p_value(0.0004), "< 0,001"),
        (lambda: p_equation(0.0123), "p = 0,012"),
        (lambda: SCALES["accuracy"].interval(-0.0005, 0.0029), "−0,05 à +0,29"),
        (lambda: SCALES["accuracy"].tick(-0.005), "−0,5"),
        (lambda: SCALES["accuracy"].amount(0.005), "0,50 point de pourcentage"),
        (lambda: SCALES["accuracy"].amount(0.02), "2,00 points de pourcentage"),
        (lambda: SCALES["auroc"].amount(0.0312), "0,031"),
    ],
)
def test_in_french(said, text):
    with speaking("fr"):
        assert said() == text.replace("_", NARROW)


@pytest.mark.parametrize("language", LANGUAGES)
@given(whole=st.integers(-(10**9), 10**9), digits=st.integers(0, 4))
def test_signs_are_babels(language, whole, digits):
    value = whole / 1000
    with speaking(language):
        ours = formatting.written(f"{value:,.{digits}f}")
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    theirs = format_decimal(
        f"{value:.{digits}f}", pattern, locale=BABEL[language], decimal_quantization=False
    )
    assert ours.replace(formatting.MINUS, "-") == theirs.replace(formatting.MINUS, "-")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("items", [["a"], ["a", "b"], ["a", "b", "c"], list("abcde")])
def test_lists_are_babels(language, items):
    with speaking(language):
        assert formatting.listed(items) == format_list(items, locale=BABEL[language])


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "24 November 2026, 01:57 UTC"), ("fr", "24 novembre 2026, 01:57 UTC")],
)
def test_moments(language, text):
    with speaking(language):
        assert formatting.moment("2026-11-24T01:57:29+00:00") == text
        assert formatting.moment("2026-11-24T02:57:29+01:00") == text, "in one time zone"
        assert formatting.moment("yesterday") == "yesterday"


def test_parts_in_turn():
    assert formatting.in_turn([]) == ""
    assert formatting.in_turn(["a: 1", "b: 2", "c"]) == "a: 1; b: 2; c"
    with speaking("fr"):
        assert formatting.in_turn(["a", "b"]) == f"a{NARROW}; b"


def test_only_the_first_letter_grows():
    assert formatting.capital("sensitivity ≥ 95% on MNIST") == "Sensitivity ≥ 95% on MNIST"
    assert formatting.capital("") == ""


def test_other_languages_signs_are_not_kept_for_english():
    with speaking("fr"):
        assert formatting.percent(0.5) == f"50,00{NARROW}%"
    assert formatting.percent(0.5) == "50.00%"
