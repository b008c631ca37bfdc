"""Pixel arrays as users save them: shapes, and one grey scale for a data set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as np_st

from leadline.data.formats.pixel_arrays import grey_scale, to_images, to_pixels, white_of
from leadline.errors import DataError

LEVELS = np_st.arrays(np.uint8, (2, 3, 4, 1), elements=st.integers(0, 255))


def one(values: list[Any], dtype: type) -> np.ndarray:
    """One grey image of 1 x n px."""
    return np.array([[values]], dtype)[..., None]


def read(array: np.ndarray) -> np.ndarray:
    return to_pixels(array, grey_scale({"x": array}))


def note(array: np.ndarray) -> str:
    return " ".join(map(str, grey_scale({"x": array}).remarks))


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (one([0, 7, 255], np.uint8), [0, 7, 255]),
        (one([0, 7, 255], np.int64), [0, 7, 255]),
        (one([0.0, 7.0, 255.0], np.float32), [0, 7, 255]),
        (one([0.0, 7 / 255, 1.0], np.float32), [0, 7, 255]),
        (one([0.0, 7 / 255, 1.0], np.float16), [0, 7, 255]),
        (one([0.0, 0.1, 0.5], np.float32), [0, 26, 128]),  # 25.5 and 127.5, to even
        (one([0.5, 200.25, 255.0], np.float64), [0, 200, 255]),
        (one([False, True], np.bool_), [0, 255]),
        (one([0, 1], np.uint8), [0, 255]),
        (one([0.0, 1.0], np.float32), [0, 255]),
        (one([0, 3, 15], np.uint8), [0, 51, 255]),
        (one([0.0, 4.0, 16.0], np.float64), [0, 64, 255]),  # scikit-learn's digits
        (one([0, 600, 1023], np.uint16), [0, 150, 255]),
        (one([0, 600, 1024], np.uint16), [0, 37, 64]),  # 12 bits
        (one([0, 4096, 16383], np.int32), [0, 64, 255]),
        (one([0, 32768, 65535], np.uint16), [0, 128, 255]),
        (one([-0.01, 0.5, 1.01], np.float64), [0, 128, 255]),
    ],
)
def test_number_types(array, expected):
    pixels = read(array)
    assert pixels.dtype == np.uint8
    assert pixels.ravel().tolist() == expected


@given(LEVELS, st.sampled_from([np.float16, np.float32, np.float64]))
def test_levels_divided_by_255_come_back(levels, dtype):
    levels[0, 0, 0, 0] = 255
    np.testing.assert_array_equal(read((levels / 255).astype(dtype)), levels)


@given(np_st.arrays(np.float32, (5, 4, 4, 1), elements=st.floats(0, 1, width=32)))
def test_fractions_are_rounded_by_at_most_half_a_level(array):
    array[0, 0, 0, 0] = 0.5  # not all whole
    assert np.abs(read(array) / 255 - array.astype(np.float64)).max() <= 0.5 / 255 + 1e-7


def test_all_splits_have_one_scale():
    train, test = one([0, 16], np.uint8), one([0, 4], np.uint8)
    scale = grey_scale({"train": train, "test": test})
    assert to_pixels(test, scale).ravel().tolist() == [0, 64]  # 4 / 16 * 255 = 63.75


FRACTIONS = one([0, 0.5, 1.0], np.float32)
BYTES = one([0, 128, 255], np.uint8)


@pytest.mark.parametrize(
    ("train", "test", "dark", "fix"),
    [
        (FRACTIONS, BYTES, "x_train", "x_test / 255"),
        (BYTES, FRACTIONS, "x_test", "x_train / 255"),
        (BYTES.astype(np.float64), FRACTIONS, "x_test", "x_train / 255"),
        (one([0.0, 1.0], np.float32), BYTES, "x_train", "x_test / 255"),
        (one([False, True], np.bool_), BYTES, "x_train", "x_test / 255"),
        (BYTES, (BYTES // 255), "x_test", "x_train / 255"),
        (one([0, 4000], np.uint16), BYTES, "x_test", "x_test / 255 and x_train / 4095"),
        (one([0, 4.0, 16.0], np.float64), BYTES, "x_train", "x_train / 16 and x_test / 255"),
        (FRACTIONS, one([0, 60_000], np.uint16), "x_train", "x_test / 65535"),
        (FRACTIONS, FRACTIONS / 255, "x_test", "was d.npz: x_test scaled twice?"),
    ],
)
def test_splits_of_different_scales_are_refused(train, test, dark, fix):
    with pytest.raises(DataError, match="on different scales") as error:
        grey_scale({"d.npz: x_train": train, "d.npz: x_test": test})
    assert str(error.value).startswith(f"d.npz: {dark}: pixels reach ")
    assert fix in str(error.value)


def test_a_validation_split_of_another_scale_is_named():
    arrays = {"a/x_train.npy": BYTES, "a/x_val.npy": FRACTIONS, "a/x_test.npy": BYTES}
    with pytest.raises(DataError, match=r"^a/x_val\.npy: pixels reach 1, .* x_train / 255"):
        grey_scale(arrays)


@pytest.mark.parametrize(
    ("train", "test"),
    [
        (BYTES, one([0, 100], np.uint8)),
        (BYTES, one([0.0, 99.5], np.float32)),
        (FRACTIONS, one([0, 1], np.uint8)),
        (FRACTIONS, one([False, True], np.bool_)),
        (FRACTIONS, one([0, 0.3], np.float64)),
        (one([0, 1100], np.uint16), one([0, 1000], np.uint16)),
    ],
)
def test_splits_of_one_scale_may_differ_in_their_largest_value(train, test):
    remarks = str(grey_scale({"train": train, "test": test}).remarks)
    assert "darker" not in remarks
    assert "scales" not in remarks


@pytest.mark.parametrize(
    ("test", "remark"),
    [
        (one([0, 40], np.uint8), "test: the brightest pixel is 40, that of train 255, so its"),
        (one([0, 0], np.uint8), "test: all pixels are 0, so every image is black."),
    ],
)
def test_a_dark_split_is_warned_about(test, remark):
    scale = grey_scale({"train": BYTES, "test": test})
    assert scale.white == 255
    assert remark in str(scale.remarks[0])


@given(LEVELS, st.floats(0.3, 1))
def test_both_orders_of_splits_are_refused(levels, share):
    levels[0, 0, 0, 0] = 255
    fractions = levels * (share / 255)
    for arrays in ({"a": levels, "b": fractions}, {"b": fractions, "a": levels}):
        with pytest.raises(DataError, match=r"^b: pixels reach "):
            grey_scale(arrays)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (one([0, 1], np.uint8), "whole numbers from 0 to 1; 1 is taken as white"),
        (one([0, 16], np.uint8), "whole numbers from 0 to 16; 16 is taken as white"),
        (one([0, 40], np.uint8), "The brightest pixel is 40 of 255"),
        (one([0, 0], np.uint8), "All pixels are 0"),
        (one([0, 3000], np.uint16), "Pixels reach 3,000: read as 12 bits, white is 4,095"),
        (one([-0.01, 0.5], np.float64), "Pixels from -0.01 to 0.5 were cut to 0 to 1"),
    ],
)
def test_what_is_assumed_is_said(array, said):
    assert said in note(array)


@pytest.mark.parametrize(
    "array", [one([0, 255], np.uint8), one([0, 0.5], np.float32), one([False, True], np.bool_)]
)
def test_usual_arrays_need_no_word(array):
    assert note(array) == ""


@pytest.mark.parametrize(
    ("highest", "white"),
    [(0, 255), (255, 255), (256, 1023), (1023, 1023), (1024, 4095), (16383, 16383), (65535, 65535)],
)
def test_the_smallest_depth_that_holds_the_largest(highest, white):
    assert white_of(highest) == white


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((2, 5, 4), (2, 5, 4, 1)), ((2, 5, 4, 1), (2, 5, 4, 1)), ((2, 5, 4, 3), (2, 5, 4, 3)),
        ((2, 3, 8, 9), (2, 8, 9, 3)), ((2, 1, 8, 9), (2, 8, 9, 1)), ((2, 3, 8, 3), (2, 3, 8, 3)),
        ((2, 784), (2, 28, 28, 1)), ((5, 64), (5, 8, 8, 1)),
    ],
)  # fmt: skip
def test_shapes(shape, expected):
    assert to_images(np.zeros(shape, np.uint8), "x").shape == expected


def test_channels_first_and_flat_rows_keep_their_places():
    images = np.arange(2 * 8 * 9 * 3).reshape(2, 8, 9, 3)
    np.testing.assert_array_equal(to_images(np.moveaxis(images, -1, 1), "x"), images)
    flat = np.arange(2 * 64).reshape(2, 64)
    np.testing.assert_array_equal(to_images(flat, "x")[..., 0], flat.reshape(2, 8, 8))


@pytest.mark.parametrize(
    ("shape", "fix"),
    [
        ((4,), "reshape it"), ((2, 3072), "x.reshape(n, height, width)"),
        ((2, 8, 8, 4), "x[..., :3]"), ((32, 32, 3, 500), "numpy.moveaxis(x, -1, 0)"),
        ((1, 2, 8, 8, 1), "reshape it"), ((2, 5, 7, 2), "reshape it"),
    ],
)  # fmt: skip
def test_other_shapes_are_refused_with_a_fix(shape, fix):
    with pytest.raises(DataError, match=r"x: images have shape \(") as error:
        to_images(np.zeros(shape, np.uint8), "x")
    assert fix in str(error.value)


def test_no_images():
    with pytest.raises(DataError, match="holds no images"):
        to_images(np.zeros((0, 4, 4), np.uint8), "x")


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
        (one([-1.0, 0.5, 1.0], np.float32), "at index (0, 0, 0, 0); give (x + 1) / 2."),
        (one([-2.1, 0.5, 2.8], np.float32), "undo the standardization"),
        (one([0, 70000], np.int32), "x: pixels that are above 65,535: 1, the first at index"),
        (one([0.5, 256.5], np.float64), "x: pixels that are above 255: 1, the first at index"),
        (one([0, np.inf], np.float64), "x: pixels that are infinite: 1"),
        (one([0.5, 0, 9.25], np.float64), "so the value of white is unknown; give x"),
        (one(["a"], np.str_), "x: pixels are <U1"),
        (one([1j], np.complex64), "x: pixels are complex64"),
    ],
)  # fmt: skip
def test_wrong_pixels_are_counted_and_placed(array, message):
    with pytest.raises(DataError) as error:
        grey_scale({"x": array})
    assert message in str(error.value)
