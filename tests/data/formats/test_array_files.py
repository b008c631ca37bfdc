"""CSV files of pixels, .npy files with their pair, and IDX files of other names."""

from __future__ import annotations

import csv
import socket
from pathlib import Path

import numpy as np
import pytest

from leadline.data.formats.array_roles import role_of
from leadline.data.formats.idx import encode_idx
from leadline.data.formats.readers import is_tree, read_arrays
from leadline.errors import DataError

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (12, 5, 5)).astype(np.uint8)
LABELS = np.arange(12) % 3


def write_csv(
    path: Path, *, header: bool = True, separator: str = ",", label: str | None = "label",
    last: bool = False, index: bool = False, bom: bool = False, names=LABELS,
) -> Path:  # fmt: skip
    columns = [f"pixel{place}" for place in range(25)]
    rows = [[str(level) for level in image.ravel()] for image in PIXELS]
    if label is not None:
        place = len(columns) if last else 0
        columns.insert(place, label)
        for row, name in zip(rows, names, strict=True):
            row.insert(place, str(name))
    if index:
        columns.insert(0, "")
        for count, row in enumerate(rows):
            row.insert(0, str(count))
    with path.open("w", newline="", encoding="utf-8-sig" if bom else "utf-8") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerows([columns, *rows] if header else rows)
    return path


def n_test_images(path: Path) -> int:
    """Images of the part to test with, as read from there."""
    part = read_arrays(path).test
    assert part is not None
    return len(part)


@pytest.mark.parametrize(
    "options",
    [
        {}, {"header": False}, {"separator": ";"}, {"separator": "\t"}, {"bom": True},
        {"last": True}, {"label": "Class"}, {"label": "emotion"}, {"index": True},
        {"bom": True, "separator": ";", "header": False},
    ],
)  # fmt: skip
def test_a_table_of_pixels(tmp_path, options):
    dataset = read_arrays(write_csv(tmp_path / "train.csv", **options))
    np.testing.assert_array_equal(dataset.train.pixels[..., 0], PIXELS)
    assert dataset.train.labels.tolist() == LABELS.tolist()
    assert dataset.classes == ("0", "1", "2")
    assert not dataset.warnings


def test_labels_in_words_stay_words(tmp_path):
    names = ["NA", "True", "1.0", "01"] * 3
    dataset = read_arrays(write_csv(tmp_path / "t.csv", names=names))
    assert set(dataset.classes) == set(names)


def test_kaggles_two_files(tmp_path):
    """The test file has no labels, so a test part is carved out of the other."""
    write_csv(tmp_path / "train.csv")
    write_csv(tmp_path / "test.csv", label=None)
    assert not is_tree(tmp_path)
    dataset = read_arrays(tmp_path)
    assert dataset.test is None
    assert "test.csv" in dataset.warnings[0]


def test_two_labelled_files(tmp_path):
    write_csv(tmp_path / "mnist_train.csv")
    write_csv(tmp_path / "mnist_test.csv")
    assert n_test_images(tmp_path) == 12


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "its columns are"),
        ("a,b\n1,2\n", "its columns are a, b"),
        ("label,pixel0\nx,1\n", "its columns are label, pixel0"),
        ("emotion,pixels,Usage\n0,1 2 3,Training\n", "its columns are emotion, pixels, Usage"),
        ("label," + ",".join(f"p{i}" for i in range(16)) + "\n1,2\n", "cannot be read as a table"),
        ("label," + ",".join(f"p{i}" for i in range(16)) + "\n", "holds no rows"),
        (",".join("1" * 20) + "\n", "rows of 20 numbers"),
        (",".join("1" * 25) + "\n", "has no column of labels"),
    ],
)
@pytest.mark.filterwarnings("ignore:loadtxt")
def test_tables_that_are_no_images(tmp_path, text, message):
    path = tmp_path / "some.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=r"some\.csv: ") as error:
        read_arrays(path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"\x00" * 99, b"\xff\xfe\x00", b"label\xe9,p\n1,2\n"])
def test_bytes_that_are_no_table(tmp_path, content):
    path = tmp_path / "some.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"some\.csv: "):
        read_arrays(path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x_train", ("train", "images")), ("X_train", ("train", "images")),
        ("xtrain", ("train", "images")), ("trainX", ("train", "images")),
        ("train_images", ("train", "images")), ("trainLabels", ("train", "labels")),
        ("x", ("train", "images")), ("labels", ("train", "labels")),
        ("y_val", ("validation", "labels")), ("valid_y", ("validation", "labels")),
        ("test_labels", ("test", "labels")), ("Y_TEST", ("test", "labels")),
        ("arr_0", None), ("names", None), ("x_y", None), ("train", None), ("mean", None),
    ],
)  # fmt: skip
def test_roles_by_name(name, expected):
    assert role_of(name) == expected


@pytest.mark.parametrize("names", [("x", "y"), ("X_train", "Y_train"), ("images", "labels")])
@pytest.mark.parametrize("as_folder", [True, False])
def test_a_pair_of_npy_files(tmp_path, names, as_folder):
    np.save(tmp_path / f"{names[0]}.npy", PIXELS)
    np.save(tmp_path / f"{names[1]}.npy", LABELS)
    dataset = read_arrays(tmp_path if as_folder else tmp_path / f"{names[0]}.npy")
    np.testing.assert_array_equal(dataset.train.pixels[..., 0], PIXELS)
    assert dataset.train.labels.tolist() == LABELS.tolist()


def test_npz_under_other_names(tmp_path):
    np.savez(tmp_path / "d.npz", X_train=PIXELS, Y_train=LABELS, X_test=PIXELS, Y_test=LABELS)
    assert n_test_images(tmp_path / "d.npz") == 12


def test_other_arrays_of_a_npz_are_left_alone(tmp_path):
    other = np.zeros(3)
    np.savez(tmp_path / "d.npz", x_train=PIXELS, y_train=LABELS, data=other, target=other)
    assert len(read_arrays(tmp_path / "d.npz").train) == 12


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"x.npy": PIXELS}, "has x, but no labels of train; add them, named y_train"),
        ({"a.npy": PIXELS, "b.npy": LABELS}, "name the arrays x_train.npy and y_train.npy"),
        ({"x.npy": PIXELS, "images.npy": PIXELS, "y.npy": LABELS}, "are both the images of train"),
    ],
)
def test_npy_files_without_pair(tmp_path, files, message):
    for name, array in files.items():
        np.save(tmp_path / name, array)
    with pytest.raises(DataError) as error:
        read_arrays(tmp_path)
    assert message in str(error.value)


def test_an_npy_header_is_not_believed(tmp_path):
    np.save(tmp_path / "x.npy", PIXELS)
    np.save(tmp_path / "y.npy", LABELS)
    whole = (tmp_path / "x.npy").read_bytes()
    for content in (whole[:200], whole.replace(b"(12, ", b"(99999999999, "), b"\x93NUMPY", b""):
        (tmp_path / "x.npy").write_bytes(content)
        with pytest.raises(DataError, match=r"x\.npy: "):
            read_arrays(tmp_path)


def test_text_that_is_not_unicode(tmp_path):
    np.save(tmp_path / "x.npy", PIXELS)
    np.save(tmp_path / "y.npy", np.full(12, 0xFFFFFFFF, np.uint32).view("<U1"))
    with pytest.raises(
        DataError, match=r"y\.npy: damaged \(text that is not Unicode\); save a pla"
    ):
        read_arrays(tmp_path)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array(3), r"labels have shape \(\), expected \(n,\), one class per image"),
        (np.array([{"a": 1}] * 12, object), r"holds Python objects .* y\.astype\(str\)"),
    ],
)
@pytest.mark.parametrize("form", ["npy", "npz"])
def test_labels_that_are_not_one_for_each_image(tmp_path, labels, message, form):
    if form == "npz":
        np.savez(tmp_path / "d.npz", x_train=PIXELS, y_train=labels)
    else:
        np.save(tmp_path / "x.npy", PIXELS)
        np.save(tmp_path / "y.npy", labels)
    with pytest.raises(DataError, match=message):
        read_arrays(tmp_path)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="makes a special file")
@pytest.mark.parametrize("name", ["x_train.npy", "y_train.npy", "a.csv", "a.npz"])
def test_special_files_are_not_read(tmp_path, monkeypatch, name):
    """Reading a pipe would wait for ever; a socket is as special, and fails instead."""
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as special:
        special.bind(name)
    if name.startswith("a."):
        assert is_tree(tmp_path)
        return
    other = "y_train" if name.startswith("x") else "x_train"
    np.save(tmp_path / f"{other}.npy", PIXELS)
    with pytest.raises(DataError, match=f"has {other}, but no (images|labels) of train"):
        read_arrays(tmp_path)
    with pytest.raises(DataError, match="needs a second one beside it"):
        read_arrays(tmp_path / f"{other}.npy")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("t.tar.gz", "unpack it"), ("t.tgz", "unpack it"), ("t.7z", "7z x"),
        ("d.h5", "numpy.savez_compressed"), ("d.mat", "numpy.savez_compressed"),
        ("train-images-idx3-ubyte.gz", "give the folder that holds it"),
        ("a.xlsx", "save it as CSV"), ("a.txt", "a folder of images for each class"),
    ],
)  # fmt: skip
def test_other_files_get_a_way_on(tmp_path, name, message):
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(DataError) as error:
        read_arrays(tmp_path / name)
    assert message in str(error.value)


def write_idx(folder: Path, prefix: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for split in ("train", "test"):
        images = folder / f"{prefix}{split}-images-idx3-ubyte"
        images.write_bytes(encode_idx(PIXELS))
        labels = folder / f"{prefix}{split}-labels-idx1-ubyte"
        labels.write_bytes(encode_idx(LABELS.astype(np.uint8)))


def test_emnist_is_turned_upright(tmp_path):
    write_idx(tmp_path / "gzip", "emnist-balanced-")
    dataset = read_arrays(tmp_path)
    np.testing.assert_array_equal(dataset.train.pixels[..., 0], PIXELS.transpose(0, 2, 1))
    assert dataset.test is not None
    assert len(dataset.test) == 12
    assert "EMNIST" in dataset.warnings[0]
    assert len(dataset.warnings) == 1


def test_idx_files_of_another_set_are_as_they_are(tmp_path):
    write_idx(tmp_path, "kmnist_")
    dataset = read_arrays(tmp_path)
    np.testing.assert_array_equal(dataset.train.pixels[..., 0], PIXELS)
    assert not dataset.warnings


def test_several_idx_sets_are_named(tmp_path):
    write_idx(tmp_path, "emnist-balanced-")
    write_idx(tmp_path, "emnist-letters-")
    with pytest.raises(DataError, match="emnist-balanced, emnist-letters"):
        read_arrays(tmp_path)


def test_a_folder_of_images_stays_one(tmp_path):
    """A table of labels beside class folders, or beside images, is no data set."""
    (tmp_path / "a").mkdir()
    write_csv(tmp_path / "labels.csv")
    assert is_tree(tmp_path)
