"""Labels as users write them, to class names and numbers from 0."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError


def natural_key(name: str) -> tuple[tuple[str | tuple[int, str], ...], str]:
    """Sorts "10" after "9" and "img2" before "img10"; ties ("01", "1") by the text itself."""
    pieces = re.split(r"([0-9]+)", name)
    # Every second piece is digits. `isdecimal` would take those of other scripts for some as well.
    return tuple(_number(piece) if at % 2 else piece for at, piece in enumerate(pieces)), name


def _number(digits: str) -> tuple[int, str]:
    """Sorts as the number does; Python converts no more than 4,300 digits to an integer."""
    significant = digits.lstrip("0")
    return len(significant), significant


def encode_labels(
    raw: Mapping[str, NDArray[Any]],
) -> tuple[tuple[str, ...], dict[str, NDArray[np.int64]]]:
    """Class names in order, and for each array its labels as int64 (n,), 0 to classes - 1.

    raw: arrays of whole numbers or of text by name, (n,) or (n, 1); the first one, the training
    labels, says which classes there are. Raises DataError naming the array and the value.
    """
    values = {name: _checked(name, array) for name, array in raw.items()}
    first, *others = values
    found = sorted(np.unique(values[first]).tolist(), key=lambda value: natural_key(str(value)))
    if len(found) < 2:
        raise DataError(
            f"{first}: one class only ({found[0]}); classification needs images of two or more."
        )
    for name in others:
        unknown = sorted(set(np.unique(values[name]).tolist()) - set(found))
        if unknown:
            raise DataError(
                f"{name}: class {unknown[0]} is not in {first}; give it training images or "
                "take its images out."
            )
    number = {value: index for index, value in enumerate(found)}
    encoded = {
        name: np.array([number[value] for value in array.tolist()], np.int64)
        for name, array in values.items()
    }
    return tuple(map(str, found)), encoded


def _checked(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """The labels as one column of whole numbers from 0, or of text."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and array.shape[1] > 1 and array.dtype.kind in "biuf":
        array = _from_one_hot(name, array)
    if array.ndim != 1:
        raise DataError(
            f"{name}: labels have shape {array.shape}, expected (n,), one class per image."
        )
    if not len(array):
        raise DataError(f"{name}: holds no labels.")
    if array.dtype.kind == "S":
        array = _decoded(name, array)
    if array.dtype.kind == "U":
        return _without_empty(name, array)
    if array.dtype.kind not in "iufb":
        raise DataError(f"{name}: labels are {array.dtype}, expected whole numbers or text.")
    return _whole_numbers(name, array)


def _from_one_hot(name: str, array: NDArray[Any]) -> NDArray[np.int64]:
    """The column of the 1 in each row. Raises DataError where a row has none, or several."""
    marks = np.count_nonzero(array, axis=1)
    if ((array == 0) | (array == 1)).all() and (marks == 1).all():
        columns: NDArray[np.int64] = array.argmax(axis=1).astype(np.int64)
        return columns
    several, none = np.count_nonzero(marks > 1), np.count_nonzero(marks == 0)
    raise DataError(
        f"{name}: labels have shape {array.shape}, and {several:,} images have several labels, "
        f"{none:,} none; multi-label data are not supported. Give one class per image, for "
        "instance those of one column, 0 or 1."
    )


def _decoded(name: str, array: NDArray[Any]) -> NDArray[Any]:
    try:
        return np.char.decode(array, "utf-8")
    except UnicodeDecodeError:
        raise DataError(
            f"{name}: labels are bytes that are not UTF-8; give text or whole numbers."
        ) from None


def _without_empty(name: str, array: NDArray[Any]) -> NDArray[Any]:
    empty = np.flatnonzero(np.char.str_len(np.char.strip(array)) == 0)
    if len(empty):
        raise DataError(
            f"{name}: labels that are missing (empty text): {len(empty):,}, the first at index "
            f"{empty[0]}; leave these images out."
        )
    return array


def _whole_numbers(name: str, array: NDArray[Any]) -> NDArray[np.int64]:
    wrong = np.flatnonzero(~np.isfinite(array) | (array < 0) | (array != np.floor(array)))
    if not len(wrong):
        return array.astype(np.int64)
    first = array[wrong[0]]
    if set(np.unique(array).tolist()) == {-1, 1}:
        fix = "for classes 0 and 1 give (y + 1) // 2"
    elif np.isnan(first):
        fix = "NaN is a missing label; leave these images out"
    elif first == -1:
        fix = "-1 often marks a missing label; leave these images out, or give classes from 0"
    else:
        fix = "give each class a whole number from 0, or its name"
    raise DataError(
        f"{name}: labels must be whole numbers from 0: {len(wrong):,} are not, the first is "
        f"{first} at index {wrong[0]}; {fix}."
    )
