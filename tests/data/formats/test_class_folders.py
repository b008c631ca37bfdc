"""Layouts as data sets are published, names as systems write them, and links."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from leadline.data.formats import class_folders
from leadline.data.formats.class_folders import Tree, list_tree, name_below
from leadline.data.formats.image_names import exclusion
from leadline.errors import DataError

NFC, NFD = unicodedata.normalize("NFC", "café"), unicodedata.normalize("NFD", "café")


def touch(root: Path, *names: str) -> None:
    """Files that pass for images by their suffix; nothing here opens them."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def listed(root: Path) -> tuple[Tree, dict[str, dict[str, list[str]]]]:
    tree = list_tree(root)
    return tree, {
        split: {
            name: [name_below(path, tree.root) for path in files]
            for name, files in by_class.items()
        }
        for split, by_class in tree.splits.items()
    }


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [
        ("training_set", "dev_set", "test_set"),
        ("Training", "Validation", "Testing"),
        ("seg_train/seg_train", "seg_val/seg_val", "seg_test/seg_test"),
        ("train/train", "valid/valid", "test/test"),
        ("TRAIN", "val", "Test"),
        ("train_images", "val_images", "test_images"),
        ("train/images", "dev/images", "eval_unused", ),
        ("faces_train", "faces_val", "faces_test"),
        ("Train-Set", "eval", "hold-out"),
        ("archive/data/train", "archive/data/val", "archive/data/test"),
    ],
)  # fmt: skip
def test_splits_by_their_published_names(tmp_path, train, validation, test):
    if test == "eval_unused":
        test = "test/images"
    for place in (train, validation, test):
        touch(tmp_path, f"{place}/cats/1.png", f"{place}/dogs/1.png")
    tree, found = listed(tmp_path)
    assert set(found) == {"train", "validation", "test"}
    assert all(list(by_class) == ["cats", "dogs"] for by_class in found.values())
    inside = train.removeprefix("archive/data/")
    assert found["train"]["cats"] == [f"{inside}/cats/1.png"]
    assert tree.left_out == ()


def test_images_without_labels_beside_the_splits_are_counted(tmp_path):
    for split in ("seg_train", "seg_test"):
        touch(tmp_path, f"{split}/{split}/sea/1.jpg", f"{split}/{split}/ice/1.jpg")
    touch(tmp_path, *(f"seg_pred/seg_pred/{index}.jpg" for index in range(5)))
    tree, found = listed(tmp_path)
    assert set(found) == {"train", "test"}
    (remark,) = map(str, tree.remarks)
    assert remark == f"Not read, beside the splits in {tmp_path}: seg_pred (5 images)."
    assert [(one.reason, one.suffix, one.count) for one in tree.left_out] == [
        ("outside-splits", ".jpg", 5)
    ]


@pytest.mark.parametrize(
    ("train", "unlabelled", "table"),
    [
        (("train/n01/images", "train/n02/images"), ("val/images", "test/images"),
         "val/val_annotations.txt"),
        (("Final_Training/Images/0", "Final_Training/Images/1"), ("Final_Test/Images",),
         "Final_Test/Images.csv"),
        (("train/a", "train/b"), ("test",), "Test.csv"),
        (("train/a", "train/b"), ("valid/valid",), "valid.csv"),
        (("train/a", "train/b"), ("test", "test/docs"), "Test.csv"),
    ],
)  # fmt: skip
def test_a_split_without_class_folders_is_not_read(tmp_path, train, unlabelled, table):
    touch(tmp_path, *(f"{one}/{i}.jpg" for one in train for i in (1, 2)), table)
    for one in unlabelled:
        touch(tmp_path, f"{one}/readme.txt" if "docs" in one else f"{one}/9.jpg")
    tree, found = listed(tmp_path)
    assert list(found) == ["train"]
    assert [len(files) for files in found["train"].values()] == [2, 2]
    (remark,) = map(str, tree.remarks)
    name = unlabelled[0].split("/")[0]
    assert f"{name} (1 image)" in remark
    assert "without class folders and so without labels" in remark
    assert f"({table.split('/')[-1]} beside them may hold the labels" in remark
    images = len([one for one in unlabelled if "docs" not in one])
    assert [one.count for one in tree.left_out if one.reason == "unlabelled"] == [images]


def test_a_class_may_be_called_images(tmp_path):
    touch(tmp_path, "train/images/1.png", "train/scans/2.png", "test/images/3.png")
    tree, found = listed(tmp_path)
    assert found["test"] == {"images": ["test/images/3.png"]}
    assert tree.remarks == ()


def test_a_class_that_train_lacks_is_no_folder_of_unlabelled_images(tmp_path):
    touch(tmp_path, "train/a/1.png", "train/b/2.png", "test/loose.png", "test/c/3.png")
    _, found = listed(tmp_path)
    assert found["test"] == {"c": ["test/c/3.png"]}


def test_a_split_with_images_of_one_class(tmp_path):
    touch(tmp_path, "train/a/1.png", "train/b/2.png", "test/b/3.png", "val/b/images/4.png")
    _, found = listed(tmp_path)
    assert found["test"] == {"b": ["test/b/3.png"]}
    assert found["validation"] == {"b": ["val/b/images/4.png"]}


@pytest.mark.parametrize("splits", [("train", "valid", "test"), ("train",), ("train", "test")])
def test_boxes_instead_of_classes_are_refused(tmp_path, splits):
    for split in splits:
        touch(tmp_path, f"{split}/images/1.jpg", f"{split}/labels/1.txt")
    with pytest.raises(DataError, match="without class folders, so no image has a label; sort"):
        list_tree(tmp_path)


def test_training_images_without_class_folders_are_refused(tmp_path):
    touch(tmp_path, "train/images/1.jpg", "test/cat/1.jpg", "test/dog/1.jpg")
    with pytest.raises(DataError, match="train is a split without class folders, so no image has"):
        list_tree(tmp_path)


def test_splits_inside_the_classes(tmp_path):
    for name in ("cat", "dog"):
        touch(tmp_path, f"{name}/train/1.png", f"{name}/train/2.png", f"{name}/Test/3.png")
    tree, found = listed(tmp_path)
    assert found == {
        "train": {"cat": ["cat/train/1.png", "cat/train/2.png"],
                  "dog": ["dog/train/1.png", "dog/train/2.png"]},
        "test": {"cat": ["cat/Test/3.png"], "dog": ["dog/Test/3.png"]},
    }  # fmt: skip
    (remark,) = map(str, tree.remarks)
    assert remark == "The splits train, test are taken from folders inside each class."


def test_classes_that_all_hold_the_same_folders_are_asked_about(tmp_path):
    for top in ("entrenamiento", "prueba"):
        touch(tmp_path, f"{top}/gatos/1.png", f"{top}/perros/1.png")
    tree, found = listed(tmp_path)
    assert list(found["train"]) == ["entrenamiento", "prueba"]
    (remark,) = map(str, tree.remarks)
    assert remark.startswith(
        "Are these the classes? entrenamiento, prueba hold folders of the same names: gatos, "
        "perros. If those are the classes, name the folders above them train, validation"
    )


@pytest.mark.parametrize(
    ("folders", "shared"),
    [
        (("entrainement/chat", "entrainement/chien", "entrainement/oiseau", "verification/Chat",
          "verification/chien"), "chat, chien"),
        (("a/chat", "a/chien", "b/chat"), "chat"),
        (("学习/猫", "学习/狗", "测验/猫", "测验/狗"), "狗, 猫"),
    ],
)  # fmt: skip
def test_splits_of_unknown_names_are_asked_about(tmp_path, folders, shared):
    touch(tmp_path, *(f"{one}/1.png" for one in folders))
    tree, _ = listed(tmp_path)
    (remark,) = map(str, tree.remarks)
    assert f"hold folders of the same names: {shared}. If those are the classes" in remark


@pytest.mark.parametrize(
    "folders",
    [
        ("HAM10000_images_part_1", "HAM10000_images_part_2"),
        ("images_001/images", "images_002/images", "images_003/images"),
        ("fold1", "fold2", "fold10"),
        ("part_a", "part_b"),
        ("Photos 1", "Photos 2"),
    ],
)
def test_parts_of_one_set_are_asked_about(tmp_path, folders):
    touch(tmp_path, *(f"{one}/1.jpg" for one in folders))
    (tmp_path / "HAM10000_metadata.csv").write_text("image_id,dx\n")
    tree, found = listed(tmp_path)
    assert len(found["train"]) == len(folders)
    (remark,) = map(str, tree.remarks)
    assert remark.startswith("Are these the classes? ")
    assert "differ only in a number" in remark
    assert "HAM10000_metadata.csv beside them may hold the labels" in remark


@pytest.mark.parametrize(
    "folders",
    [("0", "1"), ("class_1", "class_2"), ("n01440764", "n01443537"), ("a", "b"),
     ("images_cat", "images_dog"), ("part_1", "rest"), ("grade1", "grade2"), ("00000", "00001")],
)  # fmt: skip
def test_numbered_classes_are_not_asked_about(tmp_path, folders):
    touch(tmp_path, *(f"{one}/1.png" for one in folders))
    assert listed(tmp_path)[0].remarks == ()


def test_patients_inside_classes_are_not_asked_about(tmp_path):
    touch(tmp_path, "ill/p1/1.png", "ill/p2/1.png", "well/p3/1.png", "well/p4/1.png")
    tree, found = listed(tmp_path)
    assert tree.remarks == ()
    assert found["train"]["ill"] == ["ill/p1/1.png", "ill/p2/1.png"]


def test_splits_without_class_folders_have_no_labels(tmp_path):
    touch(tmp_path, "train/1.png", "test/2.png")
    (tmp_path / "labels.csv").write_text("file,label\n")
    message = "test and train are splits without class folders, so no image has a label"
    with pytest.raises(DataError, match=message) as raised:
        list_tree(tmp_path)
    assert "labels.csv beside them may hold the labels" in str(raised.value)


def test_vehicles(tmp_path):
    touch(tmp_path, "bus/1.png", "train/1.png", "test/1.png")
    assert list(listed(tmp_path)[1]["train"]) == ["bus", "test", "train"]


def test_a_folder_of_tables_is_not_a_class(tmp_path):
    touch(tmp_path, "a/1.png", "b/1.png", "metadata/people.csv")
    tree, found = listed(tmp_path)
    assert list(found["train"]) == ["a", "b"]
    (remark,) = map(str, tree.remarks)
    assert remark == "Ignored folder metadata: it contains no images."
    assert [(one.reason, one.suffix) for one in tree.left_out] == [("not-an-image", ".csv")]


def test_a_folder_of_photographs_that_are_not_read_stays_a_class(tmp_path):
    touch(tmp_path, "a/1.png", "b/1.png")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "IMG_1.HEIC").write_bytes(bytes(4) + b"ftypheic")
    tree, found = listed(tmp_path)
    assert found["train"]["c"] == []
    assert [(one.reason, one.format) for one in tree.left_out] == [("unread-format", "heic")]


def test_every_folder_of_photographs_that_are_not_read_stays_a_class(tmp_path):
    touch(tmp_path, "cats/1.png", "fish/1.png", "s/notes.txt")
    for name in ("birds", "dogs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.heic").write_bytes(bytes(4) + b"ftypheic")
    tree, found = listed(tmp_path)
    assert list(found["train"]) == ["birds", "cats", "dogs", "fish"]
    (remark,) = map(str, tree.remarks)
    assert remark == "Ignored folder s: it contains no images."


def test_an_empty_folder_stays_a_class(tmp_path):
    touch(tmp_path, "a/1.png", "b/1.png")
    (tmp_path / "c").mkdir()
    tree, found = listed(tmp_path)
    assert list(found["train"]) == ["a", "b", "c"]
    assert tree.remarks == ()


def test_no_file_is_looked_at_twice(tmp_path, monkeypatch):
    touch(tmp_path, "train/a/1.png", "train/b/1.png", "beside/1.png", "beside/notes.txt")
    looked: list[str] = []

    def counting(entry):
        looked.append(entry.name)
        return exclusion(entry)

    monkeypatch.setattr(class_folders, "exclusion", counting)
    tree, _ = listed(tmp_path)
    (remark,) = map(str, tree.remarks)
    assert remark == f"Not read, beside the splits in {tmp_path}: beside (1 image)."
    assert looked.count("notes.txt") == 1


@pytest.mark.parametrize(
    ("train", "test", "name"),
    [
        (NFC, NFD, NFC), (NFD, NFC, NFC), (NFD, NFD, NFC), ("Cat", "CAT", "Cat"),
        ("two words", "Two  words", "two words"), ("ÉTÉ", "été", "ÉTÉ"),
    ],
)  # fmt: skip
def test_one_class_however_it_is_written(tmp_path, train, test, name):
    touch(tmp_path, f"train/{train}/1.png", f"test/{test}/1.png", "train/z/1.png", "test/z/1.png")
    _, found = listed(tmp_path)
    assert list(found["train"]) == [name, "z"] or list(found["train"]) == ["z", name]
    assert set(found["test"]) == {name, "z"}
    assert len(found["test"][name]) == 1


def test_two_folders_that_look_the_same_are_one_class(tmp_path):
    touch(tmp_path, f"{NFC}/1.png", f"{NFD}/2.png", "z/1.png")
    _, found = listed(tmp_path)
    assert {name: len(files) for name, files in found["train"].items()} == {NFC: 2, "z": 1}


def test_a_class_that_is_not_utf_8_is_spelt_out(tmp_path):
    touch(tmp_path, os.fsdecode(b"caf\xe9") + "/1.png", "z/1.png")
    _, found = listed(tmp_path)
    assert found["train"] == {"caf\\xe9": ["caf\\xe9/1.png"], "z": ["z/1.png"]}


@pytest.mark.parametrize(
    "name", ["@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found"]
)
def test_system_folders_are_neither_classes_nor_images(tmp_path, name):
    touch(tmp_path, "a/1.png", "b/1.png", f"{name}/9.png", f"a/{name}/1.png/THUMB_M.jpg")
    tree, found = listed(tmp_path)
    assert found == {"train": {"a": ["a/1.png"], "b": ["b/1.png"]}}
    assert tree.left_out == ()


@pytest.mark.parametrize("name", ["thumbnails", "Thumbnails", "Recycle Bin", "thumbnail"])
def test_folders_of_thumbnails_and_deleted_files_are_left_out_and_named(tmp_path, name):
    touch(tmp_path, "a/1.png", "b/1.png", f"{name}/9.png", f"a/{name}/1.png")
    tree, found = listed(tmp_path)
    assert found == {"train": {"a": ["a/1.png"], "b": ["b/1.png"]}}
    (remark,) = map(str, tree.remarks)
    assert remark.startswith(f"Ignored folder {name}: ")
    assert remark.endswith("If it is a class, rename it.")


def test_names_in_the_c_locale_are_those_of_utf_8(tmp_path):
    """There, Python keeps each byte of a path beyond ASCII as a surrogate."""
    for name in ("猫", "犬"):
        touch(tmp_path, f"{name}/é.png")
    code = (
        "import sys; from pathlib import Path\n"
        "from leadline.data.formats.class_folders import list_tree, name_below\n"
        "tree = list_tree(Path(sys.argv[1]))\n"
        "groups = tree.splits['train'].values()\n"
        "files = [name_below(one, tree.root) for group in groups for one in group]\n"
        "print(ascii((tree.classes(), files)))"
    )
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    printed = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, **plain}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    classes, files = ast.literal_eval(printed)
    assert classes == ("犬", "猫")
    assert sorted(files) == ["犬/é.png", "猫/é.png"]


def test_links_inside_a_class(tmp_path):
    root, outside = tmp_path / "set", tmp_path / "outside"
    touch(root, "a/1.png", "b/1.png", "a/sub/2.png")
    touch(outside, "3.png", "deep/4.png")
    (root / "a" / "file.png").symlink_to(outside / "3.png")
    (root / "a" / "folder").symlink_to(outside)
    (root / "a" / "again").symlink_to(outside / "deep")  # before "folder" in order
    (root / "a" / "up").symlink_to("..")
    (root / "a" / "self").symlink_to("sub")
    (root / "a" / "gone").symlink_to("nowhere")
    (outside / "back").symlink_to(root / "a")
    tree, found = listed(root)
    assert found["train"]["a"] == [
        "a/1.png", "a/again/4.png", "a/file.png", "a/folder/3.png", "a/sub/2.png"
    ]  # fmt: skip
    reasons = {one.reason: one.count for one in tree.left_out}
    assert reasons == {"broken-link": 1, "link": 3}


def test_nothing_but_photographs_that_are_not_read(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.heic").write_bytes(bytes(4) + b"ftypheic")
    from leadline.data.formats.image_folder import read_folder

    with pytest.raises(DataError, match="holds no images in class folders") as raised:
        read_folder(tmp_path, (4, 4), 1, lambda *_: None)
    assert re.search(r"2 \.heic \(a HEIC photograph: convert it to PNG", str(raised.value))


def test_images_in_no_folder_beside_a_table(tmp_path):
    touch(tmp_path, "1.png", "2.png", "labels.csv")
    from leadline.data.formats.image_folder import read_folder

    with pytest.raises(DataError, match=r"labels\.csv beside them may hold the labels") as raised:
        read_folder(tmp_path, (4, 4), 1, lambda *_: None)
    assert "2 .png (an image outside the class folders), such as 1.png" in str(raised.value)
