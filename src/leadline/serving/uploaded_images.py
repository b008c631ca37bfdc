"""An uploaded file as the images that models take, in memory."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leadline.data.decoding import Decoded, DecoderPool, Fit, Request
from leadline.data.formats.image_files import DecodingEffort, decode_here, identify
from leadline.explain.overlay import jpeg_bytes
from leadline.serving.model_registry import ServedModel
from leadline.serving.upload_checks import check_alone
from leadline.serving.uploads import Upload

Prepare = Literal["auto", "digit", "none"]
"""auto: as the model's metadata specify; digit: MNIST's form for all models of that form; none:
resize only.
"""
SHOWN_PX = 1024
"""The longer side of a picture that is sent back to be looked at."""
SMALL_BYTES = 2**16
"""Of an upload; a drawing has less."""
MIN_TIMEOUT_S = 0.1
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded image. inputs: uint8 (height, width, channels) for each requested model.

    prepared: how the input of each was made. jpeg: the picture as it was read, b"" if not wanted.
    """

    name: str
    width_px: int
    height_px: int
    inputs: tuple[Pixels, ...]
    prepared: tuple[Literal["digit", "none"], ...]
    jpeg: bytes


class UploadedImage:
    """One upload, to be read for these models.

    Parameters
    ----------
    keep : bool
        Also as a JPEG to be shown.

    Raises
    ------
    DataError
        By every method: one line that names the image, for what cannot be read or is refused.
    MissingExtra
        By every method, for DICOM where that cannot be read here.
    """

    def __init__(
        self,
        upload: Upload,
        models: Sequence[ServedModel],
        prepare: Prepare,
        *,
        max_pixels: int,
        keep: bool = False,
    ) -> None:
        self._upload = upload
        self._ways = tuple(_way(model, prepare) for model in models)
        predictors = [model.predictor for model in models]
        forms = (
            Fit(*takes.size_px, takes.channels, way, takes.fit)
            for takes, way in zip(predictors, self._ways, strict=True)
        )
        self._forms = tuple(forms)
        self._request = Request(
            tuple(dict.fromkeys(self._forms)), max_pixels, preview_px=SHOWN_PX * keep
        )

    @property
    def is_small(self) -> bool:
        """Looking at its structure takes next to no time."""
        return len(self._upload.content) <= SMALL_BYTES

    def here(self) -> Picture | DecodingEffort:
        """Read it in this process; if that is not cheap, return its cost."""
        content, name = self._upload.content, self._upload.name
        check_alone(content, name, self._upload.kind)
        found = identify(content, name)
        effort = found.effort(self._request.max_pixels)
        if effort is not DecodingEffort.CHEAP:
            return effort
        return self._picture(decode_here(content, name, self._request, found))

    def in_process(self, pool: DecoderPool, end_s: float) -> Picture:
        """Read it in a process of its own, until `end_s` on the monotonic clock.

        Raises DecoderUnavailable as `DecoderPool.decode` does.
        """
        content, name = self._upload.content, self._upload.name
        timeout_s = max(MIN_TIMEOUT_S, end_s - time.monotonic())
        decoded = pool.decode(self._request, name, content=content, timeout_s=timeout_s)
        return self._picture(decoded)

    def _picture(self, decoded: Decoded) -> Picture:
        arrays = dict(zip(self._request.fits, decoded.arrays, strict=True))
        jpeg = b"" if decoded.preview is None else jpeg_bytes(decoded.preview)
        inputs = tuple(arrays[form] for form in self._forms)
        return Picture(
            self._upload.name, decoded.width_px, decoded.height_px, inputs, self._ways, jpeg
        )


def _way(model: ServedModel, prepare: Prepare) -> Literal["digit", "none"]:
    asked = model.takes_digits if prepare == "auto" else prepare == "digit"
    return "digit" if asked and model.fits_digits else "none"
