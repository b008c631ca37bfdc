"""Quartiles worked out by hand."""

import pytest

from leadline.analysis.prediction_time import timing


def test_median_and_quartiles_in_milliseconds():
    found = timing(
        [0.005, 0.001, 0.002, 0.004, 0.003], threads=1, together=2, runtime="r", processor="p"
    )
    assert (found.low_ms, found.median_ms, found.high_ms) == pytest.approx((2, 3, 4))
    assert (found.n, found.threads, found.together) == (5, 1, 2)


def test_a_single_time_has_no_spread():
    found = timing([0.25], threads=1, together=1, runtime="r", processor="p")
    assert (found.low_ms, found.median_ms, found.high_ms) == (250, 250, 250)
