"""CSV files of pixels, .npy files with their pair, and IDX files of other names."""

from __future__ import annotations

import csv
import os
import pickle
import re
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from leadline.data.formats.array_roles import role_of
from leadline.data.formats.idx import encode_idx
from leadline.data.formats.image_folder import read_folder
from leadline.data.formats.readers import is_tree, read_arrays, read_path
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


def encoded_csv(path: Path, encoding: str, names: list[str]) -> Path:
    text = write_csv(path, names=names).read_text(encoding="utf-8")
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_name_themselves(tmp_path, encoding):
    dataset = read_arrays(encoded_csv(tmp_path / "t.csv", encoding, ["café", "thé"] * 6))
    assert dataset.classes == ("café", "thé")
    assert dataset.warnings == ()
    np.testing.assert_array_equal(dataset.train.pixels[..., 0], PIXELS)


@pytest.mark.parametrize("in_folder", [False, True])
def test_windows_text_is_a_guess_that_is_reported(tmp_path, in_folder):
    path = encoded_csv(tmp_path / "train.csv", "cp1252", ["café", "tea", "crème"] * 4)
    dataset = read_arrays(tmp_path if in_folder else path)
    assert dataset.classes == ("café", "crème", "tea")
    (remark,) = map(str, dataset.warnings)
    assert remark == (
        f"{path}: its text is not UTF-8 and was read as Windows-1252, which is a guess: café, "
        "crème. If that is wrong, save it as UTF-8 (in Excel: Save As > CSV UTF-8)."
    )


def test_bytes_of_no_known_encoding(tmp_path):
    path = write_csv(tmp_path / "t.csv", names=["x", "y"] * 6)
    path.write_bytes(path.read_bytes().replace(b"x,", b"\x81,"))
    with pytest.raises(DataError, match=r"its text is not UTF-8; save it as UTF-8 \(in Excel"):
        read_arrays(path)


def test_utf_16_without_its_mark(tmp_path):
    path = encoded_csv(tmp_path / "t.csv", "utf-16-le", ["x", "y"] * 6)
    with pytest.raises(DataError, match=r"its text is not UTF-8; save it as UTF-8 \(in Excel"):
        read_arrays(path)


def test_a_label_of_minus_one_is_refused_as_in_npz(tmp_path):
    path = write_csv(tmp_path / "t.csv", names=["0", "1", "-1"] * 4)
    with pytest.raises(DataError, match="-1 often marks a missing label"):
        read_arrays(path)


def test_kaggles_two_files(tmp_path):
    """The test file has no labels, so a test part is carved out of the other."""
    write_csv(tmp_path / "train.csv")
    write_csv(tmp_path / "test.csv", label=None)
    assert not is_tree(tmp_path)
    dataset = read_arrays(tmp_path)
    assert dataset.test is None
    assert "test.csv" in str(dataset.warnings[0])


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
    assert "EMNIST" in str(dataset.warnings[0])
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


def picture(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(PIXELS[0]).save(path)


def test_a_folder_of_images_stays_one(tmp_path):
    """Arrays beside class folders are not read."""
    picture(tmp_path / "a" / "1.png", tmp_path / "b" / "2.png")
    write_csv(tmp_path / "train.csv")
    np.savez(tmp_path / "features.npz", x=PIXELS, y=LABELS)
    assert is_tree(tmp_path)


def test_a_folder_of_splits_stays_one(tmp_path):
    picture(tmp_path / "train" / "a" / "1.png", tmp_path / "train" / "b" / "2.png")
    write_csv(tmp_path / "train.csv")
    assert is_tree(tmp_path)


def test_a_table_that_is_not_of_pixels_beside_images(tmp_path):
    picture(tmp_path / "1.png")
    (tmp_path / "labels.csv").write_text("file,label\n1.png,cat\n")
    assert is_tree(tmp_path)


def save_arrays(folder: Path, form: str) -> None:
    """Training images and twelve test images, as files of one kind."""
    folder.mkdir(parents=True, exist_ok=True)
    if form == "csv":
        write_csv(folder / "train.csv")
        write_csv(folder / "test.csv")
    elif form == "npz":
        np.savez(folder / "d.npz", x_train=PIXELS, y_train=LABELS, x_test=PIXELS, y_test=LABELS)
    elif form == "kmnist":
        for split in ("train", "test"):
            np.savez(folder / f"kmnist-{split}-imgs.npz", PIXELS)
            np.savez(folder / f"kmnist-{split}-labels.npz", LABELS)
    elif form == "split.npz":
        for split in ("train", "test"):
            np.savez(folder / f"{split}.npz", x=PIXELS, y=LABELS)
    else:
        for split in ("train", "test"):
            np.save(folder / f"x_{split}.npy", PIXELS)
            np.save(folder / f"y_{split}.npy", LABELS)


@pytest.mark.parametrize("form", ["csv", "npz", "npy", "kmnist", "split.npz"])
@pytest.mark.parametrize("beside", [(), ("preview.png",), ("docs/a.txt",), ("docs/figure.png",)])
def test_arrays_beside_pictures_and_folders(tmp_path, form, beside):
    save_arrays(tmp_path, form)
    for name in beside:
        if name.endswith(".png"):
            picture(tmp_path / name)
        else:
            (tmp_path / name).parent.mkdir()
            (tmp_path / name).write_text("x")
    dataset = read_arrays(tmp_path)
    np.testing.assert_array_equal(dataset.train.pixels[..., 0], PIXELS)
    assert dataset.test is not None
    assert dataset.test.labels.tolist() == LABELS.tolist()
    first = beside[0].split("/")[0] if beside else ""
    expected = (f"Not read, beside the arrays in {tmp_path}: {first}.",) if beside else ()
    assert tuple(map(str, dataset.warnings)) == expected


def test_a_table_as_published_beside_its_copy_and_a_picture(tmp_path):
    for split in ("train", "test"):
        write_csv(tmp_path / f"sign_mnist_{split}.csv")
        (tmp_path / f"sign_mnist_{split}").mkdir()
        write_csv(tmp_path / f"sign_mnist_{split}" / f"sign_mnist_{split}.csv")
    picture(tmp_path / "american_sign_language.PNG")
    assert n_test_images(tmp_path) == 12


@pytest.mark.parametrize("form", ["csv", "npz", "npy", "kmnist"])
def test_arrays_in_a_wrapper(tmp_path, form):
    save_arrays(tmp_path / "archive" / "data", form)
    assert n_test_images(tmp_path) == 12


def test_names_with_the_name_of_the_set_in_front(tmp_path):
    for split in ("train", "test"):
        np.save(tmp_path / f"fashion_{split}_images.npy", PIXELS)
        np.save(tmp_path / f"fashion_{split}_labels.npy", LABELS)
    assert n_test_images(tmp_path) == 12


def test_several_archives_of_unknown_names(tmp_path):
    for name in ("a", "b"):
        np.savez(tmp_path / f"{name}.npz", x=PIXELS, y=LABELS)
    with pytest.raises(DataError, match=r"2 \.npz files \(a\.npz, b\.npz\); give one of them"):
        read_arrays(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "fix"),
    [
        ("data_batch_1", pickle.dumps({b"data": [0]}, 2), "because unpickling can run code"),
        ("train.pkl", pickle.dumps([0], 0), "because unpickling can run code"),
        ("batch", pickle.dumps({"data": [0]}), "numpy.savez_compressed"),
        ("train-00000-of-00001.parquet", b"PAR1", "save its images as CLASS/NAME.png"),
        ("table", b"PAR1", "save its images as CLASS/NAME.png"),
    ],
)
def test_pickles_and_parquet_are_named_with_a_way_on(tmp_path, name, content, fix):
    path = tmp_path / "data" / name
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(DataError, match=re.escape(fix)):
        read_arrays(path)
    assert is_tree(tmp_path)
    with pytest.raises(DataError, match=re.escape(fix)):
        read_folder(tmp_path, (4, 4), 1, lambda *_: None)


def test_arrays_in_a_zip_are_to_be_unpacked(tmp_path):
    save_arrays(tmp_path / "d", "npy")
    archive = Path(shutil.make_archive(str(tmp_path / "d"), "zip", tmp_path / "d"))
    with pytest.raises(DataError, match=r"Arrays in a \.zip are not read: unpack it and give the"):
        read_path(archive, (4, 4), 1, lambda *_: None)


def test_no_pickle_is_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "trap"),)

    (tmp_path / "data_batch_1").write_bytes(pickle.dumps(Trap()))
    for path in (tmp_path, tmp_path / "data_batch_1"):
        with pytest.raises(DataError, match="unpickling can run code"):
            read_path(path, (4, 4), 1, lambda *_: None)
    assert not (tmp_path / "trap").exists()
