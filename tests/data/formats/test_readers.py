"""Which reader a path needs, and what the user's own MNIST says of itself."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from leadline.data.dataset import Dataset
from leadline.data.formats.idx import encode_idx
from leadline.data.formats.readers import (
    FORMATS,
    ArrayFile,
    ArrayFolders,
    IdxFolder,
    ImageFolder,
    ImageZip,
    NpzFile,
    read_path,
)
from leadline.errors import DataError

LABELS = "train-labels-idx1-ubyte"


def read(path: Path, size_px: tuple[int, int] = (28, 28), channels: int = 1) -> Dataset:
    return read_path(path, size_px, channels, lambda *_: None)


@pytest.mark.parametrize("packed", [False, True])
def test_idx_files_raw_or_packed(write_files, small_mnist, packed):
    dataset = read(write_files(small_mnist, packed=packed))
    assert dataset.classes == tuple("0123456789")
    assert dataset.train.labels.tolist() == [*range(10), *range(10)]
    assert dataset.test is not None
    assert dataset.test.pixels.tobytes() == small_mnist["t10k-images-idx3-ubyte"][16:]


def test_other_bytes_than_mnist_are_read_with_a_warning(write_files, small_mnist):
    dataset = read(write_files(small_mnist))
    assert dataset.name == "given"
    assert "not the standard MNIST bytes" in str(dataset.warnings[0])


@pytest.mark.slow
def test_the_users_own_mnist_is_known(write_files, mnist):
    contents = {}
    for name, part in {"train": mnist.train, "t10k": mnist.test}.items():
        contents[f"{name}-images-idx3-ubyte"] = encode_idx(part.pixels[..., 0])
        contents[f"{name}-labels.idx1-ubyte"] = encode_idx(part.labels.astype(np.uint8))
    dataset = read(write_files(contents))
    assert dataset.name == "mnist"
    assert list(dataset.warnings) == []


def test_torchvisions_folder_is_found(write_files, small_mnist):
    folder = write_files(small_mnist)
    inside = folder.parent / "MNIST" / "raw"
    inside.parent.mkdir()
    folder.rename(inside)
    assert len(read(folder.parent).train) == 20


def test_the_unpacked_file_is_preferred(write_files, small_mnist):
    folder = write_files(small_mnist)
    (folder / f"{LABELS}.gz").write_bytes(b"broken")
    assert len(read(folder).train) == 20


def test_training_images_alone_will_do(write_files, small_mnist):
    assert read(write_files(dict(list(small_mnist.items())[:2]))).test is None


def test_images_are_resized(write_files, small_mnist):
    dataset = read(write_files(small_mnist), size_px=(14, 10), channels=3)
    assert dataset.train.pixels.shape == (20, 14, 10, 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({LABELS: encode_idx(np.arange(19, dtype=np.uint8))}, "20 images, but 19 labels in"),
        ({LABELS: None}, "given: the file of train labels is missing"),
        ({LABELS: None, "train-images-idx3-ubyte": None}, "train-images-idx3-ubyte is missing"),
        ({LABELS: encode_idx(np.zeros((2, 2), np.uint8))}, "magic number is 0x00000802, expected"),
        (
            {LABELS: encode_idx(np.arange(20, dtype=np.uint8))[:-3]},
            "short IDX file, 17 of 20 bytes",
        ),
        ({LABELS: encode_idx(np.full(20, 4, np.uint8))}, "one class only (4)"),
    ],
)
def test_what_is_wrong_with_idx_files(write_files, small_mnist, changes, message):
    contents: dict[str, Any] = {**small_mnist, **changes}
    folder = write_files({name: raw for name, raw in contents.items() if raw is not None})
    with pytest.raises(DataError) as error:
        read(folder)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_an_npz_file_or_the_folder_it_lies_in(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, x_train=np.zeros((4, 3, 3), np.uint8), y_train=[0, 1, 0, 1])
    assert read(path, (3, 3)).source == str(path)
    assert read(tmp_path, (3, 3)).source == str(path)


def test_a_folder_of_images(tiny_folder):
    dataset = read(tiny_folder, (2, 2), 3)
    assert dataset.train.pixels.shape == (4, 2, 2, 3)


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="nothing: no such file or folder; give a folder"):
        read(tmp_path / "nothing")


def test_a_single_file_of_another_kind(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(b"")
    with pytest.raises(DataError, match=r"x\.png: neither a folder nor a \.zip, \.npz"):
        read(path)


@pytest.mark.parametrize("name", ["x.dat", "x", "images.zip.part"])
@pytest.mark.parametrize("before", [b"", b"bytes before the archive"])
def test_a_zip_under_another_name(tmp_path, name, before):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for member, level in (("cat/1.png", 7), ("dog/1.png", 9)):
            buffer = io.BytesIO()
            Image.new("L", (4, 4), level).save(buffer, "PNG")
            packed.writestr(member, buffer.getvalue())
    path = tmp_path / name
    path.write_bytes(before + archive.getvalue())
    dataset = read(path, (4, 4))
    assert dataset.classes == ("cat", "dog")
    assert dataset.train.pixels[:, 0, 0, 0].tolist() == [7, 9]


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["train-images-idx3-ubyte"], IdxFolder),
        (["x_train.npy", "y_train.npy"], ArrayFolders),
        (["a/1.png", "b/1.png"], ImageFolder),
    ],
)
def test_a_folder_is_of_the_first_format_that_fits(tmp_path, names, kind):
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert first_format(tmp_path) is kind


def test_a_file_is_of_the_first_format_that_fits(tmp_path):
    for name in ("data.npz", "x_train.npy", "pixels.csv", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "images.any", "w") as archive:
        archive.writestr("a/1.png", b"")
    assert first_format(tmp_path / "data.npz") is NpzFile
    assert first_format(tmp_path / "x_train.npy") is ArrayFile
    assert first_format(tmp_path / "pixels.csv") is ArrayFile
    assert first_format(tmp_path / "images.any") is ImageZip
    assert first_format(tmp_path / "notes.txt") is None
    assert [type(known) for known in FORMATS] == [
        IdxFolder, ArrayFolders, ImageFolder, ImageZip, NpzFile, ArrayFile,
    ]  # fmt: skip


def first_format(path):
    return next((type(known) for known in FORMATS if known.reader(path) is not None), None)
