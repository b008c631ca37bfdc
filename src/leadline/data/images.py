"""One image, or many: to uint8 of the size and the channels that an experiment asks for.

Colour to grey is Pillow's convert("L"), ITU-R 601 luma. Resizing stretches to the whole size with
Pillow's BILINEAR filter, which widens its support when it shrinks (so it is antialiased), after a
box reduction to three times the size where the image is larger than that (reducing_gap=3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.data.dataset import Dataset, Images
from leadline.data.progress import Progress
from leadline.processors import choose_threads

REDUCING_GAP = 3.0
CHUNK = 256

Item = TypeVar("Item")


def fit_dataset(
    dataset: Dataset, size_px: tuple[int, int], channels: int, on_progress: Progress
) -> Dataset:
    """Every split resized to size_px (height, width) and channels (1 or 3)."""

    def fit(images: Images) -> Images:
        return replace(images, pixels=fit_pixels(images.pixels, size_px, channels, on_progress))

    return replace(
        dataset,
        train=fit(dataset.train),
        validation=dataset.validation and fit(dataset.validation),
        test=dataset.test and fit(dataset.test),
    )


def fit_pixels(
    pixels: NDArray[np.uint8], size_px: tuple[int, int], channels: int, on_progress: Progress
) -> NDArray[np.uint8]:
    """uint8 (n, h, w, 1 or 3) to (n, *size_px, channels); the very array where it fits already."""
    shape = (*size_px, channels)
    if pixels.shape[1:] == shape:
        return pixels
    fitted = np.empty((len(pixels), *shape), np.uint8)

    def fit(start: int) -> None:
        for index in range(start, min(start + CHUNK, len(pixels))):
            image = pixels[index]
            opened = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
            fitted[index] = fit_image(opened, size_px, channels)

    in_threads(fit, range(0, len(pixels), CHUNK), "resize", on_progress)
    return fitted


def fit_image(image: Image.Image, size_px: tuple[int, int], channels: int) -> NDArray[np.uint8]:
    """An 8-bit Pillow image as uint8 (*size_px, channels)."""
    height, width = size_px
    mode = "L" if channels == 1 else "RGB"
    if image.mode != mode:
        image = image.convert(mode)
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=REDUCING_GAP)
    return np.asarray(image).reshape(height, width, channels)


def in_threads(
    work: Callable[[Item], None], items: Sequence[Item], what: str, on_progress: Progress
) -> None:
    """Do `work` on each item, on as many threads as there are cores; Pillow frees the GIL."""
    with ThreadPoolExecutor(choose_threads().count) as pool:
        for done, _ in enumerate(pool.map(work, items), 1):
            on_progress(what, done, len(items))
