"""Folders of images, as people have them."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from leadline.data.dataset import Dataset
from leadline.data.formats.image_folder import read_folder
from leadline.data.formats.omitted_files import LeftOut
from leadline.errors import DataError, UnreadableImages


def read(root: Path, size_px: tuple[int, int] = (4, 4), channels: int = 1) -> Dataset:
    return read_folder(root, size_px, channels, lambda *_: None)


def test_splits_classes_and_files_in_order(tiny_folder):
    dataset = read(tiny_folder)
    assert dataset.name == "tiny"
    assert dataset.classes == ("9", "10")
    assert dataset.train.names == (
        "train/9/a1.png", "train/9/a2.png", "train/10/a1.png", "train/10/a2.png",
    )  # fmt: skip
    assert dataset.train.labels.tolist() == [0, 0, 1, 1]
    assert dataset.train.pixels[:, 0, 0, 0].tolist() == [10, 20, 40, 50]
    assert dataset.test is not None
    assert dataset.test.pixels[:, 0, 0, 0].tolist() == [30, 60]
    assert dataset.validation is None
    assert list(dataset.warnings) == []


@pytest.mark.parametrize("name", ["val", "VALID", "Validation"])
def test_a_validation_folder_goes_by_three_names(tiny_folder, name):
    (tiny_folder / "Test").rename(tiny_folder / name)
    dataset = read(tiny_folder)
    assert dataset.test is None
    assert dataset.validation is not None
    assert dataset.validation.labels.tolist() == [0, 1]


def test_classes_are_called_as_in_train(tmp_path, save_image):
    for place in ("train/normal", "train/Ill", "TEST/NORMAL", "TEST/ill"):
        save_image(tmp_path / place / "1.png")
    dataset = read(tmp_path)
    assert dataset.classes == ("Ill", "normal")
    assert dataset.test is not None
    assert dataset.test.names == ("TEST/ill/1.png", "TEST/NORMAL/1.png")
    assert dataset.test.labels.tolist() == [0, 1]


def test_letters_that_differ_in_case_alone_stay_two_classes(tmp_path, save_image):
    for place in ("train/a", "train/A", "test/a", "test/A"):
        save_image(tmp_path / place / "1.png")
    assert read(tmp_path).classes == ("A", "a")
    (tmp_path / "test" / "A").rename(tmp_path / "test" / "B")
    with pytest.raises(DataError, match="holds no images of class"):
        read(tmp_path)


@pytest.mark.parametrize("name", ["mnist", "mnist-sample"])
def test_a_folder_does_not_pass_for_mnist_by_its_name(tmp_path, save_image, name):
    save_image(tmp_path / name / "a" / "1.png")
    save_image(tmp_path / name / "b" / "1.png")
    assert read(tmp_path / name).name == f"{name} (your own)"


@pytest.mark.parametrize("name", [b"a\x01", b"a\nb", "a\x85".encode()])
def test_a_class_whose_name_no_page_can_show_is_refused(tmp_path, save_image, name):
    save_image(tmp_path / os.fsdecode(name) / "1.png")
    save_image(tmp_path / "b" / "1.png")
    message = f"class {os.fsdecode(name)!a}: its name holds a control character"
    with pytest.raises(DataError, match=re.escape(message)):
        read(tmp_path)


@pytest.mark.parametrize("name", ["p_x", "x, y", "l'œil \"<b>&", "日本語", "US$ and CA$"])
def test_a_class_may_be_called_as_people_write(tmp_path, save_image, name):
    save_image(tmp_path / name / "1.png")
    save_image(tmp_path / "z" / "1.png")
    assert name in read(tmp_path).classes


def test_classes_without_splits(tmp_path, save_image):
    save_image(tmp_path / "b" / "2.png", 2)
    save_image(tmp_path / "a" / "1.jpg", 1)
    dataset = read(tmp_path, size_px=(5, 3), channels=3)
    assert dataset.classes == ("a", "b")
    assert dataset.train.pixels.shape == (2, 5, 3, 3)
    assert dataset.train.names == ("a/1.jpg", "b/2.png")
    assert dataset.test is None


def test_a_class_called_train_is_a_class(tmp_path, save_image):
    for name in ("bus", "train", "test"):
        save_image(tmp_path / name / "x.png")
    assert read(tmp_path).classes == ("bus", "test", "train")


def test_folders_inside_a_class_belong_to_it(tmp_path, save_image):
    save_image(tmp_path / "a" / "patient10" / "x.png")
    save_image(tmp_path / "a" / "patient9" / "x.png")
    save_image(tmp_path / "b" / "x.png")
    assert read(tmp_path).train.names == ("a/patient9/x.png", "a/patient10/x.png", "b/x.png")


def test_hidden_and_other_files_are_left_out(tiny_folder, save_image):
    save_image(tiny_folder / "train" / "9" / ".hidden.png")
    save_image(tiny_folder / ".cache" / "9" / "x.png")
    save_image(tiny_folder / "train" / "9" / ".thumbnails" / "x.png")
    save_image(tiny_folder / "__MACOSX" / "train" / "x.png")
    (tiny_folder / "train" / "9" / "Thumbs.db").write_text("x")
    (tiny_folder / "train" / "desktop.ini").write_text("x")
    (tiny_folder / "train" / "9" / "notes.txt").write_text("x")
    (tiny_folder / "LICENSE").write_text("x")
    dataset = read(tiny_folder)
    assert len(dataset.train) == 4
    assert dataset.left_out == (
        LeftOut("beside", "", "", 1, "LICENSE"),
        LeftOut("hidden", "", ".png", 1, "train/9/.hidden.png"),
        LeftOut("not-an-image", "", ".txt", 1, "train/9/notes.txt"),
    )
    (warning,) = map(str, dataset.warnings)
    assert warning == (
        "Left out: 3 files: 1 without suffix (not an image, and not in a class folder), such as "
        "LICENSE; 1 .png (a hidden image), such as train/9/.hidden.png; 1 .txt (not an image), "
        "such as train/9/notes.txt."
    )


def test_a_pipe_is_left_out_for_reading_it_never_ends(tiny_folder):
    os.mkfifo(tiny_folder / "train" / "9" / "pipe.png")
    dataset = read(tiny_folder)
    assert len(dataset.train) == 4
    assert str(dataset.warnings[0]).endswith("such as train/9/pipe.png.")


def test_a_link_that_leads_nowhere_is_named(tiny_folder):
    (tiny_folder / "train" / "9" / "gone.png").symlink_to("nowhere.png")
    with pytest.raises(
        DataError, match=r"gone\.png: .*\(a link to nowhere\.png, which does not exist\)"
    ):
        read(tiny_folder)


def test_a_name_that_is_not_utf_8_is_spelt_out(tiny_folder):
    image = tiny_folder / "train" / "9" / "a1.png"
    image.rename(image.parent / os.fsdecode(b"a\xff.png"))
    assert read(tiny_folder).train.names[1] == "train/9/a\\xff.png"


def test_a_folder_that_cannot_be_listed_is_named(tiny_folder, monkeypatch):
    closed, scandir = tiny_folder / "train" / "9", os.scandir

    def refuse(path):
        if Path(path) == closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match="train/9: cannot be read: Permission denied"):
        read(tiny_folder)


def test_folders_beside_the_splits_are_said_aloud(tiny_folder, save_image):
    save_image(tiny_folder / "extra" / "9" / "x.png")
    (warning,) = map(str, read(tiny_folder).warnings)
    assert warning.endswith(f"beside the splits in {tiny_folder}: extra (1 image).")


def test_links_are_followed_but_not_in_circles(tiny_folder, tmp_path, save_image):
    save_image(tmp_path / "elsewhere" / "x.png", 99)
    (tiny_folder / "train" / "9" / "a3.png").symlink_to(tmp_path / "elsewhere" / "x.png")
    (tiny_folder / "train" / "9" / "loop").symlink_to(tiny_folder / "train")
    dataset = read(tiny_folder)
    assert dataset.train.pixels[:, 0, 0, 0].tolist() == [10, 20, 99, 40, 50]


def test_a_class_folder_may_be_a_link(tmp_path, tiny_folder):
    root = tmp_path / "links"
    root.mkdir()
    (root / "nine").symlink_to(tiny_folder / "train" / "9")
    (root / "ten").symlink_to(tiny_folder / "train" / "10")
    assert read(root).train.names[0] == "nine/a1.png"


def test_an_extra_class_in_one_split_is_named(tiny_folder, save_image):
    save_image(tiny_folder / "Test" / "11" / "x.png")
    message = f"{tiny_folder}/train: holds no images of class '11'; {tiny_folder}/Test has it"
    with pytest.raises(DataError, match=re.escape(message)):
        read(tiny_folder)


def test_a_class_without_images_may_be_missing_from_test_but_not_from_train(tiny_folder):
    (tiny_folder / "Test" / "10" / "a1.png").unlink()
    dataset = read(tiny_folder)
    assert dataset.classes == ("9", "10")
    assert dataset.test is not None
    assert dataset.test.labels.tolist() == [0]
    for name in ("a1.png", "a2.png"):
        (tiny_folder / "train" / "10" / name).unlink()
    with pytest.raises(DataError, match="train: holds no images of class '10'"):
        read(tiny_folder)


def test_an_empty_class_folder_everywhere(tmp_path, save_image):
    save_image(tmp_path / "a" / "x.png")
    (tmp_path / "b").mkdir()
    with pytest.raises(DataError, match=r"holds no images of class 'b'\. Training needs"):
        read(tmp_path)


def test_two_names_for_one_split(tiny_folder, save_image):
    save_image(tiny_folder / "testing" / "9" / "x.png")
    with pytest.raises(DataError, match="Test and testing are both the test split; keep one"):
        read(tiny_folder)


def test_no_train_folder(tiny_folder):
    (tiny_folder / "train").rename(tiny_folder / "val")
    with pytest.raises(DataError, match="has validation, test but no train folder"):
        read(tiny_folder)


def test_an_empty_folder(tmp_path):
    with pytest.raises(
        DataError, match=r"holds no images in class folders; expected CLASS/\*\.png"
    ):
        read(tmp_path)


def test_images_without_class_folders(tmp_path, save_image):
    save_image(tmp_path / "x.png")
    with pytest.raises(DataError, match="holds no images in class folders"):
        read(tmp_path)


def test_one_class_only(tmp_path, save_image):
    save_image(tmp_path / "cats" / "x.png")
    with pytest.raises(DataError, match="one class only, 'cats'; expected"):
        read(tmp_path)


def test_a_wrapper_around_everything_is_passed_through(tiny_folder, tmp_path):
    wrapped = tmp_path / "archive" / "data set"
    wrapped.parent.mkdir()
    tiny_folder.rename(wrapped)
    (wrapped.parent / "README.md").write_text("x")
    (wrapped.parent / "code").mkdir()
    (wrapped.parent / "code" / "train.py").write_text("x")
    dataset = read(wrapped.parent)
    assert dataset.classes == ("9", "10")
    assert dataset.train.names[0] == "train/9/a1.png"
    assert str(dataset.warnings[0]) == (
        f"Read from {wrapped}, the only folder with images in {wrapped.parent}."
    )


def test_an_unreadable_image_is_named(tiny_folder):
    (tiny_folder / "train" / "10" / "a2.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(DataError, match=r"train/10/a2\.png: cannot be read as an image"):
        read(tiny_folder)


def test_all_unreadable_images_are_kept_and_counted(tiny_folder):
    for name in ("train/9/bad1.jpg", "train/10/bad2.jpg", "Test/10/bad3.jpg"):
        (tiny_folder / name).write_bytes(b"<html>")
    with pytest.raises(UnreadableImages) as raised:
        read(tiny_folder)
    assert str(raised.value).endswith(
        f"3 files cannot be read; 'leadline data audit {tiny_folder}' lists them all."
    )
    assert [one for text in raised.value.failures for one in re.findall(r"bad\d", text)] == [
        "bad1", "bad2", "bad3",
    ]  # fmt: skip


def test_numbers_as_class_names_are_text_in_natural_order(tmp_path):
    names = ["10", "2", "01", "1", "1.5", "NA", "True"]
    for name in names:
        (tmp_path / name).mkdir()
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / name / "a.png")
    dataset = read_folder(tmp_path, (4, 4), 1, lambda *_: None)
    assert dataset.classes == ("01", "1", "1.5", "2", "10", "NA", "True")
