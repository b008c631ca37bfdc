"""Values with intervals on a scale that the page draws itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.analysis.experiment_results import Score
from leadline.report.plots.dot_plot import MOST_TICKS, Scale, ScaleRow
from leadline.report.translations.language import speaking


def row(value, low, high, *seeds, metric="accuracy", name="cnn-1"):
    return ScaleRow(name, "cnn", "there", Score(metric, value, (low, high)), seeds)


def test_all_of_it_has_a_place():
    shown = Scale((row(0.98, 0.97, 0.99), row(0.90, 0.88, 0.92, 0.80, 0.91)))
    low, high = shown.ends
    assert low == pytest.approx(0.80 - 0.04 * 0.19)
    assert high == pytest.approx(0.99 + 0.04 * 0.19)
    assert shown.place(low) == 0
    assert shown.place(high) == 100
    assert shown.place((low + high) / 2) == pytest.approx(50)


def test_a_share_is_never_beyond_0_or_1():
    assert Scale((row(0.5, 0.0, 1.0),)).ends == (0.0, 1.0)


def test_a_single_value_has_room_about_it():
    assert Scale((row(0.5, 0.5, 0.5),)).ends == pytest.approx((0.495, 0.505))


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0, 1.0, ("0%", "20%", "40%", "60%", "80%", "100%")),
        (0.974, 0.994, ("97.5%", "98.0%", "98.5%", "99.0%")),
        (0.9911, 0.9931, ("99.15%", "99.20%", "99.25%", "99.30%")),
    ],
)
def test_ticks_are_round_and_as_short_as_can_be(low, high, ticks):
    shown = Scale((row((low + high) / 2, low, high),))
    assert tuple(map(shown.tick_said, shown.ticks)) == ticks


def test_areas_are_told_as_numbers():
    shown = Scale((row(0.984, 0.95, 0.995, metric="auroc"),))
    assert tuple(map(shown.tick_said, shown.ticks)) == ("0.95", "0.96", "0.97", "0.98", "0.99")
    assert shown.said(0.98412) == "0.984"
    assert shown.width_said(0.0123) == "0.012"
    assert shown.spread_said(0.0123) == "0.012"


def test_shares_are_told_in_percent_and_their_widths_in_points():
    shown = Scale((row(0.98, 0.97, 0.99),))
    assert shown.said(0.98412) == "98.41%"
    assert shown.width_said(0.0012) == "0.12 percentage points"
    assert shown.spread_said(0.0012) == "0.12"


def test_ticks_speak_the_language_of_the_page():
    shown = Scale((row(0.984, 0.974, 0.994),))
    with speaking("fr"):
        assert shown.tick_said(0.975).startswith("97,5")


@given(st.floats(0, 1), st.floats(0, 1))
def test_two_ticks_at_least_and_six_at_most(one, other):
    low, high = sorted((one, other))
    shown = Scale((row((low + high) / 2, low, high),))
    assert 2 <= len(shown.ticks) <= MOST_TICKS
    assert all(0 <= shown.place(value) <= 100 for value in shown.ticks)
    assert len(set(map(shown.tick_said, shown.ticks))) == len(shown.ticks)
