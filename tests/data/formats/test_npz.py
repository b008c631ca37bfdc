"""NPZ files: no pickle, whatever they hold."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from leadline.data.formats import npz
from leadline.data.formats.array_files import read_npz_file
from leadline.data.formats.npz import array_names, read_arrays, read_npy
from leadline.errors import DataError

GREY = 11 * np.arange(6 * 4, dtype=np.uint8).reshape(6, 2, 2)
LABELS = np.array([0, 1, 0, 1, 0, 1])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mine.npz"


def test_only_what_is_asked_for_is_read(path):
    np.savez(path, a=np.array([1, 2]), b=np.array(["x"], object))
    assert array_names(path) == ("a", "b")
    assert read_arrays(path, ["a"])["a"].tolist() == [1, 2]


class Trap:
    """Unpickling this would make a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def test_pickled_arrays_are_refused_and_nothing_of_them_runs(path, tmp_path):
    np.savez(path, x_train=np.array([Trap(tmp_path / "trap")], object), y_train=LABELS)
    with pytest.raises(DataError, match=r"holds Python objects \(dtype=object\)"):
        read_npz_file(path)
    assert not (tmp_path / "trap").exists()


def test_text_labels_of_pandas_are_not_called_damaged(path):
    np.savez(path, x_train=np.zeros((2, 8, 8)), y_train=np.array(["a", "b"], object))
    with pytest.raises(DataError) as error:
        read_npz_file(path)
    assert str(error.value) == (
        f"{path}: array 'y_train' holds Python objects (dtype=object), which are not read because "
        "they can run code; save text labels as y.astype(str), numbers as y.astype(int), images of "
        "one size as numpy.stack(images)."
    )


def test_records_are_not_called_damaged(path):
    records = np.zeros(2, [("name", "U3"), ("number", np.int64)])
    np.savez(path, x_train=np.zeros((2, 8, 8)), y_train=records)
    with pytest.raises(DataError, match=r"array 'y_train' holds records .* save each field"):
        read_npz_file(path)


@pytest.mark.parametrize(
    ("arrays", "fix"),
    [
        (1, "give the folder that holds both."),
        (2, "y_train=...) (numpy.savez calls arrays without a name arr_0, arr_1 ...)."),
    ],
)
def test_arrays_without_names(path, arrays, fix):
    np.savez(path, *[np.zeros((2, 8, 8), np.uint8)] * arrays)
    with pytest.raises(DataError) as error:
        read_npz_file(path)
    assert str(error.value).startswith(f"{path}: its arrays are arr_0")
    assert str(error.value).endswith(fix)


def test_keras_names(path):
    np.savez(path, x_train=GREY, y_train=LABELS, x_test=GREY[:2], y_test=LABELS[:2])
    dataset = read_npz_file(path)
    assert dataset.name == "mine"
    assert dataset.classes == ("0", "1")
    assert dataset.train.pixels[..., 0].tolist() == GREY.tolist()
    assert dataset.test is not None
    assert dataset.test.labels.tolist() == [0, 1]
    assert dataset.validation is None
    assert list(dataset.warnings) == []


def test_medmnist_names(path):
    colour = np.stack([GREY] * 3, axis=-1)
    arrays = {f"{split}_images": colour for split in ("train", "val", "test")}
    labels = {f"{split}_labels": LABELS[:, np.newaxis] for split in ("train", "val", "test")}
    np.savez_compressed(path, allow_pickle=False, **arrays, **labels)
    dataset = read_npz_file(path)
    assert dataset.validation is not None
    assert dataset.validation.pixels.shape == (6, 2, 2, 3)
    assert dataset.validation.labels.tolist() == LABELS.tolist()


def test_images_and_labels_that_differ_in_number(path):
    np.savez(path, x_train=GREY, y_train=LABELS[:5])
    with pytest.raises(DataError, match=r"mine\.npz: x_train: 6 images, but 5 labels in .*y_train"):
        read_npz_file(path)


def test_nan_pixels_are_named_with_their_array(path):
    pixels = GREY.astype(np.float32)
    pixels[3, 1, 0] = np.nan
    np.savez(path, x_train=pixels, y_train=LABELS)
    with pytest.raises(
        DataError, match=r"x_train: pixels that are NaN: 1, the first at index \(3, 1, 0"
    ):
        read_npz_file(path)


def test_images_without_labels(path):
    np.savez(path, x_train=GREY)
    with pytest.raises(
        DataError, match="has x_train, but no labels of train; add them, named y_train"
    ):
        read_npz_file(path)


def test_other_names_are_listed(path):
    np.savez(path, pictures=GREY, answers=LABELS)
    with pytest.raises(DataError, match="its arrays are answers, pictures; expected x_train"):
        read_npz_file(path)


def test_no_zip_at_all(path):
    path.write_bytes(b"not a zip")
    with pytest.raises(DataError, match="not a zip archive, or cut short"):
        read_npz_file(path)


def test_a_damaged_archive(path):
    np.savez(path, x_train=GREY, y_train=LABELS)
    content = bytearray(path.read_bytes())
    content[content.index(GREY.tobytes()) + 5] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"damaged .*Bad CRC-32 for file 'x_train\.npy'"):
        read_npz_file(path)


def test_a_header_that_promises_more_than_memory_holds(path):
    header = io.BytesIO()
    shape = (10**12, 28, 28)
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x_train.npy", header.getvalue() + b"123")
    with pytest.raises(DataError, match="claims 784,000,000,000,000 bytes of numbers, the file "):
        read_arrays(path, ["x_train"])


def test_what_unpacks_to_too_much_is_refused(path, monkeypatch):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x_train.npy", bytes(200_000))
        archive.writestr("y_train.npy", bytes(10))
    monkeypatch.setattr(npz, "MAX_UNPACKED_BYTES", 200_000)
    with pytest.raises(DataError, match="unpacks to 200,010 bytes"):
        read_npz_file(path)


def test_arrays_of_mnist_shape_that_are_not_mnist_say_so(path):
    labels = np.arange(60_000) % 10
    np.savez_compressed(path, x_train=np.zeros((60_000, 28, 28), np.uint8), y_train=labels)
    dataset = read_npz_file(path)
    assert dataset.name == "mine"
    assert "not the standard MNIST bytes" in str(dataset.warnings[0])


def test_an_archive_does_not_pass_for_mnist_by_its_name(path):
    named = path.with_name("mnist.npz")
    np.savez(named, x_train=GREY, y_train=LABELS)
    assert read_npz_file(named).name == "mnist (your own)"


def test_a_stream_that_gives_few_bytes_at_a_time():
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(3 if size is None or size < 0 else min(size, 3))

    whole = io.BytesIO()
    np.save(whole, np.arange(40))
    content = whole.getvalue()
    assert read_npy(Slow(content), len(content)).tolist() == list(range(40))
    with pytest.raises(ValueError, match="cut short, 20 bytes are missing"):
        read_npy(Slow(content[:-20]), len(content))
