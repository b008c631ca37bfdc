"""An uploaded file as the images that models take, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.data.digit import normalise_digit
from leadline.data.image_files import opened_bytes
from leadline.data.images import fit_image
from leadline.explain.overlay import jpeg_bytes
from leadline.serving.foreign import check_alone
from leadline.serving.served import Served
from leadline.serving.uploads import Upload

Prepare = Literal["auto", "digit", "none"]
"""auto: as the model's metadata say; digit: made as MNIST's for all of that form; none: resized."""
SHOWN_PX = 1024
"""The longer side of a picture that is sent back to be looked at."""
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Picture:
    """An image, read. inputs: uint8 (height, width, channels) for each model that was asked for.

    prepared: how the input of each was made. jpeg: the picture as it was read, b"" if not wanted.
    """

    name: str
    width_px: int
    height_px: int
    inputs: tuple[Pixels, ...]
    prepared: tuple[Literal["digit", "none"], ...]
    jpeg: bytes


def read_picture(
    upload: Upload,
    models: Sequence[Served],
    prepare: Prepare,
    *,
    max_pixels: int,
    keep: bool = False,
) -> Picture:
    """Read one upload for these models. keep: also as a JPEG to be shown.

    Raises DataError, one line that names the image, for what cannot be read or is refused;
    MissingExtra for DICOM where that cannot be read here.
    """
    check_alone(upload.content, upload.name, upload.kind)
    ways = tuple(_way(one, prepare) for one in models)
    with opened_bytes(upload.content, upload.name, formats=None, max_pixels=max_pixels) as image:
        digit = normalise_digit(image) if "digit" in ways else None
        inputs = tuple(
            _input(one, image, digit if way == "digit" else None)
            for one, way in zip(models, ways, strict=True)
        )
        jpeg = _shown(image) if keep else b""
        return Picture(upload.name, image.width, image.height, inputs, ways, jpeg)


def _way(model: Served, prepare: Prepare) -> Literal["digit", "none"]:
    asked = model.takes_digits if prepare == "auto" else prepare == "digit"
    return "digit" if asked and model.fits_digits else "none"


def _input(model: Served, image: Image.Image, digit: Pixels | None) -> Pixels:
    if digit is not None:
        return digit[..., None]
    return fit_image(image, model.predictor.size_px, model.predictor.channels)


def _shown(image: Image.Image) -> bytes:
    grey = image.mode in ("1", "L")
    plain = image if image.mode in ("L", "RGB") else image.convert("L" if grey else "RGB")
    share = min(1.0, SHOWN_PX / max(plain.size))
    width, height = (max(1, round(side * share)) for side in plain.size)
    small = plain.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0)
    pixels = np.asarray(small)
    return jpeg_bytes(pixels.reshape(*pixels.shape[:2], -1))
