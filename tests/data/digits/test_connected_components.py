"""Which pixels hang together, beside SciPy; and which parts are the thing itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from leadline.data.digits.ink_binarization import label, main_parts


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 24), st.integers(1, 24), st.integers(0, 2**32 - 1), st.floats(0.05, 0.8))
def test_parts_are_those_that_scipy_finds(height, width, seed, share):
    mask = np.random.default_rng(seed).random((height, width)) < share
    ours = label(mask)
    theirs, count = ndimage.label(mask, np.ones((3, 3)))
    assert np.array_equal(ours > 0, mask)
    assert len(np.unique(ours[mask])) == count
    assert len({(int(a), int(b)) for a, b in zip(ours[mask], theirs[mask], strict=True)}) == count


def test_a_spiral_is_one_part():
    mask = np.zeros((9, 9), bool)
    mask[0, :] = mask[:, 8] = mask[8, :] = mask[2:, 0] = mask[2, :7] = mask[2:7, 6] = True
    assert label(mask).max() == 1


@pytest.mark.parametrize(("speck", "kept"), [(3, False), (10, True)])
def test_what_is_small_and_apart_is_a_speck(speck, kept):
    mask = np.zeros((60, 60), bool)
    mask[20:50, 20:30] = True  # 300 px
    mask[5:10, 40 : 40 + speck] = True  # 15 px, or 50: 5% or 17% of it
    found = main_parts(mask)
    assert found[30, 25]
    assert bool(found[7, 41]) is kept


def test_what_hangs_at_the_rim_is_the_edge_of_the_page():
    mask = np.zeros((60, 60), bool)
    mask[20:50, 20:30] = True
    mask[0:60, 58:60] = True
    assert not main_parts(mask)[:, 58:].any()


def test_a_thing_that_fills_the_picture_is_kept():
    mask = np.zeros((20, 20), bool)
    mask[:, 8:12] = True
    assert np.array_equal(main_parts(mask), mask)


def test_nothing_has_no_parts():
    assert not main_parts(np.zeros((5, 5), bool)).any()
