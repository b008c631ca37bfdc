"""Transparent images on a page: white, or black where all that they show is white."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

NEARLY_WHITE = 245
"""Of 255. What is drawn white on nothing is for a dark page."""
BAND_PIXELS = 2**20
"""Converted at a time, so that intermediate values take a few MB whatever the image's size."""


def on_a_page(image: Image.Image) -> Image.Image:
    """Lay the image over white, or over black where all that it shows is white."""
    on_white, darkest, is_visible = _over(image, "white")
    if darkest < NEARLY_WHITE or not is_visible:
        return on_white
    return _over(image, "black")[0]


def bands(size_px: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """Boxes of whole rows that cover an image (width, height), of some `BAND_PIXELS` each."""
    width, height = size_px
    rows = max(1, BAND_PIXELS // width)
    for top in range(0, height, rows):
        yield 0, top, width, min(top + rows, height)


def _over(image: Image.Image, colour: str) -> tuple[Image.Image, int, bool]:
    """The image laid over a colour; its darkest level; True if any of it is not transparent."""
    page = Image.new("RGB", image.size)
    darkest, is_visible = 255, False
    for box in bands(image.size):
        band = image.crop(box).convert("RGBA")
        laid = Image.alpha_composite(Image.new("RGBA", band.size, colour), band)
        page.paste(laid.convert("RGB"), box[:2])
        darkest = min(darkest, int(np.asarray(laid.convert("L")).min()))
        is_visible = is_visible or band.getchannel("A").getbbox() is not None
    return page, darkest, is_visible
