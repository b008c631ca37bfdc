"""Pixels as PNG: the same pixels come back."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from leadline.report.images import png_data_uri


def decoded(uri):
    kind, _, data = uri.partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_come_back(channels):
    image = np.random.default_rng(3).integers(0, 256, (28, 20, channels), dtype=np.uint8)
    back = decoded(png_data_uri(image))
    assert np.array_equal(back if channels == 3 else back[:, :, None], image)


def test_large_images_are_made_smaller():
    assert decoded(png_data_uri(np.zeros((512, 256, 1), dtype=np.uint8))).shape == (128, 64)
