"""DICOM files of very many elements, items or numbers: refused or passed over, in little memory."""

import io
import struct
import tracemalloc

import numpy as np
import pytest
from tests.data.dicom_files import film, panicking_film

from leadline.data.formats import dicom
from leadline.data.formats.dicom import MOST_VALUE_BYTES, read_dicom
from leadline.errors import DataError

pytest.importorskip("pydicom")
MANY = 140_000
PIXELS = (0x7FE0, 0x0010)
EMPTY_ITEM = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
MOST_BYTES_HELD = 30_000_000


@pytest.fixture(scope="module")
def plain() -> bytes:
    """A small film, explicit little-endian."""
    buffer = io.BytesIO()
    levels = np.arange(900, dtype=np.uint16).reshape(30, 30)
    film(levels).save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def before_pixels(plain, more):
    at = plain.index(struct.pack("<HH", *PIXELS))
    return plain[:at] + more + plain[at:]


def sequence(length, content=b""):
    """Referenced Image Sequence, as (6001,0010) so that it stands in order."""
    return struct.pack("<HH2sHI", 0x6001, 0x0010, b"SQ", 0, length) + content


def read(content):
    """The image; and in how much memory."""
    tracemalloc.start()
    try:
        image = read_dicom(io.BytesIO(content), "x.dcm", 1_000_000)
    finally:
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES_HELD
        tracemalloc.stop()
    return np.asarray(image)


@pytest.mark.parametrize(
    "more",
    [
        sequence(0xFFFFFFFF, EMPTY_ITEM * MANY + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)),
        struct.pack("<HH2sH", 0x6001, 0x0010, b"LO", 0) * MANY,
    ],
)
def test_more_parts_than_a_film_has_are_refused(plain, more, monkeypatch):
    monkeypatch.setattr(dicom, "MOST_READS", 20_000)
    with pytest.raises(DataError, match=r"^x\.dcm: a DICOM file of more elements than a film has"):
        read(before_pixels(plain, more))


@pytest.mark.parametrize(
    "more",
    [
        sequence(8 * MANY, EMPTY_ITEM * MANY),
        # Tables of values, and windows, in number beyond all need.
        struct.pack("<HH2sHI", 0x0028, 0x3000, b"SQ", 0, 8 * MANY) + EMPTY_ITEM * MANY,
        struct.pack("<HH2sHI", 0x0028, 0x1050, b"UT", 0, 2 * MANY) + b"1\\" * MANY
        + struct.pack("<HH2sHI", 0x0028, 0x1051, b"UT", 0, 2 * MANY) + b"1\\" * MANY,
    ],
)  # fmt: skip
def test_what_is_too_long_to_be_needed_is_passed_over(plain, more):
    assert 2 * MANY > MOST_VALUE_BYTES
    np.testing.assert_array_equal(read(before_pixels(plain, more)), read(plain))


def test_a_table_of_all_16_bits_is_still_read(plain):
    """131,072 bytes: the longest that showing a film needs."""
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    table = Dataset()
    table.LUTDescriptor = [0, 0, 16]
    table.LUTData = np.arange(65_535, -1, -1, dtype="<u2").tobytes()
    levels = np.array([[0, 65_535]], np.uint16)
    inverted = film(levels)
    inverted.BitsStored, inverted.HighBit = 16, 15
    inverted.VOILUTSequence = Sequence([table])
    buffer = io.BytesIO()
    inverted.save_as(buffer, enforce_file_format=True)
    assert read(buffer.getvalue()).tolist() == [[255, 0]]


def test_a_panic_of_a_decoder_in_rust_is_our_error(capfd):
    pytest.importorskip("rle")
    buffer = io.BytesIO()
    panicking_film().save_as(buffer, enforce_file_format=True)
    with pytest.raises(DataError, match=r"^x\.dcm: cannot be read as DICOM \(index out of bounds"):
        read_dicom(io.BytesIO(buffer.getvalue()), "x.dcm", 1_000_000)


@pytest.mark.parametrize("error", [MemoryError, RecursionError, SystemError, ZeroDivisionError])
def test_whatever_pydicom_raises_is_our_error(plain, monkeypatch, error):
    def raises(*_, **__):
        raise error("inside")

    monkeypatch.setattr("pydicom.pixels.utils.pixel_array", raises)
    with pytest.raises(DataError, match=r"^x\.dcm: cannot be read as DICOM \(.+\); replace it"):
        read_dicom(io.BytesIO(plain), "x.dcm", 1_000_000)
