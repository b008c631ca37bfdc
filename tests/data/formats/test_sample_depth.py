"""Colours, transparency and grey levels of 16 bits: as bright as the same picture in 8 bits."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image
from tests.data.hostile_files import chunk

from leadline.data.formats.image_files import opened_bytes
from leadline.data.formats.sample_depth import Samples, to_8_bits
from leadline.data.formats.structure import scan
from leadline.errors import DataError

RAMP = np.array([[0, 1024, 4095], [4095, 2048, 512]], np.uint16)
"""Of 12 bits; times 255 / 4095: 0, 63.8, 255; 255, 127.5, 31.9."""
RAMP_8 = [[0, 64, 255], [255, 128, 32]]
OPAQUE = np.full_like(RAMP, 65_535)
GREY, RGB, GREY_ALPHA, RGB_ALPHA = 0, 2, 4, 6
ADAM_7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
          (0, 1, 1, 2))  # fmt: skip
"""First column, first row, and steps of both, of the seven passes of an interlaced PNG."""


def png(values: np.ndarray, colour_type: int, more: bytes = b"", *, interlaced=False) -> bytes:
    """A PNG of 16 bits, each row filtered with Sub (each byte minus that of the pixel before)."""
    height, width = values.shape[:2]
    samples = values.reshape(height, width, -1)
    passes = ADAM_7 if interlaced else ((0, 0, 1, 1),)
    rows = [
        row
        for left, top, across, down in passes
        for row in samples[top::down, left::across]
        if row.size
    ]
    packed = b"".join(b"\1" + _sub(row.astype(">u2").tobytes(), 2 * row.shape[1]) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, interlaced)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more + chunk(b"IDAT", zlib.compress(packed))
        + chunk(b"IEND")
    )  # fmt: skip


def _sub(row: bytes, pixel_bytes: int) -> bytes:
    before = bytes(pixel_bytes) + row
    return bytes((now - then) % 256 for now, then in zip(row, before, strict=False))


def tiff(values: np.ndarray, **options: Any) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, **options)
    return buffer.getvalue()


def jpeg_2000(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "JPEG2000", irreversible=False)
    return buffer.getvalue()


def shown(content: bytes, mode: str = "L") -> Any:
    with opened_bytes(content, "x", max_pixels=10**6) as image:
        return np.asarray(image.convert(mode)).tolist()


def as_rgb(values: np.ndarray) -> np.ndarray:
    return np.stack([values] * 3, axis=-1)


def with_alpha(colours: np.ndarray, alpha: np.ndarray = OPAQUE) -> np.ndarray:
    return np.dstack([colours, alpha])


FILES = {
    "png grey": lambda grey: png(grey, GREY),
    "png colour": lambda grey: png(as_rgb(grey), RGB),
    "png grey and alpha": lambda grey: png(with_alpha(grey), GREY_ALPHA),
    "png colour and alpha": lambda grey: png(with_alpha(as_rgb(grey)), RGB_ALPHA),
    "png colour, interlaced": lambda grey: png(as_rgb(grey), RGB, interlaced=True),
    "png grey and alpha, interlaced": lambda grey: png(
        with_alpha(grey), GREY_ALPHA, interlaced=True
    ),
    "tiff colour": lambda grey: tiff(as_rgb(grey), photometric="rgb"),
    "tiff colour, big-endian": lambda grey: tiff(as_rgb(grey), photometric="rgb", byteorder=">"),
    "tiff colour, compressed": lambda grey: tiff(
        as_rgb(grey), photometric="rgb", compression="zlib"
    ),
    "tiff colour, big-endian, compressed": lambda grey: tiff(
        as_rgb(grey), photometric="rgb", compression="zlib", byteorder=">"
    ),
    "tiff colour and alpha": lambda grey: tiff(
        with_alpha(as_rgb(grey)), photometric="rgb", extrasamples=["unassalpha"]
    ),
    "tiff colour and premultiplied alpha": lambda grey: tiff(
        with_alpha(as_rgb(grey)), photometric="rgb", extrasamples=["assocalpha"]
    ),
    "tiff colour and a channel of no meaning": lambda grey: tiff(
        with_alpha(as_rgb(grey)), photometric="rgb", extrasamples=["unspecified"]
    ),
    "tiff in planes": lambda grey: tiff(
        np.stack([grey] * 3), photometric="rgb", planarconfig="separate"
    ),
    "tiff in planes, big-endian": lambda grey: tiff(
        np.stack([grey] * 3), photometric="rgb", planarconfig="separate", byteorder=">"
    ),
    "big tiff": lambda grey: tiff(as_rgb(grey), photometric="rgb", bigtiff=True),
    "tiff whose smallest value is white": lambda grey: tiff(
        grey.max() - grey, photometric="miniswhite"
    ),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (RAMP, RAMP_8),
        (RAMP // 4, [[0, 64, 255], [255, 128, 32]]),  # 10 bits: 256 and 1023 at most
        (RAMP * 4 + 3, [[0, 64, 255], [255, 128, 32]]),  # 14 bits
        (np.array([[0, 16_384, 65_535], [257, 32_896, 514]], np.uint16),
         [[0, 64, 255], [1, 128, 2]]),
        (np.array([[0, 100, 255], [7, 8, 9]], np.uint16), [[0, 100, 255], [7, 8, 9]]),
    ],
    ids=["12 bits", "10 bits", "14 bits", "16 bits", "8 bits"],
)  # fmt: skip
def test_any_depth_in_16_bits_is_as_bright_as_8_bits(name, values, expected):
    assert shown(FILES[name](values)) == expected


def test_channels_keep_their_colours():
    colours = np.array([[[4095, 0, 2048], [1024, 512, 0]]], np.uint16)
    expected = [[[255, 0, 128], [64, 32, 0]]]
    assert shown(png(colours, RGB), "RGB") == expected
    assert shown(tiff(colours, photometric="rgb"), "RGB") == expected
    assert shown(tiff(colours, photometric="rgb", compression="zlib"), "RGB") == expected


def test_ink_of_16_bits():
    ink = np.array([[[4095, 0, 0, 0], [0, 0, 0, 4095]]], np.uint16)
    assert shown(tiff(ink, photometric="separated"), "RGB") == [[[0, 255, 255], [0, 0, 0]]]


@pytest.mark.parametrize("opaque", [4095, 65_535])
def test_transparency_of_either_depth(opaque):
    alpha = np.array([[opaque, opaque, 0], [opaque, 0, opaque]], np.uint16)
    expected = [[0, 64, 255], [255, 255, 32]]
    assert shown(png(with_alpha(RAMP, alpha), GREY_ALPHA)) == expected
    assert shown(png(with_alpha(as_rgb(RAMP), alpha), RGB_ALPHA)) == expected


def test_premultiplied_colours_are_divided_by_alpha():
    # A grey of 2000 at half opacity was 4000 of 4095; over white it is (249 + 255) / 2 = 252.
    colours = np.array([[[0, 0, 0, 65_535], [2000, 2000, 2000, 32_768]]], np.uint16)
    content = tiff(colours, photometric="rgb", extrasamples=["assocalpha"])
    assert shown(content) == [[0, 252]]


def test_the_transparent_colour_of_a_png_is_compared_with_all_its_bits():
    key = struct.pack(">HHH", 1024, 1024, 1024)
    near = RAMP.copy()
    near[1, 1] = 1025  # the same high byte
    expected = [[0, 255, 255], [255, 64, 32]]
    assert shown(png(as_rgb(near), RGB, chunk(b"tRNS", key))) == expected
    assert shown(png(near, GREY, chunk(b"tRNS", key[:2]))) == expected


def test_jpeg_2000_declares_its_depth():
    assert shown(jpeg_2000(as_rgb(RAMP // 16).astype(np.uint8))) == (RAMP // 16).tolist()
    assert shown(jpeg_2000(RAMP)) == RAMP_8  # 12 bits in 16


def test_the_depth_of_a_codestream_is_read():
    content = bytearray(jpeg_2000(RAMP))
    content[content.index(b"\xff\x4f\xff\x51") + 42] = 12 - 1
    layout = scan(bytes(content))
    assert layout is not None
    assert layout.bits == 12


def test_colours_whose_low_bytes_cannot_be_read_are_refused():
    content = tiff(
        np.stack([RAMP] * 3), photometric="rgb", planarconfig="separate", compression="zlib"
    )
    with pytest.raises(DataError, match=r"x: .*reach 15 of 255 in 16 bits.*PNG of 16 bits"):
        shown(content)
    bright = np.stack([RAMP * 16] * 3)
    bright_file = tiff(bright, photometric="rgb", planarconfig="separate", compression="zlib")
    assert shown(bright_file) == (RAMP * 16 // 256).tolist()


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("i1", "signed numbers of 8 bits"),
        ("i2", "signed numbers of 16 bits"),
        ("i4", "signed numbers of 32 bits"),
        ("u4", "unsigned numbers of 32 bits"),
        ("f4", "floating-point numbers of 32 bits"),
        ("f8", "floating-point numbers of 64 bits"),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_numbers_without_a_white_are_named(dtype, expected, channels):
    values = np.ones((4, 4, 3)[: 2 + (channels == 3)], dtype)
    content = tiff(values, photometric="rgb" if channels == 3 else "minisblack")
    with pytest.raises(DataError) as error:
        shown(content)
    assert str(error.value) == (
        f"x: its pixels are {expected}, whose black and white are unknown; save 8 or 16 bits, "
        "unsigned."
    )


def test_a_variant_of_tiff_that_is_not_read():
    content = tiff(with_alpha(RAMP), photometric="minisblack", extrasamples=["unassalpha"],
                   planarconfig="contig")  # fmt: skip
    with pytest.raises(DataError, match="a variant of TIFF that is not read"):
        shown(content)


@given(
    npst.arrays(np.uint16, st.tuples(*[st.integers(1, 6)] * 2, st.just(3))),
    st.sampled_from(["png", "tiff", "planes"]),
)
def test_colours_are_scaled_like_grey_levels(values, form):
    files = {
        "png": lambda: png(values, RGB),
        "tiff": lambda: tiff(values, photometric="rgb"),
        "planes": lambda: tiff(
            np.moveaxis(values, 2, 0), photometric="rgb", planarconfig="separate"
        ),
    }
    highest = int(values.max())
    white = next(2**bits - 1 for bits in (8, 10, 12, 14, 16) if highest < 2**bits)
    exact = values.astype(float) * 255 / white
    assert np.abs(np.array(shown(files[form](), "RGB")) - exact).max() <= 0.5


def test_many_rows_are_scaled_alike():
    values = np.zeros((3000, 500, 1), np.uint16)
    values[-1, -1] = 4095  # decides the scale of the first rows too
    values[0, 0] = 2048
    levels = np.asarray(to_8_bits(Samples(values)))
    assert (levels[0, 0], levels[-1, -1]) == (128, 255)
