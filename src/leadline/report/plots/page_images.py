"""Pixels as PNG or JPEG inside the page."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LONGEST_SIDE_PX = 128
SHARP_SIDE_PX = 64
"""Images up to this size are enlarged on the page, where JPEG would blur each pixel."""
JPEG_QUALITY = 85


def png_data_uri(image: NDArray[np.uint8]) -> str:
    """A `data:` URI of one image: uint8 (height, width, channels), 1 or 3 channels.

    Images with a side of more than 128 pixels are made smaller, since a page holds many.
    """
    return _data_uri(_small(image), "png")


def picture_data_uri(image: NDArray[np.uint8]) -> str:
    """The same where there are many: JPEG, a few kB, where a side has more than 64 pixels."""
    if max(image.shape[:2]) <= SHARP_SIDE_PX:
        return png_data_uri(image)
    return _data_uri(_small(image), "jpeg", quality=JPEG_QUALITY)


def _small(image: NDArray[np.uint8]) -> Image.Image:
    grey = image.shape[2] == 1
    picture = Image.fromarray(image[:, :, 0] if grey else image)
    if max(picture.size) > LONGEST_SIDE_PX:
        picture.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX), Image.Resampling.LANCZOS)
    return picture


def _data_uri(picture: Image.Image, form: str, **settings: int) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, format=form, optimize=True, **settings)
    return f"data:image/{form};base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
