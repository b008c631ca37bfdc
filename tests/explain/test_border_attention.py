"""The share of a map's mass along the edges: by hand, and for any size and band."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.errors import DataError
from leadline.explain.sanity_checks import border_share, even_share


def test_by_hand_on_ten_pixels():
    # A tenth of 10 is 1: of 5 units, the corner's 3 and the left edge's 1 are in the band.
    heat = np.zeros((1, 10, 10), np.float32)
    heat[0, 0, 0], heat[0, 5, 0], heat[0, 1, 1] = 3, 1, 1
    assert border_share(heat)[0] == pytest.approx(0.8)


def test_a_pixel_that_the_edge_cuts_counts_in_part():
    # A tenth of 5 is half a pixel: of pixel (0, 2) half lies in the band, of (2, 2) nothing.
    heat = np.zeros((2, 5, 5), np.float32)
    heat[0, 0, 2] = heat[1, 2, 2] = 1
    assert border_share(heat).tolist() == pytest.approx([0.5, 0.0])


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0, 0.5))
def test_an_even_map_has_the_area_of_the_band(height, width, fraction):
    share = border_share(np.ones((1, height, width), np.float32), fraction)[0]
    assert share == pytest.approx(even_share(fraction), abs=1e-9)


def test_an_even_map_has_36_percent_in_the_border_tenth():
    assert even_share() == pytest.approx(0.36)


def test_a_map_without_mass_has_no_share():
    assert np.isnan(border_share(np.zeros((1, 4, 4), np.float32))).all()


@pytest.mark.parametrize("fraction", [-0.1, 0.6, float("nan")])
def test_a_band_wider_than_half_is_refused(fraction):
    with pytest.raises(DataError, match=r"0 <= fraction <= 0\.5"):
        border_share(np.ones((1, 4, 4), np.float32), fraction)
