"""Gradients by hand; the table of bins against angles, for every pair of integers."""

from typing import Any

import numpy as np
import pytest

from leadline.features.gradients import codes_and_magnitudes
from leadline.features.orientations import CODES, bin_table

PAIRS = np.arange(-255, 256)


def bin_of(gx: int, gy: int, orientations: int) -> int:
    return int(bin_table(orientations)[abs(511 * gy + gx)])


def image(*rows: Any) -> Any:
    """A batch of one: grey where the entries are numbers, colour where they are tuples."""
    pixels = np.array(rows, np.uint8)
    return pixels.reshape(1, len(rows), len(rows[0]), -1)


def gradients(images: Any) -> Any:
    codes, magnitudes = codes_and_magnitudes(images)
    return codes.numpy(), magnitudes.numpy()


@pytest.mark.parametrize(
    ("gx", "gy", "expected"),
    [
        (1, 0, 0), (1, 1, 1), (0, 1, 2), (-1, 1, 3),
        (-1, 0, 0), (-1, -1, 1), (0, -1, 2), (1, -1, 3),
        (255, 255, 1), (255, 254, 0), (254, 255, 1),
        (-255, 255, 3), (-254, 255, 2), (-255, 254, 3),
        (-1, 255, 2), (1, 255, 1), (-255, 1, 3), (255, -1, 3),
    ],
)  # fmt: skip
def test_quarters_by_hand(gx, gy, expected):
    assert bin_of(gx, gy, orientations=4) == expected


@pytest.mark.parametrize("orientations", [8, 12, 16, 28, 36, 78, 156, 180])
@pytest.mark.parametrize("length", [1, 7, 255])
def test_a_bin_begins_with_its_own_edge(orientations, length):
    assert bin_of(0, length, orientations) == orientations // 2
    assert bin_of(length, 0, orientations) == 0
    if orientations % 4 == 0:
        assert bin_of(length, length, orientations) == orientations // 4
        assert bin_of(-length, length, orientations) == 3 * orientations // 4


@pytest.mark.parametrize("orientations", [1, 2, 3, 5, 8, 9, 16, 28, 156, 180])
def test_table_is_the_angle(orientations, reference):
    gy, gx = np.meshgrid(PAIRS, PAIRS, indexing="ij")
    found = bin_table(orientations)[np.abs(511 * gy + gx)]
    np.testing.assert_array_equal(found, reference.bins(gy, gx, orientations))


@pytest.mark.slow
def test_table_is_the_angle_for_every_number_of_orientations(reference):
    gy, gx = np.meshgrid(PAIRS, PAIRS, indexing="ij")
    for orientations in range(1, 181):
        found = bin_table(orientations)[np.abs(511 * gy + gx)]
        np.testing.assert_array_equal(found, reference.bins(gy, gx, orientations))


@pytest.mark.slow
def test_no_gradient_lies_close_beside_an_edge():
    codes = np.arange(CODES)
    gy = (codes + 255) // 511
    angles_deg = np.degrees(np.arctan2(gy, codes - 511 * gy))
    for orientations in range(1, 181):
        bins = angles_deg * orientations / 180
        gaps_deg = np.abs(bins - np.round(bins)) * 180 / orientations
        assert gaps_deg[angles_deg % 45 != 0].min() > 6e-7


def test_codes_tell_gradients_apart_but_for_their_sign():
    gy, gx = np.meshgrid(PAIRS, PAIRS, indexing="ij")
    codes, times = np.unique(np.abs(511 * gy + gx), return_counts=True)
    np.testing.assert_array_equal(codes, np.arange(CODES))
    assert times[0] == 1
    assert set(times[1:]) == {2}


def test_differences_are_not_halved_and_are_zero_at_the_border():
    codes, magnitudes = gradients(image((9, 10, 9), (20, 9, 50), (9, 50, 9)))
    expected = [(0, 0, 0), (511 * 0, 511 * 40 + 30, 0), (0, 0, 0)]
    np.testing.assert_array_equal(codes[0], expected)
    np.testing.assert_array_equal(magnitudes[0], [(0, 0, 0), (0, 50, 0), (0, 0, 0)])


def test_extremes_do_not_wrap():
    codes, magnitudes = gradients(image((0, 255, 0), (255, 7, 0), (0, 0, 0)))
    assert codes[0, 1, 1] == 511 * 255 + 255
    assert magnitudes[0, 1, 1] == pytest.approx(255 * 2**0.5)


def test_border_keeps_the_difference_along_it():
    codes, magnitudes = gradients(image((1, 5, 8), (1, 5, 8), (1, 5, 8)))
    np.testing.assert_array_equal(codes[0], [(0, 7, 0)] * 3)
    np.testing.assert_array_equal(magnitudes[0], [(0, 7, 0)] * 3)


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 2, 2, 1), (2, 1, 5, 1), (2, 5, 2, 3)])
def test_images_too_narrow_for_a_difference(shape):
    codes, magnitudes = gradients(np.full(shape, 200, np.uint8))
    assert codes.shape == magnitudes.shape == shape[:3]
    assert not codes.any()
    assert not magnitudes.any()


def test_the_steepest_channel_votes_and_the_first_of_equals():
    dark, colours = (0, 0, 0), [(3, 4, 5), (5, 3, 5), (0, 2, 1)]
    found = [
        gradients(image((dark, dark, dark), (dark, dark, colour), (dark, dark, dark)))[0][0, 1, 1]
        for colour in colours
    ]
    assert found == [5, 5, 2]
    tie = image((dark, dark, dark), (dark, dark, (0, 9, 0)), (dark, (0, 0, 9), dark))
    assert gradients(tie)[0][0, 1, 1] == 9


def test_magnitudes_of_every_slope():
    ramp = np.zeros((256, 3, 256, 1), np.uint8)
    ramp[:, 1, 2::3, 0] = np.arange(2, 256, 3)
    ramp[:, 2, 1:255:3, 0] = np.arange(256)[:, None]
    codes, magnitudes = gradients(ramp)
    gy = (codes[:, 1, 1:255:3] + 255) // 511
    gx = codes[:, 1, 1:255:3] - 511 * gy
    expected = np.sqrt((gx * gx + gy * gy).astype(np.float32))
    np.testing.assert_allclose(magnitudes[:, 1, 1:255:3], expected, rtol=2e-7)
    assert len(np.unique(expected)) > 10_000
