"""Pixels: scaled, flattened, and the same in ONNX Runtime."""

import numpy as np
import pytest

from leadline.errors import DataError
from leadline.features.pixels import Pixels

COLOURS = np.arange(24, dtype=np.uint8).reshape(1, 2, 4, 3) * 11


def test_scaled_to_one():
    levels = np.array([0, 51, 102, 255], np.uint8).reshape(1, 2, 2, 1)
    scaled = Pixels()(levels).numpy()
    assert scaled.dtype == np.float32
    np.testing.assert_array_equal(scaled[0, ..., 0], np.array([[0, 0.2], [0.4, 1]], np.float32))


def test_flat_is_row_by_row_channels_last():
    flat = Pixels(flatten=True)(COLOURS).numpy()
    np.testing.assert_array_equal(flat, COLOURS.reshape(1, 24) / np.float32(255))


@pytest.mark.parametrize("flatten", [False, True])
def test_onnx_runtime_agrees_to_the_last_bit(flatten, in_onnx_runtime):
    images = np.random.default_rng(1).integers(0, 256, (9, 5, 7, 3), dtype=np.uint8)
    layer = Pixels(flatten)
    np.testing.assert_array_equal(in_onnx_runtime(layer, images), layer(images).numpy())


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (np.zeros((1, 4, 4, 1), np.float32), r"Received: float32 \(1, 4, 4, 1\)"),
        (np.zeros((4, 4), np.uint8), r"Received: uint8 \(4, 4\)"),
    ],
)
def test_only_uint8_images(images, said):
    with pytest.raises(DataError, match=said):
        Pixels()(images)
