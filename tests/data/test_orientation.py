"""Photographs upright, whatever else their tags hold."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from leadline.data.formats.image_files import opened_bytes
from leadline.data.formats.structure import exif_orientation

TALL = np.arange(6, dtype=np.uint8).reshape(3, 2) * 40
"""What a person should see; 2 px wide, 3 px high."""

STORED = {
    1: TALL,
    2: TALL[:, ::-1],
    3: TALL[::-1, ::-1],
    4: TALL[::-1],
    5: TALL.T,
    6: np.rot90(TALL, 1),
    7: np.rot90(TALL, 2).T,
    8: np.rot90(TALL, -1),
}
"""How a camera stores it under each value (CIPA DC-008, 4.6.4): under 6 the first row is the right
side, so the stored picture has to be turned clockwise."""


def block(*entries: bytes, order: str = "<", after: bytes = bytes(4)) -> bytes:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    head = struct.pack(f"{order}IH", 8, len(entries))
    return b"Exif\0\0" + mark + head + b"".join(entries) + after


def entry(tag: int, kind: int, count: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}HHI", tag, kind, count) + value.ljust(4, b"\0")


def short(value: int, order: str = "<") -> bytes:
    return entry(0x112, 3, 1, struct.pack(f"{order}H", value), order)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_every_orientation_in_every_format(form, value, order):
    buffer = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(STORED[value])).convert("RGB")
    if form == "TIFF":
        image.save(buffer, form, tiffinfo={0x112: value})
    else:
        image.save(buffer, form, lossless=True, exif=block(short(value, order), order=order))
    with opened_bytes(buffer.getvalue(), "x", max_pixels=100) as opened:
        assert opened.size == (2, 3)
        np.testing.assert_array_equal(np.asarray(opened)[..., 0], TALL)


def jpeg(exif: bytes) -> bytes:
    """16 x 8 px, dark at the left; with this APP1 segment."""
    buffer = io.BytesIO()
    pixels = np.repeat(np.repeat([[10, 240]], 8, axis=1), 8, axis=0).astype(np.uint8)
    Image.fromarray(pixels).save(buffer, "JPEG", quality=95)
    content = buffer.getvalue()
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    return content[:2] + segment + content[2:]


TURNED, AS_STORED = (8, 16), (16, 8)


@pytest.mark.parametrize(
    ("exif", "size"),
    [
        (block(short(6)), TURNED),
        (block(short(6), entry(0x128, 2, 2, b"2\0")), TURNED),  # a unit written as text
        (block(short(6), entry(0x100, 9, 1, struct.pack("<i", -5))), TURNED),  # a negative width
        (block(short(6), entry(0x11A, 5, 1, struct.pack("<I", 10**9))), TURNED),  # beyond the end
        (block(short(6), entry(0x8769, 4, 1, struct.pack("<I", 2**31))), TURNED),
        (block(short(6), entry(0x8825, 4, 1, struct.pack("<I", 8))), TURNED),  # GPS is itself
        (block(short(6), entry(0x927C, 7, 2**32 - 1, b"junk")), TURNED),  # MakerNote
        (block(short(6), entry(0xFFFF, 99, 1, b"?")), TURNED),  # a type that is none
        (block(short(6))[:-4], TURNED),  # without the next directory
        (block(short(6), short(3))[:-9], TURNED),  # the second entry is cut off
        (block(entry(0x112, 4, 1, struct.pack("<I", 6))), TURNED),  # a LONG
        (block(entry(0x112, 1, 1, b"\6")), TURNED),  # a BYTE
        (block(short(6, ">"), order=">"), TURNED),
        (b"Exif\0\0" + block(short(6)), TURNED),  # the mark twice
        (block(short(0)), AS_STORED),
        (block(short(9)), AS_STORED),
        (block(short(65_535)), AS_STORED),
        (block(entry(0x112, 9, 1, struct.pack("<i", -6))), AS_STORED),
        (block(entry(0x112, 2, 2, b"6\0")), AS_STORED),  # text
        (block(entry(0x112, 3, 0, b"\6\0")), AS_STORED),  # no value
        (block()[:9], AS_STORED),
        (b"Exif\0\0II*\0" + struct.pack("<I", 2**32 - 1), AS_STORED),
        (b"Exif\0\0", AS_STORED),
        (b"Exif\0\0garbage that is no TIFF", AS_STORED),
        (block(*[entry(0x9000 + i % 99, 7, 9999, b"xxxx") for i in range(900)], short(6)), TURNED),
    ],
)
def test_other_tags_do_not_matter(exif, size):
    with opened_bytes(jpeg(exif), "x.jpg", max_pixels=1000) as opened:
        assert opened.size == size
        dark = np.asarray(opened.convert("L")) < 128
        # Turned clockwise, the left comes to the top.
        half = dark[:8] if size == TURNED else dark[:, :8]
        assert half.all()
        assert dark.sum() == 64


XMP = b"<x:xmpmeta><rdf:Description tiff:Orientation%s/></x:xmpmeta>"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_orientation_in_xmp_alone(form):
    buffer = io.BytesIO()
    image = Image.new("RGB", (16, 8))
    packet = XMP % b'="6"'
    if form == "PNG":
        from PIL.PngImagePlugin import PngInfo

        text = PngInfo()
        text.add_itxt("XML:com.adobe.xmp", packet.decode())
        image.save(buffer, form, pnginfo=text)
    elif form == "TIFF":
        image.save(buffer, form, tiffinfo={700: packet})
    else:
        image.save(buffer, form, xmp=packet)
    with opened_bytes(buffer.getvalue(), "x", max_pixels=1000) as opened:
        assert opened.size == TURNED


def test_exif_goes_before_xmp():
    buffer = io.BytesIO()
    Image.new("RGB", (16, 8)).save(buffer, "WEBP", exif=block(short(1)), xmp=XMP % b">6<")
    with opened_bytes(buffer.getvalue(), "x", max_pixels=1000) as opened:
        assert opened.size == AS_STORED


def test_a_photograph_of_several_pictures():
    buffer = io.BytesIO()
    first, second = Image.new("RGB", (16, 8), "red"), Image.new("RGB", (4, 4), "blue")
    first.save(buffer, "MPO", save_all=True, append_images=[second], exif=block(short(6)))
    with opened_bytes(buffer.getvalue(), "x.jpg", max_pixels=1000) as opened:
        assert opened.size == TURNED
        assert np.asarray(opened)[8, 4, 0] > 200


@pytest.mark.parametrize(
    "tags",
    [
        {0x8769: 2**31}, {0x8825: 2**31}, {0x14A: 2**31}, {0x9999: -1},
    ],
)  # fmt: skip
def test_a_tiff_whose_other_directories_are_not_there(tags):
    buffer = io.BytesIO()
    stored = Image.fromarray(np.ascontiguousarray(STORED[6]))
    stored.save(buffer, "TIFF", tiffinfo={0x112: 6, **tags})
    with opened_bytes(buffer.getvalue(), "x.tif", max_pixels=100) as opened:
        np.testing.assert_array_equal(np.asarray(opened), TALL)


@pytest.mark.parametrize("packed", [True, False])
def test_hexadecimal_exif_in_png(packed):
    from PIL.PngImagePlugin import PngInfo

    content = block(short(6))
    buffer, text = io.BytesIO(), PngInfo()
    text.add_text(
        "Raw profile type exif", f"\nexif\n{len(content):8}\n{content.hex()}\n", zip=packed
    )
    Image.new("L", (16, 8)).save(buffer, "PNG", pnginfo=text)
    with opened_bytes(buffer.getvalue(), "x.png", max_pixels=1000) as opened:
        assert opened.size == TURNED


@given(st.binary(max_size=200), st.sampled_from([b"", b"Exif\0\0", b"II*\0\x08\0\0\0", b"MM\0*"]))
def test_no_block_breaks_it(content, beginning):
    found = exif_orientation(beginning + content)
    assert found is None or isinstance(found, int)
