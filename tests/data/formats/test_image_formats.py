"""Formats by their first bytes: what is read, what is named with a way on, what is no picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from leadline.data.formats.image_files import DECODERS, opened_bytes
from leadline.data.formats.image_formats import DICOM_FILE, HEAD_BYTES, SIGNATURES, format_of
from leadline.errors import DataError

NOISE = np.random.default_rng(0).integers(0, 256, (24, 32), np.uint8)


def saved(form: str, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(NOISE).save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("PNG", "png"), ("JPEG", "jpeg"), ("GIF", "gif"), ("BMP", "bmp"), ("WEBP", "webp"),
        ("TIFF", "tiff"), ("PPM", "ppm"), ("AVIF", "avif"), ("JPEG2000", "jpeg2000"),
        ("PCX", "pcx"), ("ICO", "ico"),
    ],
)  # fmt: skip
def test_what_pillow_writes_is_known_and_read(form, code):
    content = saved(form)
    found = format_of(content[:HEAD_BYTES])
    assert found is not None
    assert (found.code, found.readable, found.picture) == (code, True, True)
    assert form == DECODERS[found]
    with opened_bytes(content, "upload.txt", max_pixels=10_000) as image:
        assert image.format in (form, None) or form == "ICO"


def test_every_readable_format_has_a_decoder():
    readable = {known for _, known in SIGNATURES if known.readable}
    assert readable - {DICOM_FILE} <= set(DECODERS)


def ftyp(*brands: bytes) -> bytes:
    body = brands[0] + bytes(4) + b"".join(brands[1:])
    return (len(body) + 8).to_bytes(4, "big") + b"ftyp" + body + bytes(200)


@pytest.mark.parametrize(
    ("head", "suffix", "code"),
    [
        (ftyp(b"heic", b"mif1", b"heic"), ".jpg", "heic"),
        (ftyp(b"mif1", b"mif1", b"heic"), "", "heic"),
        (ftyp(b"msf1", b"hevc"), "", "heic"),
        (ftyp(b"mif1", b"avif", b"miaf"), "", "avif"),
        (ftyp(b"avif"), "", "avif"),
        (ftyp(b"msf1", b"avis"), "", "avif"),
        (ftyp(b"mif2", b"mif1", b"heic"), "", "heic"),
        (ftyp(b"heic", b"avif"), "", "heic"),
        (ftyp(b"mif1", b"heic", b"avif"), "", "heic"),
        (ftyp(b"mif1", b"avif", b"heic") + b"av1C", "", "avif"),
        (ftyp(b"mif1", b"avif", b"heic") + b"av1C hvcC", "", "heic"),
        (ftyp(b"mif1", b"miaf"), ".heic", "heif"),
        (ftyp(b"mif1", b"mif1", b"j2ki"), "", "heif"),
        (ftyp(b"j2ki", b"mif1"), ".heif", "heif"),
        (ftyp(b"vvic", b"mif1"), "", "heif"),
        (ftyp(b"avci", b"mif1"), "", "heif"),
        (ftyp(b"jpeg", b"mif1"), "", "heif"),
        (ftyp(b"xxxx", b"heix"), "", "heic"),
        (ftyp(b"M4A ", b"isom"), ".m4a", "audio"),
        (ftyp(b"3gp5", b"isom"), ".3gp", "video"),
        (ftyp(b"crx "), "", "raw"),
        (b"ID3\4", ".mp3", "audio"),
        (b"BPG\xfb", "", "bpg"),
        (b"FLIF41", ".png", "flif"),
        (b"\x89PNG\n\x1a\n\0\0\0\rIHDR", ".png", "png-damaged"),
        (b"\x89PNG\r\r\n\x1a\r\n\0\0\0\rIHDR", ".png", "png-damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\4CgBI", ".png", "png-iphone"),
        (b"\x1f\x8b\x08", ".svgz", "svg"),
        (ftyp(b"qt  "), ".jpg", "video"),
        (ftyp(b"isom", b"mp42"), ".mp4", "video"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', ".svg", "svg"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<svg:svg xmlns:svg="">', ".png", "svg"),
        (b"<!DOCTYPE html><html><body><svg/></body>", ".jpg", "html"),
        (b"\n\n  <HTML>", ".jpg", "html"),
        (b"<?xml version='1.0'?><annotation>", ".xml", "xml"),
        (b"8BPS\0\1", ".psd", "psd"),
        (b"gimp xcf v011", ".png", "xcf"),
        (b"II*\0\x10\0\0\0CR\2\0", ".jpg", "raw"),
        (b"II*\0\x08\0\0\0", ".DNG", "raw"),
        (b"II*\0\x08\0\0\0", ".nef", "raw"),
        (b"II*\0\x08\0\0\0", ".tif", "tiff"),
        (b"MM\0*\0\0\0\x08", "", "tiff"),
        (b"FUJIFILMCCD-RAW 0201", ".raf", "raw"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", ".eps", "eps"),
        (b"\xc5\xd0\xd3\xc6", "", "eps"),
        (b"%PDF-1.7", ".png", "pdf"),
        (b"\xff\x0a\x01", "", "jxl"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", ".jpg", "jxl"),
        (b"RIFF\0\0\0\0AVI LIST", ".avi", "video"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "", "webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", ".wav", "audio"),
        (b"\x1aE\xdf\xa3", ".mkv", "video"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a", ".png", "git-lfs"),
        (b"\0\5\x16\7\0\2\0\0Mac OS X", "", "apple-double"),
        (b"L\0\0\0\1\x14\2\0", ".lnk", "shortcut"),
        (b"PK\3\4", ".jpg", "zip"),
        (b"\x1f\x8b\x08", ".gz", "archive"),
        (bytes(257) + b"ustar", "", "archive"),
        (b"\x93NUMPY\1\0", ".npy", "npy"),
        (bytes(344) + b"n+1\0", ".nii", "nifti"),
        (b"", ".png", "empty"),
        (bytes(4096), ".jpg", "zeros"),
        (b'{"error": "not found"}', ".jpg", "json"),
        (bytes(128) + b"DICM", ".png", "dicom"),
        (b"MM\0*" + bytes(124) + b"DICM", ".tif", "dicom"),
        (b"P5\n2 2\n255\n", "", "ppm"),
        (b"P6 # made by hand", "", "ppm"),
        (b"BMW, Audi", ".csv", None),
        (b"P5 is not enough?"[:2], "", None),
        (b"hello", ".png", None),
        (b"hello", ".heic", "heic"),
        (b"JPEG files", ".txt", None),
        (b"MZ\x90\0", ".exe", "program"),
    ],
)
def test_content_decides(head, suffix, code):
    found = format_of(head, suffix)
    assert (found and found.code) == code


@given(st.binary(max_size=600), st.sampled_from(["", ".jpg", ".dng", ".\udce9"]))
def test_no_content_breaks_it(head, suffix):
    found = format_of(head, suffix)
    assert found is None or found.title


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (ftyp(b"heic"), "(it is a HEIC photograph); convert it to PNG or JPEG (heif-convert"),
        (b"<svg/>", "(it is an SVG drawing); draw it as PNG"),
        (b"<html>", "(it is a web page); the download went wrong: download the image itself"),
        (
            b"version https://git-lfs.github.com/spec/v1",
            "fetch the image itself with 'git lfs pull'",
        ),
        (bytes(5000), "(it is nothing but zero bytes); copy or download it again."),
        (b"", "(it is empty); copy or download it again."),
        (b"MZ\x90", "(it is a program); replace it or remove it."),
    ],
)
def test_a_message_names_the_format_and_a_way_on(content, said):
    with (
        pytest.raises(DataError, match=r"^b\.jpg: cannot be read as an image") as raised,
        opened_bytes(content, "b.jpg", max_pixels=100),
    ):
        pass
    assert said in str(raised.value)


def test_a_raw_file_without_its_suffix_is_not_taken_for_its_thumbnail():
    buffer = io.BytesIO()
    Image.fromarray(NOISE).save(buffer, "TIFF", tiffinfo={0xC612: b"\1\4\0\0"})
    with (
        pytest.raises(DataError, match=r"it is a camera's raw file\); develop it"),
        opened_bytes(buffer.getvalue(), "scan", max_pixels=10_000),
    ):
        pass


def test_tga_has_no_signature_and_goes_by_its_suffix():
    content = saved("TGA")
    with opened_bytes(content, "x.TGA", max_pixels=10_000) as image:
        np.testing.assert_array_equal(np.asarray(image), NOISE)
    with (
        pytest.raises(DataError, match="unrecognised image format"),
        opened_bytes(content, "x.dat", max_pixels=10_000),
    ):
        pass
