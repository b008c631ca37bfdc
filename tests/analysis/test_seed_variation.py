"""Mean, standard deviation and interval over seeds, by hand and by statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import DescrStatsW

from leadline.analysis.seed_variation import AMOUNT, SHARE, seed_variation
from leadline.errors import DataError


def test_three_seeds_by_hand():
    # Deviations −0.01, 0, 0.01: variance 0.0002 / 2; t(0.975, 2) is 4.3027 in any table.
    found = seed_variation([0.97, 0.98, 0.99])
    assert found.n == 3
    assert found.mean == pytest.approx(0.98)
    assert found.sd == pytest.approx(0.01)
    half = 4.302653 * 0.01 / 3**0.5
    assert found.low == pytest.approx(0.98 - half)
    assert found.high == pytest.approx(0.98 + half)


def test_no_interval_goes_where_the_figure_cannot():
    """Two seeds, far apart: t(0.975, 1) is 12.7, so that the bounds are −2.4 and 3.9."""
    assert seed_variation([0.99, 0.5]).high == pytest.approx(3.858, abs=1e-3)
    share, amount = seed_variation([0.99, 0.5], SHARE), seed_variation([0.99, 0.5], AMOUNT)
    assert (share.low, share.high) == (0, 1)
    assert amount.low == 0
    assert amount.high == pytest.approx(3.858, abs=1e-3)


def test_one_seed_has_no_spread():
    found = seed_variation([0.97])
    assert (found.n, found.mean, found.sd, found.low, found.high) == (1, 0.97, None, None, None)


def test_no_seed_is_refused():
    with pytest.raises(DataError, match="give at least one"):
        seed_variation([])


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12))
def test_as_statsmodels_has_it(values):
    found, oracle = seed_variation(values), DescrStatsW(np.array(values), ddof=1)
    assert found.mean == pytest.approx(oracle.mean, abs=1e-12)
    assert found.sd == pytest.approx(oracle.std, abs=1e-9)
    low, high = oracle.tconfint_mean()
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(high, abs=1e-9)


def test_the_interval_holds_the_mean_95_times_in_100():
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(2000):
        found = seed_variation(rng.normal(0.98, 0.002, 3).tolist())
        held += (found.low or 0) <= 0.98 <= (found.high or 0)
    assert 0.935 <= held / 2000 <= 0.965
