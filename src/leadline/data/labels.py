"""Labels as users write them, to class names and numbers from 0."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError


def natural_key(name: str) -> tuple[tuple[str | int, ...], str]:
    """Sorts "10" after "9" and "img2" before "img10"; ties ("01", "1") by the text itself."""
    pieces = re.split(r"([0-9]+)", name)
    # Every second piece is digits. `isdecimal` would take those of other scripts for some as well.
    return tuple(int(piece) if place % 2 else piece for place, piece in enumerate(pieces)), name


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
    if array.ndim != 1:
        raise DataError(
            f"{name}: labels have shape {array.shape}, expected (n,), one class an image; "
            "one-hot labels become that by argmax(axis=1)."
        )
    if not len(array):
        raise DataError(f"{name}: holds no labels.")
    if array.dtype.kind == "U":
        return array
    if array.dtype.kind not in "iufb":
        raise DataError(f"{name}: labels are {array.dtype}, expected whole numbers or text.")
    wrong = np.flatnonzero(~np.isfinite(array) | (array < 0) | (array != np.floor(array)))
    if len(wrong):
        raise DataError(
            f"{name}: labels that are no whole numbers from 0: {len(wrong)}, the first is "
            f"{array[wrong[0]]} at index {wrong[0]}."
        )
    return array.astype(np.int64)
