"""A sample of images: their sizes upright, and colour, whatever the file's mode."""

import numpy as np
import pytest
from PIL import Image

from leadline.data import size_survey as surveys
from leadline.data.dataset import Dataset, Images
from leadline.data.size_survey import holds_colour, survey_arrays, survey_tree
from leadline.data.sources.source_list import load_dataset, survey_images
from leadline.experiments import Data

ORIENTATION = 0x0112


def silent(*_):
    return None


def save(path, size=(30, 20), colour=(200, 40, 40), mode="RGB", **settings):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).convert(mode).save(path, **settings)


@pytest.mark.parametrize(
    ("share", "apart", "expected"),
    [(1.0, 17, True), (1.0, 16, False), (0.02, 40, True), (0.005, 40, False)],
)
def test_colour_is_where_channels_differ_on_enough_pixels(share, apart, expected):
    pixels = np.full((20, 50, 3), 100, np.uint8)
    pixels.reshape(-1, 3)[: round(share * 1000), 1] += apart
    assert holds_colour(pixels) == expected
    assert not holds_colour(pixels[..., :1])


@pytest.mark.parametrize("quality", [10, 50, 95])
def test_a_grey_jpeg_in_rgb_is_grey(tmp_path, quality):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    path = tmp_path / "noise.jpg"
    Image.fromarray(noise).convert("RGB").save(path, quality=quality)
    assert Image.open(path).mode == "RGB"
    assert not holds_colour(np.asarray(Image.open(path)))


@pytest.mark.parametrize(
    ("name", "mode"), [("a.png", "P"), ("a.png", "RGBA"), ("a.jpg", "CMYK"), ("a.jpg", "RGB")]
)
def test_colour_is_found_in_any_mode(tmp_path, name, mode):
    save(tmp_path / "x" / name, mode=mode)
    save(tmp_path / "y" / name, mode="L")
    found = survey_tree(tmp_path, silent)
    assert found.coloured.tolist() == [True, False]
    assert found.labels.tolist() == [0, 1]
    assert found.classes == 2


def test_sixteen_bits_are_grey(tmp_path):
    for name in "xy":
        (tmp_path / name).mkdir()
        Image.fromarray(np.full((5, 6), 40_000, np.uint16)).save(tmp_path / name / "a.png")
    found = survey_tree(tmp_path, silent)
    assert found.sizes_px.tolist() == [[5, 6], [5, 6]]
    assert not found.coloured.any()


def test_sizes_are_those_of_upright_images(tmp_path):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    save(tmp_path / "x" / "turned.jpg", exif=exif)
    save(tmp_path / "y" / "flat.jpg")
    assert survey_tree(tmp_path, silent).sizes_px.tolist() == [[30, 20], [20, 30]]


def test_only_train_is_looked_at_and_what_cannot_be_read_is_passed_over(tmp_path):
    for name in "xy":
        save(tmp_path / "train" / name / "a.png", size=(7, 5))
        save(tmp_path / "test" / name / "a.png", size=(70, 50))
    (tmp_path / "train" / "x" / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert survey_tree(tmp_path, silent).sizes_px.tolist() == [[5, 7], [5, 7]]


def test_the_sample_takes_every_class(tmp_path, monkeypatch):
    monkeypatch.setattr(surveys, "MOST_SURVEYED", 6)
    for name, count in (("many", 20), ("few", 2)):
        for number in range(count):
            save(tmp_path / name / f"{number:02}.png", size=(10 + number, 5))
    found = survey_tree(tmp_path, silent)
    # "few" is the first class; of "many" the first, the middle one and the last.
    assert found.labels.tolist() == [0, 0, 1, 1, 1]
    assert found.sizes_px[:, 1].tolist() == [10, 11, 10, 20, 29]


def test_arrays_have_one_size():
    pixels = np.zeros((9, 4, 6, 3), np.uint8)
    pixels[3, ..., 0] = 90
    images = Images(pixels, np.arange(9) % 3, tuple("abcdefghi"))
    dataset = Dataset("some", ("0", "1", "2"), images)
    found = survey_arrays(dataset)
    assert found.sizes_px.tolist() == [[4, 6]] * 9
    assert found.coloured.sum() == 1
    assert found.labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert (found.name, found.classes) == ("some", 3)


def test_a_folder_of_ones_own_is_looked_at_before_it_is_read(tmp_path):
    for name in "xy":
        for number in range(3):
            save(tmp_path / name / f"{number}.png", size=(300, 200))
    data = Data()
    found = survey_images(data, path=tmp_path)
    assert found.sizes_px.tolist() == [[200, 300]] * 6
    assert load_dataset(data, path=tmp_path).train.pixels.shape == (6, 64, 96, 3)
    grey = load_dataset(Data(channels=1, size_px=(96, 96)), path=tmp_path).train.pixels
    assert grey.shape == (6, 96, 96, 1)
    # 300 × 200 padded to a square: 16 rows of black above and below.
    assert (grey[:, :16] == 0).all()
    assert (grey[:, -16:] == 0).all()
    assert (grey[:, 16:-16] > 50).all()
