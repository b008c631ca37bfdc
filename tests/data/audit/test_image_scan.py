"""Reading for an audit: what is kept of each file, and files that cannot be read."""

import hashlib
import shutil

import numpy as np
import pytest
from PIL import Image
from tests.data.audit.making import save

from leadline.data.audit.image_scan import scan
from leadline.errors import DataError


def silent(*_):
    pass


@pytest.fixture
def folder(tmp_path):
    """Train and test, classes a and b, one image each; 20 x 10 px."""
    for place, split in enumerate(("train", "Test")):
        for label, name in enumerate("ab"):
            (tmp_path / split / name).mkdir(parents=True)
            level = 100 * place + 50 * label
            save(tmp_path / split / name / "x.png", np.full((10, 20), level, np.uint8))
    return tmp_path


def test_what_is_kept(folder):
    records = scan(folder, 16, silent)
    assert records.classes == ("a", "b")
    assert records.names == ("train/a/x.png", "train/b/x.png", "Test/a/x.png", "Test/b/x.png")
    assert records.counts() == {"train": {"a": 1, "b": 1}, "test": {"a": 1, "b": 1}}
    assert records.thumbnails.shape == (4, 16, 16)
    assert records.thumbnails[:, 0, 0].tolist() == [0, 50, 100, 150]
    content = (folder / "train/a/x.png").read_bytes()
    assert records.file_sums[0] == hashlib.sha256(content).hexdigest()
    assert records.sizes[0].tolist() == [20, 10, len(content)]


def test_pixels_have_one_sum_whatever_holds_them(folder):
    with Image.open(folder / "train/a/x.png") as image:
        image.save(folder / "train/b/y.bmp")
        image.resize((10, 20)).save(folder / "train/b/z.png")
    records = scan(folder, 16, silent)
    at = {name: records.pixel_sums[index] for index, name in enumerate(records.names)}
    assert at["train/a/x.png"] == at["train/b/y.bmp"]
    # As many equal bytes, but of another shape.
    assert at["train/a/x.png"] != at["train/b/z.png"]
    assert len(set(records.file_sums)) == 6


def test_files_that_cannot_be_read_are_set_aside(folder):
    (folder / "train/a/broken.png").write_bytes(b"no image")
    whole = (folder / "Test/b/x.png").read_bytes()
    (folder / "Test/b/cut.png").write_bytes(whole[: len(whole) // 2])
    records = scan(folder, 16, silent)
    assert len(records) == 4
    assert [(one.name, one.split) for one in records.unreadable] == [
        ("train/a/broken.png", "train"),
        ("Test/b/cut.png", "test"),
    ]
    assert "cannot be read as an image" in str(records.unreadable[0].reason)


def test_none_that_can_be_read(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.png").write_bytes(b"no image")
    with pytest.raises(DataError, match="none of its 2 images can be read"):
        scan(tmp_path, 16, silent)


def test_a_class_that_a_split_lacks_is_no_error(folder):
    shutil.rmtree(folder / "Test/b")
    assert scan(folder, 16, silent).counts()["test"] == {"a": 1, "b": 0}


def test_a_zip_is_as_its_folder(folder, tmp_path_factory):
    packed = tmp_path_factory.mktemp("zip") / "data"
    path = shutil.make_archive(str(packed), "zip", folder)
    archived, lying = scan(packed.with_suffix(".zip"), 16, silent), scan(folder, 16, silent)
    assert path.endswith(".zip")
    assert archived.names == lying.names
    assert archived.file_sums == lying.file_sums
    assert archived.pixel_sums == lying.pixel_sums


def test_arrays_are_compared_at_their_own_size(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(0, 256, (6, 20, 20), np.uint8),
        "y_train": np.arange(6) % 2,
        "x_val": rng.integers(0, 256, (2, 20, 20), np.uint8),
        "y_val": np.arange(2),
    }
    arrays["x_val"][0] = arrays["x_train"][0]
    np.savez(tmp_path / "data.npz", allow_pickle=False, **arrays)
    records = scan(tmp_path / "data.npz", 64, silent)
    assert records.counts() == {"train": {"0": 3, "1": 3}, "validation": {"0": 1, "1": 1}}
    assert np.array_equal(records.thumbnails[:6], arrays["x_train"])
    assert records.pixel_sums[0] == records.pixel_sums[6]
    assert records.file_sums == ()
    assert records.names[6] == "validation/0"
    assert records.sizes[0].tolist() == [20, 20, 0]
    assert scan(tmp_path / "data.npz", 10, silent).thumbnails.shape == (8, 10, 10)


@pytest.mark.parametrize(
    ("classes", "message"), [((), "no images in class folders"), (("a",), "one class only, 'a'")]
)
def test_nothing_to_audit(tmp_path, classes, message):
    for name in classes:
        (tmp_path / "train" / name).mkdir(parents=True)
        save(tmp_path / "train" / name / "x.png", np.zeros((4, 4), np.uint8))
    with pytest.raises(DataError, match=message):
        scan(tmp_path, 16, silent)


def test_no_such_folder(tmp_path):
    with pytest.raises(DataError, match="no such file or folder"):
        scan(tmp_path / "absent", 16, silent)
