"""Closing, opening and growing, beside SciPy's and by hand; what lies at the rim."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from leadline.data.digits.ink_binarization import closed, grown, opened


def noise(height: int, width: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_it_is_the_closing_that_scipy_has_with_a_dark_frame(height, width, window_px, seed):
    grey = noise(height, width, seed)
    frame = 2 * window_px
    theirs = ndimage.grey_closing(np.pad(grey, frame), (window_px, window_px))
    assert np.array_equal(closed(grey, window_px), theirs[frame:-frame, frame:-frame])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_the_ground_lies_between_opening_and_closing(height, width, window_px, seed):
    grey = noise(height, width, seed)
    assert (opened(grey, window_px) <= grey).all()
    assert (grey <= closed(grey, window_px)).all()
    again = closed(closed(grey, window_px), window_px)
    assert np.array_equal(again, closed(grey, window_px))


@pytest.mark.parametrize(("width_px", "left"), [(4, 200), (5, 50)])
def test_what_is_narrower_than_the_window_goes(width_px, left):
    grey = np.full((30, 30), 200, np.uint8)
    grey[5:25, 10 : 10 + width_px] = 50
    assert closed(grey, 5)[15, 12] == left
    assert closed(grey, 5)[15, 5] == 200


def test_steps_slopes_and_what_lies_at_the_rim_stay():
    grey = np.repeat(np.arange(160, 100, -1, dtype=np.uint8)[None], 40, axis=0)
    grey[:, 30:] //= 2
    grey[:2] = 20
    assert np.array_equal(closed(grey, 9), grey)


@pytest.mark.parametrize("by_px", [0, 1, 3])
def test_it_grows_to_every_side(by_px):
    mask = np.zeros((11, 13), bool)
    mask[4, 6] = True
    expected = np.zeros((11, 13), bool)
    expected[4 - by_px : 5 + by_px, 6 - by_px : 7 + by_px] = True
    assert np.array_equal(grown(mask, by_px), expected)
