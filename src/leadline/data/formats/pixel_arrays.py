"""Pixel arrays as users save them, made uint8 (n, height, width, 1 or 3).

Grey levels are scaled by one rule for a whole data set, so that no split or image is brighter than
another for it. `grey_scale` chooses it by the largest value of all splits:

| values | white is |
|---|---|
| booleans, or whole numbers up to 1 | 1 |
| whole numbers up to 15, or 16 (scikit-learn's digits) | 15, or 16 |
| whole numbers up to 255 | 255 |
| whole numbers up to 65,535 | the largest number of the smallest of 10, 12, 14 or 16 bits |
| fractions up to 1 | 1 |
| fractions up to 255 | 255, rounded |

One scale fits only splits that were saved alike, so splits of different scales (train from 0 to 1,
test from 0 to 255) are refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.remarks import Remark, remark
from leadline.errors import DataError

FIX = "give uint8 from 0 to 255, or floats from 0 to 1"
BITS = (10, 12, 14, 16)
SMALL_WHITES = (1, 15, 16)
"""Possible values of white in small whole numbers: 1 bit, 4 bits, scikit-learn's digits."""
DARK_BELOW = 64
"""A data set whose brightest pixel of 255 is below this is warned about."""
OTHER_SCALE_RATIO = 1 / 8
"""Splits whose largest values differ more, and that alone would have another white each, differ in
scale. 8 and 12 bits differ by 1/16; a dark split of 12 bits is seldom below 1/8."""
SCALED_TWICE_RATIO = 1 / 100
"""Splits whose largest values differ more are not of one scale, whatever their numbers."""
DARK_RATIO = 1 / 4
"""A split whose brightest pixel is below this share of another split's is warned about."""
OVERSHOOT = 0.02
"""Fractions may leave 0 to 1 by so much, as after bicubic resizing; they are cut."""
LEAST_SIDE_PX = 4
CHUNK = 4096
"""Images that are converted at once, which bounds what is taken beside the result."""


@dataclass(frozen=True)
class GreyScale:
    """Conversion of values to grey levels: value * 255 / white, rounded and clipped."""

    white: float
    remarks: tuple[Remark, ...] = ()


def to_images(array: NDArray[Any], where: str) -> NDArray[Any]:
    """Bring an array into the shape (n, height, width, 1 or 3), whatever its numbers.

    Accepted are (n, height, width), channels last or first, and flat square images (n, pixels).
    Raises DataError with the shape and the fix.
    """
    shape = array.shape
    if 0 in shape:
        raise DataError(f"{where}: holds no images, its shape is {shape}.")
    if (
        array.ndim == 2
        and (side := math.isqrt(shape[1])) ** 2 == shape[1]
        and side >= LEAST_SIDE_PX
    ):
        array = array.reshape(-1, side, side)
    if array.ndim == 3:
        array = array[..., np.newaxis]
    if array.ndim == 4 and array.shape[1] in (1, 3) and array.shape[-1] not in (1, 3):
        array = np.moveaxis(array, 1, -1)
    if array.ndim != 4 or array.shape[-1] not in (1, 3):
        raise DataError(
            f"{where}: images have shape {shape}, expected (n, height, width) or "
            f"(n, height, width, 1 or 3); {_shape_fix(shape)}."
        )
    return array


def _shape_fix(shape: tuple[int, ...]) -> str:
    if len(shape) == 4 and shape[-1] == 4:
        return "drop the transparency: x[..., :3]"
    if len(shape) == 4 and shape[2] in (1, 3):
        return "put the images first: numpy.moveaxis(x, -1, 0)"
    if len(shape) == 2:
        return "give the height and width: x.reshape(n, height, width)"
    return "reshape it"


def grey_scale(arrays: Mapping[str, NDArray[Any]]) -> GreyScale:
    """Choose the scale for all arrays of a data set, {where: array}.

    Raises DataError where values have no meaning as grey levels, with the count, the first index
    and the fix, and where arrays are on different scales.
    """
    for where, array in arrays.items():
        _check_numbers(array, where)
    dark: tuple[Remark, ...] = ()
    if len(arrays) > 1 and all(float(array.min()) >= -OVERSHOOT for array in arrays.values()):
        dark = _compare_ranges({where: _range_of(array) for where, array in arrays.items()})
    scale = _scale_of(arrays)
    return replace(scale, remarks=(*scale.remarks, *dark))


def _scale_of(arrays: Mapping[str, NDArray[Any]]) -> GreyScale:
    highest = max(float(array.max()) for array in arrays.values())
    if all(array.dtype.kind == "b" for array in arrays.values()):
        return GreyScale(1)
    if all(is_whole(array) for array in arrays.values()):
        return _whole_scale(highest, arrays)
    return _fraction_scale(highest, arrays)


def to_pixels(array: NDArray[Any], scale: GreyScale) -> NDArray[np.uint8]:
    """Grey levels of images by that scale: uint8, the same shape."""
    if array.dtype == np.uint8 and scale.white == 255:
        return array.astype(np.uint8, copy=False)
    levels = np.empty(array.shape, np.uint8)
    for start in range(0, len(array), CHUNK):
        some = array[start : start + CHUNK].astype(np.float64)
        levels[start : start + CHUNK] = np.rint(np.clip(some / scale.white, 0, 1) * 255)
    return levels


def white_of(highest: float) -> int:
    """White of whole numbers up to `highest`, at most 65,535, by the smallest depth in bits."""
    return next((1 << bits) - 1 for bits in (8, *BITS) if highest < 1 << bits)


@dataclass(frozen=True)
class _Range:
    """Largest value of one array, and the white that it would have alone (None: unknown)."""

    highest: float
    white: float | None


def _range_of(array: NDArray[Any]) -> _Range:
    highest = float(array.max())
    if array.dtype.kind == "b" or -OVERSHOOT <= highest <= 1 + OVERSHOOT:
        return _Range(highest, 1)
    if highest <= SMALL_WHITES[-1]:
        whole = is_whole(array)
        return _Range(highest, next(w for w in SMALL_WHITES if highest <= w) if whole else None)
    return _Range(highest, white_of(highest) if highest <= 65_535 else None)


def _compare_ranges(ranges: Mapping[str, _Range]) -> tuple[Remark, ...]:
    """Remarks on splits much darker than others.

    Raises DataError where two splits are of different scales.
    """
    bright_at, bright = max(ranges.items(), key=lambda item: item[1].highest)
    remarks: list[Remark] = []
    for where, one in ranges.items():
        if bright.highest <= 0 or one.highest >= DARK_RATIO * bright.highest:
            continue
        if one.highest <= 0:
            remarks.append(remark("array-black", array=where))
            continue
        ratio = one.highest / bright.highest
        limit = SCALED_TWICE_RATIO if one.white == bright.white else OTHER_SCALE_RATIO
        if ratio < limit:
            raise DataError(
                f"{where}: pixels reach {one.highest:,.4g}, but those of {bright_at} reach "
                f"{bright.highest:,.4g}, so they are on different scales; "
                f"{_same_scale(where, one, bright_at, bright)}."
            )
        remarks.append(
            remark(
                "array-dark", array=where, highest=one.highest, other=bright_at,
                brightest=bright.highest,
            )
        )  # fmt: skip
    return tuple(remarks)


def _same_scale(dark_at: str, dark: _Range, bright_at: str, bright: _Range) -> str:
    """The fix: both from 0 to 1."""
    if dark.white == bright.white:
        return f"was {dark_at} scaled twice? Give all as floats from 0 to 1"
    parts = [
        f"{_short(where)} / {one.white:.0f}"
        for where, one in ((dark_at, dark), (bright_at, bright))
        if one.white not in (None, 1)
    ]
    return f"give all as floats from 0 to 1: {' and '.join(parts) or FIX}"


def _short(where: str) -> str:
    """Name of an array in an expression: "x_test" of "data.npz: x_test"."""
    name = where.rsplit(": ", 1)[-1]
    return PurePath(name).stem if name == where else name


def _whole_scale(highest: float, arrays: Mapping[str, NDArray[Any]]) -> GreyScale:
    _refuse(arrays, lambda array: array < 0, "are negative", FIX)
    if highest > 65_535:
        _refuse(arrays, lambda array: array > 65_535, "are above 65,535", FIX)
    if highest > 255:
        white = white_of(highest)
        bits = white.bit_length()
        deep = remark("deep-pixels", highest=round(highest), bits=bits, white=white)
        return GreyScale(white, (deep,))
    if 0 < highest <= SMALL_WHITES[-1]:
        white = next(white for white in SMALL_WHITES if highest <= white)
        return GreyScale(white, (remark("small-white", highest=round(highest), white=white),))
    if highest == 0:
        return GreyScale(255, (remark("all-black"),))
    if highest < DARK_BELOW:
        return GreyScale(255, (remark("dark-pixels", highest=round(highest)),))
    return GreyScale(255)


def _fraction_scale(highest: float, arrays: Mapping[str, NDArray[Any]]) -> GreyScale:
    lowest = min(float(array.min()) for array in arrays.values())
    if lowest >= -OVERSHOOT and highest <= 1 + OVERSHOOT:
        cut = lowest < 0 or highest > 1
        remarks = (remark("pixels-cut", lowest=lowest, highest=highest),) if cut else ()
        return GreyScale(1, remarks)
    if lowest < 0:
        shifted = lowest >= -1 - OVERSHOOT and highest <= 1 + OVERSHOOT
        fix = "give (x + 1) / 2" if shifted else f"undo the standardization, and {FIX}"
        _refuse(arrays, lambda array: array < 0, "are negative", fix)
    if highest > 255:
        _refuse(arrays, lambda array: array > 255, "are above 255", FIX)
    if highest <= SMALL_WHITES[-1]:
        where = next(iter(arrays))
        raise DataError(
            f"{where}: pixels are fractions from {lowest:.3g} to {highest:.3g}, so the value of "
            f"white is unknown; give x / (the value of white), floats from 0 to 1."
        )
    return GreyScale(255)


def _check_numbers(array: NDArray[Any], where: str) -> None:
    if array.dtype.kind not in "biuf":
        raise DataError(f"{where}: pixels are {array.dtype}; {FIX}.")
    if array.dtype.kind == "f":
        _refuse({where: array}, np.isnan, "are NaN", "find out what wrote them")
        _refuse({where: array}, np.isinf, "are infinite", "find out what wrote them")


def is_whole(array: NDArray[Any]) -> bool:
    """Return True where all values are whole numbers, of whatever type."""
    if array.dtype.kind != "f":
        return True
    return all(
        np.array_equal(some, np.rint(some))
        for some in (array[start : start + CHUNK] for start in range(0, len(array), CHUNK))
    )


def _refuse(arrays: Mapping[str, NDArray[Any]], wrong_in: Any, what: str, fix: str) -> None:
    for where, array in arrays.items():
        wrong = wrong_in(array)
        count = int(np.count_nonzero(wrong))
        if count:
            place = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
            first = tuple(int(step) for step in place)
            raise DataError(
                f"{where}: pixels that {what}: {count:,}, the first at index {first}; {fix}."
            )
