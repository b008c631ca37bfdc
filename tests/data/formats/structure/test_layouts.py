"""What a scan finds in good files, and that the content it keeps shows the same pixels."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from PIL.GifImagePlugin import GifImageFile
from tests.data.hostile_files import (
    NOISE,
    chunk,
    comment,
    exif,
    gif_with,
    jpeg_with,
    png_with,
    progressive,
    saved,
    segment,
    webp_with,
)

from leadline.data.formats.image_files import opened_bytes
from leadline.data.formats.structure import Damaged, Layout, Refused, scan, sniff
from leadline.data.formats.structure.exif_orientation import exif_orientation, xmp_orientation


def cmyk() -> bytes:
    """Whose Adobe segment says that its levels are inverted."""
    buffer = io.BytesIO()
    Image.fromarray(COLOUR).convert("CMYK").save(buffer, "JPEG")
    return buffer.getvalue()


COLOUR = np.random.default_rng(1).integers(0, 256, (48, 64, 3), np.uint8)
GOOD = {
    "JPEG": ("JPEG", saved("JPEG", COLOUR)),
    "progressive": ("JPEG", saved("JPEG", COLOUR, progressive=True)),
    "CMYK": ("JPEG", cmyk()),
    "PNG": ("PNG", saved("PNG", COLOUR)),
    "16 bits": ("PNG", saved("PNG", NOISE.astype(np.uint16) * 257)),
    "GIF": ("GIF", saved("GIF")),
    "interlaced": ("GIF", saved("GIF", interlace=1)),
    "WEBP": ("WEBP", saved("WEBP", COLOUR)),
    "lossless": ("WEBP", saved("WEBP", COLOUR, lossless=True)),
    "extended": ("WEBP", saved("WEBP", COLOUR, exif=exif(1))),
    "BMP": ("BMP", saved("BMP", COLOUR)),
    "TIFF": ("TIFF", saved("TIFF", COLOUR)),
    "big TIFF": ("TIFF", saved("TIFF", COLOUR, big_tiff=True)),
    "JPEG2000": ("JPEG2000", saved("JPEG2000", COLOUR)),
    "codestream": ("JPEG2000", saved("JPEG2000", COLOUR, no_jp2=True)),
    "PPM": ("PPM", saved("PPM", COLOUR)),
    "PGM": ("PPM", saved("PPM")),
    "PBM": ("PPM", saved("PPM", NOISE > 127)),
    "AVIF": ("AVIF", saved("AVIF", COLOUR)),
}
METADATA = {
    "JPEG": jpeg_with(
        b"".join(segment(marker, b"x" * 60_000) for marker in (*range(0xE0, 0xF0), 0xFE) * 6)
        + b"\xff\xff\xff"
    ),
    "PNG": png_with(
        chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(50_000_000)))
        + chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(50_000_000)))
        + chunk(b"IDAT")
        + chunk(b"acTL", struct.pack(">II", 1000, 0))
    ),
    "GIF": gif_with(comment(1000) + b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"),
    "WEBP": webp_with((b"XXXX" + bytes(4)) * 100),
}
"""Usual or harmless things that no decoder needs."""


def pixels(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))


def layout_of(content: bytes) -> Layout:
    layout = scan(content)
    assert layout is not None
    return layout


@pytest.mark.parametrize("name", GOOD)
def test_format_size_and_pixels(name):
    form, content = GOOD[name]
    layout = layout_of(content)
    assert (sniff(content), layout.format, layout.size_px) == (form, form, (64, 48))
    np.testing.assert_array_equal(pixels(layout.content), pixels(content))


@pytest.mark.parametrize("form", METADATA)
def test_metadata_is_left_out_and_changes_no_pixel(form):
    plain = saved(form, lossless=True) if form == "WEBP" else saved(form)
    layout = layout_of(METADATA[form])
    np.testing.assert_array_equal(pixels(layout.content), pixels(plain))
    if form != "WEBP":
        assert len(layout.content) <= len(plain)


def test_only_the_first_frame_of_a_gif_is_kept():
    buffer = io.BytesIO()
    frames = [Image.fromarray(np.roll(NOISE, shift)) for shift in range(5)]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], transparency=7)
    layout = layout_of(buffer.getvalue())
    with Image.open(io.BytesIO(layout.content)) as image:
        assert isinstance(image, GifImageFile)
        assert (image.n_frames, image.info["transparency"]) == (1, 7)
    np.testing.assert_array_equal(pixels(layout.content), pixels(buffer.getvalue()))


def test_a_frame_that_is_larger_than_its_gif():
    whole = bytearray(saved("GIF"))
    struct.pack_into("<HH", whole, 6, 1, 1)
    assert layout_of(bytes(whole)).size_px == (64, 48)


@pytest.mark.parametrize(("scans", "passes"), [(10, 10), (100, 100)])
def test_scans_of_a_progressive_jpeg(scans, passes):
    assert layout_of(progressive(scans)).passes == passes


@pytest.mark.parametrize("progressive", [False, True])
def test_what_follows_a_jpeg_is_left_out(progressive):
    whole = saved("JPEG", COLOUR, progressive=progressive)
    video = b"\0\0\0\x18ftypmp42" + b"\xff\xda\0\x08" * 500
    layout = layout_of(whole + video)
    assert layout == layout_of(whole)
    assert layout.passes == (10 if progressive else 1)
    np.testing.assert_array_equal(pixels(layout.content), pixels(whole))


def test_the_first_image_of_several_in_one_jpeg():
    buffer = io.BytesIO()
    first, second = (Image.fromarray(one) for one in (COLOUR, NOISE))
    first.save(buffer, "MPO", save_all=True, append_images=[second])
    layout = layout_of(buffer.getvalue())
    assert layout.content.endswith(b"\xff\xd9")
    assert layout.content.count(b"\xff\xd8\xff") == 1
    np.testing.assert_array_equal(pixels(layout.content), pixels(saved("JPEG", COLOUR)))


def test_scans_are_not_counted_within_segments_between_them():
    whole = saved("JPEG", progressive=True)
    last = whole.rfind(b"\xff\xda")
    hidden = segment(0xFE, b"\xff\xda\xff\xd9" * 200)
    layout = layout_of(whole[:last] + hidden + whole[last:])
    assert layout.passes == whole.count(b"\xff\xda")
    np.testing.assert_array_equal(pixels(layout.content), pixels(whole))


def test_segments_after_the_first_scan_are_bounded():
    whole = saved("JPEG")
    with pytest.raises(Refused, match="more than 4,000 segments after its first scan"):
        scan(whole[:-2] + segment(0xFE, b"") * 5000 + whole[-2:])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (saved("PNG", np.zeros((1000, 1000), np.uint8)), True),
        (saved("PNG", np.zeros((1000, 1001), np.uint8)), False),
        (saved("JPEG"), True),
        (saved("JPEG", np.zeros((400, 400), np.uint8), progressive=True), True),
        (saved("JPEG", np.zeros((700, 700), np.uint8), progressive=True), False),
        (saved("BMP", np.zeros((300, 300, 3), np.uint8)), False),  # 270 kB
        (saved("WEBP"), False),
        (saved("TIFF"), False),
        (b"P2 1 1 255\n7 ", False),
        (b"P5 1 1 255\n7", True),
        (b"P5 1 1 9\n7", True),
    ],
)
def test_what_is_cheap(content, expected):
    assert layout_of(content).is_cheap is expected


@pytest.mark.parametrize("content", [b"", b"\x89PNG", b"hello", bytes(200), b"II*", b"BMW?"[:1]])
def test_other_content_has_no_layout(content):
    assert scan(content) is None


ODD = {
    "unit as text": struct.pack("<HHI4s", 0x128, 2, 2, b"2\0\0\0"),
    "negative width": struct.pack("<HHIi", 0x100, 9, 1, -5),
    "unknown type": struct.pack("<HHII", 0x100, 77, 9, 9),
    "offset beyond the end": struct.pack("<HHII", 0x10E, 2, 10**9, 10**9),
    "orientation without a value": struct.pack("<HHII", 0x112, 3, 0, 6),
    "orientation as text": struct.pack("<HHI4s", 0x112, 2, 2, b"6\0\0\0"),
}


@pytest.mark.parametrize("more", ODD.values(), ids=ODD)
def test_odd_tags_are_passed_over(more):
    assert exif_orientation(exif(6, more)) == 6


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["B", "H", "I"])
def test_orientation_of_any_integer_type(order, kind):
    number = {"B": 1, "H": 3, "I": 4}[kind]
    value = struct.pack(f"{order}{kind}", 8).ljust(4, b"\0")
    head = {"<": b"II*\0\x08\0\0\0", ">": b"MM\0*\0\0\0\x08"}[order]
    block = head + struct.pack(f"{order}HHHI", 1, 0x112, number, 1) + value
    assert exif_orientation(block) == 8
    assert exif_orientation(b"Exif\0\0" + block) == 8


@pytest.mark.parametrize("value", [0, 9, 65_535])
def test_values_that_mean_nothing(value):
    assert exif_orientation(exif(value)) is None


@given(st.binary(max_size=300))
def test_any_block_is_read(block):
    assert exif_orientation(b"II*\0\x08\0\0\0" + block) in (None, *range(1, 9))
    assert xmp_orientation(block) is None


XMP = b'<x:xmpmeta><rdf:Description tiff:Orientation="%d"/></x:xmpmeta>'
RAW = "\nexif\n      %d\n%s\n"


def turned(form: str, orientation: int) -> bytes:
    if form == "XMP in JPEG":
        return jpeg_with(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP % orientation))
    if form == "XMP in PNG":
        return png_with(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP % orientation))
    if form == "ImageMagick":
        block = b"Exif\0\0" + exif(orientation)
        text = (RAW % (len(block), block.hex())).encode()
        return png_with(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text)))
    return saved(form, exif=b"Exif\0\0" + exif(orientation))


@pytest.mark.parametrize(
    "form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "XMP in JPEG", "XMP in PNG", "ImageMagick"]
)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_as_pillow_does(form, orientation):
    content = turned(form, orientation)
    with Image.open(io.BytesIO(content)) as image:
        expected = ImageOps.exif_transpose(image).convert("L")
    with opened_bytes(content, "x", max_pixels=10**6) as image:
        assert image.size == ((64, 48) if orientation < 5 else (48, 64))
        np.testing.assert_array_equal(np.asarray(image.convert("L")), np.asarray(expected))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(GOOD)), st.data())
def test_damaged_files_are_scanned_or_refused(name, data):
    damaged = bytearray(GOOD[name][1])
    for _ in range(data.draw(st.integers(0, 6))):
        damaged[data.draw(st.integers(0, min(400, len(damaged) - 1)))] = data.draw(
            st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, 0x2C, 0xDA])
        )
    del damaged[data.draw(st.integers(0, len(damaged))) :]
    try:
        layout = scan(bytes(damaged))
    except (Damaged, Refused):
        return
    assert layout is None or len(layout.content) <= len(damaged) + 20


@pytest.mark.parametrize(
    "content",
    [
        b"II+\0\x08\0\0\0" + b"\xff" * 8,  # a directory at 2**64 - 1
        b"II*\0" + b"\xff" * 4,
        b"MM\0*\0\0\0\x08\xff",
        b"RIFF\0\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a",
        b"GIF89a\x01",
        b"BM" + bytes(20),
        b"\xff\xd8\xff\xe0\0",
        b"\xff\xd8\xff\xc0\0\x02\xff\xda\0\x02",
    ],
)
def test_what_is_cut_off_or_points_nowhere(content):
    with pytest.raises(Damaged):
        scan(content)
