"""Stored values of a DICOM film to 8-bit grey levels (DICOM PS3.3, C.11.1 and C.11.2).

Devices write values that break the standard: windows of width 0, empty windows, numbers with a
decimal comma, padding in the wrong representation. What cannot be used is treated as absent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pydicom

MOST_NUMBERS = 64
"""Numbers that are read of one element; windows have one or a few."""
WRITTEN_AS_BYTES = frozenset({"FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"})
NATIVE = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2",
                    "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5"})  # fmt: skip
"""Transfer syntaxes whose samples keep all allocated bits, unused ones included."""

Function = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]


@dataclass(frozen=True)
class Window:
    """A window in rescaled units; width at least 1 where `function` is LINEAR, else above 0."""

    center: float
    width: float
    function: Function

    def shares(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Brightness of each value, 0 (black) to 1 (white)."""
        x = values.astype(np.float64)
        if self.function == "SIGMOID":
            exponent = np.clip(-4 * (x - self.center) / self.width, -700, 700)
            shares: NDArray[np.float64] = 1 / (1 + np.exp(exponent))
            return shares
        center, width = self.center, self.width
        if self.function == "LINEAR":
            center, width = center - 0.5, width - 1
        if width == 0:
            return (x > center).astype(np.float64)
        return np.clip((x - center) / width + 0.5, 0, 1)


def grey_levels(dataset: pydicom.Dataset, raw: NDArray[Any]) -> NDArray[np.uint8]:
    """Grey levels as a viewer first shows them, before MONOCHROME1 is inverted.

    raw: whole numbers (rows, columns), as decoded.
    """
    from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

    stored, padded = _without_unused_bits(dataset, raw)
    has_lut = bool(dataset.get("ModalityLUTSequence"))
    if has_lut:
        _widen(dataset.ModalityLUTSequence[0])
        values = apply_modality_lut(stored, dataset)
    else:
        slope, intercept = _rescaling(dataset)
        values = stored * slope + intercept
    if _has_voi_table(dataset):
        entries, first, bits = _widen(dataset.VOILUTSequence[0])
        inside = np.clip(np.rint(values), first, first + entries - 1).astype(np.int64)
        return _spread(apply_voi_lut(inside, dataset), 0.0, 2.0**bits - 1)
    window = first_window(dataset)
    if window is not None:
        return _levels(window.shares(values))
    if int(dataset.BitsStored) <= 8 and not has_lut:
        return _spread(values, *sorted(_storable_range(dataset)))
    seen = values[~padded]
    seen = seen if seen.size else values
    return _spread(values, float(seen.min()), float(seen.max()))


def keeps_unused_bits(dataset: pydicom.Dataset) -> bool:
    """True if grey samples come with all allocated bits, those outside BitsStored included."""
    grey = str(dataset.get("PhotometricInterpretation")).strip().upper().startswith("MONOCHROME")
    return grey and dataset.file_meta.TransferSyntaxUID in NATIVE


def first_window(dataset: pydicom.Dataset) -> Window | None:
    """The first window that can be used; None where there is none."""
    name = str(dataset.get("VOILUTFunction") or "LINEAR").strip().upper()
    function: Function = "LINEAR"
    if name == "SIGMOID":
        function = "SIGMOID"
    elif name == "LINEAR_EXACT":
        function = "LINEAR_EXACT"
    pairs = zip(
        numbers_of(dataset, "WindowCenter"), numbers_of(dataset, "WindowWidth"), strict=False
    )
    for center, width in pairs:
        if center is None or width is None:
            continue
        if width >= 1 or (width > 0 and function != "LINEAR"):
            return Window(center, width, function)
    return None


def numbers_of(dataset: pydicom.Dataset, keyword: str) -> list[float | None]:
    """The numbers of an element, None for each that is not finite or does not read.

    A comma counts as the decimal point, as some devices write it.
    """
    element = dataset.get_item(keyword) if keyword in dataset else None
    if element is None or element.value is None:
        return []
    if isinstance(element.value, bytes) and element.VR not in WRITTEN_AS_BYTES:
        texts: list[Any] = element.value.decode("ascii", "replace").split("\\")
    else:
        value = dataset[keyword].value
        many = not isinstance(value, str | bytes) and hasattr(value, "__len__")
        texts = list(value) if many else [value]
    return [_number(text) for text in texts[:MOST_NUMBERS]]


def _number(text: Any) -> float | None:
    if isinstance(text, str):
        text = text.strip(" \0\t\r\n").replace(",", ".")
    try:
        number = float(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _rescaling(dataset: pydicom.Dataset) -> tuple[float, float]:
    """Slope and intercept; 1 and 0 where they are missing, do not read, or the slope is 0."""
    slope, intercept = (
        next(iter(numbers_of(dataset, name)), None) for name in ("RescaleSlope", "RescaleIntercept")
    )
    return slope or 1.0, intercept or 0.0


def _without_unused_bits(
    dataset: pydicom.Dataset, raw: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Stored values, and which of them are padding.

    Bits outside BitsStored hold overlays in old files. Padding keeps its value, even one that needs
    these bits.
    """
    wide = raw.astype(np.int64)
    allocated, bits = int(dataset.BitsAllocated), int(dataset.BitsStored)
    signed = bool(dataset.get("PixelRepresentation"))
    padded = _padding(dataset, wide, allocated, signed=signed)
    shift = int(dataset.get("HighBit", bits - 1)) + 1 - bits
    if (
        not keeps_unused_bits(dataset)
        or not 0 < bits < allocated
        or not 0 <= shift <= allocated - bits
    ):
        return wide, padded
    lowest, highest = _bounds(bits, signed=signed)
    others = wide[~padded]
    if not others.size or (lowest <= others.min() and others.max() <= highest):
        return wide, padded
    used = (wide >> shift) & (2**bits - 1)
    if signed:
        used = (used ^ 2 ** (bits - 1)) - 2 ** (bits - 1)
    stored = np.where(padded, wide, used)
    return stored, padded | _padding(dataset, stored, bits, signed=signed)


def _padding(
    dataset: pydicom.Dataset, stored: NDArray[np.int64], bits: int, *, signed: bool
) -> NDArray[np.bool_]:
    """Pixels of the padding value, or between it and PixelPaddingRangeLimit.

    The value may be written as signed or as unsigned, whatever the pixels are.
    """
    value = _whole_number(dataset, "PixelPaddingValue")
    if value is None:
        return np.zeros(stored.shape, np.bool_)
    limit = _whole_number(dataset, "PixelPaddingRangeLimit")
    ends = [_as_stored(end, bits, signed=signed) for end in (value, limit) if end is not None]
    return (stored >= min(ends)) & (stored <= max(ends))


def _whole_number(dataset: pydicom.Dataset, keyword: str) -> int | None:
    element = dataset.get_item(keyword) if keyword in dataset else None
    if element is None or not element.value:
        return 0 if element is not None and element.value == 0 else None
    if isinstance(element.value, bytes) and element.VR not in ("DS", "IS"):
        _, little = dataset.original_encoding
        return int.from_bytes(element.value[:2], "big" if little is False else "little")
    number = next(iter(numbers_of(dataset, keyword)), None)
    return None if number is None else int(number)


def _as_stored(value: int, bits: int, *, signed: bool) -> int:
    """A number of which only these bits are kept, as pixels of that representation have it."""
    wrapped = value % (1 << bits)
    return wrapped - (1 << bits) if signed and wrapped >= 1 << (bits - 1) else wrapped


def _bounds(bits: int, *, signed: bool) -> tuple[int, int]:
    least = -(2 ** (bits - 1)) if signed else 0
    return least, least + 2**bits - 1


def _storable_range(dataset: pydicom.Dataset) -> tuple[float, float]:
    """Rescaled, the least and the greatest value that can be stored."""
    slope, intercept = _rescaling(dataset)
    bounds = _bounds(int(dataset.BitsStored), signed=bool(dataset.get("PixelRepresentation")))
    low, high = (bound * slope + intercept for bound in bounds)
    return low, high


def _has_voi_table(dataset: pydicom.Dataset) -> bool:
    table = dataset.get("VOILUTSequence")
    if not table:
        return False
    descriptor = table[0].get("LUTDescriptor")
    return bool(table[0].get("LUTData")) and descriptor is not None and len(descriptor) == 3


def _widen(item: pydicom.Dataset) -> tuple[int, int, int]:
    """Entries, first value mapped, and bits of a table, whose entries now count as 16 bits.

    pydicom looks 8-bit tables up with 8-bit indices, which wrap round after entry 255.
    """
    entries, first, bits = (int(value) for value in item.LUTDescriptor)
    item.LUTDescriptor = [entries, first, 16]
    return entries or 2**16, first, bits


def _spread(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """From low..high to 0..255, rounded; values outside are cut, one flat level is black."""
    if low == high:
        return np.zeros(values.shape, np.uint8)
    return _levels((values.astype(np.float64) - low) / (high - low))


def _levels(shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    levels: NDArray[np.uint8] = np.rint(np.clip(shares, 0, 1) * 255).astype(np.uint8)
    return levels
