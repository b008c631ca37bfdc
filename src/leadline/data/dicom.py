"""A DICOM file as an 8-bit image, as a viewer first shows it.

Stored values go through the modality LUT or rescaling, then through the first VOI LUT or window
(DICOM PS3.3, C.11.1 and C.11.2); what comes out of that is spread over 0 to 255, and inverted for
MONOCHROME1, where low is white. Without a VOI LUT or a window, values of at most 8 bits are spread
by their whole range, and wider ones from the least to the greatest in the image, padding left out.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.data.codestream import codestream_size
from leadline.data.dicom_bounds import Sparing, without_bulk
from leadline.errors import DataError, LeadlineError, MissingExtra

if TYPE_CHECKING:
    import pydicom

DICOM_SUFFIXES = frozenset({".dcm", ".dicom"})
MAGIC_AT = 128
MAGIC = b"DICM"
INSTALL = "pip install 'leadline[dicom]'"
MANY_PARTS = "a DICOM file of more elements than a film has; refused. Save it as PNG."
MONOCHROME = ("MONOCHROME1", "MONOCHROME2")


def read_dicom(file: IO[bytes], where: str, max_pixels: int) -> Image.Image:
    """The one image of a DICOM file, grey (L) or colour (RGB), 8 bits. `where` is for messages.

    Raises DataError for what is damaged, has no pixels or several frames; MissingExtra where
    pydicom, or the decoder of a compression, is not installed.
    """
    try:
        import pydicom
    except ImportError:
        raise MissingExtra(
            f"{where}: reading DICOM needs the dicom extra: {INSTALL} (not installed: pydicom)"
        ) from None
    sparing = Sparing(file)
    try:
        dataset = pydicom.dcmread(cast("BinaryIO", sparing))
        if sparing.spent:
            raise DataError(f"{where}: {MANY_PARTS}")
        without_bulk(dataset)
        _check(dataset, where, max_pixels)
        return _shown(dataset, where)
    except LeadlineError:
        raise
    except Exception as error:  # noqa: BLE001 - damaged files raise anything
        if sparing.spent:
            raise DataError(f"{where}: {MANY_PARTS}") from None
        raise DataError(
            f"{where}: cannot be read as DICOM ({_reason(error)}); replace it or remove it."
        ) from None


def _reason(error: Exception) -> str:
    from pydicom.errors import InvalidDicomError

    if isinstance(error, InvalidDicomError):
        return "its first bytes are not those of a DICOM file"
    if isinstance(error, AttributeError) and error.name:
        return f"it lacks {error.name}"
    return " ".join(str(error).split()).rstrip(".")


def _check(dataset: pydicom.Dataset, where: str, max_pixels: int) -> None:
    """Refuse, with the mend, what is no single film."""
    if "PixelData" not in dataset:
        kind = dataset.get("Modality") or "none given"
        raise DataError(f"{where}: a DICOM file without pixels (modality {kind}); remove it.")
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames > 1:
        raise DataError(
            f"{where}: holds {frames:,} frames, and one image a file is read; export the frame "
            "that is meant to a file of its own."
        )
    _check_size(int(dataset.Rows), int(dataset.Columns), where, max_pixels)
    _check_decoder(dataset, where)
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        _check_frame(dataset, where, max_pixels)


def _check_size(rows: int, columns: int, where: str, max_pixels: int) -> None:
    if rows * columns > max_pixels:
        raise DataError(
            f"{where}: {columns:,} × {rows:,} px is more than {max_pixels:,} pixels; refused. Make "
            "it smaller."
        )


def _check_frame(dataset: pydicom.Dataset, where: str, max_pixels: int) -> None:
    """Decoders believe the frame's own header, which may be larger than the file's."""
    from pydicom.encaps import generate_fragments

    for fragment in generate_fragments(dataset.PixelData):
        size = codestream_size(fragment)
        if size is not None:
            _check_size(*size, where, max_pixels)


def _check_decoder(dataset: pydicom.Dataset, where: str) -> None:
    from pydicom.pixels.decoders.base import get_decoder

    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        raise DataError(
            f"{where}: compressed as {syntax.name}, which neither leadline nor its dicom extra "
            "decodes; save it uncompressed, or as JPEG, JPEG-LS, JPEG 2000 or RLE."
        ) from None
    if not decoder.is_available:
        raise MissingExtra(
            f"{where}: compressed as {syntax.name}; decoding that needs the dicom extra: {INSTALL}"
        )


def _shown(dataset: pydicom.Dataset, where: str) -> Image.Image:
    from pydicom.pixels.utils import pixel_array

    stored = pixel_array(dataset)
    if stored.ndim == 3 and stored.dtype == np.uint8:
        # pydicom has made RGB of YBR.
        return Image.fromarray(stored)
    photometric = dataset.PhotometricInterpretation
    if photometric not in MONOCHROME or stored.ndim != 2:
        raise DataError(
            f"{where}: its pixels are {photometric} of {dataset.BitsStored} bits; MONOCHROME1, "
            "MONOCHROME2 and 8-bit colour are read. Convert it."
        )
    grey = _grey(dataset, stored)
    return Image.fromarray(255 - grey if photometric == "MONOCHROME1" else grey)


def _grey(dataset: pydicom.Dataset, stored: NDArray[Any]) -> NDArray[np.uint8]:
    from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

    has_lut = bool(dataset.get("ModalityLUTSequence"))
    if has_lut:
        _widen(dataset.ModalityLUTSequence[0])
    # Wide enough for every index that pydicom computes in the type of its input.
    wide = stored.astype(np.int32 if stored.itemsize <= 2 else np.int64)
    values = apply_modality_lut(wide, dataset)
    if dataset.get("VOILUTSequence"):
        entries, first, bits = _widen(dataset.VOILUTSequence[0])
        inside = np.clip(np.rint(values), first, first + entries - 1).astype(np.int64)
        return _spread(apply_voi_lut(inside, dataset), 0.0, 2.0**bits - 1)
    bounds = (0.0, 65_535.0) if has_lut else _modality_range(dataset)
    if dataset.get("WindowCenter") is not None and dataset.get("WindowWidth") is not None:
        # Where rescaling inverts, pydicom's output range runs backwards, as these bounds do.
        return _spread(apply_voi_lut(values, dataset), *bounds)
    if int(dataset.BitsStored) <= 8 and not has_lut:
        return _spread(values, min(bounds), max(bounds))
    seen = values[stored != dataset.get("PixelPaddingValue")]
    seen = seen if seen.size else values
    return _spread(values, float(seen.min()), float(seen.max()))


def _widen(item: pydicom.Dataset) -> tuple[int, int, int]:
    """Entries, first value mapped, and bits of a table, whose entries now count as 16 bits.

    pydicom looks 8-bit tables up with 8-bit indices, which wrap round after entry 255.
    """
    entries, first, bits = (int(value) for value in item.LUTDescriptor)
    item.LUTDescriptor = [entries, first, 16]
    return entries or 2**16, first, bits


def _modality_range(dataset: pydicom.Dataset) -> tuple[float, float]:
    """What the least and the greatest value that can be stored become, in that order."""
    bits = int(dataset.BitsStored)
    least = -(2 ** (bits - 1)) if dataset.PixelRepresentation else 0
    slope, intercept = dataset.get("RescaleSlope"), dataset.get("RescaleIntercept")
    if slope is None or intercept is None:
        slope, intercept = 1, 0
    low, high = (value * float(slope) + float(intercept) for value in (least, least + 2**bits - 1))
    return low, high


def _spread(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """From low..high to 0..255, rounded; what lies outside is cut, one flat level is black."""
    if low == high:
        return np.zeros(values.shape, np.uint8)
    shares = (values.astype(np.float64) - low) / (high - low)
    grey: NDArray[np.uint8] = np.rint(np.clip(shares, 0, 1) * 255).astype(np.uint8)
    return grey
