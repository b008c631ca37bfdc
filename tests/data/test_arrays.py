"""Pixel arrays as users save them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as np_st

from leadline.data.arrays import to_pixels
from leadline.errors import DataError

LEVELS = np_st.arrays(np.uint8, (2, 3, 4, 1), elements=st.integers(0, 255))


def one(values: list[Any], dtype: type) -> np.ndarray:
    """One grey image of 1 x n px."""
    return np.array([[values]], dtype)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (one([0, 7, 255], np.uint8), [0, 7, 255]),
        (one([0, 7, 255], np.int64), [0, 7, 255]),
        (one([0.0, 7.0, 255.0], np.float32), [0, 7, 255]),
        (one([0.0, 7 / 255, 1.0], np.float32), [0, 7, 255]),
        (one([0.0, 7 / 255, 1.0], np.float16), [0, 7, 255]),
        (one([False, True], np.bool_), [0, 255]),
    ],
)
def test_number_types(array, expected):
    pixels = to_pixels(array, "x")
    assert pixels.dtype == np.uint8
    assert pixels.tolist() == [[[[level] for level in expected]]]


@given(LEVELS, st.sampled_from([np.float16, np.float32, np.float64]))
def test_levels_divided_by_255_come_back(levels, dtype):
    levels[0, 0, 0, 0] = 255
    np.testing.assert_array_equal(to_pixels((levels / 255).astype(dtype), "x"), levels)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((2, 5, 4), (2, 5, 4, 1)), ((2, 5, 4, 1), (2, 5, 4, 1)), ((2, 5, 4, 3), (2, 5, 4, 3))],
)
def test_shapes(shape, expected):
    assert to_pixels(np.zeros(shape, np.uint8), "x").shape == expected


@pytest.mark.parametrize("shape", [(4,), (2, 16), (2, 3, 8, 8), (2, 8, 8, 4), (1, 2, 8, 8, 1)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(DataError, match=r"x: images have shape \("):
        to_pixels(np.zeros(shape, np.uint8), "x")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (
            one([0, np.nan, np.nan], np.float32),
            "x: pixels that are NaN: 2, the first at index (0, 0, 1, 0)",
        ),
        (
            one([-1, 0, 300], np.int16),
            "x: pixels that are negative: 1, the first at index (0, 0, 0, 0)",
        ),
        (
            one([0, 256, 300], np.int16),
            "x: pixels that are above 255: 2, the first at index (0, 0, 1, 0)",
        ),
        (one([0, np.inf], np.float64), "x: pixels that are above 255: 1"),
        (
            one([0.5, 0, 9.25], np.float64),
            "x: pixels that lie between two of the 256 grey levels: 2",
        ),
        (one([0.5, 1.0], np.float64), "x: pixels that lie between two of the 256 grey levels: 1"),
        (np.zeros((0, 4, 4), np.uint8), "x: holds no images"),
        (one(["a"], np.str_), "x: pixels are <U1"),
    ],
)
def test_wrong_pixels_are_counted_and_placed(array, message):
    with pytest.raises(DataError) as error:
        to_pixels(array, "x")
    assert message in str(error.value)
