"""Pixel arrays as users save them, checked and made uint8 without losing anything."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError

MEND = "give uint8 from 0 to 255, or floats from 0 to 1"


def to_pixels(array: NDArray[Any], where: str) -> NDArray[np.uint8]:
    """uint8 (n, height, width, 1 or 3) from (n, height, width) or with channels last.

    Whole numbers must lie in 0-255. Floats must be whole numbers in 0-255, or, where the largest is
    at most 1, such numbers divided by 255. Raises DataError with the count and the first index.
    """
    if array.ndim == 3:
        array = array[..., np.newaxis]
    if array.ndim != 4 or array.shape[-1] not in (1, 3):
        raise DataError(
            f"{where}: images have shape {array.shape}, expected (n, height, width) or "
            "(n, height, width, 1 or 3)."
        )
    if 0 in array.shape:
        raise DataError(f"{where}: holds no images, its shape is {array.shape}.")
    if array.dtype == np.uint8:
        return array.astype(np.uint8, copy=False)
    if array.dtype.kind not in "biuf":
        raise DataError(f"{where}: pixels are {array.dtype}; {MEND}.")
    return _narrowed(array, where)


def _narrowed(array: NDArray[Any], where: str) -> NDArray[np.uint8]:
    if array.dtype.kind == "b":
        array = array.astype(np.float32)
    if array.dtype.kind == "f":
        _refuse(np.isnan(array), where, "are NaN", "find out what wrote them")
    _refuse(array < 0, where, "are negative", MEND)
    _refuse(array > 255, where, "are above 255", MEND)
    if array.dtype.kind != "f":
        return array.astype(np.uint8)
    scaled = array * array.dtype.type(255) if array.max() <= 1 else array
    whole: NDArray[Any] = np.rint(scaled)
    # k / 255 * 255 misses k by the rounding of the float type alone.
    tolerance = max(1e-3, 255 * float(np.finfo(array.dtype).eps))
    inexact = np.abs(scaled - whole) > tolerance
    _refuse(inexact, where, "lie between two of the 256 grey levels", f"round them, or {MEND}")
    return whole.astype(np.uint8)


def _refuse(wrong: NDArray[np.bool_], where: str, what: str, mend: str) -> None:
    count = int(np.count_nonzero(wrong))
    if count:
        first = tuple(int(step) for step in np.unravel_index(int(np.argmax(wrong)), wrong.shape))
        raise DataError(
            f"{where}: pixels that {what}: {count:,}, the first at index {first}; {mend}."
        )
