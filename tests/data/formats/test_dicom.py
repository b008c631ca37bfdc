"""DICOM: grey levels by hand, compressions against the uncompressed film, and what is refused."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.uid import (
    MPEG2MPML,
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)
from tests.data.dicom_files import encapsulated, film, lossless_jpeg, save, table

from leadline.data.formats.dicom import read_dicom
from leadline.data.formats.image_files import read_image
from leadline.data.formats.readers import read_path
from leadline.errors import DataError, MissingExtra

WAVES = (np.add.outer(np.arange(32) * 200, np.arange(48) * 40) % 4096).astype(np.uint16)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "film.dcm"


def grey(path, dataset) -> list[int]:
    """The first row of what the film is read as."""
    pixels = read_image(save(dataset, path), (dataset.Rows, dataset.Columns), 1)
    return [int(level) for level in pixels[0, :, 0]]


def row(*values: int) -> np.ndarray:
    return np.array([values])


def test_eight_bits_stay_as_they_are(path):
    assert grey(path, film(row(0, 1, 100, 200), 8)) == [0, 1, 100, 200]


def test_monochrome1_is_inverted(path):
    dataset = film(row(0, 1, 100, 200), 8, PhotometricInterpretation="MONOCHROME1")
    assert grey(path, dataset) == [255, 254, 155, 55]


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_without_a_window_wide_values_fill_the_range(path, bits):
    # (300 - 100) / (900 - 100) * 255 = 63.75.
    assert grey(path, film(row(100, 300, 900), bits)) == [0, 64, 255]


def test_padding_does_not_count_as_the_least_value(path):
    dataset = film(row(0, 100, 300, 900), 12, PixelPaddingValue=0)
    assert grey(path, dataset) == [0, 0, 64, 255]


def test_a_film_of_padding_or_of_one_level_is_black(path):
    assert grey(path, film(row(7, 7), 12, PixelPaddingValue=7)) == [0, 0]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        # 500..1500 to 0..255; what is outside is cut.
        ("LINEAR_EXACT", [0, 0, 128, 191, 255, 255]),
        # PS3.3 C.11.2.1.2.1: ((1250 - 999.5) / 999 + 0.5) * 255 = 191.4.
        ("LINEAR", [0, 0, 128, 191, 255, 255]),
        # 1 / (1 + exp(-4 * (1250 - 1000) / 1000)) * 255 = 186.4.
        ("SIGMOID", [5, 30, 128, 186, 225, 255]),
    ],
)
def test_windows(path, function, expected):
    window = {"WindowCenter": 1000, "WindowWidth": 1000, "VOILUTFunction": function}
    assert grey(path, film(row(0, 500, 1000, 1250, 1500, 4000), 12, **window)) == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    # ((x - 3.5) / 7 + 0.5) * 255, and ((x - 4) / 8 + 0.5) * 255.
    [("LINEAR", [0, 36, 146, 255]), ("LINEAR_EXACT", [0, 32, 128, 223])],
)
def test_narrow_windows(path, function, expected):
    window = {"WindowCenter": 4, "WindowWidth": 8, "VOILUTFunction": function}
    assert grey(path, film(row(0, 1, 4, 7), 8, **window)) == expected


def test_the_first_of_several_windows(path):
    dataset = film(row(500, 750, 1500), 12, WindowCenter=[1000, 50], WindowWidth=[1000, 10])
    dataset.VOILUTFunction = "LINEAR_EXACT"
    assert grey(path, dataset) == [0, 64, 255]


def test_an_empty_window_is_none(path):
    assert grey(path, film(row(0, 51), 8, WindowCenter=None, WindowWidth=None)) == [0, 51]


def test_windows_are_in_rescaled_units(path):
    settings = {"RescaleSlope": 2, "RescaleIntercept": -1000, "VOILUTFunction": "LINEAR_EXACT"}
    dataset = film(row(250, 500, 750), 12, WindowCenter=0, WindowWidth=1000, **settings)
    assert grey(path, dataset) == [0, 128, 255]


def test_rescaling_that_inverts(path):
    settings = {"RescaleSlope": -1, "RescaleIntercept": 255}
    assert grey(path, film(row(0, 55, 255), 8, **settings)) == [255, 200, 0]
    window = {"WindowCenter": 128, "WindowWidth": 256}
    assert grey(path, film(row(0, 55, 255), 8, **settings, **window)) == [255, 200, 0]


def test_signed_values(path):
    assert grey(path, film(row(-1000, 0, 1000), 16)) == [0, 128, 255]
    window = {"WindowCenter": 0, "WindowWidth": 1000, "VOILUTFunction": "LINEAR_EXACT"}
    assert grey(path, film(row(-1000, 250, 1000), 16, **window)) == [0, 191, 255]


def test_a_table_of_eight_bits_and_4096_entries(path):
    lut = table(0, 8, np.arange(4096) >> 4)
    # 300 >> 4 is 18; an index of eight bits would give entry 44, which is 2.
    assert grey(path, film(row(0, 300, 4095), 12, VOILUTSequence=lut)) == [0, 18, 255]


def test_a_table_goes_before_a_window_and_its_ends_go_on(path):
    lut = table(100, 12, np.array([0, 819, 4095]))
    dataset = film(row(0, 100, 101, 102, 4000), 12, VOILUTSequence=lut)
    dataset.WindowCenter, dataset.WindowWidth = 50, 10
    assert grey(path, dataset) == [0, 0, 51, 255, 255]


def test_values_beyond_what_an_index_can_hold(path):
    settings = {"RescaleSlope": 65_541, "RescaleIntercept": 0}
    lut = table(0, 8, np.arange(256))
    # 65,541 is 5 in sixteen bits.
    assert grey(path, film(row(0, 1), 12, VOILUTSequence=lut, **settings)) == [0, 255]


def test_a_modality_table_longer_than_its_input(path):
    lut = table(0, 12, np.arange(300) * 10)
    assert grey(path, film(row(0, 51, 255), 8, ModalityLUTSequence=lut)) == [0, 51, 255]


def test_a_table_of_rescaled_values(path):
    settings = {"RescaleSlope": 0.5, "RescaleIntercept": 100}
    lut = table(100, 8, np.array([0, 100, 200, 255]))
    assert grey(path, film(row(0, 2, 4, 6), 12, VOILUTSequence=lut, **settings)) == [
        0, 100, 200, 255,
    ]  # fmt: skip


@pytest.mark.parametrize("bits", [8, 12])
def test_a_modality_table(path, bits):
    lut = table(0, 12, np.array([4000, 0, 1000]))
    dataset = film(row(0, 1, 2, 9), bits, ModalityLUTSequence=lut)
    assert grey(path, dataset) == [255, 0, 64, 64]
    dataset.WindowCenter, dataset.WindowWidth = 1000, 2000
    dataset.VOILUTFunction = "LINEAR_EXACT"
    assert grey(path, dataset) == [255, 0, 128, 128]


def test_colour_and_grey_as_colour(path):
    red = np.zeros((2, 2, 3), np.uint8)
    red[..., 0] = 255
    save(film(red, 8), path)
    assert read_image(path, (2, 2), 3)[0, 0].tolist() == [255, 0, 0]
    assert read_image(path, (2, 2), 1)[0, 0].tolist() == [76]
    save(film(row(0, 9), 8), path)
    assert read_image(path, (1, 2), 3)[0, 1].tolist() == [9, 9, 9]


def plain(path) -> np.ndarray:
    return read_image(save(film(WAVES), path), WAVES.shape, 1)


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEG2000Lossless,
    ],
)
def test_lossless_syntaxes_are_the_uncompressed_film(path, tmp_path, syntax):
    dataset = film(WAVES)
    if syntax.is_encapsulated:
        dataset.compress(syntax, generate_instance_uid=False)
    dataset.file_meta.TransferSyntaxUID = syntax
    other = save(dataset, tmp_path / "other.dcm")
    np.testing.assert_array_equal(read_image(other, WAVES.shape, 1), plain(path))


@pytest.mark.parametrize("bits", [12, 16])
def test_lossless_jpeg_is_the_uncompressed_film(path, tmp_path, bits):
    dataset = lossless_jpeg(film(WAVES, bits), WAVES, bits)
    other = save(dataset, tmp_path / "other.dcm")
    np.testing.assert_array_equal(read_image(other, WAVES.shape, 1), plain(path))


def test_baseline_jpeg_is_nearly_the_film(path):
    levels = (WAVES >> 4).astype(np.uint8)
    frame = io.BytesIO()
    Image.fromarray(levels).save(frame, "JPEG", quality=98)
    save(encapsulated(film(levels, 8), JPEGBaseline8Bit, frame.getvalue()), path)
    difference = read_image(path, levels.shape, 1)[..., 0].astype(int) - levels
    assert np.abs(difference).mean() < 2


@pytest.mark.parametrize(
    "kind", ["RLE", "bigendian", "implicit", "jp2klossless", "jpeg_ls_lossless"]
)
def test_pydicoms_own_samples_agree(kind):
    paths = [get_testdata_file(f"MR_small{name}.dcm", download=False) for name in ("", f"_{kind}")]
    first, second = (read_image(Path(str(path)), (64, 64), 1) for path in paths)
    np.testing.assert_array_equal(first, second)


def refused(path, kind=DataError) -> str:
    with pytest.raises(kind) as raised:
        read_dicom(io.BytesIO(path.read_bytes()), str(path), 80_000_000)
    return str(raised.value).removeprefix(f"{path}: ")


def test_several_frames(path):
    dataset = film(np.zeros((4, 4)), NumberOfFrames=2)
    dataset.PixelData = bytes(64)
    assert refused(save(dataset, path)) == (
        "has 2 frames, and only single-frame files are read; export the frame you need to its own "
        "file."
    )


def test_one_frame_that_says_so(path):
    assert grey(path, film(row(0, 9), 8, NumberOfFrames=1)) == [0, 9]


def test_no_pixels(path):
    dataset = film(row(0, 1), Modality="SR")
    del dataset.PixelData
    assert refused(save(dataset, path)) == "a DICOM file without pixels (modality SR); remove it."


def test_a_compression_that_nothing_decodes(path):
    save(encapsulated(film(row(0, 1), 8), MPEG2MPML, b"\x00\x00\x01\xb3"), path)
    assert refused(path) == (
        "compressed as MPEG2 Main Profile / Main Level, which neither leadline nor its dicom extra "
        "decodes; save it uncompressed, or as JPEG, JPEG-LS, JPEG 2000 or RLE."
    )


def test_a_decoder_that_is_not_installed(path, monkeypatch):
    class Decoder:
        is_available = False

    save(lossless_jpeg(film(WAVES), WAVES, 12), path)
    monkeypatch.setattr("pydicom.pixels.decoders.base.get_decoder", lambda _: Decoder)
    assert refused(path, MissingExtra) == (
        "compressed as JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 "
        "[Selection Value 1]); decoding that needs the dicom extra: pip install 'leadline[dicom]'"
    )


def test_without_pydicom(path, monkeypatch):
    save(film(row(0, 1)), path)
    monkeypatch.setitem(sys.modules, "pydicom", None)
    assert refused(path, MissingExtra) == (
        "reading DICOM needs the dicom extra: pip install 'leadline[dicom]' (not installed: "
        "pydicom)"
    )


def test_too_many_pixels(path):
    dataset = film(row(0, 1), 8)
    dataset.Rows, dataset.Columns = 10_000, 10_000
    assert refused(save(dataset, path)).startswith("10,000 × 10,000 px is more than 80,000,000")


@pytest.mark.parametrize("photometric", ["ARGB", "HSV"])
def test_other_colours(path, photometric):
    message = refused(save(film(row(0, 1), PhotometricInterpretation=photometric), path))
    assert message.startswith(f"its pixels are {photometric} of 12 bits; MONOCHROME1, ")


NO_DICOM = (
    "cannot be read as DICOM (its first bytes are not those of a DICOM file); replace it or remove "
    "it."
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read as an image (it is empty); copy or download it again."),
        (b"text", NO_DICOM),
        (b"\x89PNG" * 99, NO_DICOM),
    ],
)
def test_no_dicom_at_all(path, content, said):
    path.write_bytes(content)
    with pytest.raises(DataError) as raised:
        read_image(path, (4, 4), 1)
    assert str(raised.value) == f"{path}: {said}"


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("BitsAllocated", "Missing required element: (0028,0100) 'Bits Allocated'"),
        ("Rows", "it lacks Rows"),
    ],
)
def test_a_tag_that_is_not_there(path, tag, reason):
    dataset = film(row(0, 1), 8)
    delattr(dataset, tag)
    assert f"cannot be read as DICOM ({reason});" in refused(save(dataset, path))


@pytest.mark.parametrize("compressed", [False, True])
def test_files_cut_anywhere_say_so(path, compressed):
    dataset = film(WAVES)
    content = save(lossless_jpeg(dataset, WAVES, 12) if compressed else dataset, path).read_bytes()
    for end in range(0, len(content) - 40, 97):
        path.write_bytes(content[:end])
        assert refused(path)


def test_folders_of_films_with_and_without_suffix(tmp_path):
    for number, name in enumerate(("a/1.dcm", "a/IM2", "b/1.DCM", "b/2.dicom")):
        save(film(np.full((4, 4), 10 * number), 8), tmp_path / name)
    save(film(row(0, 1)), tmp_path / "a" / "DICOMDIR")
    (tmp_path / "a" / "LICENCE").write_text("text " * 99)
    dataset = read_path(tmp_path, (4, 4), 1, lambda *_: None)
    assert dataset.train.names == ("a/1.dcm", "a/IM2", "b/1.DCM", "b/2.dicom")
    assert dataset.train.pixels[:, 0, 0, 0].tolist() == [0, 10, 20, 30]
    assert tuple(map(str, dataset.warnings)) == (
        "Left out: 1 file: 1 without suffix (not an image), such as a/LICENCE.",
    )


def test_films_in_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "films.zip", "w") as archive:
        for number, name in enumerate(("a/1.dcm", "b/IM2")):
            path = save(film(np.full((4, 4), 10 * number), 8), tmp_path / "one.dcm")
            archive.write(path, name)
    dataset = read_path(tmp_path / "films.zip", (4, 4), 1, lambda *_: None)
    assert dataset.train.pixels[:, 0, 0, 0].tolist() == [0, 10]
