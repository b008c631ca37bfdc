"""One image file after another: formats, depths, transparency, damage."""

from __future__ import annotations

import io
import os
import struct
import threading
import zlib

import numpy as np
import pytest
from PIL import Image

from leadline.data.formats import image_files
from leadline.data.formats.image_files import read_image, read_images
from leadline.errors import DataError

GREY = (np.arange(48, dtype=np.uint8) * 5).reshape(6, 8)


def silent(*_):
    return None


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tiff", "webp"])
def test_lossless_formats_come_back_exactly(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    Image.fromarray(GREY).save(path, lossless=True)
    np.testing.assert_array_equal(read_image(path, (6, 8), 1)[..., 0], GREY)


def test_jpeg_comes_back_nearly(tmp_path):
    path = tmp_path / "x.jpg"
    Image.fromarray(GREY).save(path, quality=100)
    assert np.abs(read_image(path, (6, 8), 1)[..., 0].astype(int) - GREY).max() <= 2


def test_grey_as_colour_and_colour_as_grey(tmp_path):
    path = tmp_path / "x.png"
    Image.new("RGB", (2, 1), (255, 0, 0)).save(path)
    # Pure red has luma 0.299 * 255 = 76.2.
    assert read_image(path, (1, 2), 1).tolist() == [[[76], [76]]]
    Image.new("L", (2, 1), 76).save(path)
    assert read_image(path, (1, 2), 3).tolist() == [[[76, 76, 76], [76, 76, 76]]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 100, 255], [0, 100, 255]),  # 8 bits
        ([0, 512, 1023], [0, 128, 255]),  # 10
        ([0, 1024, 4095], [0, 64, 255]),  # 12
        ([0, 2048, 3000], [0, 128, 187]),
        ([0, 8192, 16383], [0, 128, 255]),  # 14
        ([0, 16384, 65535], [0, 64, 255]),  # 16
    ],
)
@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_fewer_bits_in_sixteen(tmp_path, values, expected, suffix):
    path = tmp_path / f"deep{suffix}"
    Image.fromarray(np.array([values], np.uint16)).save(path)
    assert read_image(path, (1, 3), 1)[0, :, 0].tolist() == expected


def big_endian_tiff(levels: list[int]) -> bytes:
    """One row of grey levels of 16 bits, the most significant byte first."""
    width = len(levels)
    entries = [(256, width), (257, 1), (258, 16), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1),
               (279, 2 * width)]  # fmt: skip
    packed = b"".join(struct.pack(">HHIHH", tag, 3, 1, value, 0) for tag, value in entries)
    pixels = struct.pack(f">{width}H", *levels)
    head = b"MM\0*" + struct.pack(">I", 8 + len(pixels))
    return head + pixels + struct.pack(">H", len(entries)) + packed + bytes(4)


def test_a_big_endian_tiff_of_12_bits(tmp_path):
    path = tmp_path / "x.tif"
    path.write_bytes(big_endian_tiff([0, 1024, 4095]))
    assert read_image(path, (1, 3), 1)[0, :, 0].tolist() == [0, 64, 255]


@pytest.mark.parametrize(
    ("white", "levels", "expected"),
    [
        (65_535, [0, 16_384, 65_535], [0, 64, 255]),
        (65_535, [0, 1024, 4095], [0, 64, 255]),  # 12 bits in a file of 16
        (4095, [0, 1024, 4095], [0, 64, 255]),
        (4095, [0, 16, 40], [0, 1, 2]),  # dark, for the file says what is white
        (300, [0, 150, 300], [0, 128, 255]),
    ],
)
@pytest.mark.parametrize("form", ["binary", "plain"])
def test_a_pgm_of_more_than_8_bits(tmp_path, form, white, levels, expected):
    path = tmp_path / "x.pgm"
    if form == "binary":
        path.write_bytes(b"P5 3 1 %d\n" % white + struct.pack(">3H", *levels))
    else:
        path.write_text(f"P2 3 1 {white}\n{' '.join(map(str, levels))}\n", encoding="ascii")
    assert read_image(path, (1, 3), 1)[0, :, 0].tolist() == expected


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe gives its bytes in pieces")
def test_a_file_that_comes_in_pieces_is_read_whole(tmp_path):
    levels = np.random.default_rng(0).integers(0, 256, (300, 400), np.uint8)
    whole = io.BytesIO()
    Image.fromarray(levels).save(whole, "PNG")
    path = tmp_path / "x.png"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(whole.getvalue(),))
    writer.start()
    np.testing.assert_array_equal(read_image(path, (300, 400), 1)[..., 0], levels)
    writer.join()


def test_16_bits_are_divided_by_257_and_rounded(tmp_path):
    path = tmp_path / "x.png"
    levels = np.array([[0, 128, 129, 257, 32_767, 65_406, 65_407, 65_535]], np.uint16)
    Image.fromarray(levels).save(path)
    # 128 / 257 = 0.498, 129 / 257 = 0.502, 32767 / 257 = 127.498, 65406 / 257 = 254.498.
    assert read_image(path, (1, 8), 1).ravel().tolist() == [0, 0, 1, 1, 127, 254, 255, 255]


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_shows_white(tmp_path, mode):
    path = tmp_path / "x.png"
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 255))
    image.convert(mode).save(path)
    assert read_image(path, (1, 2), 1).ravel().tolist() == [255, 0]


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        ([(255, 255, 255, 0), (255, 255, 255, 255)], [0, 255]),
        ([(255, 255, 255, 0), (255, 255, 255, 128), (0, 0, 0, 255)], [255, 255, 0]),
        ([(255, 255, 255, 255), (255, 255, 255, 255)], [255, 255]),
        ([(0, 0, 0, 0), (255, 255, 255, 0)], [255, 255]),
    ],
    ids=["white alone", "white and black", "opaque", "nothing"],
)
def test_white_on_nothing_shows_on_black(tmp_path, pixels, expected):
    path = tmp_path / "x.png"
    Image.fromarray(np.array([pixels], np.uint8)).save(path)
    assert read_image(path, (1, len(pixels)), 1).ravel().tolist() == expected


def test_the_first_frame_of_an_animation_is_read(tmp_path):
    path = tmp_path / "x.gif"
    frames = [Image.new("L", (2, 2), level) for level in (10, 200)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert read_image(path, (2, 2), 1).ravel().tolist() == [10] * 4


def test_exif_rotation_is_applied(tmp_path):
    path = tmp_path / "x.png"
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees, clockwise
    Image.fromarray(np.array([[1, 2, 3]], np.uint8)).save(path, exif=exif)
    assert read_image(path, (3, 1), 1).ravel().tolist() == [1, 2, 3]


def test_black_and_white_and_palette(tmp_path):
    path = tmp_path / "x.png"
    Image.fromarray(np.array([[False, True]])).save(path)
    assert read_image(path, (1, 2), 1).ravel().tolist() == [0, 255]
    Image.fromarray(GREY).convert("P").save(path)
    np.testing.assert_array_equal(read_image(path, (6, 8), 1)[..., 0], GREY)


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_32_bits_are_refused(tmp_path, dtype):
    path = tmp_path / "x.tiff"
    Image.fromarray(np.ones((2, 2), dtype)).save(path)
    with pytest.raises(DataError, match=r"x\.tiff: .*32 bits, .*save 8 or 16 bits"):
        read_image(path, (2, 2), 1)


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "tiff", "webp"])
def test_a_truncated_file_is_named(tmp_path, suffix):
    whole = io.BytesIO()
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (40, 40), np.uint8))
    image.save(whole, {"jpg": "jpeg"}.get(suffix, suffix))
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    with pytest.raises(
        DataError, match=rf"x\.{suffix}: cannot be read as an image \(.+\); replace"
    ):
        read_image(path, (40, 40), 1)


def test_what_is_no_image_is_named(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(b"hello")
    with pytest.raises(DataError, match=r"x\.png: .*\(unrecognised image format\)"):
        read_image(path, (4, 4), 1)
    path.write_bytes(b"")
    with pytest.raises(DataError, match=r"x\.png: cannot be read as an image \(it is empty\)"):
        read_image(path, (4, 4), 1)


def png_that_claims(width: int, height: int) -> bytes:
    """A valid PNG header of that size, and next to no pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(10))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side_px", [9_000, 10_000, 60_000])
@pytest.mark.filterwarnings("error")
def test_a_decompression_bomb_is_refused_unseen(tmp_path, side_px):
    path = tmp_path / "x.png"
    path.write_bytes(png_that_claims(side_px, side_px))
    with pytest.raises(DataError, match=r"x\.png: ") as error:
        read_images([path], (4, 4), 1, silent)
    assert "refused" in str(error.value) or "exceeds limit" in str(error.value)


def test_the_first_bad_file_is_named_and_all_are_counted(tmp_path):
    paths = [tmp_path / f"{index}.png" for index in range(20)]
    for index, path in enumerate(paths):
        Image.fromarray(GREY).save(path)
        if index in {7, 3, 15}:
            path.write_bytes(b"broken")
    with pytest.raises(DataError, match=r"3\.png: .* 3 files are like this"):
        read_images(paths, (6, 8), 1, silent)


def test_order_and_progress(tmp_path):
    paths = [tmp_path / f"{index}.png" for index in range(50)]
    for index, path in enumerate(paths):
        Image.fromarray(np.full((3, 3), index * 5, np.uint8)).save(path)
    reports = []
    pixels = read_images(paths, (3, 3), 1, lambda *report: reports.append(report))
    assert pixels[:, 0, 0, 0].tolist() == [index * 5 for index in range(50)]
    assert reports == [("read", done, 50) for done in range(1, 51)]


def test_the_bound_is_on_pixels(tmp_path, monkeypatch):
    path = tmp_path / "x.png"
    Image.fromarray(GREY).save(path)
    monkeypatch.setattr(image_files, "MAX_IMAGE_PIXELS", 47)
    with pytest.raises(DataError, match=r"8 × 6 px is more than 47 pixels; refused"):
        read_image(path, (6, 8), 1)
    monkeypatch.setattr(image_files, "MAX_IMAGE_PIXELS", 48)
    assert read_image(path, (6, 8), 1).shape == (6, 8, 1)


@pytest.mark.parametrize("size", [(1, 65_536), (65_536, 1)])
def test_the_bound_is_on_sides_too(tmp_path, size):
    """A line of 70 million lines fits the bound on pixels, and takes 2 GB."""
    path = tmp_path / "x.png"
    Image.new("L", size).save(path)
    with pytest.raises(
        DataError,
        match=r"px, with a side of more than 65,535 px; refused\. Split it into smaller images\.",
    ):
        read_image(path, (6, 8), 1)
    Image.new("L", (size[0] - (size[0] > 1), size[1] - (size[1] > 1))).save(path)
    assert read_image(path, (6, 8), 1).shape == (6, 8, 1)


def test_what_would_start_another_program_is_refused(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "x.eps")
    path = (tmp_path / "x.eps").rename(tmp_path / "x.png")
    with pytest.raises(
        DataError,
        match=r"x\.png: cannot be read as an image \(it is an EPS drawing\); convert it to PNG",
    ):
        read_image(path, (6, 8), 1)


def test_whatever_pillow_raises_is_a_line(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(b"II*\x00" + struct.pack("<I", 8) + bytes(120))
    with pytest.raises(DataError, match=r"x\.png: cannot be read as an image \(.+\); replace it"):
        read_image(path, (6, 8), 1)


@pytest.mark.parametrize("error", [OverflowError, RecursionError, MemoryError, AssertionError])
def test_whatever_a_look_at_the_structure_raises_is_a_line(tmp_path, monkeypatch, error):
    path = tmp_path / "x.png"
    Image.fromarray(GREY).save(path)

    def raises(_content):
        raise error

    monkeypatch.setattr(image_files, "scan", raises)
    with pytest.raises(DataError, match=r"x\.png: cannot be read as an image \(.+\); replace it"):
        read_image(path, (6, 8), 1)


def test_a_file_opened_at_its_own_size_is_upright(tmp_path):
    path = tmp_path / "x.png"
    exif = Image.Exif()
    exif[0x112] = 6  # to be turned by a quarter, clockwise
    Image.fromarray(GREY).save(path, exif=exif)
    with image_files.opened_image(path) as image:
        np.testing.assert_array_equal(np.asarray(image), np.rot90(GREY, -1))
    missing = tmp_path / "y.png"
    with pytest.raises(DataError, match=r"y\.png"), image_files.opened_image(missing):
        pass
