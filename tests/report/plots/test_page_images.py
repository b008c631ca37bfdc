"""Pixels as PNG: the same come back; as JPEG, nearly the same."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from leadline.report.plots.page_images import picture_data_uri, png_data_uri


def decoded(uri, form="png"):
    kind, _, data = uri.partition(",")
    assert kind == f"data:image/{form};base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_come_back(channels):
    image = np.random.default_rng(3).integers(0, 256, (28, 20, channels), dtype=np.uint8)
    back = decoded(png_data_uri(image))
    assert np.array_equal(back if channels == 3 else back[:, :, None], image)


def test_large_images_are_made_smaller():
    assert decoded(png_data_uri(np.zeros((512, 256, 1), dtype=np.uint8))).shape == (128, 64)


def test_small_images_are_kept_to_the_pixel_where_there_are_many():
    image = np.random.default_rng(3).integers(0, 256, (64, 20, 1), dtype=np.uint8)
    assert picture_data_uri(image) == png_data_uri(image)


@pytest.mark.parametrize("channels", [1, 3])
def test_large_images_are_jpeg_where_there_are_many(channels):
    rows = np.linspace(20, 220, 96).astype(np.uint8)
    image = np.broadcast_to(rows[:, None, None], (96, 80, channels)).copy()
    back = decoded(picture_data_uri(image), "jpeg").reshape(96, 80, channels)
    assert np.abs(back.astype(int) - image).max() < 8


def test_jpeg_is_made_smaller_too():
    back = decoded(picture_data_uri(np.zeros((512, 256, 1), dtype=np.uint8)), "jpeg")
    assert back.shape == (128, 64)
