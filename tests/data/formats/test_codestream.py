"""Sizes of compressed pictures, as Pillow wrote them; and headers that lie."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from leadline.data.formats.codestream import codestream_size
from leadline.data.formats.dicom import read_dicom
from leadline.errors import DataError


def compressed(form: str, height: int, width: int, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((height, width), np.uint8)).save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("JPEG", {"comment": b"\xff\xc0" * 30}),
        ("JPEG2000", {}),
        ("JPEG2000", {"no_jp2": True}),
    ],
)
def test_the_size_that_pillow_wrote(form, options):
    assert codestream_size(compressed(form, 37, 1021, **options)) == (37, 1021)


def test_a_frame_of_jpeg_ls_and_fill_bytes():
    head = bytes.fromhex("ffd8 ffff fff7 000b 08 0123 4567 01")
    assert codestream_size(head) == (0x123, 0x4567)


def test_tables_are_no_frames():
    table = bytes.fromhex("ffc4 0004 0000 ffc8 0002")
    assert codestream_size(b"\xff\xd8" + table + bytes.fromhex("ffc0 000b 08 0002 0003 01")) == (
        2,
        3,
    )


@pytest.mark.parametrize(
    "stream", [b"", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"\xff\x4f\xff\x51", b"RLE", b"\xff\xd8\x00"]
)
def test_what_has_no_size(stream):
    assert codestream_size(stream) is None


@given(st.binary(max_size=200))
def test_it_always_ends(tail):
    codestream_size(b"\xff\xd8\xff" + tail)


@pytest.mark.parametrize(
    ("syntax", "frame"),
    [
        ("1.2.840.10008.1.2.4.50", compressed("JPEG", 20, 20)),
        ("1.2.840.10008.1.2.4.90", compressed("JPEG2000", 20, 20, no_jp2=True)),
    ],
)
def test_a_film_whose_frame_is_larger_than_it_says_is_not_decoded(syntax, frame):
    pytest.importorskip("pydicom")
    from tests.data.dicom_files import encapsulated, film

    lying = encapsulated(film(np.zeros((4, 4), np.uint8), bits=8), syntax, frame)
    buffer = io.BytesIO()
    lying.save_as(buffer, enforce_file_format=True)
    with pytest.raises(DataError, match="film: 20 × 20 px is more than 100 pixels; refused"):
        read_dicom(io.BytesIO(buffer.getvalue()), "film", 100)
    assert codestream_size(frame) == (20, 20)
