"""Image files, decoded to 8 bits: as they are meant to be seen, bounded, in a fixed order.

EXIF rotation is applied; of an animation the first frame is read; what is transparent shows white,
or black where all that is drawn is white; 16-bit grey levels are divided by 257, rounded. Files
with 32-bit pixels are refused. DICOM is read as `dicom` says.
"""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from leadline.data.dicom import MAGIC, MAGIC_AT, is_dicom, read_dicom
from leadline.data.digit import normalise_digit
from leadline.data.images import fit_image, in_threads
from leadline.data.progress import Progress
from leadline.data.zip_tree import Entry, ZipEntry
from leadline.errors import DataError

MAX_IMAGE_PIXELS = 80_000_000
"""Below Pillow's own limit of 89 million; the largest detectors of radiography have 20 million."""
MAX_SIDE_PX = 65_535
"""As in JPEG and DICOM; Pillow keeps a place for each line, so that tall images take gigabytes."""

FORMATS = frozenset(
    {"AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "JPEG2000", "MPO", "PCX", "PNG", "PPM", "TGA",
     "TIFF", "WEBP"}
)  # fmt: skip
"""Of Pillow's names. Others are no pixels: to read an EPS, Pillow would run Ghostscript on it."""

NEARLY_WHITE = 245
"""Of 255. What is drawn white on nothing is for a dark page."""

UNREADABLE = (
    OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError, TypeError,
    OverflowError, RuntimeError, Image.DecompressionBombError,
)  # fmt: skip
"""What Pillow's decoders raise for damaged files; it promises no one class."""


def read_images(
    paths: Sequence[Entry],
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    prepare: str = "none",
) -> NDArray[np.uint8]:
    """uint8 (n, *size_px, channels), in the order of `paths`, decoded in threads.

    Raises DataError naming the first file that cannot be read, and how many cannot.
    """
    pixels = np.empty((len(paths), *size_px, channels), np.uint8)
    failures: dict[int, DataError] = {}

    def read(index: int) -> None:
        try:
            pixels[index] = read_image(paths[index], size_px, channels, prepare=prepare)
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
        raise DataError(f"{failures[min(failures)]}{more}")
    return pixels


def read_image(
    path: Entry, size_px: tuple[int, int], channels: int, *, prepare: str = "none"
) -> NDArray[np.uint8]:
    """One file as uint8 (*size_px, channels). Raises DataError naming the file and the cause.

    prepare: "digit" for one that is to be made like the images of MNIST, 28 × 28 px and grey.
    """
    with opened_image(path) as image:
        if prepare == "digit":
            return normalise_digit(image)[..., None]
        return fit_image(image, size_px, channels)


@contextlib.contextmanager
def opened_image(path: Entry) -> Iterator[Image.Image]:
    """One file at its own size, upright, opaque, 8 bits a channel; of any such mode of Pillow's.

    Raises DataError naming the file and the cause, whether opening or using it fails.
    """
    try:
        if is_dicom(path):
            with path.open("rb") as file:
                yield read_dicom(file, str(path), MAX_IMAGE_PIXELS)
            return
        with Image.open(path.open() if isinstance(path, ZipEntry) else path) as image:
            if image.format not in FORMATS:
                raise DataError(
                    f"{path}: its content is {image.format}, which is not read; save it as PNG."
                )
            _check_size(image, str(path), MAX_IMAGE_PIXELS)
            yield _to_8_bits(image)
    except UNREADABLE as error:
        empty = isinstance(error, UnidentifiedImageError) and _is_empty(path)
        raise _unreadable(error, str(path), empty=empty) from None


@contextlib.contextmanager
def opened_bytes(
    content: bytes, name: str, *, formats: Collection[str], max_pixels: int
) -> Iterator[Image.Image]:
    """A file in memory as `opened_image` gives it; DICOM is known by its first bytes.

    name: for messages. formats: Pillow's names; no other of its decoders looks at the content.
    Raises DataError as `opened_image` does.
    """
    file = io.BytesIO(content)
    try:
        if content[MAGIC_AT : MAGIC_AT + len(MAGIC)] == MAGIC:
            yield read_dicom(file, name, max_pixels)
            return
        with Image.open(file, formats=tuple(formats)) as image:
            _check_size(image, name, max_pixels)
            yield _to_8_bits(image)
    except UNREADABLE as error:
        raise _unreadable(error, name, empty=not content) from None


def _check_size(image: Image.Image, where: str, max_pixels: int) -> None:
    if max(image.size) > MAX_SIDE_PX:
        raise DataError(
            f"{where}: {image.width:,} × {image.height:,} px, with a side of more than "
            f"{MAX_SIDE_PX:,} px; refused. Cut it into several."
        )
    if image.width * image.height > max_pixels:
        raise DataError(
            f"{where}: {image.width:,} × {image.height:,} px is more than {max_pixels:,} pixels; "
            "refused. Make it smaller."
        )


def _unreadable(error: Exception, where: str, *, empty: bool) -> DataError:
    reason = str(getattr(error, "strerror", None) or error).rstrip(".")
    if isinstance(error, UnidentifiedImageError):
        reason = "it is empty" if empty else "its content is no image format known here"
    return DataError(f"{where}: cannot be read as an image ({reason}); replace it or remove it.")


def _is_empty(path: Entry) -> bool:
    with path.open("rb") as file:
        return not file.read(1)


def _to_8_bits(opened: Image.Image) -> Image.Image:
    """The image upright, opaque, with 8 bits a channel."""
    opened.load()
    ImageOps.exif_transpose(opened, in_place=True)
    image = opened
    if image.mode == "F" or (image.mode == "I" and opened.format != "PNG"):
        raise ValueError(f"pixels of 32 bits (Pillow's mode {image.mode}); save 8 or 16 bits")
    if image.mode.startswith("I"):
        # 65,535 = 255 * 257.
        levels = np.asarray(image).astype(np.int64)
        return Image.fromarray(((levels + 128) // 257).astype(np.uint8))
    return _on_a_page(image.convert("RGBA")) if image.has_transparency_data else image


def _on_a_page(image: Image.Image) -> Image.Image:
    """What is transparent shows white, or black where on white next to nothing would be seen."""
    on_white = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    darkest = np.asarray(on_white.convert("L")).min()
    if darkest < NEARLY_WHITE or not image.getchannel("A").getbbox():
        return on_white
    return Image.alpha_composite(Image.new("RGBA", image.size, "black"), image)
