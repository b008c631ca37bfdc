"""Image files, decoded to 8 bits: as they are meant to be seen, bounded, in a fixed order.

A file is identified by its content, not by its suffix. EXIF rotation is applied; of an animation
the first frame is read; what is transparent shows white, or black where all that is drawn is white
(`page_background`); samples of 16 bits are scaled as `sample_depth` explains. Pixels of 32 bits and
signed ones are refused. DICOM is read by `dicom`.
"""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from leadline.data.decoding import Decoded, Fit, Request, render, shared_pool
from leadline.data.formats.dicom import DICOM_SUFFIXES, read_dicom
from leadline.data.formats.image_formats import (
    AVIF,
    BMP,
    DICOM_FILE,
    GIF,
    HEAD_BYTES,
    ICO,
    JPEG,
    JPEG2000,
    PCX,
    PNG,
    PPM,
    RAW,
    TIFF,
    WEBP,
    FileFormat,
    format_of,
)
from leadline.data.formats.netpbm import read_netpbm
from leadline.data.formats.page_background import on_a_page
from leadline.data.formats.sample_depth import deep_samples, to_8_bits
from leadline.data.formats.structure import Layout, Refused, exif_orientation, scan
from leadline.data.formats.structure.scan_result import CHEAP_BYTES
from leadline.data.formats.zip_tree import Entry
from leadline.data.image_fitting import in_threads
from leadline.data.progress import Progress
from leadline.data.remarks import remark
from leadline.errors import DataError, LeadlineError, UnreadableImages
from leadline.experiments.image_form import FitMode
from leadline.system.bounded_files import is_refused

MAX_IMAGE_PIXELS = 80_000_000
"""Below Pillow's own limit of 89 million; the largest detectors of radiography have 20 million."""
MAX_SIDE_PX = 65_535
"""As in JPEG and DICOM; Pillow keeps a place for each line, so that tall images take gigabytes."""

MAX_FILE_BYTES = 512 * 2**20
"""Above the largest image that is read, with 16 bits and three channels."""

DECODERS: Mapping[FileFormat, str] = {
    PNG: "PNG", JPEG: "JPEG", GIF: "GIF", BMP: "BMP", WEBP: "WEBP", TIFF: "TIFF", PPM: "PPM",
    AVIF: "AVIF", JPEG2000: "JPEG2000", PCX: "PCX", ICO: "ICO",
}  # fmt: skip
"""Pillow's names. Its other decoders see no file: to read an EPS, one would run Ghostscript."""
BY_SUFFIX: Mapping[str, str] = {".tga": "TGA", ".dib": "DIB"}
"""Formats whose content has no signature."""
DNG_VERSION, NEW_SUBFILE_TYPE, SUB_IFDS = 0xC612, 0xFE, 0x14A
"""Tags of TIFF by which raw files are told from pictures."""

DEEPEST_BITS = 16

LONG_PIXELS = 100_000_000
"""Pixels times passes, from which on decoding counts as long: a second or more."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Operation that makes an image upright, by its EXIF orientation."""

PASSED_ON = (LeadlineError, KeyboardInterrupt, SystemExit, GeneratorExit)
"""Everything else that a decoder raises means that the file cannot be read: Pillow promises no one
class, and a panic of a decoder written in Rust is no Exception."""
MOST_REASON = 300


def read_images(
    paths: Sequence[Entry],
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode = "stretch",
    prepare: str = "none",
) -> NDArray[np.uint8]:
    """uint8 (n, *size_px, channels), in the order of `paths`, decoded in threads.

    Raises UnreadableImages naming the first file that cannot be read, and how many cannot.
    """
    pixels = np.empty((len(paths), *size_px, channels), np.uint8)
    failures: dict[int, DataError] = {}

    def read(index: int) -> None:
        try:
            pixels[index] = read_image(paths[index], size_px, channels, fit=fit, prepare=prepare)
        except DataError as error:
            failures[index] = error.alone()

    with warnings.catch_warnings():
        # We refuse such images ourselves, below the size at which Pillow would warn.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        # Of values that deviate from the standard, which scanners write all the time.
        warnings.filterwarnings("ignore", module="pydicom")
        in_threads(read, range(len(paths)), "read", on_progress)
    if failures:
        more = f" {len(failures):,} files are like this." if len(failures) > 1 else ""
        messages = [str(failures[index]) for index in sorted(failures)]
        raise UnreadableImages(f"{messages[0]}{more}", messages)
    return pixels


def read_image(
    path: Entry,
    size_px: tuple[int, int],
    channels: int,
    *,
    fit: FitMode = "stretch",
    prepare: str = "none",
) -> NDArray[np.uint8]:
    """One file as uint8 (*size_px, channels). Raises DataError naming the file and the cause.

    prepare: "digit" for one that is to be made like the images of MNIST, 28 × 28 px and grey.
    """
    wanted = Fit(*size_px, channels, prepare, fit)
    return decode_file(path, Request((wanted,), MAX_IMAGE_PIXELS)).arrays[0]


def decode_file(path: Entry, request: Request) -> Decoded:
    """Decode one file: here where that is cheap, else in a process with limits.

    Raises DataError naming the file and the cause, MissingExtra where reading it needs one, and
    DecoderUnavailable where no such process can be started.
    """
    name = str(path)
    if isinstance(path, Path):
        try:
            with path.open("rb") as file:
                content = file.read(CHEAP_BYTES + 1)
        except (OSError, ValueError) as error:
            raise _cannot_open(path, error, name) from None
        if len(content) > CHEAP_BYTES:
            return shared_pool().decode(request, name, path=path)
    else:
        content = file_content(path, name)
    found = identify(content, name)
    if found.effort(request.max_pixels) is DecodingEffort.CHEAP:
        return decode_here(content, name, request, found)
    return shared_pool().decode(request, name, content=content)


class DecodingEffort(Enum):
    """Expected cost of decoding a file, by its structure alone."""

    CHEAP = auto()
    """Milliseconds, in this process; also where the file's size is refused."""
    USUAL = auto()
    """Up to a few seconds, in a process with limits."""
    LONG = auto()
    """Many passes over many pixels, or a film, whose structure says little."""


@dataclass(frozen=True, slots=True)
class IdentifiedFile:
    """The format of a file's content. decoder: Pillow's name, or "" for DICOM."""

    decoder: str
    layout: Layout | None

    def effort(self, max_pixels: int) -> DecodingEffort:
        """Estimate what decoding takes where larger images than `max_pixels` are refused."""
        if not self.decoder:
            return DecodingEffort.LONG
        if self.layout is None or self.layout.size_px is None:
            return DecodingEffort.USUAL
        width, height = self.layout.size_px
        if self.layout.is_cheap or width * height > max_pixels:
            return DecodingEffort.CHEAP
        return (
            DecodingEffort.LONG
            if width * height * self.layout.passes > LONG_PIXELS
            else DecodingEffort.USUAL
        )


def identify(content: bytes, name: str) -> IdentifiedFile:
    """Look at a file's content, in milliseconds; no decoder does.

    Raises DataError for a format that is not read, and for a file whose structure is damaged or
    would keep a decoder busy.
    """
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - ten times as fast, for each file
    try:
        known = format_of(content[:HEAD_BYTES], suffix)
        if known is DICOM_FILE or (known is None and suffix in DICOM_SUFFIXES):
            return IdentifiedFile("", None)
        decoder = _decoder(known, suffix, name)
        layout = scan(content)
    except Refused as error:
        raise DataError(remark("too-costly", file=name, reason=str(error))) from None
    except PASSED_ON:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a file makes a scan do, it is unreadable
        raise unreadable(error, name) from None
    return IdentifiedFile(decoder, layout if layout and layout.format == decoder else None)


def decode_here(
    content: bytes, name: str, request: Request, identified_file: IdentifiedFile | None = None
) -> Decoded:
    """Decode a file in this process. identified_file: from `identify`, if already known."""
    with opened_bytes(content, name, max_pixels=request.max_pixels, found=identified_file) as image:
        return render(image, content, request)


def file_content(path: Entry, name: str) -> bytes:
    """All bytes of a file. Raises DataError where it cannot be read or is larger than any image."""
    try:
        with path.open("rb") as file:
            content = file.read(CHEAP_BYTES)
            if len(content) == CHEAP_BYTES:  # a larger bound would take its memory for every file
                content += file.read(MAX_FILE_BYTES + 1 - CHEAP_BYTES)
    except (OSError, ValueError) as error:
        raise _cannot_open(path, error, name) from None
    if len(content) > MAX_FILE_BYTES:
        raise DataError(remark("too-many-bytes", file=name, most=MAX_FILE_BYTES))
    return content


def _cannot_open(path: Entry, error: Exception, name: str) -> DataError:
    if isinstance(error, FileNotFoundError) and isinstance(path, Path) and path.is_symlink():
        error = ValueError(f"a link to {path.readlink()}, which does not exist")
    return unreadable(error, name)


def opened_image(path: Entry) -> contextlib.AbstractContextManager[Image.Image]:
    """A file as `opened_bytes` gives its content, in this process: for files that are trusted."""
    return opened_bytes(file_content(path, str(path)), str(path), max_pixels=MAX_IMAGE_PIXELS)


@contextlib.contextmanager
def opened_bytes(
    content: bytes, name: str, *, max_pixels: int, found: IdentifiedFile | None = None
) -> Iterator[Image.Image]:
    """A file in memory as an image of its own size, upright, opaque, 8 bits a channel.

    name: for messages, and its suffix where the content has no signature. found: as `identify`
    gives it, where that is known. Raises DataError naming the file and the cause, whether opening
    or using it fails.
    """
    try:
        found = found or identify(content, name)
        if not found.decoder:
            yield read_dicom(io.BytesIO(content), name, max_pixels)
            return
        with _opened(content, name, max_pixels, found) as image:
            yield image
    except PASSED_ON:
        raise
    except BaseException as error:  # noqa: BLE001 - decoders in Rust raise no Exception
        raise unreadable(error, name) from None


@contextlib.contextmanager
def _opened(
    content: bytes, where: str, max_pixels: int, identified_file: IdentifiedFile
) -> Iterator[Image.Image]:
    """The image of any file but a DICOM one; only the decoder of its own format sees it."""
    layout = identified_file.layout
    if layout is not None:
        if layout.size_px is not None:
            _check_size(layout.size_px, where, max_pixels)
        _check_samples(layout, where)
        content = layout.content
        if layout.format == "PPM" and (samples := read_netpbm(content)) is not None:
            yield to_8_bits(samples)
            return
    with _pillow_image(content, identified_file.decoder) as image:
        _check_size(image.size, where, max_pixels)
        _check_not_raw(image, where)
        deep = deep_samples(image, content, layout.bits if layout is not None else 8)
        image.load()
        shown = image if deep is None else to_8_bits(deep)
        yield _opaque(_upright(shown, layout, image))


def _pillow_image(content: bytes, decoder: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content), formats=[decoder])
    except UnidentifiedImageError:
        raise ValueError(
            f"a damaged {decoder} file, or a variant of {decoder} that is not read"
        ) from None


def _check_samples(layout: Layout, where: str) -> None:
    """Refuse numbers whose black and white are unknown."""
    if layout.numbers != "unsigned" or layout.bits > DEEPEST_BITS:
        raise DataError(
            remark("unknown-white", file=where, numbers=layout.numbers, bits=layout.bits)
        )


def _decoder(known: FileFormat | None, suffix: str, where: str) -> str:
    """Pillow's name of the decoder for a format. Raises DataError for one that is not read."""
    if known is None:
        decoder = BY_SUFFIX.get(suffix)
        if decoder is None:
            raise UnidentifiedImageError
        return decoder
    if not known.readable:
        raise DataError(remark("other-format", file=where, format=known.code))
    return DECODERS[known]


def _check_not_raw(image: Image.Image, where: str) -> None:
    """Refuse a raw file, which is a TIFF whose first image is a thumbnail."""
    tags = getattr(image, "tag_v2", {})
    if DNG_VERSION in tags or (tags.get(NEW_SUBFILE_TYPE) == 1 and SUB_IFDS in tags):
        raise DataError(remark("other-format", file=where, format=RAW.code))


def _check_size(size_px: tuple[int, int], where: str, max_pixels: int) -> None:
    width, height = size_px
    if max(size_px) > MAX_SIDE_PX:
        raise DataError(
            remark("too-long-side", file=where, width=width, height=height, most=MAX_SIDE_PX)
        )
    if width * height > max_pixels:
        raise DataError(
            remark("too-many-pixels", file=where, width=width, height=height, most=max_pixels)
        )


def unreadable(error: BaseException, where: str) -> DataError:
    """Translate any decoder error: the file, the cause in one line, and the fix."""
    if isinstance(error, OSError) and is_refused(error):
        return DataError(remark("no-access", file=where, reason=error.strerror))
    return DataError(remark("unreadable", file=where, reason=_reason(error)))


def _reason(error: BaseException) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "unrecognised image format"
    if isinstance(error, MemoryError):
        return "decoding it takes more memory than is allowed"
    said = str(getattr(error, "strerror", None) or error) or type(error).__name__
    return " ".join(said.split())[:MOST_REASON].rstrip(".")


def _upright(image: Image.Image, layout: Layout | None, opened: Image.Image) -> Image.Image:
    """The image turned as its EXIF or XMP block says; Pillow itself turns TIFF.

    opened: the same image as Pillow opened it, with its metadata.
    """
    orientation = layout.orientation if layout is not None else None
    if opened.format == "AVIF":  # whose own boxes Pillow has made an EXIF block of
        orientation = exif_orientation(opened.info.get("exif", b""))
    turn = TURNS.get(orientation or 1)
    return image if turn is None else image.transpose(turn)


def _opaque(image: Image.Image) -> Image.Image:
    """The image without transparency. Raises ValueError where its samples have 32 bits."""
    if image.mode in ("F", "I"):
        numbers = "floating-point pixels" if image.mode == "F" else "pixels"
        raise ValueError(f"{numbers} of 32 bits; save 8 or 16 bits")
    return on_a_page(image) if image.has_transparency_data else image
