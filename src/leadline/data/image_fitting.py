"""One image, or many: to uint8 of the size and the channels that an experiment asks for.

Colour to grey is Pillow's convert("L"), ITU-R 601 luma. An image of another aspect ratio is padded
with black on both sides, cropped at both ends, or stretched, as its model's `fit` says. Resizing
uses Pillow's BILINEAR filter, which widens its support when it shrinks (so it is antialiased),
after a box reduction to three times the size where the image is larger (reducing_gap=3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.data.dataset import Dataset, Images
from leadline.data.progress import Progress
from leadline.system import process
from leadline.system.threads import choose_threads

if TYPE_CHECKING:
    # A process that decodes images does without Pydantic, which the package would import.
    from leadline.experiments.image_form import FitMode

REDUCING_GAP = 3.0
CHUNK = 256

Item = TypeVar("Item")


def fit_dataset(
    dataset: Dataset,
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode = "stretch",
) -> Dataset:
    """Every split resized to size_px (height, width) and channels (1 or 3)."""

    def fitted(images: Images) -> Images:
        pixels = fit_pixels(images.pixels, size_px, channels, on_progress, fit=fit)
        return replace(images, pixels=pixels)

    return replace(
        dataset,
        train=fitted(dataset.train),
        validation=dataset.validation and fitted(dataset.validation),
        test=dataset.test and fitted(dataset.test),
    )


def fit_pixels(
    pixels: NDArray[np.uint8],
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode = "stretch",
) -> NDArray[np.uint8]:
    """uint8 (n, h, w, 1 or 3) to (n, *size_px, channels); the very array where it fits already."""
    shape = (*size_px, channels)
    if pixels.shape[1:] == shape:
        return pixels
    fitted = np.empty((len(pixels), *shape), np.uint8)

    def fit_chunk(start: int) -> None:
        for index in range(start, min(start + CHUNK, len(pixels))):
            image = pixels[index]
            opened = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
            fitted[index] = fit_image(opened, size_px, channels, fit=fit)

    in_threads(fit_chunk, range(0, len(pixels), CHUNK), "resize", on_progress)
    return fitted


def fit_image(
    image: Image.Image, size_px: tuple[int, int], channels: int, *, fit: FitMode = "stretch"
) -> NDArray[np.uint8]:
    """An 8-bit Pillow image as uint8 (*size_px, channels)."""
    height, width = size_px
    mode = "L" if channels == 1 else "RGB"
    if image.mode != mode:
        image = image.convert(mode)
    if image.size != (width, height):
        image = _FITS[fit](image, (width, height))
    return np.asarray(image).reshape(height, width, channels)


def _stretched(
    image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float] | None = None
) -> Image.Image:
    """The image, or a box of it (left, top, right, bottom), at this (width, height)."""
    return image.resize(size, Image.Resampling.BILINEAR, box, reducing_gap=REDUCING_GAP)


def _padded(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """As large as fits, in the middle of a black image."""
    scale = min(size[0] / image.width, size[1] / image.height)
    width, height = (
        min(most, max(1, round(side * scale))) for side, most in zip(image.size, size, strict=True)
    )
    fitted = _stretched(image, (width, height)) if image.size != (width, height) else image
    if fitted.size == size:
        return fitted
    page = Image.new(image.mode, size)
    page.paste(fitted, ((size[0] - width) // 2, (size[1] - height) // 2))
    return page


def _cropped(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The largest part of the image's middle that has the aspect ratio of `size`."""
    scale = max(size[0] / image.width, size[1] / image.height)
    width, height = (min(side / scale, most) for side, most in zip(size, image.size, strict=True))
    left, top = (image.width - width) / 2, (image.height - height) / 2
    return _stretched(image, size, (left, top, left + width, top + height))


_FITS: dict[FitMode, Callable[[Image.Image, tuple[int, int]], Image.Image]] = {
    "pad": _padded,
    "crop": _cropped,
    "stretch": _stretched,
}


def in_threads(
    work: Callable[[Item], None], items: Sequence[Item], what: str, on_progress: Progress
) -> None:
    """Do `work` on each item, on as many threads as there are cores; Pillow frees the GIL."""
    with ThreadPoolExecutor(choose_threads().count) as pool:
        try:
            for done, _ in enumerate(pool.map(work, items), 1):
                on_progress(what, done, len(items))
        except KeyboardInterrupt:
            process.stopping.end_helpers()
            raise
