"""Labels as users write them, to class names and numbers from 0.

One class may be spelled in several ways: "é" is one character (NFC) or two (NFD, as macOS writes
file names), and splits differ in capitals and spaces. Class names are NFC everywhere, and
`same_class` finds the class that a user's spelling means.
"""

from __future__ import annotations

import math
import numbers
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError

WHOLE_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,15}\s*")


def natural_key(name: str) -> tuple[tuple[str | tuple[int, str], ...], str]:
    """Sorts "10" after "9" and "img2" before "img10"; ties ("01", "1") by the text itself."""
    pieces = re.split(r"([0-9]+)", name)
    # Every second piece is digits. `isdecimal` would take those of other scripts for some as well.
    return tuple(_number(piece) if at % 2 else piece for at, piece in enumerate(pieces)), name


def _number(digits: str) -> tuple[int, str]:
    """Sorts as the number does; Python converts no more than 4,300 digits to an integer."""
    significant = digits.lstrip("0")
    return len(significant), significant


def composed(name: str) -> str:
    """The name in Unicode's composed form (NFC), so that names that look alike are equal."""
    return unicodedata.normalize("NFC", name)


def caseless(name: str) -> str:
    """The name without differences of capitals, spaces and Unicode form, for comparisons."""
    folded = unicodedata.normalize("NFD", name).casefold()
    return unicodedata.normalize("NFC", " ".join(folded.split()))


def same_class(name: str, known: Iterable[str], beside: Iterable[str] = ()) -> str | None:
    """The class of `known` that a name means, None for none.

    It is the class of that very name in whatever Unicode form, else the only one that differs in
    capitals or spaces alone. beside: other names of the same origin; two of them that differ only
    so ("Cat" beside "cat") are different classes.
    """
    known = list(known)
    if name in known:
        return name
    equal = [one for one in known if composed(one) == composed(name)]
    if equal:
        return equal[0]
    alike = [one for one in known if caseless(one) == caseless(name)]
    rivals = {composed(one) for one in beside if caseless(one) == caseless(name)}
    return alike[0] if len(alike) == 1 and len(rivals) <= 1 else None


def class_index(name: str, classes: Sequence[str], beside: Iterable[str] = ()) -> int | None:
    """Position of the class that a name means, as `same_class` finds it; None for none."""
    found = same_class(name, classes, beside)
    return None if found is None else list(classes).index(found)


def encode_labels(
    raw: Mapping[str, NDArray[Any]],
) -> tuple[tuple[str, ...], dict[str, NDArray[np.int64]]]:
    """Class names in natural order, and the labels as indices into them.

    Parameters
    ----------
    raw : mapping of str to array (n,) or (n, 1)
        Whole numbers or text by the name of the array. The first array, the training labels,
        defines the classes; others may spell them in other capitals, spaces or Unicode forms, or
        have numbers for the text of numbers.

    Returns
    -------
    (tuple of str, dict of str to int64 array (n,))
        Class names, and for each array its labels, 0 to classes - 1.

    Raises
    ------
    DataError
        With the name of the array and the value.
    """
    spelled = {name: _spelled(_checked(name, array)) for name, array in raw.items()}
    first = next(iter(spelled))
    classes = sorted(set(spelled[first][0]), key=natural_key)
    if len(classes) < 2:
        raise DataError(
            f"{first}: one class only ({classes[0]}); classification needs images of two or more."
        )
    encoded = {
        name: _indices(names, classes, name, first)[places]
        for name, (names, places) in spelled.items()
    }
    return tuple(classes), encoded


def _spelled(labels: NDArray[Any]) -> tuple[list[str], NDArray[np.intp]]:
    """The different labels as NFC text, and for each label its place among them."""
    values, places = np.unique(labels, return_inverse=True)
    return [composed(str(value)) for value in values.tolist()], places


def _indices(
    names: Sequence[str], classes: Sequence[str], where: str, first: str
) -> NDArray[np.int64]:
    found = [class_index(name, classes, names) for name in names]
    unknown = [name for name, at in zip(names, found, strict=True) if at is None]
    if unknown:
        raise DataError(
            f"{where}: class {min(unknown, key=natural_key)} is not in {first}; give it training "
            "images or take its images out."
        )
    return np.array(found, np.int64)


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
    if array.dtype.kind in "OT":
        array = _from_objects(name, array)
    if array.dtype.kind == "S":
        array = _decoded(name, array)
    if array.dtype.kind == "U":
        return _checked_text(name, array)
    if array.dtype.kind not in "iufb":
        fix = "; give y.astype(str)" if array.dtype.kind in "mM" else ""
        raise DataError(f"{name}: labels are {array.dtype}, expected whole numbers or text{fix}.")
    return _whole_numbers(name, array)


def _from_objects(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """Text or numbers of an array of Python objects, as pandas gives for a column of text."""
    values = array.tolist()
    missing = [at for at, value in enumerate(values) if _is_missing(value)]
    if missing:
        raise DataError(
            f"{name}: labels that are missing ({values[missing[0]]}): {len(missing):,}, the first "
            f"at index {missing[0]}; leave these images out."
        )
    if all(isinstance(value, str) for value in values):
        return np.array(values, np.str_)
    if all(isinstance(value, numbers.Real) for value in values):
        return np.array(values)
    if all(isinstance(value, bytes) for value in values):
        return np.array(values, np.bytes_)
    types = sorted({type(value).__name__ for value in values})
    raise DataError(
        f"{name}: labels are Python objects ({', '.join(types[:5])}), expected whole numbers or "
        "text; give y.astype(str)."
    )


def _is_missing(value: object) -> bool:
    """True for None, NaN, and pandas's own values for the same."""
    is_nan = isinstance(value, float) and math.isnan(value)
    return value is None or is_nan or type(value).__name__ in ("NAType", "NaTType")


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


def _checked_text(name: str, array: NDArray[Any]) -> NDArray[Any]:
    empty = np.flatnonzero(np.char.str_len(np.char.strip(array)) == 0)
    if len(empty):
        raise DataError(
            f"{name}: labels that are missing (empty text): {len(empty):,}, the first at index "
            f"{empty[0]}; leave these images out."
        )
    values = np.unique(array).tolist()
    if all(WHOLE_NUMBER.fullmatch(value) for value in values) and any(
        "-" in value for value in values
    ):
        _whole_numbers(name, array.astype(np.int64))
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
