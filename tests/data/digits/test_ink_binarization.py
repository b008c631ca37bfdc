"""Ink and ground: the threshold beside scikit-image's, polarity, uneven light."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.filters import threshold_otsu

from leadline.data.digits.ink_binarization import even_ground, ink_on_paper, otsu, quantile


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 0.9))
def test_the_threshold_parts_as_that_of_scikit_image(seed, share):
    rng = np.random.default_rng(seed)
    low = rng.normal(60, 12, round(2000 * share))
    high = rng.normal(180, 12, 2000 - len(low))
    values = np.clip(np.concatenate([low, high, [0.0]]), 0, 255).astype(np.float32)
    theirs = threshold_otsu(values, nbins=128)
    assert np.mean((values > otsu(values)) == (values > theirs)) > 0.995


def test_nothing_has_no_threshold():
    assert otsu(np.zeros((3, 3), np.float32)) == 0


@pytest.mark.parametrize(("paper", "ink"), [(240, 30), (20, 220), (128, 60)])
def test_ink_is_what_departs_from_the_ground(paper, ink):
    grey = np.full((50, 50), paper, np.float32)
    grey[20:30, 10:40] = ink
    found = ink_on_paper(grey, even_ground(grey))
    assert found[25, 25] == 255
    assert found[5, 5] == 0


def test_light_that_falls_off_is_no_ink():
    rows, columns = np.mgrid[0:1:90j, 0:1:120j]
    ground = 220 - 90 * columns - 40 * rows**2
    grey = (ground + np.random.default_rng(0).normal(0, 3, ground.shape)).astype(np.float32)
    grey[40:50, 30:90] *= 0.5
    found = ink_on_paper(grey, even_ground(grey))
    assert (found[41:49, 32:88] > 120).mean() > 0.98
    elsewhere = np.ones(grey.shape, bool)
    elsewhere[38:52, 28:92] = False
    assert (found[elsewhere] > 60).mean() < 0.001


def test_a_faint_mark_is_none():
    grey = np.full((50, 50), 200, np.float32)
    grey[20:30, 10:40] = 195
    assert not ink_on_paper(grey, even_ground(grey)).any()


@given(st.lists(st.floats(0, 255, width=32), min_size=1, max_size=40), st.floats(0, 1))
def test_quantiles_are_numpys(values, share):
    grey = np.array(values, np.float32)
    expected = np.quantile(grey.astype(np.float64), share)
    assert quantile(grey, share) == pytest.approx(expected, abs=1e-4)
