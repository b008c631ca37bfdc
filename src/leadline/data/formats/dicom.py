"""A DICOM file as an 8-bit image, as a viewer first shows it.

Stored values go through the modality LUT or rescaling, then through the first VOI LUT or the first
window that can be used (DICOM PS3.3, C.11.1 and C.11.2), to 0 to 255, and are inverted for
MONOCHROME1, where low is white. Without a VOI LUT or a window, values of at most 8 bits are spread
by their whole range, and wider ones from the least to the greatest in the image, padding left out
(`dicom_grey`). A preamble and a meta header may be missing (`dicom_start`).
"""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.data.formats.codestream import codestream_size
from leadline.data.formats.dicom_grey import grey_levels, keeps_unused_bits
from leadline.data.formats.dicom_start import begins_as_dicom, ensure_transfer_syntax, start_of
from leadline.data.remarks import remark
from leadline.errors import DataError, LeadlineError, MissingExtra

if TYPE_CHECKING:
    import pydicom

DICOM_SUFFIXES = frozenset({".dcm", ".dicom"})
INSTALL = "pip install 'leadline[dicom]'"
HEAD_BYTES = 4096
MOST_REASON = 300
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
    head = file.read(HEAD_BYTES)
    file.seek(0)
    sparing = ReadLimitedFile(file, start_of(head))
    try:
        # `force` reads files without preamble; what is no DICOM at all is refused first.
        dataset = pydicom.dcmread(cast("BinaryIO", sparing), force=begins_as_dicom(head))
        if sparing.spent:
            raise DataError(remark("dicom-parts", file=where))
        without_bulk(dataset)
        _check(dataset, where, max_pixels)
        return _shown(dataset, where)
    except (LeadlineError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - damaged files raise anything, panics included
        if sparing.spent:
            raise DataError(remark("dicom-parts", file=where)) from None
        raise DataError(remark("dicom-unreadable", file=where, reason=_reason(error))) from None


def _reason(error: BaseException) -> str:
    from pydicom.errors import InvalidDicomError

    if isinstance(error, InvalidDicomError):
        return "its first bytes are not those of a DICOM file"
    if isinstance(error, AttributeError) and error.name:
        return f"it lacks {error.name}"
    if isinstance(error, MemoryError):
        return "decoding it takes more memory than is allowed"
    return " ".join(str(error).split())[:MOST_REASON].rstrip(".")


def _check(dataset: pydicom.Dataset, where: str, max_pixels: int) -> None:
    """Raise DataError, with the fix, for a file that does not hold a single film."""
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        raise DataError(remark("dicom-floats", file=where))
    if "PixelData" not in dataset:
        kind = dataset.get("Modality") or "none given"
        raise DataError(remark("dicom-without-pixels", file=where, modality=str(kind)))
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames > 1:
        raise DataError(remark("dicom-frames", file=where, frames=frames))
    _check_size(int(dataset.Rows), int(dataset.Columns), where, max_pixels)
    ensure_transfer_syntax(dataset)
    _check_decoder(dataset, where)
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        _check_frame(dataset, where, max_pixels)


def _check_size(rows: int, columns: int, where: str, max_pixels: int) -> None:
    if rows < 1 or columns < 1:
        raise DataError(remark("dicom-empty", file=where, rows=rows, columns=columns))
    if rows * columns > max_pixels:
        raise DataError(
            remark("too-many-pixels", file=where, width=columns, height=rows, most=max_pixels)
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
        raise DataError(remark("dicom-compression", file=where, syntax=syntax.name)) from None
    if not decoder.is_available:
        raise MissingExtra(
            f"{where}: compressed as {syntax.name}; decoding that needs the dicom extra: {INSTALL}"
        )


def _shown(dataset: pydicom.Dataset, where: str) -> Image.Image:
    from pydicom.pixels.utils import pixel_array

    # Padding may need the bits that pydicom would mask; `dicom_grey` masks the others itself.
    stored = pixel_array(dataset, correct_unused_bits=not keeps_unused_bits(dataset))
    photometric = str(dataset.PhotometricInterpretation).strip().upper()
    if photometric == "PALETTE COLOR" and stored.ndim == 2:
        return Image.fromarray(_through_palette(dataset, stored))
    if stored.ndim == 3 and stored.dtype in (np.uint8, np.uint16):
        # pydicom has made RGB of YBR.
        return Image.fromarray(_to_8_bits(stored, int(dataset.BitsStored)))
    if photometric not in MONOCHROME or stored.ndim != 2 or stored.dtype.kind not in "iu":
        raise DataError(
            remark(
                "dicom-colours",
                file=where,
                photometric=str(photometric),
                bits=int(dataset.BitsStored),
            )
        )
    grey = grey_levels(dataset, stored)
    return Image.fromarray(255 - grey if photometric == "MONOCHROME1" else grey)


def _through_palette(dataset: pydicom.Dataset, stored: NDArray[Any]) -> NDArray[np.uint8]:
    from pydicom.pixels.processing import apply_color_lut

    bits = int(dataset.RedPaletteColorLookupTableDescriptor[2])
    return _to_8_bits(apply_color_lut(stored, dataset)[..., :3], bits)


def _to_8_bits(samples: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Colour of so many bits a channel as 8 bits."""
    if bits <= 8:
        return samples.astype(np.uint8)
    levels: NDArray[np.uint8] = np.rint(np.minimum(samples / (2.0**bits - 1), 1) * 255).astype(
        np.uint8
    )
    return levels


MOST_READS = 200_000
"""Pieces that are read of one file: one to three for each element, one for each item."""
MOST_VALUE_BYTES = 2**18
"""Of an element beside the pixels; a table of 65,536 entries of 16 bits has half of that."""
PIXEL_DATA = 0x7FE00010


class ReadLimitedFile:
    """A file that may be read in so many pieces.

    Then it ends; `spent` tells that from its own end, whatever its reader makes of it.
    """

    def __init__(self, file: IO[bytes], start: int = 0) -> None:
        """start: offset in the file at which its reader sees the beginning."""
        self._file = file
        self._left = MOST_READS
        self._start = start
        file.seek(start)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of the file."""
        forward = self._start if whence == os.SEEK_SET else 0
        return self._file.seek(offset + forward, whence) - self._start

    def tell(self) -> int:
        """As of the file."""
        return self._file.tell() - self._start

    @property
    def spent(self) -> bool:
        """True if more was requested than may be read."""
        return self._left < 0

    def read(self, size: int = -1) -> bytes:
        """As of the file."""
        self._left -= 1
        if self.spent:
            raise EOFError("too many pieces")
        return self._file.read(size)


def without_bulk(dataset: pydicom.Dataset) -> None:
    """Take away what is too long for anything that showing a film needs; it is not read yet."""
    long = [
        element.tag
        for element in dataset.elements()
        if element.tag != PIXEL_DATA
        and isinstance(element.value, bytes)
        and len(element.value) > MOST_VALUE_BYTES
    ]
    for tag in long:
        del dataset[tag]
