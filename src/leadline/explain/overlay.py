"""A heat map over its image: grey below, colour above, readable without telling red from green.

The colours are matplotlib's inferno from its purple on: lightness rises evenly with the value, so
the order shows in grey print and to every kind of colour vision. What is weak is transparent.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLOURS = np.array(
    [
        (66, 10, 104), (87, 16, 110), (108, 24, 110), (128, 31, 108), (149, 38, 103),
        (169, 46, 94), (191, 57, 82), (208, 69, 69), (224, 85, 54), (236, 103, 38),
        (245, 125, 21), (250, 148, 7), (252, 172, 17),
        (249, 199, 47), (244, 225, 86), (243, 246, 138),
    ]
)  # fmt: skip
"""Inferno at 0.2 to 0.97, in even steps: its black would hide the film, its white be none."""
JPEG_QUALITY = 88
STRONGEST = 0.72
"""Opacity where the map is 1: the film must be seen through it."""


def heat_colours(maps: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Red, green and blue of values 0 to 1: uint8 (..., 3)."""
    places = np.linspace(0, 1, len(COLOURS))
    channels = [np.interp(maps, places, COLOURS[:, channel]) for channel in range(3)]
    colours: NDArray[np.uint8] = np.stack(channels, axis=-1).round().astype(np.uint8)
    return colours


def overlay(image: NDArray[np.uint8], heat: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The image in grey under its map: uint8 (height, width, 3).

    image: uint8 (height, width, 1 or 3). heat: float32 (height, width), 0 to 1; where it is 0 the
    image is as it was.
    """
    grey = as_grey(image).astype(np.float64)[..., None]
    alpha = STRONGEST * np.sqrt(heat.astype(np.float64).clip(0, 1))[..., None]
    mixed: NDArray[np.float64] = (1 - alpha) * grey + alpha * heat_colours(heat)
    return mixed.round().astype(np.uint8)


def overlay_png(image: NDArray[np.uint8], heat: NDArray[np.float32]) -> bytes:
    """`overlay` as a PNG file."""
    return png_bytes(overlay(image, heat))


def png_bytes(image: NDArray[np.uint8]) -> bytes:
    """A PNG file of uint8 (height, width, 1 or 3)."""
    buffer = io.BytesIO()
    _picture(image).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def jpeg_bytes(image: NDArray[np.uint8]) -> bytes:
    """A JPEG file of the same, of a film a third as large, with the colours' full resolution."""
    buffer = io.BytesIO()
    _picture(image).save(buffer, format="JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
    return buffer.getvalue()


def _picture(image: NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)


def as_grey(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 (height, width): the only channel, or the luma of three (ITU-R 601)."""
    if image.shape[2] == 1:
        return image[..., 0]
    return np.asarray(Image.fromarray(image).convert("L"))
