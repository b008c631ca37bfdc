"""DICOM as devices write it: unusable windows, odd padding, no preamble, overlays, palettes."""

from __future__ import annotations

import io

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)
from tests.data.dicom_files import film, save

from leadline.data.formats.dicom import read_dicom
from leadline.data.formats.dicom_start import begins_as_dicom
from leadline.data.formats.image_files import read_image
from leadline.data.formats.image_names import is_image
from leadline.errors import DataError

RAMP = np.array([[100, 300, 900]])
WHOLE = [0, 64, 255]
"""The ramp spread from its least to its greatest value: 200 / 800 * 255 = 63.75."""


UNCOMPRESSED = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian)


def read(content: bytes) -> np.ndarray:
    return np.asarray(read_dicom(io.BytesIO(content), "film", 10_000))


def content_of(dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    dataset.file_meta.TransferSyntaxUID = syntax
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def grey(dataset, syntax: str = ExplicitVRLittleEndian) -> list[int]:
    return [int(level) for level in read(content_of(dataset, syntax))[0]]


def with_text(dataset, **texts: str) -> bytes:
    """The file with these texts in place of numbers, which pydicom would not write."""
    stand_ins = {}
    for number, (keyword, text) in enumerate(texts.items(), start=1):
        stand_in = f"{number:0{max(len(text), 1)}d}" if text else None
        setattr(dataset, keyword, stand_in)
        if stand_in:
            padded = len(stand_in) % 2
            stand_ins[stand_in.encode() + b" " * padded] = text.encode() + b" " * padded
    content = content_of(dataset)
    for old, new in stand_ins.items():
        assert content.count(b"DS" + len(old).to_bytes(2, "little") + old) == 1
        header = b"DS" + len(old).to_bytes(2, "little")
        content = content.replace(header + old, header + new)
    return content


@pytest.mark.parametrize(
    ("center", "width"),
    [
        ("500", "0"),
        ("500", "-400"),
        ("500", "0.5"),
        ("", "400"),
        ("500", ""),
        ("auto", "400"),
        ("500", "wide"),
        ("nan", "400"),
        ("500", "inf"),
        ("1e999", "400"),
    ],
)
def test_a_window_that_cannot_be_used_counts_as_none(center, width):
    content = with_text(film(RAMP), WindowCenter=center, WindowWidth=width)
    assert read(content)[0].tolist() == WHOLE


def test_a_comma_is_a_decimal_point():
    # (300 - 300.5) / 400 + 0.5 of 255 = 127.18.
    dataset = film(RAMP, VOILUTFunction="LINEAR_EXACT")
    content = with_text(dataset, WindowCenter="300,5", WindowWidth="400,0")
    assert read(content)[0].tolist() == [0, 127, 255]


def test_the_first_window_of_several_that_can_be_used():
    dataset = film(RAMP, VOILUTFunction="LINEAR_EXACT")
    content = with_text(dataset, WindowCenter="7\\300\\1", WindowWidth="0\\800\\2")
    # (100 - 300) / 800 + 0.5 = 0.25; and 0.5; and more than 1.
    assert read(content)[0].tolist() == [64, 128, 255]


def test_a_window_of_which_one_number_is_missing():
    assert grey(film(RAMP, WindowWidth=10)) == WHOLE
    assert grey(film(RAMP, WindowCenter=10)) == WHOLE


def test_an_unknown_function_is_linear():
    dataset = film(RAMP, VOILUTFunction="CURVED", WindowCenter=500.5, WindowWidth=801)
    assert grey(dataset) == WHOLE


def test_an_empty_table_counts_as_none():
    empty = pydicom.Dataset()
    empty.add_new("LUTDescriptor", "US", [0, 0, 16])
    assert grey(film(RAMP, VOILUTSequence=[empty])) == WHOLE


@pytest.mark.parametrize(
    ("slope", "intercept", "window"),
    [
        ("0", "5", ("505", "800")),
        ("", "", ("500", "800")),
        ("x", "0", ("500", "800")),
        ("2", "", ("1000", "1600")),
        ("0,5", "1000,0", ("1250", "400")),
    ],
)
def test_odd_rescaling(slope, intercept, window):
    """A slope of 0 would make the film flat; what is missing is 1 and 0."""
    content = with_text(
        film(RAMP, VOILUTFunction="LINEAR_EXACT"),
        RescaleSlope=slope,
        RescaleIntercept=intercept,
        WindowCenter=window[0],
        WindowWidth=window[1],
    )
    assert read(content)[0].tolist() == WHOLE


SIGNED = np.array([[-2000, -1990, -300, 100, 1300]])
"""Without padding -300..1300: 400 / 1600 * 255 = 63.75."""


@pytest.mark.parametrize("syntax", UNCOMPRESSED)
@pytest.mark.parametrize(
    ("vr", "value", "limit"),
    [("SS", -2000, -1980), ("SS", -1980, -2000), ("US", 63536, 63556), ("IS", -2000, -1980)],
)
def test_padding_as_a_range_in_either_representation(syntax, vr, value, limit):
    if vr == "IS" and syntax == ImplicitVRLittleEndian:
        pytest.skip("an implicit file has no representation of its own")
    dataset = film(SIGNED, 16)
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = SIGNED.astype(">i2").tobytes()
    dataset.add_new("PixelPaddingValue", vr, value)
    dataset.add_new("PixelPaddingRangeLimit", vr, limit)
    assert grey(dataset, syntax) == [0, 0, 0, 64, 255]


@pytest.mark.parametrize(("vr", "value"), [("US", 65535), ("SS", -1)])
def test_padding_of_unsigned_pixels(vr, value):
    dataset = film(np.array([[65535, *RAMP[0]]]), 16)
    dataset.add_new("PixelPaddingValue", vr, value)
    assert grey(dataset) == [255, *WHOLE]


def test_padding_beyond_the_stored_bits_stays_dark():
    dataset = film(SIGNED[:, 2:], 12)
    raw = np.array([[-32768, -300, 100, 1300]], "<i2")
    dataset.Columns, dataset.PixelData = 4, raw.tobytes()
    dataset.add_new("PixelPaddingValue", "SS", -32768)
    assert grey(dataset) == [0, *WHOLE]


def test_empty_padding_is_none():
    dataset = film(RAMP)
    dataset.add_new("PixelPaddingValue", "US", None)
    assert grey(dataset) == WHOLE


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless])
@pytest.mark.parametrize("signed", [False, True])
def test_overlays_in_high_bits_are_no_grey(syntax, signed):
    values = np.array([[-300, 100, 1300]] if signed else RAMP)
    dataset = film(values, 12)
    raw = (values & 0xFFF) | np.array([[0x1000, 0x8000, 0xF000]])
    dataset.PixelData = raw.astype("<u2").tobytes()
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = raw.astype(">u2").tobytes()
    elif syntax == RLELossless:
        dataset.compress(RLELossless, encoding_plugin="pydicom")
    assert grey(dataset, syntax) == WHOLE


def test_bits_that_are_stored_high():
    dataset = film(RAMP << 4, 12)
    dataset.HighBit = 15
    assert grey(dataset) == WHOLE


def test_a_high_bit_that_the_values_contradict():
    dataset = film(RAMP, 12)
    dataset.HighBit = 15
    assert grey(dataset) == WHOLE


def test_a_palette():
    dataset = film(np.array([[0, 1, 2]]), 8, PhotometricInterpretation="PALETTE COLOR")
    for name, levels in (("Red", [0, 65535, 0]), ("Green", [0, 0, 257]), ("Blue", [0, 0, 65535])):
        dataset.add_new(f"{name}PaletteColorLookupTableDescriptor", "US", [3, 0, 16])
        table = np.array(levels, "<u2").tobytes()
        dataset.add_new(f"{name}PaletteColorLookupTableData", "OW", table)
    assert read(content_of(dataset))[0].tolist() == [[0, 0, 0], [255, 0, 0], [0, 1, 255]]


def test_colour_of_twelve_bits():
    dataset = film(np.array([[[0, 4095, 2048]]]), 12)
    assert read(content_of(dataset))[0].tolist() == [[0, 255, 128]]


def without_preamble(content: bytes) -> bytes:
    return content[132:]


def without_meta(content: bytes, syntax: str) -> bytes:
    dataset = pydicom.dcmread(io.BytesIO(content))
    buffer = io.BytesIO()
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    del dataset.file_meta
    pydicom.dcmwrite(
        buffer, dataset, enforce_file_format=False, implicit_vr=implicit, little_endian=little
    )
    bare = buffer.getvalue()
    return bare[132:] if bare[128:132] == b"DICM" else bare


@pytest.mark.parametrize("syntax", UNCOMPRESSED)
def test_without_preamble_and_without_meta_header(syntax):
    dataset = film(RAMP)
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = RAMP.astype(">u2").tobytes()
    content = content_of(dataset, syntax)
    for cut in (without_preamble(content), content[128:], without_meta(content, syntax)):
        assert begins_as_dicom(cut[:256])
        assert read(cut)[0].tolist() == WHOLE


def test_a_meta_header_without_transfer_syntax():
    content = content_of(film(RAMP))
    dataset = pydicom.dcmread(io.BytesIO(content))
    del dataset.file_meta.TransferSyntaxUID
    buffer = io.BytesIO()
    pydicom.dcmwrite(
        buffer, dataset, enforce_file_format=False, implicit_vr=False, little_endian=True
    )
    assert read(buffer.getvalue())[0].tolist() == WHOLE


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless])
def test_compressed_without_meta_header(syntax):
    waves = (np.add.outer(np.arange(32) * 40, np.arange(32) * 40) % 4096).astype(np.uint16)
    expected = read(content_of(film(waves)))
    dataset = film(waves)
    if syntax == RLELossless:
        dataset.compress(RLELossless, encoding_plugin="pydicom")
    else:
        openjpeg = pytest.importorskip("openjpeg")
        dataset.add_new("PixelData", "OB", encapsulate([openjpeg.encode(waves, 12)]))
        dataset["PixelData"].is_undefined_length = True
    bare = without_meta(content_of(dataset, syntax), ExplicitVRLittleEndian)
    assert np.array_equal(read(bare), expected)


def test_compressed_pixels_of_an_unknown_kind():
    dataset = film(RAMP)
    dataset.add_new("PixelData", "OB", encapsulate([b"neither of them"]))
    dataset["PixelData"].is_undefined_length = True
    bare = without_meta(content_of(dataset, RLELossless), ExplicitVRLittleEndian)
    with pytest.raises(DataError, match=r"^film: .*does not name its transfer syntax"):
        read(bare)


@given(st.binary(max_size=300))
def test_other_bytes_are_no_dicom(head):
    if head[128:132] != b"DICM":
        assert begins_as_dicom(head) == (head[:4] == b"DICM" and begins_as_dicom(head[4:]))


@pytest.mark.parametrize(
    "head",
    [
        b"", b"DICM", b"\x08\x00", b"\x89PNG\r\n\x1a\n" + bytes(250),
        b"\xff\xd8\xff\xe0" + bytes(250), b"BM" + bytes(250),
        b"II*\x00\x08\x00\x00\x00" + bytes(250), b"\x02\x00" + bytes(250), bytes(300),
        b"\x08\x00" * 150, b"PK\x03\x04" + bytes(250),
    ],
)  # fmt: skip
def test_other_formats_are_no_dicom(head):
    assert not begins_as_dicom(head)


@pytest.mark.parametrize(
    ("tag", "value", "message"),
    [
        ("Rows", None, "Rows"),
        ("Rows", 0, "has 0 rows"),
        ("Columns", 0, "0 columns"),
        ("BitsStored", 0, "Bits Stored"),
        ("BitsStored", 17, "Bits Stored"),
        ("BitsAllocated", 13, "Bits Allocated"),
        ("PixelData", b"\0\0", "pixel"),
        ("PhotometricInterpretation", None, "Photometric"),
        ("NumberOfFrames", 3, "has 3 frames"),
    ],
)
def test_what_cannot_be_shown_is_one_error(tag, value, message):
    dataset = film(RAMP, 16)
    if value is None:
        delattr(dataset, tag)
    else:
        setattr(dataset, tag, value)
    with pytest.raises(DataError, match=r"^film: [^\n]*" + message):
        read(content_of(dataset))


def test_pixels_of_floats_are_named():
    dataset = film(RAMP, 16)
    del dataset.PixelData
    dataset.add_new("FloatPixelData", "OF", RAMP.astype("<f4").tobytes())
    with pytest.raises(DataError, match="floating-point"):
        read(content_of(dataset))


def test_a_film_saved_by_name(tmp_path):
    """`save` writes what `content_of` writes."""
    path = save(film(RAMP), tmp_path / "1.2.840.113619.2")
    assert begins_as_dicom(path.read_bytes()[:256])


@pytest.mark.parametrize(
    "name", ["1.2.826.0.1.3680043.8.498.1", "XR.1.2.840.113619.2", "film.IMA", "film.img", "f.png"]
)
@pytest.mark.parametrize("preamble", [True, False])
def test_content_decides_whatever_the_name(tmp_path, name, preamble):
    content = content_of(film(RAMP))
    path = tmp_path / name
    path.write_bytes(content if preamble else without_preamble(content))
    assert is_image(path)
    assert read_image(path, (1, 3), 1)[0, :, 0].tolist() == WHOLE
