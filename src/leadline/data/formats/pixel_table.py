"""A CSV file with an image a row: a column of labels, and one column a pixel.

As Kaggle has MNIST (label, pixel0 to pixel783), with or without a header, with the label first or
last, separated by commas, semicolons or tabs.
"""

from __future__ import annotations

import codecs
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.remarks import Remark, remark
from leadline.errors import DataError
from leadline.system.durable_files import spelt

LABEL_NAMES = frozenset({"label", "labels", "class", "target", "y", "digit", "category"})
NUMBERING = frozenset({"", "id", "index", "imageid", "image_id", "unnamed: 0"})
"""Columns that count the rows."""
SEPARATORS = ",;\t"
MOST_BYTES = 4 * 2**30
MOST_LINE_BYTES = 4 * 2**20
"""Of a row: an image of 1,000 x 1,000 px in numbers of three digits."""
LEAST_PIXELS = 16
CHUNK_BYTES = 2**20
WINDOWS = "cp1252"
SAVE_AS_UTF8 = "save it as UTF-8 (in Excel: Save As > CSV UTF-8)"
EXPECTED = "expected a column label and a column for each pixel (label, pixel0, pixel1 ...)"


@dataclass(frozen=True, eq=False)
class PixelTable:
    """Images and labels of a CSV file.

    pixels : float32 (n, height, width)
    labels : text (n,), None without a column of labels
    remarks : on the encoding, where it had to be guessed
    """

    pixels: NDArray[np.float32]
    labels: NDArray[Any] | None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Columns:
    """Columns of a pixel table.

    label: its column, None without. skipped: rows of header, 0 or 1. encoding: of the text.
    """

    separator: str
    label: int | None
    pixels: tuple[int, ...]
    skipped: int
    encoding: str = "utf-8-sig"


def read_table(path: Path) -> PixelTable:
    """The images and labels of a CSV file. Raises DataError with the row and the fix."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{path}: has more than {MOST_BYTES:,} bytes; save it as NPZ.")
        columns = _columns(path, _encoding(path, MOST_BYTES))
        pixels = _load(path, columns, columns.pixels, np.float32)
        labels = None if columns.label is None else _load(path, columns, (columns.label,), np.str_)
    except UnicodeDecodeError:
        raise DataError(f"{path}: its text is not UTF-8; {SAVE_AS_UTF8}.") from None
    except DataError:
        raise
    except MemoryError:
        raise DataError(f"{path}: does not fit in memory; save it as NPZ.") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}.") from None
    except Exception as error:  # noqa: BLE001 - what NumPy raises for a damaged row varies
        reason = " ".join(str(error).split())[:200].rstrip(".;")
        raise DataError(f"{path}: cannot be read as a table of pixels ({reason}).") from None
    if not len(pixels):
        raise DataError(f"{path}: holds no rows.")
    side = math.isqrt(len(columns.pixels))
    column = None if labels is None else labels[:, 0]
    remarks = () if column is None else _encoding_remarks(path, columns, column)
    return PixelTable(pixels.reshape(-1, side, side), column, remarks)


def _encoding_remarks(path: Path, columns: Columns, labels: NDArray[Any]) -> tuple[Remark, ...]:
    if columns.encoding != WINDOWS:
        return ()
    names = [name for name in np.unique(labels).tolist() if not name.isascii()]
    return (remark("table-encoding", file=spelt(str(path)), names=names[:5]),)


def _encoding(path: Path, most_bytes: int) -> str:
    """UTF-16 by its byte order mark, as in Excel's "Unicode text"; else UTF-8 if the first
    `most_bytes` are, or Windows-1252, as in Excel's "CSV" in western Europe."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(CHUNK_BYTES)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        try:
            while start and file.tell() <= most_bytes:
                decoder.decode(start)
                start = file.read(CHUNK_BYTES)
        except UnicodeDecodeError:
            return WINDOWS
    return "utf-8-sig"


def is_pixel_table(path: Path) -> bool:
    """True if the first line of a CSV file is that of a table of pixels."""
    try:
        _columns(path, _encoding(path, MOST_LINE_BYTES))
    except Exception:  # noqa: BLE001 - a table of something else may be anything
        return False
    return True


def _load(path: Path, columns: Columns, used: tuple[int, ...], kind: Any) -> NDArray[Any]:
    loaded: NDArray[Any] = np.loadtxt(
        path, dtype=kind, delimiter=columns.separator, skiprows=columns.skipped, usecols=used,
        ndmin=2, encoding=columns.encoding, quotechar='"', comments=None,
    )  # fmt: skip
    return np.char.strip(loaded) if kind is np.str_ else loaded


def _columns(path: Path, encoding: str) -> Columns:
    with path.open(encoding=encoding, newline="") as file:
        line = file.readline(MOST_LINE_BYTES + 1)
    if len(line) > MOST_LINE_BYTES:
        raise DataError(f"{path}: its first line is longer than any image's row; {EXPECTED}.")
    if "\0" in line:  # UTF-16 without a byte order mark
        raise DataError(f"{path}: its text is not UTF-8; {SAVE_AS_UTF8}.")
    separator = max(SEPARATORS, key=line.count)
    cells = [cell.strip().strip('"').strip() for cell in line.rstrip("\r\n").split(separator)]
    if all(map(_is_number, cells[1:-1])) and len(cells) > LEAST_PIXELS:
        return replace(_without_header(path, separator, len(cells)), encoding=encoding)
    return replace(_with_header(path, separator, cells), encoding=encoding)


def _with_header(path: Path, separator: str, cells: list[str]) -> Columns:
    names = [cell.lower() for cell in cells]
    labels = [place for place, name in enumerate(names) if name in LABEL_NAMES]
    if len(labels) > 1:
        raise DataError(f"{path}: has {len(labels)} columns of labels; keep one.")
    pixels = tuple(
        place for place, name in enumerate(names) if place not in labels and name not in NUMBERING
    )
    label = labels[0] if labels else None
    if label is None and _is_side(len(pixels) - 1) and not names[pixels[0]].startswith("pix"):
        # A header that calls the label something else, as "emotion".
        label, pixels = pixels[0], pixels[1:]
    if not _is_side(len(pixels)):
        shown = ", ".join(cells[:4]) + (" ..." if len(cells) > 4 else "")
        raise DataError(
            f"{path}: its columns are {shown} ({len(pixels):,} beside the label), and an image has "
            f"as many rows as columns; {EXPECTED}, or save an NPZ with x_train and y_train."
        )
    return Columns(separator, label, pixels, 1)


def _without_header(path: Path, separator: str, count: int) -> Columns:
    if _is_side(count - 1):
        return Columns(separator, 0, tuple(range(1, count)), 0)
    if _is_side(count):
        return Columns(separator, None, tuple(range(count)), 0)
    raise DataError(
        f"{path}: rows of {count:,} numbers are no square image with its label; {EXPECTED}, or "
        "save an NPZ with x_train and y_train."
    )


def _is_side(count: int) -> bool:
    """True for the pixels of a square image."""
    return count >= LEAST_PIXELS and math.isqrt(count) ** 2 == count


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
