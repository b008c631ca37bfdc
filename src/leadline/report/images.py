"""Pixels as PNG inside the page."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LONGEST_SIDE_PX = 128


def png_data_uri(image: NDArray[np.uint8]) -> str:
    """A `data:` URI of one image: uint8 (height, width, channels), 1 or 3 channels.

    Images with a side of more than 128 pixels are made smaller, since a page holds many.
    """
    grey = image.shape[2] == 1
    picture = Image.fromarray(image[:, :, 0] if grey else image)
    if max(picture.size) > LONGEST_SIDE_PX:
        picture.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
