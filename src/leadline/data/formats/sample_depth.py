"""Samples of more than 8 bits, read with all their bits and scaled to 8.

The smallest of 8, 10, 12, 14 or 16 bits that holds an image's largest sample gives white
(`pixel_arrays.white_of`), so that 12-bit data in a 16-bit file are not almost black. Pillow keeps
16 bits of grey images only: of colours and of grey with transparency it keeps the high byte. Its
raw modes for the other byte order yield the low byte, so such files are decoded twice.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.data.formats.page_background import bands
from leadline.data.formats.pixel_arrays import white_of

DEEP_WHITE = 2**16 - 1
PHOTOMETRIC, PLANAR = 262, 284
"""Tags of TIFF: what the smallest value means, and where channels are stored."""
WHITE_IS_ZERO, SEPARATE_PLANES = 0, 2
OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
GREY_ALPHA = "LA;16B"
PREMULTIPLIED = "RGBa;16"
MIN_HIGH_BYTE = 64
"""The largest high byte of 14-bit data, rounded. Up to it, a 16-bit image may hold fewer bits."""


@dataclass(frozen=True, eq=False)
class Samples:
    """An image with all bits of its samples.

    Attributes
    ----------
    values : uint16 array (height, width, channels)
        1 channel is grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha, or CMYK.
    white : int or None
        Level of white, where the file declares it; else it follows from the largest sample.
    is_inverted : bool
        0 is white (TIFF's WhiteIsZero).
    is_premultiplied : bool
        Colours have been multiplied by alpha.
    is_cmyk : bool
    transparent : tuple of int, or None
        The one colour, as stored, that is transparent (PNG's tRNS).
    """

    values: NDArray[np.uint16]
    white: int | None = None
    is_inverted: bool = False
    is_premultiplied: bool = False
    is_cmyk: bool = False
    transparent: tuple[int, ...] | None = None

    @property
    def has_alpha(self) -> bool:
        """The last channel is alpha."""
        return self.values.shape[2] in (2, 4) and not self.is_cmyk


def to_8_bits(samples: Samples) -> Image.Image:
    """Scale to 8 bits, rounded; of mode L, LA, RGB, RGBA or CMYK."""
    height, width, channels = samples.values.shape
    adds_alpha = samples.transparent is not None
    levels = np.empty((height, width, channels + adds_alpha), np.uint8)
    alpha_white = _alpha_white(samples)
    white = samples.white or white_of(_highest(samples, alpha_white))
    colours = channels - samples.has_alpha
    for _, top, _, bottom in bands((width, height)):
        band = samples.values[top:bottom]
        colour = _colours(band, samples, alpha_white)
        if samples.is_inverted:
            colour = white - np.minimum(colour, white)
        levels[top:bottom, :, :colours] = _scaled(colour, white)
        if samples.has_alpha:
            levels[top:bottom, :, -1] = _scaled(band[..., -1], alpha_white)
        elif samples.transparent is not None:
            levels[top:bottom, :, -1] = 255 * np.any(band != samples.transparent, axis=2)
    mode = "CMYK" if samples.is_cmyk else ("L", "LA", "RGB", "RGBA")[levels.shape[2] - 1]
    if mode == "CMYK":  # four channels are RGBA to `fromarray`
        return Image.frombuffer(mode, (width, height), levels, "raw", mode, 0, 1)
    return Image.fromarray(levels[..., 0] if mode == "L" else levels)


def deep_samples(image: Image.Image, content: bytes, bits: int) -> Samples | None:
    """All bits of an image that has not been loaded; None where Pillow itself keeps them.

    Parameters
    ----------
    image : Image
        Just opened, by the decoder for its format.
    content : bytes
        Its file.
    bits : int
        Bits of a sample, by the file's header.

    Raises
    ------
    ValueError
        Pillow cannot give the low bytes, and they are needed.
    """
    if image.mode.startswith("I;16"):
        return _grey(image, bits)
    if bits <= 8 or image.mode not in ("RGB", "RGBA", "CMYK", "LA"):
        return None
    raw = _raw_mode(image)
    if raw == GREY_ALPHA:
        _set_raw_modes(image, lambda _: "RGBA")  # the four bytes as they are
        pairs = np.asarray(image).view(">u2").astype(np.uint16)
        return Samples(pairs)
    if image.format not in ("PNG", "TIFF") or _is_read_by_plane(image):
        _check_high_bytes(image, bits)
        return None
    low = Image.open(io.BytesIO(content), formats=[str(image.format)])
    with low:
        big_endian = content.startswith(b"MM")
        _set_raw_modes(low, lambda name: _low_bytes(name, big_endian=big_endian))
        _set_raw_modes(image, lambda name: _high_bytes(name, big_endian=big_endian))
        values = np.asarray(image).astype(np.uint16)
        values <<= 8
        values |= np.asarray(low)
    return Samples(
        values,
        is_premultiplied=raw.startswith(PREMULTIPLIED),
        is_cmyk=image.mode == "CMYK",
        transparent=_transparent(image),
    )


def _grey(image: Image.Image, bits: int) -> Samples:
    values = np.asarray(image).astype(np.uint16)[..., np.newaxis]
    white = None
    if image.format == "JPEG2000" and 8 < bits < 16:
        white = ((1 << bits) - 1) << (16 - bits)  # as Pillow moves them
    tags = getattr(image, "tag_v2", {})
    is_inverted = tags.get(PHOTOMETRIC) == WHITE_IS_ZERO
    return Samples(values, white, is_inverted, transparent=_transparent(image))


def _transparent(image: Image.Image) -> tuple[int, ...] | None:
    """The colour that a PNG's tRNS chunk declares transparent, in 16 bits."""
    value = image.info.get("transparency")
    if isinstance(value, int):
        return (value,)
    return tuple(value) if isinstance(value, tuple) else None


def _raw_mode(image: Any) -> str:
    args = image.tile[0].args if image.tile else ""
    return str(args if isinstance(args, str) else args[0])


def _set_raw_modes(image: Any, choose: Callable[[str], str]) -> None:
    """Decode by other raw modes, chosen by the name of each that Pillow has set."""
    image.tile = [
        tile._replace(
            args=choose(tile.args)
            if isinstance(tile.args, str)
            else (choose(tile.args[0]), *tile.args[1:])
        )
        for tile in image.tile
    ]


def _high_bytes(name: str, *, big_endian: bool) -> str:
    """Raw mode for the high bytes: as Pillow has it, without its division by alpha."""
    if len(name) == 1:  # a plane of its own, which Pillow takes for one of 8 bits
        return f"{name.upper()};16{'B' if big_endian else 'L'}"
    return name.replace("RGBa", "RGBA")


def _low_bytes(name: str, *, big_endian: bool) -> str:
    high = _high_bytes(name, big_endian=big_endian)
    return high[:-1] + OTHER_ORDER[high[-1]]


def _is_read_by_plane(image: Any) -> bool:
    """Compressed TIFF with a plane for each channel, of which Pillow gives the high bytes only."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(PLANAR) == SEPARATE_PLANES and image.tile[0].codec_name == "libtiff"


def _check_high_bytes(image: Image.Image, bits: int) -> None:
    """Refuse an image that would be almost black if it holds fewer bits than its header says."""
    colours = [place for place, name in enumerate(image.getbands()) if name != "A"]
    highest = int(np.asarray(image)[..., colours].max())
    if bits == 16 and highest <= MIN_HIGH_BYTE:
        raise ValueError(
            f"its colours reach {highest} of 255 in 16 bits, so it may hold fewer bits, and the "
            "low bytes of such a file are not read; save it as a PNG of 16 bits"
        )


def _colours(
    band: NDArray[np.uint16], samples: Samples, alpha_white: int
) -> NDArray[np.uint16] | NDArray[np.int64]:
    """Colours of some rows, divided by alpha where they were multiplied by it."""
    colour = band[..., :-1] if samples.has_alpha else band
    if not samples.is_premultiplied:
        return colour
    alpha = np.maximum(band[..., -1:].astype(np.int64), 1)
    return np.minimum(colour.astype(np.int64) * alpha_white // alpha, DEEP_WHITE)


def _highest(samples: Samples, alpha_white: int) -> int:
    height, width, _ = samples.values.shape
    return max(
        int(_colours(samples.values[top:bottom], samples, alpha_white).max())
        for _, top, _, bottom in bands((width, height))
    )


def _alpha_white(samples: Samples) -> int:
    """Level of what is opaque, by the same rule as white."""
    return white_of(int(samples.values[..., -1].max())) if samples.has_alpha else DEEP_WHITE


def _scaled(values: NDArray[Any], white: int) -> NDArray[np.uint8]:
    """255 * values / white, rounded."""
    wide = values.astype(np.int64)
    return ((510 * wide + white) // (2 * white)).astype(np.uint8)
